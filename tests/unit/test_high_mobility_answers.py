"""Whatever the service answers, at whatever step, ends in a message or in a typed error."""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.high_mobility.cloud import Cloud, Reply, complaint
from adapters.chargers.high_mobility.failures import BusyError
from adapters.chargers.high_mobility.home_charger import setter
from adapters.chargers.high_mobility.opening import open_transport
from adapters.chargers.high_mobility.rest import Rest
from adapters.chargers.high_mobility.settings import HighMobilitySettings
from adapters.chargers.high_mobility.telematics import Telematics
from adapters.wire.autoapi.kinds import Json
from controller.errors import (
    CredentialsError,
    DeviceError,
    DeviceNonsense,
    DeviceRefused,
    DeviceUnreachable,
)
from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.high_mobility_faults import Faults
from simulator.chargers.web import WebRequest
from tests.fakes.clock import FakeClock

TWIN = HighMobilityTwin(clock=FakeClock())
SIXTEEN = setter("setChargeCurrent", {"chargeCurrent": {"amperes": 16}})


class Scripted(Cloud):
    """Answers from the twin's services without a socket, and from a script where it has one."""

    def __init__(self, script: Mapping[str, Reply]) -> None:
        super().__init__("http://127.0.0.1", timeout_s=5.0, patience_s=1.0)
        self._script = script

    async def ask(
        self,
        verb: str,
        path: str,
        *,
        body: Json = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Answer."""
        if path in self._script:
            return self._script[path]
        told = WebRequest(
            verb=verb,
            path=f"/v1{path}",
            query=params or {},
            headers=headers or {},
            body=json.dumps(body).encode(),
        )
        reply = TWIN.telematics.answer(told, Faults())
        return Reply(status=reply.status, content=json.loads(reply.body))


def telematics(script: Mapping[str, Reply]) -> Telematics:
    transport = open_transport(HighMobilitySettings.model_validate(TWIN.keys()), FakeClock())
    assert isinstance(transport, Telematics)
    transport._cloud = Scripted(script)  # noqa: SLF001 - the seam below the protocol
    return transport


def rest(script: Mapping[str, Reply]) -> Rest:
    transport = open_transport(HighMobilitySettings.model_validate(TWIN.keys("rest")), FakeClock())
    assert isinstance(transport, Rest)
    transport._cloud = Scripted(script)  # noqa: SLF001 - the seam below the protocol
    return transport


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
telling = st.sampled_from(
    ["status", "message", "response_data", "nonce", "device_access_certificate", "errors", "title", "error",
     "failureType", "failureDescription", "errorCode", "chargeCurrent", "data", "value", "unit"]
)  # fmt: skip
words = st.sampled_from(["ok", "timeout", "error", "rate_limit", "AAAA", "oem_error", "amperes"])
contents = st.recursive(
    scalars | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(telling, inner, max_size=4),
    max_leaves=8,
)
replies = st.builds(
    Reply,
    status=st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 408, 429, 500, 503]),
    content=contents,
)


@given(st.sampled_from(["/access_certificates", "/nonces", "/telematics_commands"]), replies)
async def test_any_answer_to_any_step_of_telematics_is_an_error_of_ours(path: str, reply: Reply) -> None:
    with pytest.raises((DeviceError, CredentialsError)):
        await telematics({path: reply}).set("setChargeCurrent", SIXTEEN)


@given(replies)
async def test_any_answer_of_rest_is_a_message_or_an_error_of_ours(reply: Reply) -> None:
    script = {"/home_charger": reply, "/home_charger/set_charge_current": reply}
    for call in (rest(script).state(), rest(script).set("setChargeCurrent", SIXTEEN)):
        try:
            message = await call
        except (DeviceError, CredentialsError):
            continue
        assert message is None or all(part.name for part in message.properties)


@given(st.binary(max_size=120))
async def test_any_container_is_an_error_of_ours(noise: bytes) -> None:
    for raw in (noise, b"\x00" + noise + b"\xff"):
        told: dict[str, Any] = {"status": "ok", "response_data": b64encode(raw).decode()}
        with pytest.raises(DeviceError):
            await telematics({"/telematics_commands": Reply(status=200, content=told)}).state()


@given(replies)
def test_any_complaint_is_one_short_line(reply: Reply) -> None:
    said = str(complaint(reply))

    assert "\n" not in said
    assert len(said) < 2000


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, CredentialsError), (401, CredentialsError), (403, CredentialsError), (404, CredentialsError),
        (408, DeviceUnreachable), (429, BusyError), (500, DeviceUnreachable), (302, DeviceNonsense),
    ],
)  # fmt: skip
async def test_only_a_refusal_for_good_of_the_certificate_is_the_operators(
    status: int, error: type[Exception]
) -> None:
    script = {"/access_certificates": Reply(status=status, content=[{"title": "No"}])}

    with pytest.raises(error):
        await telematics(script).state()


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (400, "invalid_command", DeviceRefused),
        (400, "something_new", DeviceNonsense),
        (400, "oem_error", DeviceNonsense),
        (401, "token_expired", CredentialsError),
        (403, "auth_header_invalid", CredentialsError),
        (408, "charger_asleep", DeviceUnreachable),
        (408, "something_new", DeviceUnreachable),
        (429, "too_many", BusyError),
        (503, "maintenance", DeviceUnreachable),
    ],
)
async def test_a_reason_that_nobody_knows_is_judged_by_its_status(
    status: int, reason: str, error: type[Exception]
) -> None:
    content: Json = {"errorCode": reason, "failureType": reason, "failureDescription": "why"}
    reply = Reply(status=status, content=content)

    with pytest.raises(error) as failed:
        await rest({"/home_charger/set_charge_current": reply}).set("setChargeCurrent", SIXTEEN)

    assert isinstance(failed.value, DeviceRefused) is issubclass(error, DeviceRefused)


async def test_without_a_script_the_twin_answers() -> None:
    message = await telematics({}).set("setChargeCurrent", SIXTEEN)

    assert message is not None
    assert TWIN.device.current_a == 16.0

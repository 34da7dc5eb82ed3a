"""The simulated service without its sockets: what it refuses."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.high_mobility.rest import App, token
from adapters.wire.autoapi.containers import ContainerError, Head, sealed, taken_apart
from adapters.wire.autoapi.crypto import private_key, session_key
from simulator.chargers.high_mobility_device import HomeChargerDevice
from simulator.chargers.high_mobility_faults import Faults
from simulator.chargers.high_mobility_keys import OwnApp, made_up_app
from simulator.chargers.high_mobility_rest import RestService
from simulator.chargers.high_mobility_telematics import TelematicsService
from simulator.chargers.web import WebReply, WebRequest
from tests.fakes.clock import FakeClock

GET_STATE = b"\x0d\x00\x60\x00"
NONE = Faults()


def request(path: str, body: object = None, verb: str = "POST", **headers: str) -> WebRequest:
    return WebRequest(verb=verb, path=path, query={}, headers=headers, body=json.dumps(body).encode())


class Phone:
    """An app that speaks to the service past the adapter."""

    def __init__(self) -> None:
        self.own: OwnApp = made_up_app()
        self.clock = FakeClock()
        self.device = HomeChargerDevice(clock=self.clock)
        self.service = TelematicsService(self.device, self.own.app, self.clock)
        self.key = private_key(self.own.private)

    def nonce(self) -> bytes:
        """Fetch one."""
        reply = self.service.answer(
            request("/v1/nonces", {"serial_number": self.own.app.serial.hex().upper()}), NONE
        )
        assert isinstance(reply.content, dict)
        return b64decode(reply.content["nonce"])

    def container(self, nonce: bytes, payload: bytes = GET_STATE) -> bytes:
        """Seal a payload."""
        head = Head(sender=self.own.app.serial, target=self.service.serial, nonce=nonce)
        return sealed(head, session_key(self.key, self.service.key.public_key(), nonce), payload)

    def sent(self, container: bytes) -> WebReply:
        """Send a container."""
        body = {
            "serial_number": self.service.serial.hex().upper(),
            "issuer": "73626F78",
            "data": b64encode(container).decode(),
        }
        return self.service.answer(request("/v1/telematics_commands", body), NONE)

    def answer(self, container: bytes) -> bytes:
        """Send a container and open what comes back."""
        content = self.sent(container).content
        assert isinstance(content, dict)
        envelope = taken_apart(b64decode(content["response_data"]))
        return envelope.opened(session_key(self.key, self.service.key.public_key(), envelope.head.nonce))


def test_a_question_with_its_own_nonce_is_answered() -> None:
    phone = Phone()

    assert phone.answer(phone.container(phone.nonce())).startswith(b"\x0d\x00\x60\x01")


def test_a_nonce_opens_one_container_and_no_second() -> None:
    phone = Phone()
    container = phone.container(phone.nonce())
    phone.answer(container)

    with pytest.raises(ContainerError, match="invalid data"):
        phone.answer(container)


def test_a_nonce_that_was_never_handed_out_opens_nothing() -> None:
    phone = Phone()

    with pytest.raises(ContainerError):
        phone.answer(phone.container(bytes(9)))


def test_a_container_of_another_key_does_nothing() -> None:
    phone = Phone()
    phone.key = private_key(made_up_app().private)
    content = phone.sent(phone.container(phone.nonce())).content
    assert isinstance(content, dict)

    with pytest.raises(ContainerError, match="3608"):
        taken_apart(b64decode(content["response_data"])).opened(bytes(32))


@given(st.binary(max_size=60))
def test_any_payload_is_answered(payload: bytes) -> None:
    phone = Phone()

    assert phone.answer(phone.container(phone.nonce(), payload))[:1] == b"\x0d"


@pytest.mark.parametrize(
    "path", ["/v1/nonces", "/v1/access_certificates", "/v1/telematics_commands", "/v1/x"]
)
def test_strangers_get_nothing(path: str) -> None:
    assert Phone().service.answer(request(path, {}), NONE).status in (400, 404)


def rest() -> tuple[RestService, Callable[[int], str], FakeClock]:
    own, clock = made_up_app(), FakeClock()
    app = App(key=private_key(own.private), client_serial=own.app.serial.hex().upper(), app_uri=own.app.uri)

    def bearer(issued_s: int) -> str:
        return f"Bearer {token(app, own.app.access_token, issued_s)}"

    return RestService(HomeChargerDevice(clock=clock), own.app, clock), bearer, clock


def asked(service: RestService, bearer: str) -> int:
    return service.answer(request("/v5/home_charger", verb="GET", authorization=bearer), NONE).status


def test_a_token_is_good_for_one_request() -> None:
    service, bearer, clock = rest()
    once = bearer(int(clock.now().timestamp()))

    assert [asked(service, once), asked(service, once)] == [200, 403]


def test_a_token_is_good_for_half_a_minute() -> None:
    service, bearer, clock = rest()
    issued_s = int(clock.now().timestamp())

    assert asked(service, bearer(issued_s - 31)) == 403
    assert asked(service, bearer(issued_s - 29)) == 200


@pytest.mark.parametrize("bearer", ["", "Bearer ", "Bearer a.b.c", "Bearer e30.e30.AAAA", "Basic x"])
def test_what_proves_nothing_is_refused(bearer: str) -> None:
    service, _, _ = rest()

    assert asked(service, bearer) in (401, 403)

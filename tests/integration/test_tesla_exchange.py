"""What comes back over the wire: from elsewhere, too long, with our own secret in it, or no answer at all."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chargers.tesla.car import client_of
from adapters.chargers.tesla.client import TeslaClient
from adapters.chargers.tesla.settings import TeslaAccess
from adapters.wire.oauth import Grant, TokenKeeper
from controller.errors import (
    CredentialsError,
    DeviceNonsense,
    DeviceRefused,
    DeviceUnreachable,
    PhasewiseError,
)
from controller.system_clock import SystemClock
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_faults import Faults
from tests.contracts.tesla_bench import charger_of

TOKEN = "sesame-open-123"


def granted(twin: TeslaTwin) -> str:
    return twin.sign_on.grant(TOKEN)


async def test_a_proxy_does_not_send_us_past_itself() -> None:
    async with TeslaTwin("proxy") as proxy, TeslaTwin("fleet") as cloud:
        proxy.faults = Faults(other_url=cloud.url)
        charger = charger_of(proxy)

        with pytest.raises(DeviceRefused, match="region"):
            await charger.commands["charge_stop"].call()

        assert not cloud.calls


async def test_a_region_where_nobody_answers_leads_back_to_what_is_configured() -> None:
    async with TeslaTwin("fleet") as twin:
        twin.faults = Faults(other_url="http://127.0.0.1:1")
        charger = charger_of(twin)
        with pytest.raises(DeviceUnreachable):
            await charger.commands["vehicle"].call()
        twin.faults = Faults()

        assert await charger.commands["vehicle"].call()


async def test_an_answer_without_end_is_nonsense() -> None:
    async with TeslaTwin("fleet") as twin:
        twin.faults = Faults(body=b" " * 1_000_001)

        with pytest.raises(DeviceNonsense, match="more than 1000000 bytes"):
            await charger_of(twin).commands["vehicle"].call()


@pytest.mark.parametrize(
    "faults",
    [
        Faults(status=500, error=f"cannot verify {TOKEN}"),
        Faults(status=401, error=f"{TOKEN} is not known"),
        Faults(status=403, error=f"{TOKEN} lacks a scope"),
        Faults(reason=f"not with {TOKEN}"),
        Faults(body=f"<html>{TOKEN}</html>".encode()),
        Faults(body=b'{"response": {"result": false, "reason": "\\u0073esame-open-123"}}'),
    ],
)
async def test_a_token_that_comes_back_is_not_shown(faults: Faults, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with TeslaTwin("fleet") as twin:
        charger = charger_of(twin, access_token=granted(twin))
        twin.faults = faults

        with pytest.raises(PhasewiseError) as said:
            await charger.commands["charge_stop"].call()

        assert TOKEN not in str(said.value)
        assert TOKEN not in caplog.text


@pytest.mark.parametrize("token", ["sesame open", "sesame\nopen", "sesam\xe9-open", "sesame\x00open"])
async def test_a_token_that_no_header_can_hold_is_said_without_showing_it(token: str) -> None:
    async with TeslaTwin("fleet") as twin:
        with pytest.raises(CredentialsError) as said:
            await charger_of(twin, access_token=token).commands["vehicle"].call()

        assert "sesam" not in str(said.value)
        assert not twin.calls


async def test_what_a_command_costs_is_kept_by_the_program_that_called_it(tmp_path: Path) -> None:
    async with TeslaTwin("fleet") as twin:
        for _ in range(2):
            charger = charger_of(twin, usage_file=str(tmp_path / "usage"))
            await charger.commands["wake_up"].call()
            await charger.commands["vehicle_data"].call()

        told = await charger.commands["calls"].call()

        assert charger.usage().calls == {"free": 0, "data": 2, "command": 0, "wake": 2}
        assert isinstance(told, dict)
        assert told["of"].startswith("every program")


async def test_a_count_that_only_this_program_has_says_so() -> None:
    async with TeslaTwin("fleet") as twin:
        told = await charger_of(twin).commands["calls"].call()

        assert isinstance(told, dict)
        assert "this program alone" in told["of"]


@pytest.mark.parametrize("name", ["charge_stop", "charge_start", "set_charging_amps", "wake_up"])
async def test_bluetooth_is_asked_to_wait_for_the_car(name: str) -> None:
    async with TeslaTwin("ble") as twin:
        twin.plug_in("a car")
        arguments = {"charging_amps": 9} if name == "set_charging_amps" else {}
        await charger_of(twin).commands[name].call(**arguments)

        assert twin.named(name)[0].query == {"wait": "true"}


Question = Callable[[TeslaClient], Awaitable[object]]

QUESTIONS: tuple[Question, ...] = (
    lambda client: client.presence(),
    lambda client: client.vehicle_data(),
    lambda client: client.charge_stop(),
    lambda client: client.wake_up(),
    lambda client: client.fleet_status(),
)
LINES = st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.1 421 Away", b"HTTP/1.1 429 Slow", b"HTTP/1.1 503 No"])
HEADERS = st.sampled_from(
    [b"", b"Retry-After: \xff\r\n", b"Content-Encoding: gzip\r\n", b"Transfer-Encoding: chunked\r\n"]
)
BODIES = st.binary(max_size=40) | st.sampled_from(
    [b'{"response":', b'{"response":{"result":"yes"}}', b"[" * 5000, b'{"response":{"response":[]}}']
)
ANSWERS = st.binary(max_size=60) | st.builds(
    lambda line, headers, body: line + b"\r\n" + headers + b"\r\n" + body, LINES, HEADERS, BODIES
)


async def _asked(raw: bytes, dialect: str, question: Question) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        access = TeslaAccess.model_validate(
            {
                "vehicle": "5YJ3E7EB0KF000001",
                "dialect": dialect,
                "base_url": f"http://127.0.0.1:{port}",
                "access_token": TOKEN,
            }
        )
        await question(client_of("car", access, SystemClock()))


async def _signed_on(raw: bytes) -> object:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        grant = Grant(url=f"http://127.0.0.1:{port}", client_id="phasewise-test", refresh=TOKEN)
        return await TokenKeeper(grant, None, SystemClock()).access()


TOKENS = st.builds(
    lambda line, told: line + b"\r\n\r\n" + json.dumps(told).encode(),
    LINES,
    st.dictionaries(
        st.sampled_from(["access_token", "refresh_token", "expires_in"]), st.text(max_size=6) | st.integers()
    ),
)


@settings(max_examples=60, deadline=None)
@given(raw=ANSWERS | TOKENS)
def test_any_bytes_of_a_sign_on_are_a_token_that_can_be_sent_or_a_typed_error(raw: bytes) -> None:
    try:
        token = asyncio.run(_signed_on(raw))
    except PhasewiseError:
        return
    assert isinstance(token, str)
    assert token.isascii()
    assert token.isprintable()


@settings(max_examples=80, deadline=None)
@given(raw=ANSWERS, dialect=st.sampled_from(["fleet", "proxy", "ble"]), question=st.sampled_from(QUESTIONS))
def test_any_bytes_on_the_wire_are_an_answer_or_a_typed_error(
    raw: bytes, dialect: str, question: Question
) -> None:
    assert TOKEN not in said_to(raw, dialect, question)


def said_to(raw: bytes, dialect: str, question: Question) -> str:
    """Tell the message of the typed error; anything untyped fails the test."""
    try:
        asyncio.run(_asked(raw, dialect, question))
    except PhasewiseError as error:
        return str(error)
    return ""

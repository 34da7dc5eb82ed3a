"""No secret that High Mobility's cloud repeats goes further, and no answer is without an end."""

import asyncio
import json
from contextlib import suppress

import pytest

from adapters.chargers.high_mobility.cloud import Cloud
from controller.errors import DeviceNonsense, DeviceUnreachable
from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.high_mobility_faults import Faults
from simulator.chargers.web import WebReply, WebRequest, WebServer
from tests.contracts.bench import PATIENCE_S
from tests.contracts.high_mobility_bench import charger_of


async def test_a_secret_that_the_service_repeats_goes_no_further() -> None:
    async with HighMobilityTwin() as twin:
        token = twin.app.access_token
        twin.faults = Faults(
            body=b'{"status": "timeout", "message": "%s"}' % token.encode(), only=frozenset({"set"})
        )

        with pytest.raises(DeviceUnreachable) as failed:
            await charger_of(twin).set_limit(8.0)

        assert token not in str(failed.value)
        assert "***" in str(failed.value)


SECRET = 'a/secret"with\\signs€'
PROOF = "header.claims-with-the-token.signature"


@pytest.mark.parametrize(
    "written",
    [json.dumps(SECRET), json.dumps(SECRET, ensure_ascii=False), json.dumps(SECRET).replace("/", "\\/")],
    ids=["ASCII", "UTF-8", "escaped slashes"],
)
async def test_a_secret_goes_no_further_however_the_service_writes_it(written: str) -> None:
    async def echo(_: WebRequest) -> WebReply:
        return WebReply(status=404, body=f'{{"title": {written}, "detail": "{PROOF}"}}'.encode())

    server = WebServer(echo)
    await server.start()
    try:
        cloud = Cloud(
            f"http://127.0.0.1:{server.port}", timeout_s=PATIENCE_S, patience_s=1.0, secrets=[SECRET]
        )
        async with cloud.turn(urgent=False):
            reply = await cloud.ask("GET", "/x", headers={"Authorization": f"Bearer {PROOF}"})
    finally:
        await server.stop()

    assert reply.content == {"title": "***", "detail": "***"}


async def test_an_answer_without_an_end_is_nonsense_at_once() -> None:
    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b" " * 65_536)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        cloud = Cloud(f"http://127.0.0.1:{port}", timeout_s=PATIENCE_S, patience_s=1.0)
        with pytest.raises(DeviceNonsense, match="more than"):
            async with cloud.turn(urgent=False):
                await cloud.ask("GET", "/x")

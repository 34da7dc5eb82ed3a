import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.catalog import TARIFFS, Surroundings, load
from controller.errors import DeviceError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from controller.ports import Tariff
from tests.fakes.clock import FakeClock

FIXTURES = Path(__file__).parents[1] / "fixtures" / "tariffs"

# The day of 23 hours in Berlin.
SINCE = datetime(2026, 3, 28, 23, tzinfo=UTC)
UNTIL = datetime(2026, 3, 29, 22, tzinfo=UTC)

Handler = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Provider:
    """A server on loopback that answers every question alike, and remembers what was asked."""

    def __init__(self, handler: Handler) -> None:
        self.base_url, self.asked, self._handler = "", list[str](), handler

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one question."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b" ")[1].decode())
        await self._handler(writer)
        writer.close()


@asynccontextmanager
async def provider(handler: Handler) -> AsyncIterator[Provider]:
    one = Provider(handler)
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    async with server:
        one.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield one


def answers(body: bytes, status: str = "200 OK") -> Handler:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()

    async def handler(writer: asyncio.StreamWriter) -> None:
        writer.write(head + body)
        await writer.drain()

    return handler


async def resets(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def tariff(kind: str, **settings: object) -> Tariff:
    model, build = load(TARIFFS[kind].settings), load(TARIFFS[kind].build)
    built: Tariff = build(kind, model.model_validate(settings), Surroundings(clock=FakeClock(), site=None))
    return built


@pytest.mark.parametrize(
    ("kind", "fixture", "count", "question"),
    [
        (
            "awattar",
            "awattar_de_2026-03-29.json",
            23,
            "/v1/marketdata?start=1774738800000&end=1774821600000",
        ),
        (
            "energy_charts",
            "energy_charts_de_2026-03-29.json",
            92,
            "/price?bzn=DE-LU&start=2026-03-28T23%3A00Z&end=2026-03-29T22%3A00Z",
        ),
    ],
)
async def test_prices_come_over_http(kind: str, fixture: str, count: int, question: str) -> None:
    async with provider(answers((FIXTURES / fixture).read_bytes())) as one:
        slots = await tariff(kind, base_url=one.base_url).prices(SINCE, UNTIL)

    assert one.asked == [question]
    assert (slots[0].starts, slots[-1].ends, len(slots)) == (SINCE, UNTIL, count)


async def test_slots_beyond_the_span_are_left_out() -> None:
    body = (FIXTURES / "energy_charts_de_2026-03-29.json").read_bytes()

    async with provider(answers(body)) as one:
        slots = await tariff("energy_charts", base_url=one.base_url).prices(SINCE, SINCE + timedelta(hours=2))

    assert len(slots) == 8


@pytest.mark.parametrize("kind", ["awattar", "energy_charts"])
@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (answers(b"", "503 Service Unavailable"), DeviceUnreachable),
        (answers(b"slow down", "429 Too Many Requests"), DeviceUnreachable),
        (answers(b'{"detail": "unknown bzn"}', "400 Bad Request"), DeviceRefused),
        (answers(b"<html>maintenance</html>"), DeviceNonsense),
        (answers(b'{"data": 1, "price": 2}'), DeviceNonsense),
        (answers(b"[" * 100_000), DeviceNonsense),
        (answers(b"\xff\xfe\x00"), DeviceNonsense),
        (resets, DeviceUnreachable),
    ],
)
async def test_every_failure_is_one_of_ours(kind: str, handler: Handler, error: type[DeviceError]) -> None:
    async with provider(handler) as one:
        with pytest.raises(error) as caught:
            await tariff(kind, base_url=one.base_url).prices(SINCE, UNTIL)

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


async def test_a_provider_that_hangs_is_given_up() -> None:
    released = asyncio.Event()

    async def hangs(writer: asyncio.StreamWriter) -> None:  # noqa: ARG001 - says nothing
        await released.wait()

    async with provider(hangs) as one:
        with pytest.raises(DeviceUnreachable):
            await tariff("awattar", base_url=one.base_url, timeout_s=0.1).prices(SINCE, UNTIL)
        released.set()


async def test_a_provider_that_is_not_there_is_unreachable() -> None:
    async with provider(resets) as one:
        gone = one.base_url

    with pytest.raises(DeviceUnreachable):
        await tariff("awattar", base_url=gone).prices(SINCE, UNTIL)

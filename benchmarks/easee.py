"""What an operator's stream costs: `python -m benchmarks.easee`.

A real RabbitMQ, a process of its own that publishes, 1,000 chargers on one queue. Publishing is slower than
consuming, so a flood is held back by the broker until it is whole. The consumer is measured from the first
message to the last until each has made a state on the board, beside a bare aio-pika consumer that parses the
same JSON and does nothing else, without even acknowledging.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter

import aio_pika
import psutil
from aio_pika.abc import AbstractIncomingMessage
from rich.console import Console

from adapters.catalog import Surroundings
from adapters.chargers.easee.charger import EaseeCharger
from adapters.chargers.easee.settings import EaseeSettings
from adapters.chargers.easee.stream import stream_for
from benchmarks.figures import Figure
from controller.board import Board
from controller.domain.readings import ChargerState
from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.snapshot import Timing
from controller.domain.units import ChargerId, CircuitId
from controller.system_clock import SystemClock
from simulator.chargers.easee_operator import Operator
from tests.contracts.easee_bench import connection_of, operator

CHARGERS = 1000
FLOOD = 30_000
HOLD_S = 20
RATE_PER_S = 2000
SECONDS = 20.0
WRAP_S = 64.0
"""The instant of sending travels as a current of terminal T3, which stays below 100 A."""
LEAST_RATIO, MOST_AGE_S = 0.5, 1.0

_AREA = "an operator's stream"
_CLOCK = SystemClock()

_PUBLISHER = """
import asyncio, json, sys, time
import aio_pika

async def main(url, exchange, count, rate, chargers, hold):
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=False)
        news = await channel.get_exchange(exchange)
        began = time.monotonic()
        for number in range(count):
            if rate and number % 20 == 0:
                await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            told = {"Id": 183, "Name": "InCurrent_T3", "Timestamp": stamp, "Value": time.monotonic() % 64.0}
            held = began + hold - time.monotonic() if hold else None
            message = aio_pika.Message(
                json.dumps(told).encode(), headers={"ArrivalTime": stamp}, expiration=held
            )
            await news.publish(message, f"EH{number % chargers:06d}.O.183")

url, exchange, count, rate, chargers, hold = sys.argv[1:]
asyncio.run(main(url, exchange, int(count), int(rate), int(chargers), int(hold)))
"""


def figures() -> list[Figure]:
    """Measure both."""
    return asyncio.run(_figures())


async def _figures() -> list[Figure]:
    bare_per_s = await _bare_per_s()
    ours_per_s = await _ours_per_s()
    ages_s, memory_mb = await _ages_s()
    return [
        Figure(
            area=_AREA, says="bare aio-pika consumer, JSON parsed only", value=bare_per_s, unit="messages/s"
        ),
        Figure(
            area=_AREA, says="consumed until the state is on the board", value=ours_per_s, unit="messages/s"
        ),
        Figure(
            area=_AREA, says="ratio of the two", value=ours_per_s / bare_per_s, unit="", at_least=LEAST_RATIO
        ),
        Figure(
            area=_AREA,
            says=f"oldest of {len(ages_s):,} observations, {CHARGERS:,} chargers at {RATE_PER_S:,}/s",
            value=ages_s[-1],
            unit="s",
            at_most=MOST_AGE_S,
        ),
        Figure(area=_AREA, says="their 99th percentile", value=ages_s[len(ages_s) * 99 // 100], unit="s"),
        Figure(area=_AREA, says="memory of the process with them", value=memory_mb, unit="MB"),
    ]


@asynccontextmanager
async def _flooded(own: Operator) -> AsyncIterator[None]:
    """Let messages gather in another queue, from which the broker moves all of them at once."""
    gathering = f"{own.news}.gathering"
    async with await aio_pika.connect(own.url) as connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange(gathering, "topic", durable=True)
        queue = await channel.declare_queue(
            gathering, durable=True, arguments={"x-dead-letter-exchange": own.news}
        )
        await queue.bind(exchange, "#")
    async with _published(own, FLOOD, 0, exchange=gathering, hold_s=HOLD_S):
        yield


@asynccontextmanager
async def _published(
    own: Operator, count: int, rate: int, exchange: str = "", hold_s: int = 0
) -> AsyncIterator[None]:
    """Let another process publish."""
    arguments = (own.url, exchange or own.news, str(count), str(rate), str(CHARGERS), str(hold_s))
    publisher = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PUBLISHER, *arguments, stdin=subprocess.DEVNULL
    )
    yield
    await publisher.wait()


async def _stream() -> Operator:
    own = await asyncio.to_thread(operator)
    await own.declare()
    return own


async def _bare_per_s() -> float:
    own = await _stream()
    arrivals = _Arrivals(FLOOD)

    async def hear(message: AbstractIncomingMessage) -> None:
        json.loads(message.body)
        arrivals.note()

    async with await aio_pika.connect(own.url) as connection:
        channel = await connection.channel()
        await (await channel.get_queue(own.queue)).consume(hear, no_ack=True)
        async with _flooded(own):
            return await arrivals.per_s()


async def _ours_per_s() -> float:
    own = await _stream()
    arrivals = _Arrivals(FLOOD)
    async with _following(own, lambda _: arrivals.note()), _flooded(own):
        return await arrivals.per_s()


async def _ages_s() -> tuple[list[float], float]:
    own = await _stream()
    ages_s: list[float] = []
    last_a: dict[str, float] = {}
    count = int(RATE_PER_S * SECONDS)
    arrivals = _Arrivals(count)

    def hear(state: ChargerState) -> None:
        draw_a = max(state.draw_a or (0.0,))
        if last_a.get(state.id) == draw_a:
            return  # A beat repeats what holds.
        last_a[state.id] = draw_a
        ages_s.append((_CLOCK.mono_s() - draw_a) % WRAP_S)
        arrivals.note()

    async with _following(own, hear), _published(own, count, RATE_PER_S):
        await arrivals.per_s()
        memory_mb = psutil.Process().memory_info().rss / 1e6
    return sorted(ages_s), memory_mb


class _Arrivals:
    """Counts, and tells the rate from the first to the last."""

    def __init__(self, count: int) -> None:
        self._left = self._count = count
        self._first_s = self._last_s = 0.0
        self._done = asyncio.Event()

    def note(self) -> None:
        """Count one."""
        self._last_s = perf_counter()
        if self._left == self._count:
            self._first_s = self._last_s
        self._left -= 1
        if self._left == 0:
            self._done.set()

    async def per_s(self) -> float:
        """Wait for all of them."""
        await self._done.wait()
        return self._count / (self._last_s - self._first_s)


@asynccontextmanager
async def _following(own: Operator, hear: Callable[[ChargerState], None]) -> AsyncIterator[None]:
    """Follow every charger of the operator; each state goes to a board first."""
    circuit = Circuit(id=CircuitId("main"), limit_a=(1e5,) * 3, background_a=(0.0,) * 3)
    ids = [ChargerId(f"EH{number:06d}") for number in range(CHARGERS)]
    site = Site(
        circuits=(circuit,),
        chargers=tuple(ChargerSpec(id=one, circuit=circuit.id, phases=(1,)) for one in ids),
    )
    board = Board(_CLOCK, site, (), Timing())
    surroundings = Surroundings(clock=_CLOCK, site=site)
    tables = [
        EaseeSettings.model_validate({"serial": one, "beat_s": 15.0} | connection_of(own)) for one in ids
    ]
    chargers = [EaseeCharger(one, own_keys, surroundings) for one, own_keys in zip(ids, tables, strict=True)]

    def publish(state: ChargerState) -> None:
        board.charger(state)
        hear(state)

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(charger.run(publish)) for charger in chargers]
        await stream_for(tables[0], _CLOCK).link.until_up()
        await _CLOCK.sleep(1.0)
        yield
        for task in running:
            task.cancel()


def main() -> None:
    """Measure and print."""
    for figure in figures():
        Console(width=110).print(f"{figure.says}: {figure.shown} {figure.wanted} {figure.verdict}")


if __name__ == "__main__":
    main()

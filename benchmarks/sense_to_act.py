"""How long a cut takes from the meter's answer to the last read-back: `python -m benchmarks.sense_to_act`.

Ten Lektri.co twins and a Modbus meter twin on loopback, and the real daemon between them. Every round the
household grows by so much that all ten have to be cut. Between the rounds, in the same process
and on ten more twins, the bare HTTP calls: ten limits and ten read-backs, in parallel, over open connections.
"""

import asyncio
import logging
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx
from rich.console import Console

from benchmarks.figures import Figure
from controller.app.daemon import Daemon
from controller.app.parts import Parts
from controller.ports import Charger
from controller.system_clock import SystemClock
from simulator.chargers.lektrico import LektricoTwin
from simulator.meters.modbus_twin import ModbusTwin
from simulator.meters.quantities import Quantities
from simulator.meters.twin_meter import TwinMeter, map_of

CHARGERS, ROUNDS, BARE_ROUNDS = 10, 4, 6
MAX_A, FUSE_A = 16.0, 250.0
# With all ten charging the first stays under the fuse; the second is above it by more than nine of them draw.
QUIET_A, LOUD_A = 20.0, 240.0
SETTLED_S = 5.0
"""Two polls of every charger and some, so that all draws are known when the load grows."""
MOST_RATIO = 3.0

_CLOCK = SystemClock()
_PATIENCE_S = 60.0
_CAR_STEP_S = 0.1
_BETWEEN_POLLS_S = 0.3


class TimedMeter(TwinMeter):
    """Notes when each of its answers leaves."""

    def __post_init__(self) -> None:
        """Begin as the meter does."""
        self.answered_s: deque[float] = deque(maxlen=100)
        super().__post_init__()

    def answer(self, function_code: int, address: int, count: int) -> list[int] | int:
        """Answer, and note when."""
        words = super().answer(function_code, address, count)
        self.answered_s.append(perf_counter())
        return words


@dataclass(slots=True)
class Garage:
    """Twins, cars that follow at once, and what the daemon does to them."""

    meter: TimedMeter
    twins: Sequence[LektricoTwin]
    base_a: float = QUIET_A
    confirmed_s: list[float] = field(default_factory=list)
    """When each write of the present round was read back."""

    async def live(self) -> None:
        """Let cars draw what they may, and the meter see it."""
        while True:
            self._flow()
            await _CLOCK.sleep(_CAR_STEP_S)

    def _flow(self) -> None:
        for twin in self.twins:
            drawn_a = twin.offered_a
            twin.set_draw((drawn_a, drawn_a, drawn_a), 690.0 * drawn_a)
        total_a = self.base_a + sum(twin.offered_a for twin in self.twins)
        self.meter.set_quantities(Quantities(currents_a=(total_a, total_a, total_a)))

    def watch(self, parts: Parts) -> None:
        """Note when each limit has been read back."""
        for charger in parts.chargers:
            # The hands look the method up when they write, so this is what they find.
            setattr(charger, "set_limit", self._timed(charger))  # noqa: B010 - a method, not a field

    def _timed(self, charger: Charger) -> Callable[[float, float | None], Awaitable[float]]:
        write = charger.set_limit

        async def timed(limit_a: float, lease_s: float | None = None) -> float:
            answered_mono_s = await write(limit_a, lease_s)
            self.confirmed_s.append(perf_counter())
            return answered_mono_s

        return timed

    async def settle(self) -> None:
        """Wait until all charge and the daemon knows."""
        await self._until(lambda: all(twin.offered_a == MAX_A for twin in self.twins))
        await _CLOCK.sleep(SETTLED_S)

    async def cut_ms(self) -> float:
        """Grow the load between two polls; tell how long the cuts took from the answer that showed it."""
        polls = len(self.meter.answered_s), self.meter.answered_s[-1]
        await self._until(lambda: (len(self.meter.answered_s), self.meter.answered_s[-1]) != polls)
        await _CLOCK.sleep(_BETWEEN_POLLS_S)
        self.confirmed_s.clear()
        self.base_a = LOUD_A
        self._flow()
        stepped_s = perf_counter()
        await self._until(lambda: len(self.confirmed_s) >= CHARGERS)
        self.base_a = QUIET_A
        return 1000.0 * (self.confirmed_s[CHARGERS - 1] - self._seen_s(stepped_s))

    def _seen_s(self, stepped_s: float) -> float:
        """Find when the last answer of the first reading after the step left."""
        after = [answered_s for answered_s in self.meter.answered_s if answered_s > stepped_s]
        first = after[0]
        return max(answered_s for answered_s in after if answered_s < first + _BETWEEN_POLLS_S)

    async def _until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            while not is_so():
                await _CLOCK.sleep(0.005)


async def measure() -> tuple[list[float], list[float]]:
    """Tell the rounds of the daemon and the bare rounds between them, in ms."""
    daemon_ms: list[float] = []
    bare_ms: list[float] = []
    async with AsyncExitStack() as running:
        twins = [await running.enter_async_context(LektricoTwin()) for _ in range(CHARGERS)]
        for twin in twins:
            twin.plug_in("a car")
        idle = [await running.enter_async_context(LektricoTwin()) for _ in range(CHARGERS)]
        clients = [await running.enter_async_context(_client(twin)) for twin in idle]
        meter = TimedMeter(meter_map=map_of("eastron_sdm630"))
        modbus = await running.enter_async_context(ModbusTwin({1: meter}))
        garage = Garage(meter=meter, twins=twins)
        folder = running.enter_context(tempfile.TemporaryDirectory())
        path = Path(folder) / "config.toml"
        path.write_text(_configuration(folder, modbus.port, twins), encoding="utf-8")
        await running.enter_async_context(_running(path, garage))
        for _ in range(ROUNDS):
            await garage.settle()
            bare_ms += [await _bare_ms(clients, 6 + number) for number in range(BARE_ROUNDS)]
            daemon_ms.append(await garage.cut_ms())
    return daemon_ms, bare_ms


@asynccontextmanager
async def _running(path: Path, garage: Garage) -> AsyncIterator[None]:
    daemon = Daemon(path, _CLOCK, {})
    daemon.on_parts.append(garage.watch)
    async with asyncio.TaskGroup() as tasks:
        living = tasks.create_task(garage.live())
        serving = tasks.create_task(daemon.run())
        yield
        daemon.stop()
        await serving
        living.cancel()


def _configuration(folder: str, meter_port: int, twins: Sequence[LektricoTwin]) -> str:
    chargers = "".join(
        f'[[chargers]]\nid = "cp{number}"\nkind = "lektrico"\nhost = "127.0.0.1"\nport = {twin.port}\n'
        for number, twin in enumerate(twins)
    )
    return (
        f'[[circuits]]\nid = "main"\nlimit_a = {FUSE_A}\n'
        '[[meters]]\nid = "grid"\nmap = "eastron_sdm630"\nhost = "127.0.0.1"\n'
        f"port = {meter_port}\nunit_id = 1\nfrozen_after_s = 0\n{chargers}"
        "[timing]\nwindow_s = 2\nraise_gap_s = 0\n[dashboard]\nport = 0\n"
        f'[database]\nurl = "sqlite:///{folder}/journal.sqlite"\n'
    )


def _client(twin: LektricoTwin) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{twin.port}", trust_env=False)


async def _bare_ms(clients: Sequence[httpx.AsyncClient], limit_a: int) -> float:
    started_s = perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for client in clients:
            tasks.create_task(_set_and_read(client, limit_a))
    return 1000.0 * (perf_counter() - started_s)


async def _set_and_read(client: httpx.AsyncClient, limit_a: int) -> None:
    await client.post("/rpc/EM_current.Set", json={"EM_current": limit_a})
    await client.post("/rpc/EM_current.Get", json={})


def figures() -> list[Figure]:
    """Measure."""
    logging.getLogger("phasewise").setLevel(logging.CRITICAL)
    daemon_ms, bare_ms = asyncio.run(measure())
    daemon, bare = median(daemon_ms), median(bare_ms)
    area = "sense to act"
    return [
        Figure(area=area, says="meter's answer to the tenth cut read back", value=daemon, unit="ms"),
        Figure(area=area, says="the slowest of the rounds", value=max(daemon_ms), unit="ms"),
        Figure(area=area, says="the same calls bare and in parallel", value=bare, unit="ms"),
        Figure(area=area, says="ratio", value=daemon / bare, unit="times", at_most=MOST_RATIO),
    ]


def main() -> None:
    """Print the figures."""
    console = Console()
    for figure in figures():
        console.print(f"{figure.says}: {figure.shown} {figure.wanted} {figure.verdict}")


if __name__ == "__main__":
    main()

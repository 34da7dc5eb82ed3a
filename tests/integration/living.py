"""A house that lives: twins on real sockets, cars and an oven, and the real daemon on a real database."""

import asyncio
import math
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller.app.daemon import Daemon
from controller.app.parts import Parts
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId, Phases
from controller.domain.writes import Decision, Write
from controller.ports import Clock
from controller.settings import load
from controller.system_clock import SystemClock
from simulator.chargers.lektrico import LektricoTwin
from simulator.clock import ScaledClock
from simulator.house.car import Car, CarModel
from simulator.house.house import House
from simulator.house.household import Household
from simulator.house.programs import Appliance, thermostat
from simulator.meters.modbus_twin import ModbusTwin
from simulator.meters.twin_meter import TwinMeter
from simulator.stage import Stage
from tests.integration.living_witness import Witness
from tests.servers import free_port

NOON = datetime(2026, 6, 24, 11, tzinfo=UTC)
LEFT, RIGHT = ChargerId("left"), ChargerId("right")
FLICKER_S = 2.0 * math.pi
"""One round of what the background never stops doing."""

# Time in the house runs so much faster where nothing real is waited for.
SPEED = 8.0

# 10 A on every phase, for longer than any test lasts.
OVEN = Appliance(
    name="oven",
    program=thermostat(7000.0, on_s=3600.0, off_s=1.0, heat_up_s=3600.0),
    phases=(1, 2, 3),
)


class _Flicker:
    """Small loads that never stand still, so that no meter looks frozen."""

    def powers_w(self, at_s: float) -> Phases:
        """Tell them."""
        power_w = 340.0 + 40.0 * math.sin(at_s)
        return power_w, power_w + 20.0 * math.cos(at_s), power_w


class Place:
    """Where a house's devices listen, and its configuration."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder, self._more = folder, more
        self.meter_port, self.left_port, self.right_port = free_port(), free_port(), free_port()
        self.path = folder / "config.toml"
        self.database = folder / "journal.sqlite"

    def text(self, *, chargers: tuple[str, ...] = ("left", "right"), more: str | None = None) -> str:
        """Write a configuration with these chargers, and `more` tables."""
        ports = {"left": self.left_port, "right": self.right_port}
        tables = "".join(
            f'[[chargers]]\nid = "{name}"\nkind = "lektrico"\nhost = "127.0.0.1"\nport = {ports[name]}\n'
            "poll_s = 1\n"
            for name in chargers
        )
        return (
            '[[circuits]]\nid = "main"\nlimit_a = 25\n'
            '[[meters]]\nid = "grid"\nmap = "eastron_sdm630"\ntransport = "rtu_over_tcp"\n'
            f'host = "127.0.0.1"\nport = {self.meter_port}\nfrozen_after_s = 6\n'
            f"{tables}[dashboard]\nport = 0\n[database]\n"
            f'url = "sqlite:///{self.database}"\n{self._more if more is None else more}'
        )

    def write(self, text: str | None = None) -> None:
        """Put a configuration where the daemon reads it."""
        self.path.write_text(self.text() if text is None else text, encoding="utf-8")


class Living:
    """Everything that tests look at or break."""

    def __init__(self, place: Place, clock: Clock) -> None:
        self.place, self.clock = place, clock
        settings = load(place.path, {})
        household = Household((OVEN,), seed=1)
        self.house = House(
            settings.site,
            starts=NOON,
            base_loads={settings.site.circuits[0].id: (household, _Flicker())},
        )
        self.witness = Witness(self.house)
        self.stage = Stage(settings, self.house, clock, watchers=[self.witness])
        self.daemon = Daemon(place.path, clock, {})
        self.daemon.on_parts.append(self._hear)
        self.ticks: list[Decision] = []
        self.writes: list[Write] = []

    def _hear(self, parts: Parts) -> None:
        parts.loop.listeners.append(self._tick)

    def _tick(self, _: Snapshot, decision: Decision) -> None:
        self.ticks.append(decision)
        self.writes.extend(decision.writes)

    @property
    def parts(self) -> Parts:
        """What runs."""
        assert self.daemon.parts is not None
        return self.daemon.parts

    @property
    def decision(self) -> Decision:
        """The latest tick."""
        return self.ticks[-1]

    @property
    def gateway(self) -> ModbusTwin:
        """The grid meter's server."""
        (found,) = (server for server in self.stage.cast.servers if isinstance(server, ModbusTwin))
        return found

    @property
    def meter(self) -> TwinMeter:
        """The grid meter."""
        gauge = self.stage.cast.gauges["grid"]
        assert isinstance(gauge, TwinMeter)
        return gauge

    def twin(self, charger: ChargerId) -> LektricoTwin:
        """A charger's twin."""
        twin = self.stage.cast.chargers[charger]
        assert isinstance(twin, LektricoTwin)
        return twin

    def limit_a(self, charger: ChargerId) -> float:
        """What a charger's twin was told last."""
        return float(self.twin(charger).device.em_a)

    def drawn_a(self, charger: ChargerId) -> float:
        """What the car at a charger draws on L1."""
        return self.house.bays[charger].device_a[0]

    def plug_in(self, *chargers: ChargerId, wake_s: float = 3.0) -> None:
        """Connect three-phase cars."""
        for charger in chargers:
            model = CarModel(name=f"car {charger}", wake_s=wake_s)
            self.house.plug_in(charger, Car(model, soc_pct=30.0))

    async def until(self, holds: Callable[[], bool], within_s: float, what: str) -> float:
        """Wait for something to hold; tell how long it took in the house.

        Raises:
            AssertionError: it did not, within so many seconds of the house.
        """
        began_s = self.clock.mono_s()
        while not holds():
            if self.clock.mono_s() - began_s > within_s:
                raise AssertionError(f"not within {within_s:g} s: {what}; {self.said}")
            await self.clock.sleep(0.1)
        return self.clock.mono_s() - began_s

    async def live(self, seconds: float) -> None:
        """Let time pass in the house."""
        await self.clock.sleep(seconds)

    async def settles_below_the_fuse(self) -> None:
        """Wait until nothing has been above the fuse for longer than the background's flicker takes.

        What just moved by less than the meter's noise is no overload yet: it has to last a window to count.
        """
        await self.until(
            lambda: self.house.at_s - self.witness.last_over_s > FLICKER_S, 40.0, "the fuse is not exceeded"
        )

    @property
    def said(self) -> str:
        """The present state, for messages."""
        flows = [round(current_a, 1) for current_a in self.house.root.currents_a]
        limits = {charger: self.limit_a(ChargerId(charger)) for charger in self.stage.cast.chargers}
        return f"flows {flows}, limits {limits}, {self.ticks[-1].chargers if self.ticks else 'no tick'}"

    async def both_charge(self) -> None:
        """Wait until idle chargers are told to be, plug both cars in and wait for their shares."""
        await self.until(lambda: self.limit_a(LEFT) == self.limit_a(RIGHT) == 0.0, 60.0, "both are idle")
        self.plug_in(LEFT, RIGHT)
        await self.until(lambda: self.drawn_a(LEFT) + self.drawn_a(RIGHT) >= 21.0, 120.0, "both charge")


@asynccontextmanager
async def playing(place: Place, speed: float = SPEED) -> AsyncIterator[Living]:
    """Let a house live without the daemon."""
    living = Living(place, ScaledClock(SystemClock(), speed=speed, starts=NOON))
    async with living.stage, _running(living.stage.run()):
        yield living


@asynccontextmanager
async def living_in(place: Place, speed: float = SPEED) -> AsyncIterator[Living]:
    """Let a house live with the daemon in the same process."""
    async with playing(place, speed) as living, daemon_in(living):
        yield living


@asynccontextmanager
async def daemon_in(living: Living) -> AsyncIterator[asyncio.Task[None]]:
    """Run the daemon for as long as the block lasts."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(living.daemon.run())
        try:
            yield task
        finally:
            living.daemon.stop()


@asynccontextmanager
async def _running(life: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(life)
        try:
            yield
        finally:
            task.cancel()


class Process:
    """The daemon as the service manager starts it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._process: asyncio.subprocess.Process | None = None
        self._log = place.folder / "daemon.log"

    async def start(self) -> None:
        """Start it; its log is appended to a file."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "controller", "run", "-c", str(self._place.path), stdout=log, stderr=log
            )

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait for its end; tell its exit status."""
        assert self._process is not None
        return await self._process.wait()

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    @property
    def log(self) -> str:
        """All that it said."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""


@contextmanager
def unread(log: Callable[[], str]) -> Iterator[Callable[[], str]]:
    """Look only at what is said from now on."""
    before = len(log())
    yield lambda: log()[before:]

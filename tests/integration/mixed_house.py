"""The site of `docs/examples/mixed.toml`, alive: five systems, two brokers, three circuits, the daemon."""

import asyncio
import math
import tomllib
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

from controller.app.daemon import Daemon
from controller.app.parts import Parts
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId, CircuitId, Phases
from controller.domain.writes import ChargerVerdict, Decision
from controller.settings import load
from simulator.chargers.easee import EaseeTwin
from simulator.house.car import ORDINARY, SELF_LIMITING, Car
from simulator.house.house import House
from simulator.house.household import Household
from simulator.house.programs import Appliance, steady
from simulator.rewriting import toml_text
from simulator.stage import Stage
from tests.integration.house_clock import HouseClock
from tests.integration.mixed_witness import Witness
from tests.rabbitmq import RabbitMq, shared
from tests.servers import Mosquitto, free_port

EXAMPLE: Final = Path(__file__).parents[2] / "docs" / "examples" / "mixed.toml"
NOON: Final = datetime(2026, 6, 24, 11, tzinfo=UTC)

MAIN, GARAGE, YARD = CircuitId("main"), CircuitId("garage"), CircuitId("yard")
LEFT, WALL, CAR = ChargerId("left"), ChargerId("wall"), ChargerId("car")
BAY, STREET = ChargerId("bay"), ChargerId("street")
CHARGERS: Final = (LEFT, WALL, CAR, BAY, STREET)

OVEN, KILN = "oven", "kiln"
"""In the house, and in the workshop that hangs on the garage's circuit."""

BRISK: Final = 30.0
"""While nothing happens but that time passes."""
CALM: Final = 10.0
"""While devices have to react: brokers and sockets answer in real time, whatever the house's clock says."""
STEP_S: Final = 0.2

KEY: Final = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SECRETS: Final = {"EASEE_BROKER": "guest", "EASEE_ACCOUNT": "made-up", "HIGH_MOBILITY_TOKEN": "made-up"}

# Nobody here waits half a minute for a look at a car, nor a minute until a lost command is surely lost.
QUICK: Final[Mapping[str, Mapping[str, Any]]] = {
    LEFT: {},
    WALL: {"poll_s": 2, "timeout_s": 5, "fresh_s": 10, "delivery_s": 15},
    CAR: {"poll_s": 3, "idle_poll_s": 3, "timeout_s": 3, "restart_gap_s": 5, "delivery_s": 15},
    BAY: {"answer_s": 5, "beat_s": 2},
    STREET: {},
}

_operators = count(1)


def on_free_ports(folder: Path, amqp_port: int, mqtt_port: int, dashboard_port: int) -> dict[str, Any]:
    """Read the example and move it to ports that are free."""
    found = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    operator = f"Mixed_{next(_operators)}"
    easee = {
        "port": amqp_port,
        "queue": f"{operator}.Q",
        "exchange": f"{operator}.C.X",
        "api_url": f"http://127.0.0.1:{free_port()}",
        **QUICK[BAY],
    }
    for meter in found["meters"]:
        meter["port"] = free_port()
    chargers = {charger["id"]: charger for charger in found["chargers"]}
    for name, charger in chargers.items():
        charger.update(QUICK[name])
    chargers[LEFT]["port"] = free_port()
    chargers[WALL]["url"] = f"http://127.0.0.1:{free_port()}/v1"
    chargers[CAR]["base_url"] = f"http://127.0.0.1:{free_port()}"
    chargers[STREET]["port"] = found["mqtt"]["port"] = mqtt_port
    limiter = next(circuit["limiter"] for circuit in found["circuits"] if circuit["id"] == YARD)
    for table in (chargers[BAY], limiter):
        table.update(easee)
    found["database"]["url"] = f"sqlite:///{folder}/journal.sqlite"
    found["dashboard"]["port"] = dashboard_port
    return found


class _Flicker:
    """Small loads that never stand still, so that no meter looks frozen."""

    def __init__(self, power_w: float) -> None:
        self._power_w = power_w

    def powers_w(self, at_s: float) -> Phases:
        """Tell them."""
        power_w = self._power_w * (1.0 + 0.1 * math.sin(at_s))
        return power_w, power_w + 20.0 * math.cos(at_s), power_w


def _machine(name: str, current_a: float) -> Household:
    """Put something into a circuit that takes so much on every phase for longer than any test lasts."""
    program = steady(3 * 230.0 * current_a, 36_000.0)
    return Household((Appliance(name=name, program=program, phases=(1, 2, 3)),), seed=1)


class MixedHouse:
    """Everything that tests look at or break."""

    def __init__(self, path: Path, clock: HouseClock, rabbit: RabbitMq, mosquitto: Mosquitto) -> None:
        self.clock, self.rabbit, self.mosquitto = clock, rabbit, mosquitto
        settings = load(path, SECRETS)
        self.house = House(
            settings.site,
            starts=NOON,
            base_loads={
                MAIN: (_machine(OVEN, 16.0), _Flicker(300.0)),
                GARAGE: (_machine(KILN, 12.0), _Flicker(150.0)),
            },
        )
        self.witness = Witness(self.house)
        self.stage = Stage(settings, self.house, clock, watchers=[self.witness])
        self.twins: Mapping[str, Any] = self.stage.cast.chargers
        bay = self.twins[BAY]
        assert isinstance(bay, EaseeTwin)
        bay.look_s = STEP_S  # nothing changes between two steps of the house
        self.daemon = Daemon(path, clock, SECRETS)
        self.daemon.on_parts.append(lambda parts: parts.loop.listeners.append(self._tick))
        self.ticks: deque[Decision] = deque(maxlen=1)
        self.least_promises_a: dict[ChargerId, float] = {}
        """The smallest promise of each charger since `begin`."""

    def _tick(self, _: Snapshot, decision: Decision) -> None:
        self.ticks.append(decision)
        for charger, verdict in decision.chargers.items():
            least_a = self.least_promises_a.get(charger, verdict.promise_a)
            self.least_promises_a[charger] = min(least_a, verdict.promise_a)

    def begin(self) -> None:
        """Forget what was seen so far."""
        self.witness.begin()
        self.least_promises_a.clear()

    @property
    def parts(self) -> Parts:
        """What runs."""
        assert self.daemon.parts is not None
        return self.daemon.parts

    @property
    def decision(self) -> Decision:
        """The latest tick."""
        return self.ticks[-1]

    def verdict(self, charger: ChargerId) -> ChargerVerdict:
        """Tell what the latest tick says of a charger."""
        return self.decision.chargers[charger]

    def drawn_a(self, charger: ChargerId) -> float:
        """Tell what the car at a charger draws."""
        return max(self.house.bays[charger].device_a)

    def flow_a(self, circuit: CircuitId) -> float:
        """Tell what flows through the fullest phase of a circuit."""
        return max(self.house.circuits[circuit].currents_a)

    def limit_a(self, circuit: CircuitId) -> float:
        """Tell what every phase of a circuit bears."""
        return min(self.house.site.circuit[circuit].limit_a)

    def all_are_there(self) -> bool:
        """Tell whether every charger and every meter is heard."""
        tick = self.decision
        silent = any(verdict.silent for verdict in tick.chargers.values())
        return not silent and not any(circuit.blind for circuit in tick.circuits.values())

    def plug_in(self, *chargers: ChargerId) -> None:
        """Connect cars with much room in their batteries; the one that limits itself is a car of its own."""
        for charger in chargers:
            self.house.plug_in(charger, Car(SELF_LIMITING if charger == CAR else ORDINARY, soc_pct=20.0))

    async def live(self, seconds: float) -> None:
        """Let time pass in the house."""
        await self.clock.sleep(seconds)

    async def until(self, holds: Callable[[], bool], within_s: float, what: str) -> None:
        """Wait for something to hold.

        Raises:
            AssertionError: it did not, within so many seconds of the house.
        """
        began_s = self.clock.mono_s()
        while not (self.ticks and holds()):
            if self.clock.mono_s() - began_s > within_s:
                raise AssertionError(f"not within {within_s:g} s: {what}\n{self.said}")
            await self.clock.sleep(STEP_S)

    async def until_all_charge(self) -> None:
        """Wait until every car charges at about its share."""
        with self.clock.at(BRISK):
            await self.until(lambda: all(map(self._charges, CHARGERS)), 400.0, "every car charges")

    def _charges(self, charger: ChargerId) -> bool:
        verdict, drawn_a = self.verdict(charger), self.drawn_a(charger)
        return drawn_a >= 6.0 and abs(verdict.share_a - drawn_a) <= 1.0

    @property
    def said(self) -> str:
        """The present state, for messages."""
        flows = [f"{name}: {flow.currents_a}" for name, flow in self.house.circuits.items()]
        watches = self.parts.watches.items()
        return "\n".join(
            (
                *flows,
                *(f"{name}: {self.verdict(name)} offers {self.twins[name].offered_a}" for name in CHARGERS),
                *(f"{name}: draws {self.drawn_a(name)}" for name in CHARGERS),
                *(f"{name}: {watch.lost}" for name, watch in watches if watch.lost is not None),
                f"{self.witness.overs}",
            )
        )


def configured(folder: Path, amqp_port: int, mqtt_port: int, dashboard_port: int = 0) -> Path:
    """Write the example where the daemon reads it."""
    (folder / "high_mobility.key").write_text(KEY)
    path = folder / "mixed.toml"
    found = on_free_ports(folder, amqp_port, mqtt_port, dashboard_port)
    path.write_text(toml_text(found), encoding="utf-8")
    return path


@asynccontextmanager
async def mixed_house(folder: Path) -> AsyncIterator[MixedHouse]:
    """Let the whole site live: brokers, twins, house, daemon."""
    rabbit = await asyncio.to_thread(shared)
    mosquitto = Mosquitto(folder)
    mosquitto.start()
    try:
        path, clock = configured(folder, rabbit.port, mosquitto.port), HouseClock(NOON, CALM)
        found = MixedHouse(path, clock, rabbit, mosquitto)
        async with clock.running(), found.stage, asyncio.TaskGroup() as tasks:
            living = tasks.create_task(found.stage.run(STEP_S))
            running = tasks.create_task(found.daemon.run())
            try:
                yield found
            finally:
                found.daemon.stop()
                await asyncio.wait([running])
                living.cancel()
    finally:
        mosquitto.kill()

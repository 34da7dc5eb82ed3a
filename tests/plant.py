"""Plant: a site in plain Python with delays, faults and cars that take their time, around the real `decide`.

No sockets and no clock: one step is one second. Everything that a meter or charger tells may be late, wrong
or missing; every write may be lost, late or refused.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from controller.domain.decision import decide
from controller.domain.modes import Policies
from controller.domain.readings import (
    Answer,
    ChargerState,
    Draw,
    MeterReading,
    MeterRole,
    Outcome,
    PersonRequest,
    Plug,
    PriceSlot,
    SiteCap,
)
from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.snapshot import Memory, MeterPlace, Snapshot, Timing
from controller.domain.units import ChargerId, CircuitId, MeterId, Phases
from controller.domain.writes import Decision, Write

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
GRID, SOLAR = MeterId("grid"), MeterId("solar")


@dataclass
class Car:
    """Follows the offer after a while, on the phases it has."""

    plugged: bool = True
    max_a: float = 32.0
    phases: tuple[int, ...] = (1, 2, 3)
    follow_s: float = 5.0
    drawn_a: float = 0.0
    _offers: deque[float] = field(default_factory=deque)

    def step(self, offered_a: float) -> float:
        """Live through one second of an offer."""
        self._offers.append(offered_a)
        while len(self._offers) > self.follow_s + 1:
            self._offers.popleft()
        seen_a = self._offers[0] if self.plugged else 0.0
        self.drawn_a = min(seen_a, self.max_a) if seen_a >= 6.0 else 0.0
        return self.drawn_a


@dataclass
class Device:
    """A charger: holds a limit, hears writes after a delay, answers polls after a delay."""

    limit_a: float = 0.0
    delay_s: float = 0.0
    silent: bool = False
    deaf: bool = False
    """Answers polls but loses writes."""
    mute: bool = False
    """Obeys, but its answers to writes are lost."""
    car: Car = field(default_factory=Car)
    _coming: deque[tuple[float, Write]] = field(default_factory=deque)

    def hear(self, write: Write, now_s: float) -> None:
        """Take a write on its way."""
        self._coming.append((now_s + self.delay_s, write))

    def arrived(self, now_s: float) -> list[Answer]:
        """Obey what has arrived by now."""
        answers: list[Answer] = []
        while self._coming and self._coming[0][0] <= now_s:
            _, write = self._coming.popleft()
            if self.silent or self.deaf:
                answers.append(Answer(write=write.number, outcome=Outcome.UNKNOWN, at_mono_s=now_s))
                continue
            self.limit_a = write.limit_a
            outcome = Outcome.UNKNOWN if self.mute else Outcome.DELIVERED
            answers.append(Answer(write=write.number, outcome=outcome, at_mono_s=now_s))
        return answers


@dataclass
class Plant:
    """The site, its devices, and the record of what happened."""

    site: Site
    policies: Policies
    devices: dict[ChargerId, Device]
    base_a: Callable[[int], Phases]
    solar_w: Callable[[int], float] = lambda _: 0.0
    solar_metered: bool = False
    meter_lag_s: int = 0
    lag_is_known: bool = True
    meter_silent: bool = False
    cap: SiteCap | None = None
    out_of_service: frozenset[ChargerId] = frozenset()
    timing: Timing = field(default_factory=Timing)
    requests: dict[ChargerId, PersonRequest] = field(default_factory=dict)
    prices: tuple[PriceSlot, ...] = ()
    recording: bool = True
    recorded_a: dict[ChargerId, float] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    second: int = 0
    start_s: float = 1000.0
    writes: list[tuple[int, Write]] = field(default_factory=list)
    flows: list[Phases] = field(default_factory=list)
    starts: int = 0
    last: Decision | None = None
    last_snapshot: Snapshot | None = None
    _answers: list[Answer] = field(default_factory=list)
    _metered: deque[tuple[float, Phases]] = field(default_factory=deque)
    _reading: MeterReading | None = None
    _states: dict[ChargerId, ChargerState] = field(default_factory=dict)

    @property
    def now_s(self) -> float:
        """Monotonic time."""
        return self.start_s + self.second

    @property
    def _known_lag_s(self) -> int:
        return self.meter_lag_s if self.lag_is_known else 0

    def run(self, seconds: int) -> "Plant":
        """Live for some seconds."""
        for _ in range(seconds):
            self.step()
        return self

    def step(self) -> Decision:
        """Live for one second: physics, readings, a tick, writes on their way."""
        for device in self.devices.values():
            self._answers.extend(device.arrived(self.now_s))
        flow_a = self._physics()
        self._metered.append((self.now_s, flow_a))
        self._read()
        snapshot = self._snapshot()
        decision = decide(snapshot, self.policies)
        self.last, self.last_snapshot, self.memory = decision, snapshot, decision.memory
        for write in decision.writes:
            self.writes.append((self.second, write))
            self.devices[write.charger].hear(write, self.now_s)
        self.second += 1
        return decision

    def _physics(self) -> Phases:
        flow = list(self.base_a(self.second))
        sun_a = self.solar_w(self.second) / (3 * self.site.voltage_v)
        for charger, device in self.devices.items():
            before = device.car.drawn_a
            drawn_a = device.car.step(device.limit_a)
            self.starts += before == 0 < drawn_a
            for index in device.car.phases:
                flow[self.site.charger[charger].phases[index - 1] - 1] += drawn_a
        self.flows.append((flow[0] - sun_a, flow[1] - sun_a, flow[2] - sun_a))
        return self.flows[-1]

    def _read(self) -> None:
        while len(self._metered) > self.meter_lag_s + 1:
            self._metered.popleft()
        if not self.meter_silent:
            at_s, flow_a = self._metered[0]
            self._reading = MeterReading(
                id=GRID,
                at_mono_s=at_s if self.lag_is_known else self.now_s,
                currents_a=flow_a,
                power_w=sum(flow_a) * self.site.voltage_v,
            )
        for charger, device in self.devices.items():
            if not device.silent:
                self._states[charger] = self._state(charger, device)

    def _state(self, charger: ChargerId, device: Device) -> ChargerState:
        drawn = [0.0, 0.0, 0.0]
        for index in device.car.phases:
            drawn[self.site.charger[charger].phases[index - 1] - 1] = device.car.drawn_a
        before = self._states[charger].draws if charger in self._states else ()
        draws = (*before, Draw(at_mono_s=self.now_s, currents_a=(drawn[0], drawn[1], drawn[2])))
        plug = Plug.A if not device.car.plugged else Plug.C if device.car.drawn_a > 0 else Plug.B
        return ChargerState(
            id=charger, at_mono_s=self.now_s, plug=plug, limit_a=device.limit_a, draws=draws[-50:]
        )

    def _snapshot(self) -> Snapshot:
        root = self.site.circuits[0].id
        places = [
            MeterPlace(id=GRID, role=MeterRole.CIRCUIT, circuit=root, lag_s=float(self._known_lag_s)),
        ]
        meters = {} if self._reading is None else {GRID: self._reading}
        if self.solar_metered:
            places.append(MeterPlace(id=SOLAR, role=MeterRole.SOLAR, circuit=root))
            sun_w = self.solar_w(self.second)
            meters[SOLAR] = MeterReading(id=SOLAR, at_mono_s=self.now_s, power_w=sun_w)
        answers, self._answers = tuple(self._answers), []
        return Snapshot(
            at=NOON + timedelta(seconds=self.second),
            mono_s=self.now_s,
            site=self.site,
            timing=self.timing,
            places=tuple(places),
            meters=meters,
            chargers=dict(self._states),
            requests=dict(self.requests),
            prices=self.prices,
            cap=self.cap,
            out_of_service=self.out_of_service,
            answers=answers,
            recording=self.recording,
            recorded_a=dict(self.recorded_a),
            memory=self.memory,
        )

    def restart(self, *, recorded: bool = True) -> None:
        """Lose everything that is not in the journal."""
        promises = {c: v.promise_a for c, v in self.last.chargers.items()} if self.last else {}
        self.memory = Memory(next_write=10_000 + self.second)
        self.recorded_a = promises if recorded else {}
        self._answers = []


def house(*chargers: ChargerSpec, limit_a: float = 25.0) -> Site:
    """Build a house with one fuse."""
    main = Circuit(id=CircuitId("main"), limit_a=(limit_a,) * 3, meter=GRID)
    return Site(circuits=(main,), chargers=chargers)


def charger(name: str, **changes: object) -> ChargerSpec:
    """Build a charger on the main circuit."""
    return replace(ChargerSpec(id=ChargerId(name), circuit=CircuitId("main")), **changes)  # type: ignore[arg-type] # field by name

"""World: a tiny site around the real `decide`, small enough to walk through everything that can happen.

Two chargers, three currents (0, 6, 12 A), one circuit of 13 A. One step is five seconds. Between two ticks
the environment chooses: what becomes of each write, whether charger and meter are heard, whether a car comes
or goes, whether the controller is restarted. States are normalised to one instant, and ages are
capped where nothing depends on them any more, so that walks meet again and the set of states is finite.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import product

from controller.domain.decision import decide
from controller.domain.modes import Mode, Policies
from controller.domain.promises import promised_a
from controller.domain.readings import Answer, ChargerState, MeterReading, MeterRole, Outcome, Plug
from controller.domain.site import Abilities, ChargerSpec, Circuit, Site
from controller.domain.snapshot import (
    ChargerMemory,
    CircuitMemory,
    Memory,
    MeterPlace,
    Promise,
    Snapshot,
    Timing,
)
from controller.domain.units import ChargerId, CircuitId, MeterId

STEP_S = 5.0
NOW_S = 1000.0
LIMIT_A = 13.0
FOLLOW_STEPS = 2
DELIVERY_STEPS = 2
# Nothing here depends on ages beyond this.
_OLDEST_S = 15.0

NAMES = (ChargerId("a"), ChargerId("b"))
MAIN, GRID = CircuitId("main"), MeterId("grid")

ABILITIES = Abilities(
    follow_s=FOLLOW_STEPS * STEP_S,
    latency_s=1.0,
    delivery_s=DELIVERY_STEPS * STEP_S,
    read_ttl_s=STEP_S - 1.0,
    reset_a=0.0,
)
SITE = Site(
    circuits=(Circuit(id=MAIN, limit_a=(LIMIT_A,) * 3, meter=GRID),),
    chargers=tuple(
        ChargerSpec(id=name, circuit=MAIN, step_a=6.0, max_a=12.0, nameplate_a=12.0, abilities=ABILITIES)
        for name in NAMES
    ),
)
TIMING = Timing(window_s=0.0, meter_ttl_s=STEP_S - 1.0, raise_gap_s=0.0, cut_gap_s=0.0, min_on_s=10.0)
POLICIES = Policies(modes={"fast": Mode(name="fast", stack=(), settings={})}, registry={})


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """A write that left the house."""

    number: int
    limit_a: float
    late_steps: int | None = None
    """`None`: its fate is open. Else given up by the shell, and may arrive for so many more steps."""


@dataclass(frozen=True, slots=True)
class Device:
    """A charger: what it holds, what its car may still draw, what is on its way to it."""

    limit_a: float = 0.0
    fading: tuple[tuple[float, int], ...] = ()
    """Limits that it held before, and for how many more steps a car may follow them."""
    coming: tuple[OnTheWay, ...] = ()
    plugged: bool = True

    @property
    def may_draw_a(self) -> float:
        """The most that its car may draw now."""
        return max((self.limit_a, *(limit_a for limit_a, _ in self.fading)))

    def holding(self, limit_a: float) -> "Device":
        """Take a new limit; the car follows a lower one in its time."""
        fading = self.fading if limit_a >= self.limit_a else (*self.fading, (self.limit_a, FOLLOW_STEPS))
        return replace(self, limit_a=limit_a, fading=tuple((f, s) for f, s in fading if f > limit_a))


@dataclass(frozen=True, slots=True)
class World:
    """Everything that the next step depends on."""

    devices: tuple[Device, Device] = (Device(), Device())
    memory: Memory = field(default_factory=Memory)
    recorded: tuple[float, float] = (12.0, 12.0)
    restarted: bool = True
    """The controller starts afresh with what the journal holds."""
    faults: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What the environment does to one charger in one step."""

    fate: str = "arrives"
    """Of the write whose fate is open: arrives, answer lost, lost, late, waits."""
    late_arrives: bool = False
    """A write that was given up arrives after all."""
    heard: bool = True

    @property
    def faults(self) -> int:
        """How many things go wrong in it."""
        return (self.fate != "arrives") + (not self.heard)


def choices(device: Device) -> Iterator[Choice]:
    """List what can happen to a charger now."""
    is_open = any(write.late_steps is None for write in device.coming)
    fates = ("arrives", "answer lost", "lost", "late", "waits") if is_open else ("arrives",)
    is_late = any(write.late_steps is not None for write in device.coming)
    for fate, late, heard in product(fates, (False, True) if is_late else (False,), (True, False)):
        yield Choice(fate=fate, late_arrives=late, heard=heard)


def lived(device: Device, choice: Choice) -> tuple[Device, list[Answer]]:
    """Let a step pass for a charger."""
    answers: list[Answer] = []
    kept: list[OnTheWay] = []
    fading = tuple((limit_a, steps - 1) for limit_a, steps in device.fading if steps > 1)
    device = replace(device, fading=fading)
    for write in device.coming:
        if write.late_steps is not None:
            if choice.late_arrives:
                device = device.holding(write.limit_a)
            elif write.late_steps > 1:
                kept.append(replace(write, late_steps=write.late_steps - 1))
            continue
        if choice.fate == "waits":
            kept.append(write)  # Its device has not answered the one before it yet.
            continue
        if choice.fate in ("arrives", "answer lost"):
            device = device.holding(write.limit_a)
        if choice.fate == "late":
            kept.append(replace(write, late_steps=DELIVERY_STEPS))
        outcome = Outcome.DELIVERED if choice.fate == "arrives" else Outcome.UNKNOWN
        answers.append(Answer(write=write.number, outcome=outcome, at_mono_s=NOW_S - 0.5))
    return replace(device, coming=tuple(kept)), answers


def step(
    world: World, both: tuple[Choice, Choice], *, meter: bool, restart: bool, toggle: int | None
) -> World:
    """Let the environment do its part, then let the real controller decide."""
    pairs = [lived(device, choice) for device, choice in zip(world.devices, both, strict=True)]
    devices = [pair[0] for pair in pairs]
    if toggle is not None:
        devices[toggle] = replace(devices[toggle], plugged=not devices[toggle].plugged)
    fresh = world.restarted or restart
    snapshot = _snapshot(
        devices,
        both,
        () if fresh else tuple(answer for pair in pairs for answer in pair[1]),
        Memory(next_write=world.memory.next_write) if fresh else world.memory,
        world.recorded,
        meter=meter,
    )
    decision = decide(snapshot, POLICIES)
    for write in decision.writes:
        index = NAMES.index(write.charger)
        device = devices[index]
        # A newer word replaces one whose fate is open: the shell sends one after the other.
        devices[index] = replace(device, coming=(*device.coming, OnTheWay(write.number, write.limit_a)))
    pages = [decision.memory.chargers[name].promise for name in NAMES]
    return World(
        devices=(devices[0], devices[1]),
        memory=decision.memory,
        recorded=(promised_a(pages[0]), promised_a(pages[1])),
        restarted=False,
        faults=world.faults + sum(c.faults for c in both) + (not meter) + restart,
    )


def _snapshot(
    devices: list[Device],
    both: tuple[Choice, Choice],
    answers: tuple[Answer, ...],
    memory: Memory,
    recorded: tuple[float, float],
    *,
    meter: bool,
) -> Snapshot:
    states = {
        name: ChargerState(
            id=name,
            at_mono_s=NOW_S,
            plug=Plug.C if device.plugged else Plug.A,
            limit_a=device.limit_a,
        )
        for name, device, choice in zip(NAMES, devices, both, strict=True)
        if choice.heard
    }
    reading = MeterReading(id=GRID, at_mono_s=NOW_S, currents_a=(0.0, 0.0, 0.0))
    return Snapshot(
        at=datetime(2026, 6, 1, tzinfo=UTC),
        mono_s=NOW_S,
        site=SITE,
        timing=TIMING,
        places=(MeterPlace(id=GRID, role=MeterRole.CIRCUIT, circuit=MAIN),),
        meters={GRID: reading} if meter else {},
        chargers=states,
        answers=answers,
        recorded_a=dict(zip(NAMES, recorded, strict=True)),
        memory=memory,
    )


def normal(world: World) -> World:
    """Move a world so that the next step happens at the one instant, with numbers and ages made small."""
    numbers = sorted(
        {write.number for device in world.devices for write in device.coming}
        | {f.write for memory in world.memory.chargers.values() for f in memory.promise.in_flight if f.write}
    )
    renumbered = {number: index + 1 for index, number in enumerate(numbers)} | {0: 0}
    devices = tuple(
        replace(
            device, coming=tuple(replace(write, number=renumbered[write.number]) for write in device.coming)
        )
        for device in world.devices
    )
    memory = Memory(
        chargers={name: _aged(m, renumbered) for name, m in world.memory.chargers.items()},
        circuits={c: _aged_circuit(m) for c, m in world.memory.circuits.items()},
        next_write=len(numbers) + 1,
    )
    return replace(world, devices=(devices[0], devices[1]), memory=memory)


def _earlier(at_s: float) -> float:
    return max(at_s - STEP_S, NOW_S - _OLDEST_S)


def _maybe(at_s: float | None) -> float | None:
    return None if at_s is None else _earlier(at_s)


def _aged(memory: ChargerMemory, renumbered: dict[int, int]) -> ChargerMemory:
    return replace(
        memory,
        promise=_aged_page(memory.promise, renumbered),
        changed_mono_s=_maybe(memory.changed_mono_s),
        retry_mono_s=max(_earlier(memory.retry_mono_s), NOW_S),
        failures=min(memory.failures, 5),
        waiting_mono_s=_maybe(memory.waiting_mono_s),
        on_mono_s=_maybe(memory.on_mono_s),
        roomless_mono_s=_maybe(memory.roomless_mono_s),
        session_mono_s=_maybe(memory.session_mono_s),
    )


def _aged_page(page: Promise, renumbered: dict[int, int]) -> Promise:
    flights = tuple(
        replace(
            f,
            write=renumbered[f.write],
            sent_mono_s=_earlier(f.sent_mono_s),
            answered_mono_s=_maybe(f.answered_mono_s),
        )
        for f in page.in_flight
    )
    cut_s = 0.0 if page.cut_a is None else _earlier(page.cut_mono_s)
    # Of the writes that a reading has shown only those matter that older ones are still under way of.
    shown = max((renumbered[f.write] for f in page.in_flight if f.write <= page.shown), default=0)
    return replace(
        page,
        in_flight=flights,
        shown=shown,
        cut_mono_s=cut_s,
        heard_mono_s=_maybe(page.heard_mono_s),
    )


def _aged_circuit(memory: CircuitMemory) -> CircuitMemory:
    seen = tuple((_earlier(at_s), best, gate) for at_s, best, gate in memory.seen[-1:])
    return replace(memory, seen=seen, waiting_mono_s=_maybe(memory.waiting_mono_s))

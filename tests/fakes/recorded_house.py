"""A house with one meter, panels and two chargers, and a tick of it as the journal gets to see it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from controller.domain.readings import ChargerState, Draw, MeterReading, MeterRole, Plug, PriceSlot
from controller.domain.reasons import Code, Reason
from controller.domain.site import ChargerSpec, Circuit, Limiter, Site
from controller.domain.snapshot import (
    ChargerMemory,
    CircuitMemory,
    InFlight,
    Memory,
    MeterPlace,
    Promise,
    Snapshot,
)
from controller.domain.units import ChargerId, CircuitId, MeterId, Phases
from controller.domain.writes import ChargerVerdict, CircuitVerdict, Decision, Kind, Write
from controller.ports import RecordedLimiter, RecordedPromise

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOON_S = 1000.0
MAIN = CircuitId("main")
GRID, SUN = MeterId("grid"), MeterId("sun")
GARAGE, YARD = ChargerId("garage"), ChargerId("yard")

SITE = Site(
    circuits=(Circuit(id=MAIN, limit_a=(25.0, 25.0, 25.0), meter=GRID),),
    chargers=(ChargerSpec(id=GARAGE, circuit=MAIN), ChargerSpec(id=YARD, circuit=MAIN, phases=(2,))),
)
PLACES = (
    MeterPlace(id=GRID, role=MeterRole.CIRCUIT, circuit=MAIN),
    MeterPlace(id=SUN, role=MeterRole.SOLAR, circuit=MAIN),
)
PRICES = (
    PriceSlot(starts=NOON, ends=NOON + timedelta(hours=1), import_per_kwh=0.30),
    PriceSlot(starts=NOON + timedelta(hours=1), ends=NOON + timedelta(hours=2), import_per_kwh=0.10),
)


def meter(after_s: float, power_w: float | None, name: MeterId = GRID) -> MeterReading:
    """Tell a reading, so long after noon."""
    current_a = None if power_w is None else power_w / 690.0
    return MeterReading(
        id=name, at_mono_s=NOON_S + after_s, power_w=power_w, currents_a=(current_a, current_a, current_a)
    )


def charger(
    after_s: float,
    name: ChargerId = GARAGE,
    *,
    plug: Plug = Plug.C,
    power_w: float | None = None,
    session_wh: float | None = None,
    session_id: str | None = None,
) -> ChargerState:
    """Tell a charger's state, so long after noon."""
    at_mono_s = NOON_S + after_s
    current_a = (power_w or 0.0) / 690.0
    draws = () if power_w is None else (Draw(at_mono_s=at_mono_s, currents_a=(current_a,) * 3),)
    return ChargerState(
        id=name,
        at_mono_s=at_mono_s,
        plug=plug,
        limit_a=10.0,
        power_w=power_w,
        session_wh=session_wh,
        session_id=session_id,
        draws=draws,
    )


def snapshot(
    after_s: float, *states: ChargerState, grid_w: float | None = 0.0, sun_w: float = 0.0
) -> Snapshot:
    """Look at the house, so long after noon."""
    return Snapshot(
        at=NOON + timedelta(seconds=after_s),
        mono_s=NOON_S + after_s,
        site=SITE,
        places=PLACES,
        meters={GRID: meter(after_s, grid_w), SUN: meter(after_s, sun_w, SUN)},
        chargers={state.id: state for state in states},
        prices=PRICES,
        memory=Memory(chargers={GARAGE: ChargerMemory(promise=Promise(settled_a=10.0))}),
    )


def verdict(share_a: float = 10.0, promise_a: float = 10.0, value: float = 0.0) -> ChargerVerdict:
    """Tell what a tick says of a charger; `value` ripples in its reason."""
    reason = Reason(code=Code.CIRCUIT, by=MAIN, current_a=share_a, phase=2, value=value)
    return ChargerVerdict(
        share_a=share_a,
        limit_a=10.0,
        promise_a=promise_a,
        mode="fast",
        plug=Plug.C,
        silent=False,
        reasons=(reason,),
    )


def decision(
    after_s: float, garage: ChargerVerdict | None = None, writes: tuple[Write, ...] = ()
) -> Decision:
    """Tell what a tick decided, so long after noon; the ledger's page says what the verdict does."""
    said = garage or verdict()
    flights = tuple(InFlight(write=w.number, limit_a=w.limit_a, sent_mono_s=NOON_S + after_s) for w in writes)
    page = Promise(settled_a=said.promise_a, in_flight=flights)
    circuit = CircuitVerdict(
        measured_a=(1.0, None, 3.5),
        background_a=(1.0, 2.0, 3.5),
        promised_a=(10.0, 26.0, 10.0),
        headroom_a=(14.0, 0.0, 11.5),
        blind=False,
    )
    return Decision(
        at=NOON + timedelta(seconds=after_s),
        mono_s=NOON_S + after_s,
        chargers={GARAGE: said},
        circuits={MAIN: circuit},
        writes=writes,
        limiter_writes=(),
        memory=Memory(chargers={GARAGE: ChargerMemory(promise=page)}, next_write=8),
    )


def write(number: int = 7, limit_a: float = 16.0, promise_a: float = 16.0) -> Write:
    """Tell a raise for the garage."""
    return Write(number=number, charger=GARAGE, limit_a=limit_a, kind=Kind.RAISE, promise_a=promise_a)


def promise(promise_a: float = 16.0, name: ChargerId = GARAGE) -> RecordedPromise:
    """Tell a promise as it has to be on record."""
    return RecordedPromise(charger=name, circuit=MAIN, phases=(1, 2, 3), promise_a=promise_a, at=NOON)


def limiter_promise(promise_a: Phases = (16.0, 10.0, 6.0)) -> RecordedLimiter:
    """Tell what the main circuit's limiter promises, as it has to be on record."""
    return RecordedLimiter(circuit=MAIN, promise_a=promise_a, at=NOON)


def leased(decided: Decision, lapses_mono_s: float) -> Decision:
    """Let a tick say until when the garage's limit holds."""
    memory = decided.memory.chargers[GARAGE]
    page = replace(memory.promise, lapses_mono_s=lapses_mono_s)
    chargers = {GARAGE: replace(memory, promise=page)}
    return replace(decided, memory=replace(decided.memory, chargers=chargers))


def limited(decided: Decision, promise_a: Phases) -> Decision:
    """Let a tick say what the main circuit's limiter promises."""
    one, two, three = (Promise(settled_a=current_a) for current_a in promise_a)
    circuits = {MAIN: CircuitMemory(background_a=(0.0, 0.0, 0.0), limiter=(one, two, three))}
    return replace(decided, memory=replace(decided.memory, circuits=circuits))


LIMITED = replace(SITE, circuits=(replace(SITE.circuits[0], limiter=Limiter()),))
"""The same house with a device that limits the main circuit."""


def on(site: Site, tick: Snapshot) -> Snapshot:
    """Move a tick to another site."""
    return replace(tick, site=site)

"""Snapshots: sites that settings allow, with readings that nobody would expect."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from controller.domain.readings import (
    Answer,
    ChargerState,
    Draw,
    MeterReading,
    MeterRole,
    Outcome,
    PersonRequest,
    Plug,
    SiteCap,
)
from controller.domain.site import Abilities, ChargerSpec, Circuit, Ghost, Limiter, OnReset, Site
from controller.domain.snapshot import Memory, MeterPlace, Snapshot
from controller.domain.units import ChargerId, CircuitId, Grid, MeterId, Phases

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOW_S = 1000.0
TN_PHASES = ((1,), (2,), (3,), (1, 2, 3), (3, 1, 2), (2, 3))
IT_PHASES = ((1, 2), (2, 3), (3, 1), (1, 2, 3))

amps = st.one_of(st.integers(0, 40).map(float), st.floats(0, 40, width=32))
odd = st.one_of(
    amps, amps, st.floats(-200, 200), st.sampled_from([float("nan"), float("inf"), -float("inf")])
)
"""What a broken device may tell."""
instants = st.one_of(st.just(NOW_S), st.just(NOW_S), st.floats(NOW_S - 40, NOW_S + 5))


def even(current_a: float) -> Phases:
    """Put the same current on every phase."""
    return current_a, current_a, current_a


@st.composite
def abilities(draw: st.DrawFn) -> Abilities:
    """Draw what a charger can do."""
    lease_s = draw(st.sampled_from([None, None, 60.0]))
    return Abilities(
        can_pause=draw(st.sampled_from([True, True, True, False])),
        fallback_a=draw(st.sampled_from([None, None, 0.0, 10.0])),
        fallback_after_s=draw(st.sampled_from([0.0, 30.0])),
        reset_a=draw(st.sampled_from([None, 16.0])),
        lease_s=lease_s,
        lapses_to_a=None if lease_s is None else draw(st.sampled_from([0.0, 6.0, 16.0])),
    )


@st.composite
def chargers(draw: st.DrawFn, name: str, circuits: list[CircuitId], grid: Grid) -> ChargerSpec:
    """Draw a charger."""
    least_a = draw(st.sampled_from([6.0, 6.0, 6.5, 8.0]))
    return ChargerSpec(
        id=ChargerId(name),
        circuit=draw(st.sampled_from(circuits)),
        phases=draw(st.sampled_from(TN_PHASES if grid is Grid.TN else IT_PHASES)),
        min_a=least_a,
        max_a=draw(st.sampled_from([10.0, 16.0, 20.5, 32.0])),
        step_a=draw(st.sampled_from([1.0, 1.0, 0.1, 2.0, 0.0])),
        safe_a=draw(st.sampled_from([0.0, 0.0, 8.0])),
        priority=draw(st.integers(0, 1)),
        mode=draw(st.sampled_from(["fast", "fast", "solar", "min_solar", "off", "unknown"])),
        abilities=draw(abilities()),
    )


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """Draw a tree of up to three circuits and up to four chargers."""
    grid = draw(st.sampled_from([Grid.TN, Grid.TN, Grid.IT]))
    circuits: list[Circuit] = []
    for number in range(draw(st.integers(1, 3))):
        is_metered = number == 0 or draw(st.booleans())
        parent = None if number == 0 else draw(st.sampled_from(circuits)).id
        declared = not is_metered or draw(st.booleans())
        circuits.append(
            Circuit(
                id=CircuitId(f"c{number}"),
                parent=parent,
                limit_a=even(draw(st.integers(10, 63).map(float))),
                limit_w=draw(st.sampled_from([None, None, 11_000.0])),
                imbalance_a=draw(st.sampled_from([None, None, 16.0])),
                meter=MeterId(f"m{number}") if is_metered else None,
                background_a=even(draw(st.integers(0, 9).map(float))) if declared else None,
                worst_background_a=draw(st.sampled_from([None, even(5.0)])),
                on_reset=draw(st.sampled_from(list(OnReset))),
                limiter=draw(st.sampled_from([None, None, Limiter(), _LEASED])),
                generation_makes_room=draw(st.sampled_from([False, False, True])),
            )
        )
    ids = [circuit.id for circuit in circuits]
    names = draw(st.integers(0, 4))
    return Site(
        grid=grid,
        circuits=tuple(circuits),
        chargers=tuple(draw(chargers(f"x{number}", ids, grid)) for number in range(names)),
        ghosts=tuple(
            Ghost(id=ChargerId("gone"), circuit=ids[-1], phases=(1, 2, 3), promise_a=8.0)
            for _ in range(draw(st.integers(0, 1)))
        ),
    )


_LEASED = Limiter(lease_s=60.0, lapses_to_a=even(6.0))


@st.composite
def states(draw: st.DrawFn, name: ChargerId, now_s: float, numbers: Any) -> ChargerState:  # noqa: ANN401 - a strategy
    """Draw what a charger says of itself."""
    seen = draw(st.integers(0, 3))
    late_s = draw(st.sampled_from([0.0, 0.0, 0.0, 8.0, 20.0, -3.0]))
    return ChargerState(
        id=name,
        at_mono_s=now_s - late_s,
        plug=draw(st.sampled_from([Plug.C, Plug.C, Plug.B, Plug.A, Plug.F, Plug.UNKNOWN])),
        limit_a=draw(st.one_of(st.none(), numbers, numbers)),
        draws=tuple(
            Draw(
                at_mono_s=now_s - late_s - 2.0 * (seen - index - 1),
                currents_a=draw(st.tuples(*[numbers] * 3)),
            )
            for index in range(seen)
        ),
        ceiling_a=draw(st.sampled_from([None, None, 13.0])),
        held=draw(st.sampled_from(["", "", "", "paused by a person", "schedule", "locked"])),
        session_id=draw(st.sampled_from([None, "s1", "s2"])),
        power_w=draw(st.sampled_from([None, 3000.0])),
    )


@st.composite
def snapshots(
    draw: st.DrawFn, site: Site, memory: Memory, now_s: float = NOW_S, *, sane: bool = False
) -> Snapshot:
    """Draw everything that a tick may look at; `sane` tells numbers only."""
    numbers = amps if sane else odd
    names = [charger.id for charger in site.chargers]
    heard = [name for name in names if draw(st.sampled_from([True, True, True, False]))]
    if not sane:
        heard.append(ChargerId("stranger"))
    flights = [f.write for m in memory.chargers.values() for f in m.promise.in_flight] + [4711]
    metered = [circuit for circuit in site.circuits if circuit.meter is not None]
    places = [
        MeterPlace(id=circuit.meter, role=MeterRole.CIRCUIT, circuit=circuit.id)
        for circuit in metered
        if circuit.meter is not None
    ]
    places += [
        MeterPlace(id=MeterId(role.value), role=role, circuit=site.circuits[0].id)
        for role in draw(st.sampled_from([(), (MeterRole.SOLAR,), (MeterRole.SOLAR, MeterRole.BATTERY)]))
    ]
    return Snapshot(
        at=NOON + timedelta(seconds=now_s),
        mono_s=now_s,
        site=site,
        places=tuple(places),
        meters={
            place.id: MeterReading(
                id=place.id,
                at_mono_s=now_s - draw(st.sampled_from([0.0, 0.0, 0.0, 3.0, 7.0, -4.0])),
                currents_a=draw(st.tuples(*[st.one_of(st.none(), numbers, numbers, numbers)] * 3)),
                power_w=draw(st.one_of(st.none(), numbers.map(lambda amps: amps * 690.0))),
                soc_pct=draw(st.sampled_from([None, 50.0])),
            )
            for place in places
            if draw(st.sampled_from([True, True, True, False]))
        },
        chargers={name: draw(states(name, now_s, numbers)) for name in heard},
        limiters={
            circuit.id: (now_s, draw(st.tuples(*[numbers] * 3)))
            for circuit in site.circuits
            if circuit.limiter is not None and draw(st.booleans())
        },
        requests={
            name: PersonRequest(
                mode=draw(st.sampled_from([None, "fast", "nonsense"])),
                limit_a=draw(st.one_of(st.none(), amps)),
            )
            for name in names
            if draw(st.sampled_from([True, False, False]))
        },
        cap=draw(st.sampled_from([None, None, SiteCap(limit_w=4200.0, until=NOON + timedelta(days=1))])),
        answers=tuple(
            Answer(write=number, outcome=draw(st.sampled_from(list(Outcome))), at_mono_s=now_s - 0.5)
            for number in flights
            if draw(st.booleans())
        ),
        recorded_a={name: 10.0 for name in names if draw(st.booleans())},
        out_of_service=frozenset(names[:1]) if draw(st.sampled_from([True, False, False])) else frozenset(),
        recording=draw(st.sampled_from([True, True, False])),
        memory=memory,
    )

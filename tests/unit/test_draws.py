from datetime import UTC, datetime

import pytest

from controller.domain.draws import Below, least_a, nearest_a
from controller.domain.readings import ChargerState, Draw
from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.snapshot import Snapshot, Timing
from controller.domain.units import ChargerId, CircuitId

MAIN, GARAGE = CircuitId("main"), CircuitId("garage")
ONE, TWO = ChargerId("one"), ChargerId("two")
SITE = Site(
    circuits=(
        Circuit(id=MAIN, limit_a=(63.0,) * 3),
        Circuit(id=GARAGE, parent=MAIN, limit_a=(32.0,) * 3),
    ),
    chargers=(
        ChargerSpec(id=ONE, circuit=GARAGE, phases=(1, 2, 3)),
        ChargerSpec(id=TWO, circuit=MAIN, phases=(2,)),
    ),
)


def draws(*told: tuple[float, float]) -> tuple[Draw, ...]:
    """Make draws on L1 from (instant, current)."""
    return tuple(Draw(at_mono_s=at_s, currents_a=(current_a, 0.0, 0.0)) for at_s, current_a in told)


def below(chargers: dict[ChargerId, tuple[Draw, ...]]) -> Below:
    """Look at chargers of which each promised 16 A."""
    snapshot = Snapshot(
        at=datetime(2026, 6, 1, tzinfo=UTC),
        mono_s=100.0,
        site=SITE,
        timing=Timing(window_s=10.0),
        chargers={
            charger: ChargerState(id=charger, at_mono_s=100.0, draws=told)
            for charger, told in chargers.items()
        },
    )
    return Below(snapshot, {ONE: 16.0, TWO: 16.0})


@pytest.mark.parametrize(
    ("at_s", "current_a"), [(0.0, 6.0), (11.4, 6.0), (11.5, 8.0), (13.0, 8.0), (13.9, 9.0), (99.0, 9.0)]
)
def test_the_draw_nearest_to_an_instant_counts_the_later_of_two(at_s: float, current_a: float) -> None:
    assert nearest_a(draws((10.0, 6.0), (13.0, 8.0), (14.0, 9.0)), at_s)[0] == current_a


@pytest.mark.parametrize(
    ("since_s", "current_a"), [(0.0, 6.0), (12.0, 6.0), (13.0, 6.0), (13.5, 8.0), (14.5, 9.0)]
)
def test_the_smallest_draw_includes_the_one_in_force_when_the_window_began(
    since_s: float, current_a: float
) -> None:
    assert least_a(draws((10.0, 6.0), (13.0, 8.0), (14.0, 9.0)), since_s)[0] == current_a


def test_a_circuit_sums_what_is_in_and_below_it() -> None:
    looked = below(
        {ONE: draws((89.0, 8.0), (99.0, 6.0), (100.0, 10.0)), TWO: draws((89.0, 4.0), (100.0, 3.0))}
    )

    assert looked.drawn_a(MAIN, 100.0) == ((13.0, 0.0, 0.0), (9.0, 0.0, 0.0))
    assert looked.drawn_a(GARAGE, 100.0) == ((10.0, 0.0, 0.0), (6.0, 0.0, 0.0))


def test_a_draw_that_nobody_sees_counts_as_promised_for_cuts_and_as_nothing_for_raises() -> None:
    looked = below({ONE: draws((89.0, 10.0))})

    assert looked.drawn_a(MAIN, 100.0) == ((16.0, 32.0, 16.0), (0.0, 0.0, 0.0))


def test_draws_that_do_not_reach_back_to_the_meters_look_make_no_room() -> None:
    looked = below({ONE: draws((99.0, 6.0), (100.0, 10.0)), TWO: draws((90.0, 3.0))})

    assert looked.drawn_a(MAIN, 100.0) == ((13.0, 0.0, 0.0), (3.0, 0.0, 0.0))


def test_the_flow_is_unknown_where_one_draw_is() -> None:
    looked = below({ONE: draws((100.0, 10.0)), TWO: ()})

    assert looked.latest_a(GARAGE) == (10.0, 0.0, 0.0)
    assert looked.latest_a(MAIN) is None


def test_a_circuit_without_chargers_draws_nothing() -> None:
    site = Site(circuits=SITE.circuits)
    snapshot = Snapshot(at=datetime(2026, 6, 1, tzinfo=UTC), mono_s=100.0, site=site)

    assert Below(snapshot, {}).drawn_a(MAIN, 100.0) == ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    assert Below(snapshot, {}).latest_a(MAIN) == (0.0, 0.0, 0.0)

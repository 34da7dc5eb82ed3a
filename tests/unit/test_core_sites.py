"""Sites of every shape: one phase, IT, sub-circuits, power limits, meters of power alone, imbalance."""

from dataclasses import replace
from typing import Any

from controller.domain.readings import MeterRole
from controller.domain.reasons import Code
from controller.domain.site import Circuit, Ghost, Site
from controller.domain.snapshot import MeterPlace
from controller.domain.units import CircuitId, Grid, MeterId
from controller.domain.writes import Kind
from tests.fakes.ticks import GRID, MAIN, A, B, C, Ticks, even, house, running, spec

GARAGE, SUB, SUN = CircuitId("garage"), MeterId("sub"), MeterId("sun")


def test_a_single_phase_site_needs_only_its_phase() -> None:
    site = replace(house(spec(phases=(1,)), limit_a=(25.0, 0.0, 0.0)), phases=(1,))
    ticks = Ticks(site=site)

    ticks.hear().meter((12.0, None, None)).tick()

    assert ticks.told() == (13.0, Kind.RAISE)


def test_a_single_phase_site_is_cut_on_its_phase() -> None:
    site = replace(house(spec(phases=(1,)), limit_a=(25.0, 0.0, 0.0)), phases=(1,))
    ticks = Ticks(site=site)

    ticks.hear(A, 16.0, (16.0, 0.0, 0.0)).meter((30.0, None, None)).tick()

    assert ticks.told() == (10.0, Kind.URGENT)


def test_on_it_a_single_phase_charger_loads_two_lines() -> None:
    site = replace(house(spec(phases=(1, 2)), spec(B, phases=(2, 3))), grid=Grid.IT)
    ticks = Ticks(site=site)

    decision = ticks.hear(A).hear(B).meter(even(0.0)).tick()

    assert decision.chargers[A].share_a + decision.chargers[B].share_a == 25.0


def test_on_it_an_overloaded_line_is_relieved_by_the_charger_between_two() -> None:
    site = replace(house(spec(phases=(1, 2))), grid=Grid.IT)
    ticks = Ticks(site=site)

    ticks.hear(A, 16.0, (16.0, 16.0, 0.0)).meter((20.0, 30.0, 0.0)).tick()

    assert ticks.told() == (10.0, Kind.URGENT)


def with_garage(limit_a: float = 16.0) -> Ticks:
    """Put charger b into a metered garage."""
    garage = Circuit(id=GARAGE, parent=MAIN, limit_a=even(limit_a), meter=SUB)
    site = house(spec(A), spec(B, circuit=GARAGE), limit_a=even(40.0))
    place = MeterPlace(id=SUB, role=MeterRole.CIRCUIT, circuit=GARAGE)
    ticks = Ticks(site=replace(site, circuits=(*site.circuits, garage)))
    ticks.places = (*ticks.places, place)
    return ticks.hear(A).hear(B)


def test_a_sub_circuits_own_meter_binds_what_is_below_it() -> None:
    ticks = with_garage()

    ticks.meter(even(8.0)).meter(even(8.0), SUB).tick()

    assert (ticks.told(A), ticks.told(B)) == ((16.0, Kind.RAISE), (8.0, Kind.RAISE))


def test_a_sub_circuits_silent_meter_holds_back_only_what_is_below_it() -> None:
    ticks = with_garage()

    ticks.meter(even(8.0)).tick()

    assert (ticks.told(A), ticks.told(B)) == ((16.0, Kind.RAISE), None)


def test_an_overload_in_a_sub_circuit_is_relieved_by_what_is_below_it() -> None:
    ticks = with_garage()
    ticks.hear(A, 16.0, 16.0).hear(B, 10.0, 10.0)

    ticks.meter(even(36.0)).meter(even(20.0), SUB).tick()

    assert ticks.told(A) is None
    assert ticks.told(B) == (6.0, Kind.URGENT)


def test_a_circuit_without_a_meter_uses_its_declared_background() -> None:
    ticks = Ticks(site=house(spec(), meter=None, background_a=even(15.0)), places=())

    ticks.hear().tick()

    assert ticks.told() == (10.0, Kind.RAISE)


def test_the_flow_of_a_circuit_without_a_meter_is_what_its_chargers_draw_on_top() -> None:
    ticks = Ticks(site=house(spec(), meter=None, background_a=even(15.0)), places=())

    ticks.hear(A, 10.0, 10.9).tick()

    assert ticks.told() == (9.0, Kind.URGENT)


def test_a_power_limit_binds_beside_the_currents() -> None:
    ticks = Ticks(site=house(spec(), limit_w=11_040.0))

    ticks.hear().meter(even(6.0)).tick()

    assert ticks.told() == (10.0, Kind.RAISE)


def test_power_above_its_limit_is_cut_at_once() -> None:
    ticks = running(spec(), site=house(spec(), limit_w=13_800.0), base_a=even(4.0))
    assert ticks.verdict().limit_a == 16.0

    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0).meter(even(22.0)).tick()

    told = ticks.told()
    assert told is not None
    assert told[1] is Kind.URGENT
    reason = ticks.reason(Code.URGENT)
    assert reason is not None
    assert (reason.by, reason.phase, reason.value) == ("main", None, 1380.0)


def totals(limit_w: float = 11_040.0, **changes: Any) -> Site:  # noqa: ANN401 - any field
    """Build a house whose meter tells nothing but the total power."""
    return house(spec(), limit_w=limit_w, background_a=even(0.0), **changes)


def telling(ticks: Ticks, power_w: float, limit_a: float = 0.0, draw_a: float = 0.0) -> Ticks:
    ticks.now_s += 1.0
    ticks.hear(A, limit_a, draw_a).meter((None, None, None), power_w=power_w).tick()
    return ticks


def test_a_meter_that_tells_power_alone_serves_a_power_limit() -> None:
    assert telling(Ticks(site=totals()), 4140.0).told() == (10.0, Kind.RAISE)


def test_a_raise_under_a_power_limit_is_judged_by_the_largest_power_of_the_window() -> None:
    ticks = telling(Ticks(site=totals()), 11_000.0)
    for _ in range(5):
        telling(ticks, 2000.0)

    assert ticks.told() is None


def test_a_passing_power_moves_no_share() -> None:
    ticks = Ticks(site=totals())
    for _ in range(20):
        telling(ticks, 4140.0 + 6900.0, 10.0, 10.0)
    assert ticks.verdict().share_a == 10.0

    telling(ticks, 4140.0 + 6900.0 - 1000.0, 10.0, 10.0)

    assert ticks.verdict().share_a == 10.0


def test_metered_sun_makes_no_room_under_a_power_limit() -> None:
    ticks = Ticks(site=totals())
    ticks.places = (*ticks.places, MeterPlace(id=SUN, role=MeterRole.SOLAR, circuit=MAIN))
    ticks.now_s += 1.0
    ticks.meter((None, None, None), SUN, power_w=9000.0)
    ticks.hear().meter((None, None, None), power_w=-1000.0).tick()

    assert ticks.told() is None


def test_export_makes_no_room_under_a_power_limit() -> None:
    ticks = Ticks(site=totals(limit_w=6900.0))

    assert telling(ticks, -5000.0).told() == (10.0, Kind.RAISE)


def test_a_silent_total_meter_leaves_only_what_is_declared_safe() -> None:
    ticks = Ticks(site=totals())
    telling(ticks, 4140.0)

    ticks.hear(A, 10.0, 10.0)
    ticks.tick(6.0)

    assert ticks.told() == (0.0, Kind.CUT)


def test_a_total_meter_that_tells_no_power_is_silent() -> None:
    ticks = Ticks(site=totals())

    ticks.hear().meter((None, None, None))

    assert ticks.tick().circuits[MAIN].blind


def test_single_phase_cars_keep_to_the_imbalance_limit() -> None:
    ticks = Ticks(site=house(spec(A, phases=(1,)), spec(B, phases=(2,), max_a=8.0), imbalance_a=5.0))

    decision = ticks.hear(A).hear(B).meter(even(0.0)).tick()

    assert decision.chargers[A].share_a == 5.0 or decision.chargers[A].share_a == 0.0
    assert decision.chargers[B].share_a <= 5.0


def test_two_meters_can_tell_the_phases_of_one_circuit() -> None:
    ticks = Ticks()
    ticks.places = (
        MeterPlace(id=GRID, role=MeterRole.CIRCUIT, circuit=MAIN, phases=(1, 2)),
        MeterPlace(id=SUB, role=MeterRole.CIRCUIT, circuit=MAIN, phases=(3,)),
    )

    ticks.hear().meter((10.0, 11.0, None)).meter((12.0, None, None), SUB)

    assert ticks.tick().circuits[MAIN].measured_a == (10.0, 11.0, 12.0)


def test_what_left_the_configuration_counts_in_the_power_limit_too() -> None:
    ghost = Ghost(id=C, circuit=MAIN, phases=(1, 2, 3), promise_a=16.0)
    site = replace(house(spec(), spec(B), limit_a=even(63.0), limit_w=22_080.0), ghosts=(ghost,))
    ticks = Ticks(site=site).hear(A, 16.0, 16.0).hear(B).meter(even(16.0))
    ticks.tick()

    ticks.live(60, deaf=(A,))

    promised_a = ticks.verdict(A).promise_a + ticks.verdict(B).promise_a + 16.0
    assert promised_a * 690.0 <= 22_080.0


def test_promises_above_a_power_limit_are_cut_though_it_is_little() -> None:
    site = house(spec(step_a=0.1, max_a=32.0), limit_a=even(63.0), limit_w=20.2 * 690.0)
    ticks = Ticks(site=site).hear(A, 20.9, 8.0).meter(even(8.0))

    ticks.tick()
    ticks.live(30, follows=False)

    assert ticks.verdict().promise_a * 690.0 <= 20.2 * 690.0 + 1e-3

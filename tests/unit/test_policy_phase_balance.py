from dataclasses import replace

from controller.domain.reasons import Code
from controller.domain.site import Circuit, Limiter, Site
from controller.domain.units import CircuitId, Phases
from controller.domain.wishes import Member
from tests.fakes.policy_views import MAIN, A, B, house, judge, member, spec, view

GARAGE = CircuitId("garage")


def balance(**settings: float) -> Member:
    return member("phase_balance", settings=settings)


def limited() -> Site:
    """Build a garage with a limiter below the main circuit."""
    main = Circuit(id=MAIN, limit_a=(25.0, 25.0, 25.0))
    garage = Circuit(id=GARAGE, parent=MAIN, limit_a=(20.0, 20.0, 20.0), limiter=Limiter())
    return Site(circuits=(main, garage), chargers=(replace(spec(safe_a=6.0), circuit=GARAGE),))


def limits(
    load_a: Phases | None, memory: dict[str, tuple[float, ...]] | None = None, mono_s: float = 1000.0
) -> tuple[Phases, dict[str, tuple[float, ...]]]:
    background_a = {MAIN: load_a, GARAGE: (0.0, 0.0, 0.0)}
    seen = view(limited(), mono_s=mono_s, background_a=background_a)
    opinion = judge("phase_balance", seen, [balance()], memory)
    return opinion.limiters[0].limit_a, dict(opinion.memory)


def test_without_a_spread_nothing_is_evened_out() -> None:
    seen = view(background_a={MAIN: (10.0, 0.0, 0.0)})

    assert judge("phase_balance", seen, [balance()]).budgets == ()


def test_a_phase_may_rise_above_the_least_loaded_by_the_spread_at_most() -> None:
    seen = view(background_a={MAIN: (10.0, 2.0, -3.0)})

    (budget,) = judge("phase_balance", seen, [balance(spread_a=16.0)]).budgets

    assert budget.limit_a == (3.0, 11.0, 16.0)
    assert budget.reason.code is Code.PHASE_BALANCE


def test_cars_on_three_phases_are_left_alone() -> None:
    site = house(spec("a", (1, 2, 3)), spec("b"))
    seen = view(site, background_a={MAIN: (10.0, 2.0, -3.0)})
    asked = [member("phase_balance", name, {"spread_a": 16.0}) for name in ("a", "b")]

    (budget,) = judge("phase_balance", seen, asked).budgets

    assert budget.chargers == (B,)


def test_a_car_that_uses_one_phase_of_a_three_phase_charger_is_not() -> None:
    seen = view(house(spec("a", (1, 2, 3))), phases={A: (2,)}, background_a={MAIN: (10.0, 2.0, -3.0)})

    (budget,) = judge("phase_balance", seen, [balance(spread_a=16.0)]).budgets

    assert budget.chargers == (A,)


def test_an_unknown_background_states_no_budget() -> None:
    assert judge("phase_balance", view(), [balance(spread_a=16.0)]).budgets == ()


def test_a_limiter_is_given_what_every_circuit_above_it_leaves() -> None:
    limit_a, _ = limits((2.0, 12.4, 30.0))

    assert limit_a == (20.0, 12.0, 0.0)


def test_a_limiter_is_lowered_at_once() -> None:
    _, memory = limits((2.0, 2.0, 2.0))

    limit_a, _ = limits((10.0, 2.0, 2.0), memory, 1001.0)

    assert limit_a == (15.0, 20.0, 20.0)


def test_a_limiter_is_raised_once_the_room_has_lasted() -> None:
    _, memory = limits((15.0, 15.0, 15.0))
    early, memory = limits((5.0, 5.0, 5.0), memory, 1001.0)
    later, memory = limits((5.0, 5.0, 5.0), memory, 1015.0)
    lasted, _ = limits((5.0, 5.0, 5.0), memory, 1016.0)

    assert (early[0], later[0], lasted[0]) == (10.0, 10.0, 20.0)


def test_a_limiter_is_not_raised_for_less_than_its_band() -> None:
    _, memory = limits((15.0, 15.0, 15.0))
    for second in range(100):
        limit_a, memory = limits((14.0, 14.0, 14.0), memory, 1001.0 + second)

    assert limit_a == (10.0, 10.0, 10.0)


def test_a_limiter_behind_a_meter_that_was_never_heard_is_given_nothing() -> None:
    seen = view(limited(), background_a={MAIN: None, GARAGE: (0.0, 0.0, 0.0)})

    opinion = judge("phase_balance", seen, [balance()])

    assert (opinion.limiters, dict(opinion.memory)) == ((), {})


def test_a_limiter_behind_a_silent_meter_is_given_what_is_declared_safe() -> None:
    _, memory = limits((2.0, 2.0, 2.0))

    limit_a, _ = limits(None, memory)

    assert limit_a == (6.0, 0.0, 0.0)

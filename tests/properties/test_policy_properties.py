"""Every policy is total and deterministic, and says nothing that makes no sense, on any view at all."""

import math
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.domain.readings import (
    ChargerState,
    Draw,
    PersonPlan,
    PersonRequest,
    Plug,
    PriceSlot,
    SiteCap,
    VehicleState,
)
from controller.domain.site import ChargerSpec, Circuit, Limiter, Site
from controller.domain.units import ChargerId, CircuitId, Grid
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion
from policies import ALL
from tests.fakes.policy_views import AT, MAIN, view

numbers = st.floats(min_value=-1e6, max_value=1e6) | st.sampled_from([0.0, math.nan, math.inf, -math.inf])
maybe = st.none() | numbers
currents = st.tuples(numbers, numbers, numbers)
instants = st.integers(-200_000, 200_000).map(lambda seconds: AT + timedelta(seconds=seconds))
chargers = st.sampled_from(["a", "b", "c"]).map(ChargerId)
used = st.sampled_from([(), (1,), (2,), (1, 2), (3, 1, 2)])

specs = st.builds(
    ChargerSpec,
    id=chargers,
    circuit=st.sampled_from([MAIN, CircuitId("garage")]),
    phases=st.sampled_from([(1,), (2, 3), (1, 2, 3)]),
    min_a=st.sampled_from([6.0, 6.5, 10.0]),
    max_a=st.sampled_from([6.0, 16.0, 32.0]),
    step_a=st.sampled_from([0.0, 0.1, 1.0, 2.0]),
)
states = st.builds(
    ChargerState,
    id=chargers,
    at_mono_s=st.just(1000.0),
    plug=st.sampled_from(Plug),
    draws=st.lists(st.builds(Draw, at_mono_s=st.just(1000.0), currents_a=currents), max_size=1).map(tuple),
    ceiling_a=maybe,
    session_wh=maybe,
    power_w=maybe,
)
plans = st.builds(
    PersonPlan, by=instants, energy_wh=maybe, soc_pct=maybe, from_session_wh=st.floats(0.0, 1e5)
)
requests = st.builds(
    PersonRequest,
    limit_a=maybe,
    limit_until=st.none() | instants,
    boost_until=st.none() | instants,
    plan=st.none() | plans,
    session_limit_wh=maybe,
)
vehicles = st.builds(VehicleState, at_mono_s=st.just(1000.0), soc_pct=maybe, capacity_wh=maybe)
prices = st.lists(
    st.builds(
        lambda starts, minutes, price, export: PriceSlot(
            starts=starts,
            ends=starts + timedelta(minutes=minutes),
            import_per_kwh=price,
            export_per_kwh=export,
        ),
        instants,
        st.sampled_from([15, 60]),
        numbers,
        maybe,
    ),
    max_size=6,
).map(lambda slots: tuple(sorted(slots, key=lambda slot: slot.starts)))


@st.composite
def views(draw: st.DrawFn) -> View:
    """Draw a view in which anything may be missing or senseless."""
    site = Site(
        grid=draw(st.sampled_from(Grid)),
        circuits=(
            Circuit(id=MAIN, limit_a=(25.0, 25.0, 25.0)),
            Circuit(id=CircuitId("garage"), parent=MAIN, limit_a=(20.0, 20.0, 20.0), limiter=Limiter()),
        ),
        chargers=tuple(draw(st.lists(specs, min_size=1, max_size=3, unique_by=lambda each: each.id))),
    )
    circuits = st.sampled_from([MAIN, CircuitId("garage")])
    return view(
        site,
        mono_s=draw(st.floats(0.0, 1e6)),
        at=draw(instants),
        chargers=draw(st.dictionaries(chargers, states)),
        phases=draw(st.dictionaries(chargers, used)),
        present_a=draw(st.dictionaries(chargers, numbers)),
        requests=draw(st.dictionaries(chargers, requests)),
        cap=draw(st.none() | st.builds(SiteCap, limit_w=numbers, until=instants)),
        prices=draw(prices),
        grid_power_w=draw(maybe),
        battery_power_w=draw(maybe),
        battery_soc_pct=draw(maybe),
        background_a=draw(st.dictionaries(circuits, st.none() | currents)),
        vehicles=draw(st.dictionaries(chargers, vehicles)),
        appetite_a=draw(st.dictionaries(chargers, numbers)),
    )


@st.composite
def asked(draw: st.DrawFn, policy: str) -> tuple[Member, ...]:
    """Draw members with any settings within their bounds."""
    names = draw(st.lists(chargers, min_size=1, max_size=3, unique=True))
    tuning = {
        each.name: st.integers(int(each.low), int(each.high)).map(float)
        if each.whole
        else st.floats(each.low, each.high)
        for each in ALL[policy].parameters
    }
    return tuple(
        Member(charger=name, mode="m", settings=draw(st.fixed_dictionaries(tuning))) for name in names
    )


def sensible(opinion: Opinion) -> bool:
    """Whether everything said is a number that can stand: finite, and not negative."""
    said = [wish.preferred_a for wish in opinion.wishes] + [wish.ceiling_a for wish in opinion.wishes]
    said += [budget.limit_w for budget in opinion.budgets]
    said += [limit_a for budget in opinion.budgets for limit_a in budget.limit_a or ()]
    said += [limit_a for limiter in opinion.limiters for limit_a in limiter.limit_a]
    remembered = [number for numbers in opinion.memory.values() for number in numbers]
    return all(number is None or (math.isfinite(number) and number >= 0) for number in said) and all(
        math.isfinite(number) for number in remembered
    )


@pytest.mark.parametrize("policy", ALL)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_policy_says_sensible_things_on_any_two_views_in_a_row(policy: str, data: st.DataObject) -> None:
    members = data.draw(asked(policy))
    first = ALL[policy].judge(data.draw(views()), members, {})
    second = ALL[policy].judge(data.draw(views()), members, first.memory)

    assert sensible(first)
    assert sensible(second)


@pytest.mark.parametrize("policy", ALL)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_same_view_and_memory_give_the_same_opinion(policy: str, data: st.DataObject) -> None:
    members, seen = data.draw(asked(policy)), data.draw(views())
    memory = ALL[policy].judge(data.draw(views()), members, {}).memory

    assert repr(ALL[policy].judge(seen, members, memory)) == repr(ALL[policy].judge(seen, members, memory))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_solar_budget_holds_the_minima_of_the_cars_that_it_lets_charge(
    data: st.DataObject,
) -> None:
    members, seen = data.draw(asked("solar_surplus")), data.draw(views())

    opinion = ALL["solar_surplus"].judge(seen, members, {})

    for budget in opinion.budgets:
        charging = [w.charger for w in opinion.wishes if w.preferred_a and w.charger in budget.chargers]
        plugged = [c for c in charging if c in seen.chargers and seen.chargers[c].plug.car]
        assert budget.limit_w is not None
        assert budget.limit_w >= sum(minimum_w(seen, charger) for charger in plugged) - 1e-6


def minimum_w(seen: View, charger: ChargerId) -> float:
    """Tell what a charger's minimum weighs at least."""
    spec = seen.site.charger[charger]
    return spec.min_a * seen.site.ampere_w(len(seen.phases.get(charger) or spec.phases))

from datetime import timedelta

import pytest

from controller.domain.readings import PersonRequest, Plug, SiteCap
from controller.domain.reasons import Code
from tests.fakes.policy_views import AT, A, B, house, judge, member, spec, state, view, wish


def test_full_power_wants_the_maximum() -> None:
    said = wish(judge("full_power", view(house(spec(max_a=20.0)))))

    assert said is not None
    assert said.preferred_a == 20.0
    assert said.reason.code is Code.FULL_POWER


def test_full_power_says_boost_and_its_end_while_a_boost_is_in_force() -> None:
    boost = {A: PersonRequest(boost_until=AT + timedelta(seconds=90))}

    said = wish(judge("full_power", view(requests=boost)))

    assert said is not None
    assert said.reason.code is Code.BOOST
    assert said.until_mono_s == 1090.0


def test_full_power_says_no_boost_once_it_is_over() -> None:
    boost = {A: PersonRequest(boost_until=AT)}

    said = wish(judge("full_power", view(requests=boost)))

    assert said is not None
    assert said.reason.code is Code.FULL_POWER


def test_the_maximum_is_rounded_down_to_whole_steps_and_the_minimum_up() -> None:
    seen = view(house(spec(min_a=6.5, max_a=15.9, step_a=2.0)))

    highest, lowest = wish(judge("full_power", seen)), wish(judge("minimum", seen))

    assert highest is not None
    assert lowest is not None
    assert (highest.preferred_a, lowest.preferred_a) == (14.0, 8.0)


def test_off_pauses_wherever_it_stands() -> None:
    said = wish(judge("off", view()))

    assert said is not None
    assert (said.preferred_a, said.ceiling_a) == (0.0, 0.0)


def test_a_persons_ceiling_states_no_preference_and_tells_its_end() -> None:
    asked = {A: PersonRequest(limit_a=9.0, limit_until=AT + timedelta(minutes=5))}

    said = wish(judge("person", view(requests=asked)))

    assert said is not None
    assert (said.preferred_a, said.ceiling_a, said.until_mono_s) == (None, 9.0, 1300.0)


def test_a_persons_ceiling_without_an_end_holds_until_lifted() -> None:
    said = wish(judge("person", view(requests={A: PersonRequest(limit_a=9.0)})))

    assert said is not None
    assert (said.ceiling_a, said.until_mono_s) == (9.0, None)


@pytest.mark.parametrize("until_s", [0, -1])
def test_an_expired_ceiling_of_a_person_is_gone(until_s: int) -> None:
    asked = {A: PersonRequest(limit_a=9.0, limit_until=AT + timedelta(seconds=until_s))}

    assert judge("person", view(requests=asked)).wishes == ()


def test_the_operators_cap_holds_every_charger_of_the_site_together() -> None:
    cap = SiteCap(limit_w=4200.0, until=AT + timedelta(minutes=1))

    (budget,) = judge("operator_cap", view(house(spec("a"), spec("b")), cap=cap)).budgets

    assert (budget.limit_w, budget.chargers) == (4200.0, (A, B))
    assert budget.reason.code is Code.OPERATOR_CAP


def test_the_operators_cap_expires_by_itself() -> None:
    cap = SiteCap(limit_w=4200.0, until=AT)

    assert judge("operator_cap", view(cap=cap)).budgets == ()


def test_a_session_pauses_once_it_has_its_energy() -> None:
    seen = view(chargers={A: state(session_wh=10_000.0)})

    said = wish(judge("session_energy", seen, [member("session_energy", settings={"limit_wh": 10_000.0})]))

    assert said is not None
    assert said.ceiling_a == 0.0
    assert said.reason.code is Code.ENERGY_DONE


def test_a_session_below_its_energy_is_left_alone() -> None:
    seen = view(chargers={A: state(session_wh=9_999.0)})

    asked = [member("session_energy", settings={"limit_wh": 10_000.0})]

    assert judge("session_energy", seen, asked).wishes == ()


def test_a_persons_session_limit_goes_before_the_modes() -> None:
    seen = view(
        chargers={A: state(session_wh=3_000.0)}, requests={A: PersonRequest(session_limit_wh=2_000.0)}
    )

    said = wish(judge("session_energy", seen, [member("session_energy", settings={"limit_wh": 10_000.0})]))

    assert said is not None
    assert said.reason.needed == 2_000.0


def test_silence_does_not_refill_a_session() -> None:
    asked = [member("session_energy", settings={"limit_wh": 5_000.0})]
    before = judge("session_energy", view(chargers={A: state(session_wh=5_000.0)}), asked)

    silent = judge("session_energy", view(chargers={}), asked, before.memory)

    said = wish(silent)
    assert said is not None
    assert said.ceiling_a == 0.0


def test_unplugging_ends_a_session() -> None:
    asked = [member("session_energy", settings={"limit_wh": 5_000.0})]
    before = judge("session_energy", view(chargers={A: state(session_wh=5_000.0)}), asked)

    unplugged = judge("session_energy", view(chargers={A: state(plug=Plug.A)}), asked, before.memory)

    assert unplugged.wishes == ()
    assert unplugged.memory == {}

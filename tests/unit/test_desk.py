"""Desk: what people ask holds from the next tick on, and is remembered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.commands import Boost, SetCeiling, SetMode, SetParameter, SetPlan, SetSiteCap
from controller.domain.readings import PersonRequest
from controller.policy_files import load, tuned
from tests.fakes.rig import LEFT, RIGHT, Rig

_PARAMETER = ("solar", "solar_surplus", "start_delay_s")


def _tune(value: float) -> SetParameter:
    mode, policy, parameter = _PARAMETER
    return SetParameter(mode=mode, policy=policy, parameter=parameter, value=value)


def _tuned_value(rig: Rig) -> float:
    mode, policy, parameter = _PARAMETER
    return rig.loop.policies.modes[mode].settings[policy][parameter]


def test_a_mode_holds_from_the_next_tick_on_and_is_kept() -> None:
    rig = Rig()

    refusal = rig.desk.take(SetMode(charger=LEFT, mode="solar"))

    assert refusal is None
    assert rig.board.requests[LEFT].mode == "solar"
    assert rig.journal.requests[LEFT] == PersonRequest(mode="solar")
    assert rig.board.news.is_set()


def test_one_wish_leaves_the_others_alone() -> None:
    rig = Rig()
    rig.desk.take(SetMode(charger=LEFT, mode="solar"))

    rig.desk.take(SetCeiling(charger=LEFT, limit_a=8.0, ttl_s=60.0))
    rig.desk.take(Boost(charger=LEFT, duration_s=120.0))

    now = rig.clock.now()
    assert rig.board.requests[LEFT] == PersonRequest(
        mode="solar",
        limit_a=8.0,
        limit_until=now + timedelta(seconds=60),
        boost_until=now + timedelta(seconds=120),
    )
    assert RIGHT not in rig.board.requests


def test_the_last_wish_taken_back_leaves_nothing() -> None:
    rig = Rig()
    rig.desk.take(Boost(charger=LEFT, duration_s=120.0))

    rig.desk.take(Boost(charger=LEFT, duration_s=0.0))

    assert rig.board.requests == {}
    assert rig.journal.requests == {LEFT: None}


def test_a_plan_counts_from_what_was_charged_when_it_was_asked() -> None:
    rig = Rig()
    by = rig.clock.now() + timedelta(hours=8)

    rig.desk.take(SetPlan(charger=LEFT, by=by, energy_wh=9000.0, soc_pct=None))

    plan = rig.board.requests[LEFT].plan
    assert plan is not None
    assert (plan.by, plan.energy_wh, plan.from_session_wh) == (by, 9000.0, 0.0)


def test_a_cap_expires_by_itself_and_is_kept() -> None:
    rig = Rig()

    rig.desk.take(SetSiteCap(limit_w=4200.0, ttl_s=600.0))

    assert rig.board.cap is not None
    assert rig.board.cap.until == rig.clock.now() + timedelta(seconds=600)
    assert rig.journal.cap == rig.board.cap


def test_a_tuned_value_is_in_force_and_kept() -> None:
    rig = Rig()

    assert rig.desk.take(_tune(90.0)) is None

    assert _tuned_value(rig) == 90.0
    assert rig.journal.parameters == {"solar/solar_surplus/start_delay_s": 90.0}


def test_a_value_out_of_bounds_changes_nothing() -> None:
    rig = Rig()
    before = _tuned_value(rig)

    refusal = rig.desk.take(_tune(-5.0))

    assert refusal is not None
    assert _tuned_value(rig) == before
    assert rig.journal.parameters == {}


def test_what_people_tuned_survives_new_policies() -> None:
    rig = Rig()
    rig.desk.take(_tune(90.0))

    rig.desk.swap_policies(tuned(load(None), *_PARAMETER, 30.0))

    assert _tuned_value(rig) == 90.0


def test_a_tuned_value_of_a_mode_that_is_gone_is_left_out() -> None:
    rig = Rig()
    rig.desk.parameters["gone/solar_surplus/start_delay_s"] = 90.0

    rig.desk.swap_policies(load(None))

    assert rig.loop.policies == load(None)


def test_a_charger_is_declared_out_of_service_and_back() -> None:
    rig = Rig()

    assert rig.desk.declare(LEFT, out_of_service=True) is None
    assert rig.board.out_of_service == rig.journal.gone == {LEFT}

    assert rig.desk.declare(LEFT, out_of_service=False) is None
    assert rig.board.out_of_service == rig.journal.gone == frozenset()


def test_an_unknown_charger_cannot_be_declared_away() -> None:
    rig = Rig()

    assert rig.desk.declare(LEFT.__class__("shed"), out_of_service=True) is not None
    assert rig.board.out_of_service == frozenset()


async def test_a_charger_that_answers_is_not_out_of_service() -> None:
    rig = Rig()
    async with rig.running():
        await rig.charging()

        refusal = rig.desk.declare(LEFT, out_of_service=True)

    assert refusal is not None
    assert "left answers" in refusal
    assert rig.board.out_of_service == frozenset()


async def test_a_charger_that_is_heard_again_is_back_in_service() -> None:
    rig = Rig()
    rig.loop.listeners.append(rig.desk.hear)
    assert rig.desk.declare(LEFT, out_of_service=True) is None

    async with rig.running():
        await rig.charging()

    assert rig.board.out_of_service == rig.journal.gone == frozenset()
    assert ("in service", LEFT, "") in rig.journal.events


def test_a_mode_that_somebody_picked_and_that_is_gone_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    rig.desk.take(SetMode(charger=LEFT, mode="solar"))
    policies = load(None)
    left = {name: mode for name, mode in policies.modes.items() if name != "solar"}

    rig.desk.swap_policies(replace(policies, modes=left))

    assert "the mode solar, picked for left, is no more" in caplog.text

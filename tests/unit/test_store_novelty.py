"""Which ticks are worth keeping: what changes at once, what drifts now and then, what is quiet seldom."""

from dataclasses import replace

import pytest

from controller.domain.readings import Plug
from controller.domain.writes import Decision
from controller.journal import Novelty
from tests.fakes.recorded_house import decision, verdict, write


def kept(*decisions: Decision) -> list[float]:
    """Tell which ticks are worth keeping, as seconds after noon."""
    novelty = Novelty(heartbeat_s=60.0, ripple_s=10.0)
    return [each.mono_s - 1000.0 for each in decisions if novelty.worth_keeping(each)]


def test_a_quiet_house_is_kept_once_a_heartbeat() -> None:
    assert kept(*(decision(float(at_s)) for at_s in range(130))) == [0.0, 60.0, 120.0]


def test_a_write_is_always_kept() -> None:
    assert kept(decision(0), decision(1), decision(2, writes=(write(),))) == [0.0, 2.0]


@pytest.mark.parametrize(
    "changed",
    [
        replace(verdict(), mode="off"),
        replace(verdict(), plug=Plug.B),
        replace(verdict(), silent=True),
        replace(verdict(), limit_a=6.0),
        replace(verdict(), reasons=()),
    ],
)
def test_a_charger_that_changes_is_kept_at_once(changed: object) -> None:
    assert kept(decision(0), decision(1, changed)) == [0.0, 1.0]  # type: ignore[arg-type]


def test_numbers_inside_reasons_may_ripple() -> None:
    assert kept(decision(0), decision(1, verdict(value=5.0))) == [0.0]


def test_shares_that_drift_are_kept_now_and_then() -> None:
    drifting = (decision(float(at_s), verdict(share_a=10.0 + at_s / 100)) for at_s in range(25))

    assert kept(*drifting) == [0.0, 10.0, 20.0]


def test_a_monotonic_clock_that_begins_anew_is_kept() -> None:
    assert kept(decision(500.0), decision(3.0)) == [500.0, 3.0]

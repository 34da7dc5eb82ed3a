from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from simulator.chargers.lektrico_device import LektricoDevice
from simulator.chargers.lektrico_keys import TYPE, RpcFault, accepted
from simulator.chargers.lektrico_schedule import Interval, scheduled_a
from tests.fakes.clock import FakeClock

WEEKEND_NIGHT = Interval(start_d=7, start_h=22, start_m=0, end_d=1, end_h=6, end_m=0, current=10)


def device(**fields: object) -> LektricoDevice:
    made = LektricoDevice(clock=FakeClock())
    made.plug_in("a car")
    for name, value in fields.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("fields", "offered_a", "reason"),
    [
        ({}, 32.0, 0),
        ({"em_a": 10}, 10.0, 6),
        ({"dynamic_a": 9, "em_a": 10}, 9.0, 3),
        ({"ocpp_a": 8}, 8.0, 7),
        ({"cable_a": 13}, 13.0, 0),
        ({"em_timeout_s": -1.0}, 6.0, 5),
        ({"em_a": 0}, 0.0, 6),
    ],
)
def test_the_smallest_limit_rules_and_says_so(
    fields: dict[str, object], offered_a: float, reason: int
) -> None:
    made = device(**fields)

    assert (made.offered_a, made.limit_reason) == (offered_a, reason)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda made: made.unplug(), "A"),
        (lambda made: setattr(made, "paused", True), "B_PAUSE"),
        (lambda made: setattr(made, "updating", True), "OTA"),
        (lambda made: made.config.update(charger_locked=True), "LOCKED"),
        (lambda made: made.config.update(headless=False), "B_AUTH"),
        (lambda made: made.fail("overtemp"), "E"),
    ],
)
def test_nothing_is_offered_in_a_state_that_forbids_charging(
    change: Callable[[LektricoDevice], None], state: str
) -> None:
    made = device()
    change(made)

    assert (made.extended_state, made.offered_a) == (state, 0.0)


@pytest.mark.parametrize(
    ("now", "allowed_a"),
    [
        (datetime(2026, 6, 7, 21, 59, tzinfo=UTC), None),
        (datetime(2026, 6, 7, 22, 0, tzinfo=UTC), 10),
        (datetime(2026, 6, 8, 5, 59, tzinfo=UTC), 10),
        (datetime(2026, 6, 8, 6, 0, tzinfo=UTC), None),
    ],
)
def test_an_interval_may_wrap_around_the_week(now: datetime, allowed_a: int | None) -> None:
    assert scheduled_a((WEEKEND_NIGHT,), now, 0) == allowed_a


def test_the_schedule_counts_in_the_chargers_own_hours() -> None:
    assert scheduled_a((WEEKEND_NIGHT,), datetime(2026, 6, 7, 20, 30, tzinfo=UTC), 2) == 10


async def test_energy_is_counted_as_time_passes() -> None:
    clock = FakeClock()
    made = LektricoDevice(clock=clock)
    made.plug_in("a car")
    made.set_draw((10.0, 10.0, 10.0), 6900.0)
    await clock.advance(1800.0)
    made.count()

    assert made.session_wh == pytest.approx(3450.0)


def test_a_restart_loses_the_limit() -> None:
    made = device(em_a=6)
    made.reboot()

    assert made.offered_a == 32.0


def test_firmware_that_wants_text_refuses_numbers() -> None:
    with pytest.raises(RpcFault) as fault:
        accepted("install_current", 16, as_text=True)

    assert fault.value.code == TYPE

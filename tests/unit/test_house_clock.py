from datetime import UTC, datetime, timedelta

import pytest

from simulator.clock import ScaledClock
from tests.fakes.clock import FakeClock


async def test_a_scaled_clock_runs_faster_than_the_real_one() -> None:
    real = FakeClock(mono_s=50.0)
    clock = ScaledClock(real, speed=60.0)
    before = clock.now()

    await real.advance(10.0)

    assert clock.mono_s() == 650.0
    assert clock.now() - before == timedelta(minutes=10)


async def test_its_wall_time_begins_where_the_script_wants_it() -> None:
    real, starts = FakeClock(), datetime(2026, 6, 24, 11, tzinfo=UTC)
    clock = ScaledClock(real, speed=2.0, starts=starts)

    await real.advance(30.0)

    assert clock.now() == starts + timedelta(minutes=1)


async def test_a_real_clock_that_jumps_does_not_move_it() -> None:
    real = FakeClock()
    clock = ScaledClock(real, speed=2.0)
    before = clock.now()

    real.jump(3600.0)

    assert clock.now() == before


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_time_that_stands_still_or_runs_back_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="expected more than 0"):
        ScaledClock(FakeClock(), speed=speed)


async def test_sleeping_takes_real_time_by_the_speed() -> None:
    asked: list[float] = []

    class Listening(FakeClock):
        async def sleep(self, seconds: float) -> None:
            asked.append(seconds)

    await ScaledClock(Listening(), speed=60.0).sleep(30.0)

    assert asked == [0.5]

"""Time that runs faster: a Clock for a simulated house and the daemon that looks after it."""

from datetime import UTC, datetime, timedelta

from controller.ports import Clock


class ScaledClock:
    """Implement the Clock port over a real one, `speed` times as fast.

    Everything that shares one `ScaledClock` agrees on time: house, twins and daemon. Wall time moves with
    the monotonic one from `starts` on, so a simulated day begins when the script wants it to.
    """

    def __init__(self, real: Clock, *, speed: float = 1.0, starts: datetime | None = None) -> None:
        if not speed > 0.0:
            raise ValueError(f"speed {speed}: expected more than 0")
        self._real, self.speed = real, speed
        self._real_start_s = real.mono_s()
        self._starts = (starts or real.now()).astimezone(UTC)

    def now(self) -> datetime:
        """Tell the simulated wall time."""
        return self._starts + timedelta(seconds=self._passed_s())

    def mono_s(self) -> float:
        """Tell simulated monotonic seconds; they start where the real clock stood."""
        return self._real_start_s + self._passed_s()

    async def sleep(self, seconds: float) -> None:
        """Wait for simulated seconds."""
        await self._real.sleep(seconds / self.speed)

    def _passed_s(self) -> float:
        return (self._real.mono_s() - self._real_start_s) * self.speed

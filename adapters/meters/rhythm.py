"""Rhythm: evenly spaced beats; a late one is skipped and the rhythm kept."""

from controller.ports import Clock


class Rhythm:
    """Beats every `period_s` from the moment that it is made."""

    def __init__(self, clock: Clock, period_s: float) -> None:
        self._clock, self._period_s = clock, period_s
        self._next_mono_s = clock.mono_s()

    async def next_beat(self) -> None:
        """Wait for the next beat that is still to come."""
        now_mono_s = self._clock.mono_s()
        missed = int(max(0.0, now_mono_s - self._next_mono_s) // self._period_s)
        self._next_mono_s += (missed + 1) * self._period_s
        await self._clock.sleep(self._next_mono_s - now_mono_s)

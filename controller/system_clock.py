"""The real clock: the only module that asks the operating system for time."""

import asyncio
import time
from datetime import UTC, datetime


def _mono_s() -> float:
    # CLOCK_MONOTONIC stands still while a Linux host sleeps; readings age all the same.
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


class SystemClock:
    """Implements the Clock port."""

    def now(self) -> datetime:
        """Tell wall time, UTC."""
        return datetime.now(UTC)

    def mono_s(self) -> float:
        """Tell monotonic seconds that go on while the host sleeps, where the system knows such a clock."""
        return _mono_s()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

"""Supervision: a task that fails is run again with back-off, and said once."""

import logging
from collections.abc import Awaitable, Callable

from controller.errors import PhasewiseError
from controller.ports import Clock

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
# A run that lasted this long was a good one: the next failure begins with the shortest pause again.
GOOD_RUN_S = 30.0

_log = logging.getLogger("phasewise.devices")


class Watch:
    """What is known of one device's task: whether it works, and why not. Says each change once."""

    def __init__(self, name: str, note: Callable[[str, str, str], None]) -> None:
        self.name, self._note = name, note
        self.lost: str | None = None
        self._ever = False
        self._bug = ""

    def heard(self) -> None:
        """Note a sign of life."""
        if self.lost is not None:
            _log.info("%s is back", self.name)
            self._note("back", self.name, "")
        elif not self._ever:
            _log.info("%s is there", self.name)
        self._ever, self.lost = True, None

    def failed(self, why: str) -> None:
        """Note a failure; only the first since the last sign of life is said."""
        if self.lost is None:
            _log.warning("%s is lost: %s", self.name, why)
            self._note("lost", self.name, why)
        self.lost = why

    def failed_unexpectedly(self, error: Exception) -> None:
        """Note a failure that nobody foresaw; where it is gets told once, however often it strikes."""
        why = f"{type(error).__name__}: {error}"
        self.failed(why)
        if why != self._bug:
            _log.error("%s: unexpected failure of its task", self.name, exc_info=error)
        self._bug = why


async def keep_running(
    run: Callable[[], Awaitable[None]],
    watch: Watch,
    clock: Clock,
    *,
    longest_pause_s: float = LONGEST_PAUSE_S,
) -> None:
    """Run a task for ever; whatever it raises ends nothing but this attempt (H14).

    The pause between attempts doubles. It starts over after a long run, and for a device that was heard and
    then went away; a bug gets no such credit, however often the device is heard before it strikes.
    """
    pause_s = FIRST_PAUSE_S
    while True:
        started_s = clock.mono_s()
        was_heard = False
        try:
            await run()
        except PhasewiseError as error:
            was_heard = watch.lost is None
            watch.failed(str(error))
        except Exception as error:  # noqa: BLE001 - one of the two places: a bug in an adapter stops no other
            watch.failed_unexpectedly(error)
        if was_heard or clock.mono_s() - started_s > GOOD_RUN_S:
            pause_s = FIRST_PAUSE_S
        await clock.sleep(pause_s)
        pause_s = min(2 * pause_s, longest_pause_s)

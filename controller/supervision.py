"""Supervision: a device task that fails is run again with back-off, and said once."""

import logging
from collections.abc import Awaitable, Callable

from controller.errors import CredentialsError, DeviceError
from controller.ports import Clock

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0

_log = logging.getLogger("phasewise.devices")


class Watch:
    """What is known of one device's task: whether it works, and why not. Says each change once."""

    def __init__(self, name: str, note: Callable[[str, str, str], None]) -> None:
        self.name, self._note = name, note
        self.lost: str | None = None
        self._ever = False

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


async def keep_running(run: Callable[[], Awaitable[None]], watch: Watch, clock: Clock) -> None:
    """Run a device's task for ever; whatever it raises ends nothing but this attempt (H14)."""
    pause_s = FIRST_PAUSE_S
    while True:
        started_s = clock.mono_s()
        try:
            await run()
        except (DeviceError, CredentialsError) as error:
            watch.failed(str(error))
        except Exception as error:  # noqa: BLE001 - one of the two places: a bug in an adapter stops no other
            watch.failed(f"{type(error).__name__}: {error}")
            _log.exception("%s: unexpected failure of its task", watch.name)
        if clock.mono_s() - started_s > LONGEST_PAUSE_S:
            pause_s = FIRST_PAUSE_S
        await clock.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

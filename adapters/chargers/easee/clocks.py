"""Clocks: how far ours is ahead of the cloud's, by when the cloud says that messages reached it.

A message needs time to reach us, so each one proves only that we are ahead by no more than it seems. The
least of many is close to the truth, unless all of them waited somewhere: so they have to come over some time,
and the least of several minutes counts.
"""

import logging
import math
from collections import deque
from datetime import datetime, timedelta
from typing import Final

_log = logging.getLogger("phasewise.devices")

_ENOUGH: Final = 3
_SPREAD_S: Final = 10.0
"""So many messages over so long are believed."""
_MINUTES: Final = 10
_MINUTE_S: Final = 60.0
_PLAUSIBLE: Final = timedelta(hours=1)
"""Clocks that are further apart are not only said but not counted on."""
_NONE: Final = timedelta(0)


class Clocks:
    """Compares the two clocks, and says once when they differ by more than `skew_s`."""

    def __init__(self, skew_s: float) -> None:
        self._skew = timedelta(seconds=skew_s)
        self._least: deque[tuple[int, timedelta]] = deque(maxlen=_MINUTES)
        """By minute."""
        self._heard, self._first_mono_s, self._last_mono_s = 0, math.inf, -math.inf
        self._is_said = False

    @property
    def ahead(self) -> timedelta:
        """How far our clock is ahead beyond doubt and beyond what is tolerated anyway; else 0."""
        found = self._difference
        return found if found is not None and self._skew < found <= _PLAUSIBLE else _NONE

    @property
    def is_known(self) -> bool:
        """Whether the difference is known, and counted on."""
        found = self._difference
        return found is not None and abs(found) <= _PLAUSIBLE

    def hear(self, arrived: datetime, now: datetime, mono_s: float) -> None:
        """Take a message that has just come and says when it reached the cloud."""
        minute, seems = int(mono_s // _MINUTE_S), now - arrived
        self._heard += 1
        self._first_mono_s, self._last_mono_s = min(self._first_mono_s, mono_s), mono_s
        if self._least and self._least[-1][0] == minute:
            seems = min(seems, self._least.pop()[1])
        self._least.append((minute, seems))
        self._say()

    def doubt(self, what: str, early_s: float) -> None:
        """Say of a response that it may be ours for all that its instant says."""
        if self._is_said or early_s <= self._skew.total_seconds():
            return
        self._is_said = True
        _log.warning(
            "%s was made %.0f s before what it seems to answer: it was somebody else's, or this host's clock"
            " is ahead of Easee's by as much; see to this host's clock",
            what,
            early_s,
        )

    @property
    def _difference(self) -> timedelta | None:
        if self._heard < _ENOUGH or self._last_mono_s - self._first_mono_s < _SPREAD_S:
            return None
        return min(seems for _, seems in self._least)

    def _say(self) -> None:
        found = self._difference
        if found is None:
            return
        if abs(found) <= self._skew:
            self._is_said = False
        elif not self._is_said:
            self._is_said = True
            side = "ahead of" if found > _NONE else "behind"
            _log.warning(
                "this host's clock is %.0f s %s Easee's: commands expire too late or too early, and responses"
                " look like somebody else's; see to this host's clock",
                abs(found.total_seconds()),
                side,
            )

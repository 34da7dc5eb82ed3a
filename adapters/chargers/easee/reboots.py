"""Reboots: which news of observation 89 tells that a charger has just started anew. Pure.

A reboot means that dynamic limits are gone. But the last one is told again and again: by the cloud when it is
asked or subscribed to, by a queue that delivers twice, late or out of order. Each counts once.
"""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from adapters.chargers.easee.observations import Value

BOOT: Final = timedelta(seconds=2)
"""A boot takes longer than this: what was told so shortly before the news of it was told after it."""
_KEPT: Final = 32
"""So many are remembered; nobody replays more."""


class Reboots:
    """Remembers which reboots are known."""

    def __init__(self) -> None:
        self._known: deque[tuple[Value, datetime | None]] = deque(maxlen=_KEPT)

    def is_new(self, value: Value, at: datetime | None, *, is_live: bool) -> bool:
        """Take what is told of a reboot; tell whether it is one that was not known.

        What arrives live counts whatever its instant, as a clock may step back at a reboot. What was asked
        for, or waited somewhere, counts where it is later than all that is known: not when it is the first.
        """
        if any(one == value and _is_same(then, at) for one, then in self._known):
            return False
        is_later = bool(self._known) and all(_is_later(at, then) for _, then in self._known)
        self._known.append((value, at))
        return is_live or is_later


def _is_same(one: datetime | None, other: datetime | None) -> bool:
    """Tell whether two instants are of one reboot: nothing starts twice within a boot."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= BOOT


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return other is None or (one is not None and one > other)

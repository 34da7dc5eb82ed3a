"""Latest: the newest value of every observation of one charger, whatever order they arrive in."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from adapters.chargers.easee.messages import Observed
from adapters.chargers.easee.observations import (
    DYNAMIC_CHARGER,
    DYNAMIC_CIRCUIT,
    Value,
    decoded,
)
from adapters.chargers.easee.reboots import BOOT, Reboots
from controller.errors import DeviceNonsense

_AHEAD: Final = timedelta(seconds=60)
"""A device clock further ahead than this is not believed: it would silence everything that comes after."""
_LIMITS: Final = frozenset({DYNAMIC_CHARGER, *DYNAMIC_CIRCUIT})
_BOOT_S: Final = BOOT.total_seconds()
_MOST_IDS: Final = 512


@dataclass(frozen=True, slots=True)
class Seen:
    """A value, the device's instant, and when we heard it."""

    value: Value
    at: datetime | None
    heard_mono_s: float


class Latest:
    """Keeps what is newest; what is older than the value that stands is dropped and counted."""

    def __init__(self) -> None:
        self._seen: dict[int, Seen] = {}
        self._reboots = Reboots()
        self._outlived: dict[int, Seen] = {}
        """Limits from before the last reboot: told once more, they are no news."""
        self._dropped: dict[int, Seen] = {}
        """Limits that seemed overtaken: the news that a clock stepped back may come after them."""
        self.overtaken = 0
        """Observations that arrived after a newer one."""

    def take(self, news: Observed, now: datetime, heard_mono_s: float, told: float | None = None) -> bool:
        """Take an observation; tell whether it is now the one that stands.

        Time stamps have whole seconds. Of two limits of the same second the larger one stands, except the one
        that we `told` it.

        Raises:
            DeviceNonsense: the value cannot be of its id's type.
        """
        seen = _read(news, now, heard_mono_s)
        value, at = seen.value, seen.at
        before = self._seen.get(news.id)
        outlived = self._outlived.get(news.id)
        if outlived is not None and at is not None and (value, at) == (outlived.value, outlived.at):
            self.overtaken += 1
            return False
        if before is not None and self._is_overtaken(before, news.id, value, at, told):
            self.overtaken += 1
            if news.id in _LIMITS and at != before.at:
                self._dropped[news.id] = seen
            return False
        if before is None and len(self._seen) >= _MOST_IDS:
            return False
        self._seen[news.id] = seen
        return True

    def restart(
        self, news: Observed, now: datetime, heard_mono_s: float, *, is_live: bool
    ) -> frozenset[int] | None:
        """Take what is told of a reboot; `None`: it was known.

        After one whatever is told stands, for the device's clock may have stepped back. Return the limits
        that were told since it, just before the news of it.

        Raises:
            DeviceNonsense: the value cannot be of its id's type.
        """
        reboot = _read(news, now, heard_mono_s)
        if not self._reboots.is_new(reboot.value, reboot.at, is_live=is_live):
            return None
        self._seen[news.id] = reboot
        before = {id_: one for id_, one in self._seen.items() if not _is_since(one, reboot)}
        self._outlived |= {id_: one for id_, one in before.items() if id_ in _LIMITS and one.at is not None}
        for id_, one in before.items():
            if id_ in _LIMITS or _is_ahead(one, reboot):
                self._seen[id_] = replace(one, at=None)
        since = {id_: one for id_, one in self._dropped.items() if id_ in before and _is_since(one, reboot)}
        self._seen |= since
        self._dropped.clear()
        return frozenset(since.keys() | (_LIMITS & (self._seen.keys() - before.keys())))

    def _is_overtaken(
        self, before: Seen, id_: int, value: Value, at: datetime | None, told: float | None
    ) -> bool:
        if at is None or before.at is None or at > before.at:
            return False
        if at < before.at:
            return True
        if id_ not in _LIMITS or not isinstance(value, float) or not isinstance(before.value, float):
            return False
        return value < before.value and value != told

    def seen(self, id_: int) -> Seen | None:
        """Hand out a value with its instants."""
        return self._seen.get(id_)

    def number(self, id_: int) -> float | None:
        """Hand out a number."""
        seen = self._seen.get(id_)
        return float(seen.value) if seen is not None and isinstance(seen.value, int | float) else None

    def code(self, id_: int) -> int | None:
        """Hand out a code."""
        seen = self._seen.get(id_)
        return seen.value if seen is not None and isinstance(seen.value, int) else None

    def text(self, id_: int) -> str:
        """Hand out a text; empty when there is none."""
        seen = self._seen.get(id_)
        return seen.value if seen is not None and isinstance(seen.value, str) else ""

    def numbers(self, ids: tuple[int, ...]) -> tuple[float, ...] | None:
        """Hand out several numbers, or none unless all are known."""
        found = [self.number(id_) for id_ in ids]
        known = tuple(value for value in found if value is not None)
        return known if len(known) == len(ids) else None


def _is_since(one: Seen, reboot: Seen) -> bool:
    """Tell whether something was told after a reboot, by our clock and by the device's, which then agree."""
    heard_s = one.heard_mono_s - reboot.heard_mono_s
    told_s = 0.0 if one.at is None or reboot.at is None else (one.at - reboot.at).total_seconds()
    return min(heard_s, told_s) >= -_BOOT_S and told_s <= heard_s + 2.0 * _BOOT_S


def _is_ahead(one: Seen, reboot: Seen) -> bool:
    return one.at is not None and reboot.at is not None and one.at > reboot.at


def _read(news: Observed, now: datetime, heard_mono_s: float) -> Seen:
    value = decoded(news.id, news.value)
    if value is None:
        raise DeviceNonsense(f"observation {news.id}: {str(news.value)[:80]!r}")
    return Seen(value, None if news.at is None else min(news.at, now + _AHEAD), heard_mono_s)

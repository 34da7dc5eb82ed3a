"""Latest: the newest value of every observation of one charger, whatever order they arrive in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from adapters.chargers.easee.messages import Observed
from adapters.chargers.easee.observations import DYNAMIC_CHARGER, DYNAMIC_CIRCUIT, Value, decoded
from controller.errors import DeviceNonsense

_AHEAD: Final = timedelta(seconds=60)
"""A device clock further ahead than this is not believed: it would silence everything that comes after."""
_LIMITS: Final = frozenset({DYNAMIC_CHARGER, *DYNAMIC_CIRCUIT})
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
        self.overtaken = 0
        """Observations that arrived after a newer one."""

    def take(self, news: Observed, now: datetime, heard_mono_s: float, told: float | None = None) -> bool:
        """Take an observation; tell whether it is now the one that stands.

        Time stamps have whole seconds. Of two limits of the same second the larger one stands, except the one
        that we `told` it.

        Raises:
            DeviceNonsense: the value cannot be of its id's type.
        """
        value = decoded(news.id, news.value)
        if value is None:
            raise DeviceNonsense(f"observation {news.id}: {str(news.value)[:80]!r}")
        at = None if news.at is None else min(news.at, now + _AHEAD)
        before = self._seen.get(news.id)
        if before is not None and self._is_overtaken(before, news.id, value, at, told):
            self.overtaken += 1
            return False
        if before is None and len(self._seen) >= _MOST_IDS:
            return False
        self._seen[news.id] = Seen(value, at, heard_mono_s)
        return True

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

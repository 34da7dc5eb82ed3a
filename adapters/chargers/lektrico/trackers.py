"""What a Lektri.co adapter remembers between polls: kept limits, a person's pause, the EM heartbeat."""

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final

from adapters.chargers.lektrico.answers import ChargerInfo
from adapters.chargers.lektrico.state import Heard, extended_state, zero_by_others
from controller.domain.readings import Plug
from controller.domain.units import MIN_CURRENT_A

_FASTEST_REWRITE_S: Final = 2.0


class Kept(Enum):
    """What became of a limit that the charger said it took."""

    YES = "yes"
    """Read back, or nothing was written since."""
    NOT_YET = "not yet"
    NO = "no"
    """Time enough passed and another value stands."""


@dataclass(slots=True, kw_only=True)
class ReadBack:
    """Judges whether written limits are kept."""

    settle_s: float
    lost: int = 0
    """Limits in a row that were not kept."""
    _expected_a: float | None = None
    _written_mono_s: float = -math.inf

    def wrote(self, limit_a: float, mono_s: float) -> None:
        """Take note of a limit that the charger answered `true` to."""
        self._expected_a, self._written_mono_s = limit_a, mono_s

    def read(self, limit_a: float | None, mono_s: float) -> Kept:
        """Judge a limit that was read at an instant."""
        if self._expected_a is None or limit_a is None:
            return Kept.YES
        if limit_a == self._expected_a:
            self._expected_a, self.lost = None, 0
            return Kept.YES
        if mono_s < self._written_mono_s + self.settle_s:
            return Kept.NOT_YET
        self._expected_a = None
        self.lost += 1
        return Kept.NO

    def age_s(self, mono_s: float) -> float:
        """Tell how long ago something was written."""
        return mono_s - self._written_mono_s


@dataclass(slots=True, kw_only=True)
class PersonPause:
    """Tells a person's pause from ours: it is reported while our limit would let the car charge.

    It holds until the charger reports no pause, the car leaves, or another session begins.
    """

    resume_s: float
    """How long the charger may report a pause after we lifted it."""
    holds: bool = False
    _session_id: int | None = None

    def look(self, heard: Heard, plug: Plug, since_write_s: float) -> None:
        """Judge one poll."""
        is_same_session = heard.info.session_id == self._session_id
        self._session_id = heard.info.session_id
        if not _is_paused(heard.info) or plug is Plug.A:
            self.holds = False
            return
        may_charge = heard.limit_a is not None and heard.limit_a >= MIN_CURRENT_A
        is_anothers = may_charge and since_write_s >= self.resume_s and not zero_by_others(heard)
        self.holds = is_anothers or (self.holds and is_same_session)


def _is_paused(info: ChargerInfo) -> bool:
    return info.is_paused is True or extended_state(info) == "B_PAUSE"


@dataclass(slots=True, kw_only=True)
class Heartbeat:
    """Decides how often a limit is repeated, from when the charger counted us as offline.

    No repeat before that was seen once; each further time halves the interval, to 2 s at least.
    """

    rewrite_s: float
    interval_s: float | None = None
    offline: bool = False
    _due_mono_s: float = math.inf

    def look(self, *, offline: bool, mono_s: float) -> bool:
        """Take note of the charger's word; tell whether the rhythm changed."""
        went, self.offline = offline and not self.offline, offline
        if not went:
            return False
        before_s, self._due_mono_s = self.interval_s, mono_s
        self.interval_s = self.rewrite_s if before_s is None else max(_FASTEST_REWRITE_S, before_s / 2.0)
        return self.interval_s != before_s

    def beat(self, mono_s: float) -> None:
        """Take note that a limit was written."""
        if self.interval_s is not None:
            self._due_mono_s = mono_s + self.interval_s

    def due_in_s(self, mono_s: float) -> float:
        """Tell how long the next repeat has time."""
        return self._due_mono_s - mono_s

"""What a Tesla adapter remembers between looks: the session, and who stopped the car."""

import math
from dataclasses import dataclass
from datetime import datetime

from adapters.chargers.tesla.answers import ChargeState
from controller.domain.readings import Plug


@dataclass(slots=True, kw_only=True)
class Sessions:
    """Names sessions, for the car does not."""

    plug: Plug = Plug.UNKNOWN
    """As of the latest look."""
    session_id: str | None = None
    _count: int = 0

    def look(self, plug: Plug, now: datetime) -> None:
        """Take note of a plug."""
        self.plug = plug
        if not plug.car:
            self.session_id = None
        elif self.session_id is None:
            self._count += 1
            self.session_id = f"{now:%Y%m%dT%H%M%SZ}-{self._count}"


@dataclass(slots=True, kw_only=True)
class Orders:
    """What we told the car last, and whether a person stopped it since."""

    grace_s: float
    """How long a car may go on looking stopped after it was started."""
    ordered_a: float | None = None
    """`None`: unknown, as after a start of ours or a lost answer; then a stop is nobody's."""
    answered_mono_s: float = -math.inf
    held_by_person: bool = False
    _session_id: str | None = None

    def uncertain(self) -> None:
        """Take note that something is being told."""
        self.ordered_a = None

    def told(self, limit_a: float, mono_s: float) -> None:
        """Take note that the car took a limit."""
        self.ordered_a, self.answered_mono_s = limit_a, mono_s
        if limit_a == 0.0:
            self.held_by_person = False

    def look(self, charge: ChargeState, session_id: str | None, at_mono_s: float) -> None:
        """Judge who stopped the car, if it is stopped; a person's stop holds until it runs or leaves."""
        same, self._session_id = session_id == self._session_id, session_id
        is_stopped = session_id is not None and charge.charging_state == "Stopped" and not charge.scheduled
        if not is_stopped:
            self.held_by_person = False
            return
        may_charge = self.ordered_a is not None and self.ordered_a > 0.0
        settled = at_mono_s >= self.answered_mono_s + self.grace_s
        self.held_by_person = (may_charge and settled) or (self.held_by_person and same)

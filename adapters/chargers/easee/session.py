"""Session: when a car came, and a name for its stay."""

import json
import math

from adapters.chargers.easee import observations as ids
from adapters.chargers.easee.codes import OpMode
from adapters.chargers.easee.latest import Latest
from controller.ports import Clock


class Session:
    """Follows the operating mode; `id` names the stay of the present car."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.id: str | None = None
        self.came_mono_s = -math.inf
        """When a car was heard to come."""
        self._mode: int | None = None

    @property
    def has_car(self) -> bool:
        """Whether a car may be there."""
        return self._mode != OpMode.DISCONNECTED

    def look(self, latest: Latest) -> None:
        """Take the latest operating mode."""
        mode = latest.code(ids.OP_MODE)
        if mode is None or mode == OpMode.OFFLINE:
            return  # Says nothing about the car.
        before, self._mode = self._mode, mode
        if mode == OpMode.DISCONNECTED:
            self.id = None
        elif before == OpMode.DISCONNECTED:
            self.id = self._new_name()
            self.came_mono_s = self._clock.mono_s()
        elif self.id is None:
            self.id = _told_name(latest) or self._new_name()

    def _new_name(self) -> str:
        return self._clock.now().strftime("%Y%m%dT%H%M%S.%fZ")


def _told_name(latest: Latest) -> str | None:
    """Read the charger's own name of the session that was under way before we came."""
    try:
        content = json.loads(latest.text(ids.SESSION_START) or "null")
    except (ValueError, RecursionError):
        return None
    told = content.get("Id") if isinstance(content, dict) else None
    return str(told) if isinstance(told, int | str) and told else None

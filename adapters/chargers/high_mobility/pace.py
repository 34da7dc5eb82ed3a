"""How often a Home Charger is asked: as configured, as it allows, and less often while it is busy."""

from dataclasses import dataclass
from typing import Final

from adapters.wire.autoapi.messages import Message

_SLOWEST_FACTOR: Final = 8.0
LONGEST_S: Final = 3600.0
"""No charger is left alone for longer, whatever it asks for: nobody would see what became of it."""

_DIGITS: Final = 6
"""Once an hour is 3600 s, without the noise of the unit's factor."""


@dataclass(slots=True, kw_only=True)
class Pace:
    """The time from one poll to the next."""

    poll_s: float
    slowest_s: float | None = None
    """The charger's own word."""
    _factor: float = 1.0

    def went(self, *, is_had: bool) -> None:
        """Take note of a poll: what was not to be had is asked for half as often, up to an eighth."""
        self._factor = 1.0 if is_had else min(_SLOWEST_FACTOR, self._factor * 2.0)

    @property
    def interval_s(self) -> float:
        """Tell the time between two polls, an hour at most."""
        return min(LONGEST_S, max(self.poll_s, self.slowest_s or 0.0) * self._factor)


def slowest_s(message: Message | None) -> float | None:
    """Tell the shortest time between two questions that every property bears; `None` without a limit.

    A strict rate is told as it stands; `Pace` waits for no longer than `LONGEST_S`. None at all, or fewer, is
    no rate.
    """
    if message is None:
        return None
    rates = [p.availability.rate_limit.base for p in message.properties if p.availability is not None]
    return max((round(1.0 / rate, _DIGITS) for rate in rates if rate > 0.0), default=None)

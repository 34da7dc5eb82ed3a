"""Knob: what one volatile limit stands at, as far as anybody can know. Pure.

An accepted command is not one that took effect: the observation has to follow. Observations come on change
only, so a value that stood already is confirmed by the response alone.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

Values = tuple[float, ...]

_SLACK: Final = timedelta(seconds=2)
"""Observations carry whole seconds of the device's own clock: one may seem older than what caused it."""


@dataclass(slots=True, kw_only=True)
class Knob:
    """Follows one limit (or three, of a circuit) through commands, responses and observations."""

    confirm_s: float
    """How long the observation of an accepted limit may take."""
    told: Values | None = None
    """What the device last said it took; `None` while that is uncertain."""
    in_doubt: bool = True
    """It may have changed unseen: what was observed before proves nothing any more."""
    seen: bool = False
    """Whether `told` was observed to stand since it was accepted."""
    _observed: Values | None = None
    _accepted_mono_s: float = -math.inf
    _news: set[int] = field(default_factory=set)
    """Which of the values were observed since the doubt began."""
    _since: datetime | None = None
    """When the command that may have changed it was made; `None`: no command is to blame."""
    _sending: Values | None = None

    def observe(self, values: Values, changed: int, at: datetime | None) -> None:
        """Take what stands now; `changed` says which of the values was just heard, of which instant."""
        self._observed = values
        self.seen = self.seen or values == self.told
        if self._since is not None and at is not None and at < self._since - _SLACK:
            return
        if self._sending in (None, values):
            # While a command is under way only its own value proves that it arrived.
            self._news.add(changed)
        if self._sending is None and len(self._news) == len(values):
            self.in_doubt = False

    def begin(self, values: Values, at: datetime) -> None:
        """Take note that a command leaves."""
        self._sending, self._since = values, at
        self._news.clear()

    def refuse(self) -> None:
        """Take a certain no: nothing changed."""
        self._sending = None

    def lose(self) -> None:
        """Take note that a command was not answered: only what was observed since it was made counts."""
        proven = self._sending is not None and len(self._news) == len(self._sending)
        self._sending, self.told, self.seen = None, None, False
        self.in_doubt = not proven

    def doubt(self) -> None:
        """Forget what was believed: we were away, and whatever is read next counts."""
        self.told, self.in_doubt, self.seen = None, True, False
        self._news.clear()

    def accept(self, values: Values, mono_s: float) -> None:
        """Take a response that says yes; told twice is seen, as no observation comes for what stands."""
        if self.told == values and not self.seen:
            self._observed = values
        self.told, self.in_doubt, self._sending = values, False, None
        self.seen = self._observed == values
        self._accepted_mono_s = mono_s

    def is_settling(self, mono_s: float) -> bool:
        """Tell whether an accepted limit may yet be observed."""
        return self.told is not None and not self.seen and mono_s < self._accepted_mono_s + self.confirm_s

    def stands_at(self, mono_s: float) -> Values | None:
        """Tell the limit in force; `None` while nobody knows.

        An accepted limit whose observation never came counts at the larger of both.
        """
        if self.in_doubt or self.is_settling(mono_s):
            return None
        if self.told is None or self.seen:
            return self._observed
        if self._observed is None:
            return self.told
        return tuple(max(pair) for pair in zip(self._observed, self.told, strict=True))

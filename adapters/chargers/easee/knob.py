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
    _is_gone: bool = False
    """The device started anew: what it was told last stands only if it is observed, or told again."""
    _restarted_meanwhile: bool = False
    """It started anew while a command was under way, which it may have taken before."""

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
            self._find_told(values)

    def begin(self, values: Values, at: datetime) -> None:
        """Take note that a command leaves."""
        self._sending, self._since, self._restarted_meanwhile = values, at, False
        self._news.clear()

    def refuse(self) -> None:
        """Take a certain no: nothing changed."""
        self._sending = None

    def lose(self) -> None:
        """Take note that a command was not answered: only what was observed since it was made counts."""
        proven = self._sending is not None and len(self._news) == len(self._sending)
        self._sending, self.told, self.seen, self._is_gone = None, None, False, False
        self.in_doubt = not proven

    def doubt(self) -> None:
        """Forget what was believed: we were away, and whatever is read next counts."""
        self.told, self.in_doubt, self.seen, self._is_gone = None, True, False, False
        self._news.clear()

    def restart(self, at: datetime | None) -> None:
        """Take note that the device started anew, `at` by its own clock: only what it tells since counts.

        What it was told stays known until then, so that it can be told again.
        """
        self.in_doubt, self.seen, self._is_gone = True, False, True
        self._observed, self._since = None, at
        self._restarted_meanwhile = self._sending is not None
        self._news.clear()

    def suppose(self, values: Values) -> None:
        """Count with these, as nothing tells what stands."""
        self._observed, self.told = values, None
        self.in_doubt = self._is_gone = False

    @property
    def is_gone(self) -> bool:
        """Whether the device started anew and nothing has told what the limit is since."""
        return self._is_gone and self.in_doubt

    def accept(self, values: Values, mono_s: float) -> None:
        """Take a response that says yes; told twice is seen, as no observation comes for what stands."""
        if self.told == values and not self.seen and not self._is_gone:
            self._observed = values
        # A device that started anew meanwhile may have said yes before.
        self.in_doubt = self._restarted_meanwhile and len(self._news) < len(values)
        self._is_gone = self.in_doubt
        self.told, self._sending, self._restarted_meanwhile = values, None, False
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

    def _find_told(self, values: Values) -> None:
        """See whether what was told outlived a restart."""
        if self._is_gone:
            self.seen = values == self.told
            self.told = self.told if self.seen else None
            self._is_gone = False

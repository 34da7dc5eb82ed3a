"""Budget: how many calls of each kind, what they cost this month, and what is still allowed.

Tesla bills every answer below 500, refusals included. What was sent counts as billed whatever came back: a
command proxy turns billed refusals into 500. Bluetooth and the Owner API are not billed, only counted and
paced.
"""

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from adapters.chargers.tesla.usage_file import UsageFile
from controller.ports import Clock, Usage

_log = logging.getLogger("phasewise.devices")

_MINUTE_S: Final = 60.0
_HOUR_S: Final = 3600.0
_KEPT_EVERY_S: Final = 60.0
_FREE_PART: Final = 0.8
"""From this part of the month's budget on, looks are as rare as when idle."""


class Kind(StrEnum):
    """What a call is billed as."""

    FREE = "free"
    DATA = "data"
    COMMAND = "command"
    WAKE = "wake"


PRICES_USD: Final[Mapping[Kind, float]] = {Kind.DATA: 1 / 500, Kind.COMMAND: 1 / 1000, Kind.WAKE: 1 / 50}


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is allowed."""

    per_month_usd: float
    per_minute: Mapping[Kind, int]
    unpriced: bool = False


class Budget:
    """Counts one car's calls."""

    def __init__(self, name: str, allowance: Allowance, clock: Clock, file: str | None = None) -> None:
        self._name, self._allowance, self._clock = name, allowance, clock
        self._file = None if file is None else UsageFile(file)
        self._month = clock.now().strftime("%Y-%m")
        held = {} if self._file is None else self._file.load(self._month)
        self.counts: dict[Kind, int] = {kind: held.get(kind, 0) for kind in Kind}
        """Calls of this month, other programs' and cars' in the same file included."""
        self._unkept: dict[Kind, int] = dict.fromkeys(Kind, 0)
        self._recent: dict[Kind, deque[float]] = {kind: deque() for kind in Kind}
        self._began, self._began_usd = clock.now(), self.cost_usd
        self._warned_for = ""
        self._kept_mono_s = float("-inf")

    @property
    def cost_usd(self) -> float:
        """What this month's calls cost so far."""
        if self._allowance.unpriced:
            return 0.0
        return sum(self.counts[kind] * price for kind, price in PRICES_USD.items())

    @property
    def estimate_usd(self) -> float:
        """What the whole month will cost if it goes on as since the start; an hour is watched at least."""
        now = self._clock.now()
        spent_usd = self.cost_usd - self._began_usd
        watched_s = max(_HOUR_S, (now - self._began).total_seconds())
        return self.cost_usd + spent_usd / watched_s * (_next_month(now) - now).total_seconds()

    @property
    def is_shared(self) -> bool:
        """Whether other programs' calls are in it."""
        return self._file is not None

    @property
    def is_short(self) -> bool:
        """Whether most of the month's budget is spent."""
        return self._is_priced and self.cost_usd >= _FREE_PART * self._allowance.per_month_usd

    @property
    def _is_priced(self) -> bool:
        return not self._allowance.unpriced

    def refusal(self, kind: Kind) -> str:
        """Say why a call may not be made now; empty: it may."""
        self._turn_month()
        recent, most = self._recent[kind], self._allowance.per_minute.get(kind)
        since_s = self._clock.mono_s() - _MINUTE_S
        while recent and recent[0] <= since_s:
            recent.popleft()
        if most is not None and len(recent) >= most:
            return f"{most} {kind} calls a minute are made already"
        price_usd = PRICES_USD.get(kind, 0.0) if self._is_priced else 0.0
        if price_usd and self.cost_usd + price_usd > self._allowance.per_month_usd:
            return f"this month's {self._allowance.per_month_usd:.2f} USD are spent"
        return ""

    def count(self, kind: Kind) -> None:
        """Note a call that was or may have been billed."""
        self._turn_month()
        self.counts[kind] += 1
        self._unkept[kind] += 1
        self._recent[kind].append(self._clock.mono_s())
        self._warn()
        if kind is not Kind.FREE and self._clock.mono_s() >= self._kept_mono_s + _KEPT_EVERY_S:
            self.keep()

    def keep(self) -> None:
        """Write down what was counted since the last time, beside what others counted."""
        if self._file is None or not any(self._unkept.values()):
            return
        self._kept_mono_s = self._clock.mono_s()
        try:
            sums = self._file.add(self._month, {kind.value: count for kind, count in self._unkept.items()})
        except BlockingIOError:
            return  # Another program is at it; the next time will do.
        except OSError as error:
            _log.warning("%s: the count of billed calls cannot be kept: %s", self._name, error.strerror)
            return
        # A file that somebody took away makes nothing cheaper.
        self.counts = {kind: max(self.counts[kind], sums.get(kind, 0)) for kind in Kind}
        self._unkept = dict.fromkeys(Kind, 0)

    @property
    def usage(self) -> Usage:
        """What this month's calls were and cost."""
        priced = self._is_priced
        return Usage(
            says=self.told(),
            calls={kind.value: count for kind, count in self.counts.items()},
            cost=round(self.cost_usd, 3) if priced else None,
            estimate=round(self.estimate_usd, 2) if priced else None,
            budget=self._allowance.per_month_usd if priced else None,
            currency="USD",
        )

    def told(self) -> str:
        """Say what this month costs."""
        counts = ", ".join(f"{self.counts[kind]} {kind}" for kind in Kind)
        if self._allowance.unpriced:
            return f"calls this month: {counts}; not billed"
        estimate = f"{self.cost_usd:.2f} USD so far, about {self.estimate_usd:.2f} by its end"
        return f"calls this month: {counts}; {estimate}, at most {self._allowance.per_month_usd:.2f}"

    def _warn(self) -> None:
        """Say once a month that the money runs out."""
        if self.is_short and self._warned_for != self._month:
            self._warned_for = self._month
            _log.warning("%s: most of this month's budget is spent: %s", self._name, self.told())

    def _turn_month(self) -> None:
        month = self._clock.now().strftime("%Y-%m")
        if month == self._month:
            return
        _log.info("%s: %s", self._name, self.told())
        self._month, self.counts, self._unkept = month, dict.fromkeys(Kind, 0), dict.fromkeys(Kind, 0)
        self._began, self._began_usd = self._clock.now(), 0.0


def _next_month(now: datetime) -> datetime:
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    december = 12
    if first.month == december:
        return first.replace(year=first.year + 1, month=1)
    return first.replace(month=first.month + 1)

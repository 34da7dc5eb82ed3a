"""Thermal models of what protects a circuit: miniature circuit-breakers and gG fuse links.

A norm gives a band in which a device may act; these models stand at its early edge, so that what survives
here survives with any device that keeps the norm. Between the points of the norm the time to trip is a
straight line on double logarithmic paper, which follows the early edge of published curves; beyond the last
point the heat has no time to flow away and I2t is constant.

Two states describe a pole:

- `state`, 0 to 1: how much of the overload that trips it is already used up. Below the current that it holds
  for ever it falls back with the device's time constant.
- `warmth`, 0 to 1: how far ordinary load has heated it towards the steady state at rated current. A warm
  device trips earlier by the share of heat that is in it already.
"""

import math
from dataclasses import dataclass

from controller.domain.units import Phases

# A small device reaches its steady state within the conventional hour: some five of these.
TIME_CONSTANT_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """When a device acts at the earliest, from cold, in multiples of its rated current."""

    name: str
    holds: float
    """This multiple never trips it."""
    points: tuple[tuple[float, float], ...]
    """(multiple, seconds), rising multiples, the first at `holds`."""
    instant: float = math.inf
    """Above this multiple it acts at once (the magnetic release)."""

    def trips_after_s(self, multiple: float) -> float:
        """Tell the earliest time to trip from cold at a constant multiple of the rated current.

        >>> round(mcb_curve(16.0, "B").trips_after_s(1.45))
        297
        """
        if multiple <= self.holds:
            return math.inf
        if multiple > self.instant:
            return 0.0
        for (low, low_s), (high, high_s) in zip(self.points, self.points[1:], strict=False):
            if multiple <= high:
                slope = math.log(high_s / low_s) / math.log(high / low)
                return low_s * math.exp(slope * math.log(multiple / low))
        last, last_s = self.points[-1]
        return last_s * (last / multiple) ** 2


def mcb_curve(rated_a: float, letter: str = "B") -> Curve:
    """Build the early edge of IEC 60898-1.

    1.13 In holds for the conventional time (1 h, above 63 A 2 h), 1.45 In trips within it; 2.55 In trips not
    before 1 s; the magnetic release may act from 3 In (B) or 5 In (C) on.

    Raises:
        ValueError: an unknown letter.
    """
    if letter not in _MAGNETIC:
        raise ValueError(f"curve {letter!r}: expected B or C")
    conventional_s = 3600.0 if rated_a <= 63.0 else 7200.0  # noqa: PLR2004 - IEC 60898-1, table 7
    return Curve(
        name=f"{letter}{rated_a:g}",
        holds=1.13,
        # A little above the 1 s of the norm, so that a pole warmed by the test itself still keeps to it.
        points=((1.13, conventional_s), (2.55, 1.05)),
        instant=_MAGNETIC[letter],
    )


_MAGNETIC = {"B": 3.0, "C": 5.0}


def gg_curve(rated_a: float) -> Curve:
    """Build the early edge of IEC 60269-1 for gG links of 16 A and above.

    1.25 In holds for the conventional time, 1.6 In melts within it. At 10 s and 0.1 s the line runs through
    the lowest gates relative to the rated current (33 A and 50 A for a 16 A link).
    """
    return Curve(
        name=f"gG{rated_a:g}",
        holds=1.25,
        points=((1.25, _conventional_fuse_s(rated_a)), (33.0 / 16.0, 10.0), (50.0 / 16.0, 0.1)),
    )


def _conventional_fuse_s(rated_a: float) -> float:
    """Tell the conventional time of IEC 60269-1, table 2."""
    return next(hours * 3600.0 for up_to_a, hours in _FUSE_HOURS if rated_a <= up_to_a)


_FUSE_HOURS = ((63.0, 1.0), (160.0, 2.0), (400.0, 3.0), (math.inf, 4.0))


class Pole:
    """One phase of a breaker or one fuse link."""

    def __init__(self, rated_a: float, curve: Curve, *, warmth: float = 0.0) -> None:
        self.rated_a, self.curve = rated_a, curve
        self.warmth = warmth
        self.state = 0.0

    @property
    def tripped(self) -> bool:
        """Whether it has acted; it stays so until `reset`."""
        return self.state >= 1.0

    def step(self, current_a: float, dt_s: float) -> bool:
        """Let a current flow for a while and tell whether the pole has tripped."""
        if self.tripped:
            return True
        multiple = abs(current_a) / self.rated_a
        trips_after_s = self.curve.trips_after_s(multiple) * (1.0 - self.warmth / self.curve.holds**2)
        if trips_after_s == 0.0:
            self.state = 1.0
        elif math.isinf(trips_after_s):
            self.state *= math.exp(-dt_s / TIME_CONSTANT_S)
        else:
            self.state = min(1.0, self.state + dt_s / trips_after_s)
        self._warm(multiple, dt_s)
        return self.tripped

    def reset(self) -> None:
        """Close it again (or put in a new link); it is as warm as before."""
        self.state = 0.0

    def _warm(self, multiple: float, dt_s: float) -> None:
        steady = min(1.0, multiple**2)
        self.warmth += (steady - self.warmth) * -math.expm1(-dt_s / TIME_CONSTANT_S)


class Protection:
    """The three poles that protect one circuit; each acts for itself, the worst one counts."""

    def __init__(self, limits_a: Phases, curve: str = "gG") -> None:
        """Build poles of the given ratings; `curve` is `gG`, `B` or `C`; a phase of 0 A has no pole."""
        self.poles = {
            phase: Pole(rated_a, gg_curve(rated_a) if curve == "gG" else mcb_curve(rated_a, curve))
            for phase, rated_a in enumerate(limits_a, start=1)
            if rated_a > 0.0
        }
        self.worst = 0.0
        """The largest state that any pole ever had."""

    @property
    def tripped(self) -> bool:
        """Whether any pole has acted."""
        return any(pole.tripped for pole in self.poles.values())

    def step(self, currents_a: Phases, dt_s: float) -> bool:
        """Let currents flow for a while and tell whether any pole has tripped."""
        for phase, pole in self.poles.items():
            pole.step(currents_a[phase - 1], dt_s)
            self.worst = max(self.worst, pole.state)
        return self.tripped

"""Identifiers and per-phase numbers that the whole core shares."""

from enum import StrEnum
from typing import NewType

CircuitId = NewType("CircuitId", str)
ChargerId = NewType("ChargerId", str)
MeterId = NewType("MeterId", str)
VehicleId = NewType("VehicleId", str)

Phases = tuple[float, float, float]
"""One number for each of L1, L2, L3."""

MaybePhases = tuple[float | None, float | None, float | None]
"""One number a phase, `None` where it is not known."""

ZERO: Phases = (0.0, 0.0, 0.0)

# IEC 61851-1 allows no less than 6 A.
MIN_CURRENT_A = 6.0

SQRT3 = 3.0**0.5


class Grid(StrEnum):
    """How the supply is wired.

    TN: 400 V between lines, 230 V to neutral; a single-phase charger loads one line.
    IT: 230 V between lines and no neutral; a single-phase charger loads two lines.
    """

    TN = "TN"
    IT = "IT"


def power_of_ampere_w(grid: Grid, voltage_v: float, lines: int) -> float:
    """Tell what one ampere on a charger's lines weighs in watts.

    `voltage_v` is line to neutral on TN and line to line on IT.

    >>> power_of_ampere_w(Grid.TN, 230.0, 3)
    690.0
    >>> power_of_ampere_w(Grid.IT, 230.0, 2)
    230.0
    """
    if grid is Grid.TN:
        return voltage_v * lines
    return voltage_v * (SQRT3 if lines == 3 else 1.0)  # noqa: PLR2004 - three lines


def power_of_lines_w(grid: Grid, voltage_v: float, line_a: Phases) -> float:
    """Tell the most power that three line currents can carry: on IT as much as a load on all three.

    >>> round(power_of_lines_w(Grid.IT, 230.0, (10.0, 10.0, 10.0)))
    3984
    """
    return sum(line_a) * voltage_v / (1.0 if grid is Grid.TN else SQRT3)


def plus(left: Phases, right: Phases) -> Phases:
    """Add phase by phase."""
    return left[0] + right[0], left[1] + right[1], left[2] + right[2]


def minus(left: Phases, right: Phases) -> Phases:
    """Subtract phase by phase."""
    return left[0] - right[0], left[1] - right[1], left[2] - right[2]


def floored(values: Phases) -> Phases:
    """Clamp each phase at zero."""
    return max(0.0, values[0]), max(0.0, values[1]), max(0.0, values[2])

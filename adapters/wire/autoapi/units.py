"""Measurements of the auto-api and their units, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit of a measurement."""

    name: str
    factor: float
    """What one of it is in the measurement's base unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What can be measured."""

    id: int
    units: Mapping[int, Unit]
    """By the unit's id; id 0 is the base unit."""

    def by_name(self, name: str) -> tuple[int, Unit] | None:
        """Find a unit and its id."""
        return next(((key, unit) for key, unit in self.units.items() if unit.name == name), None)


CURRENT: Final = Measurement(
    id=0x09,
    units={
        0x00: Unit(name="amperes", factor=1.0),
        0x01: Unit(name="milliamperes", factor=1e-3),
        0x02: Unit(name="kiloamperes", factor=1e3),
    },
)

POWER: Final = Measurement(
    id=0x14,
    units={
        0x00: Unit(name="watts", factor=1.0),
        0x01: Unit(name="milliwatts", factor=1e-3),
        0x02: Unit(name="kilowatts", factor=1e3),
        0x03: Unit(name="megawatts", factor=1e6),
        0x0A: Unit(name="horsepower", factor=745.7),
    },
)

# The machine specification's factors for the last three are inverted; these are hertz.
FREQUENCY: Final = Measurement(
    id=0x0E,
    units={
        0x00: Unit(name="hertz", factor=1.0),
        0x01: Unit(name="millihertz", factor=1e-3),
        0x03: Unit(name="kilohertz", factor=1e3),
        0x04: Unit(name="megahertz", factor=1e6),
        0x05: Unit(name="gigahertz", factor=1e9),
        0x08: Unit(name="times_per_minute", factor=1.0 / 60.0),
        0x09: Unit(name="times_per_hour", factor=1.0 / 3600.0),
        0x0A: Unit(name="times_per_day", factor=1.0 / 86_400.0),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number in a unit, as it stood on the wire."""

    value: float
    unit: str
    measurement: Measurement

    @property
    def base(self) -> float:
        """Tell it in the base unit: A, W or Hz.

        >>> Quantity(value=16000.0, unit="milliamperes", measurement=CURRENT).base
        16.0
        """
        found = self.measurement.by_name(self.unit)
        return self.value * (found[1].factor if found is not None else float("nan"))

"""Decoding: what was read becomes a `MeterReading`, positive into the site. Pure."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.meters.layout import Layout
from adapters.meters.modbus_layout import CURRENT_RATIO, VOLTAGE_RATIO
from adapters.meters.plausible import refuse_impossible
from adapters.meters.registers import Image, value_of
from controller.domain.readings import MeterReading
from controller.domain.units import MaybePhases, MeterId
from controller.errors import DeviceNonsense

Values = Mapping[str, float | None]
"""Quantities by the names of the maps."""

_PHASES = ("l1", "l2", "l3")

# Below the larger of these a power does not tell a direction.
_DEADBAND_W, _DEADBAND_PART = 10.0, 0.05

# Only to weigh power against current where a meter tells no voltage.
_NOMINAL_V = 230.0

# Power and apparent power of one instant agree better than this; of two instants they need not.
_SAME_INSTANT = (0.5, 1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What the configuration says of a meter's values."""

    id: MeterId
    address_offset: int = 0
    invert: bool = False
    """The meter is mounted the other way round."""
    most_a: float = 1000.0
    """No phase can carry more; a larger value is nonsense."""
    lag_s: float = 0.0
    """How old values already are when they are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The words of one poll, and when they were asked for."""

    image: Image
    at_mono_s: float
    counters: Values = field(default_factory=dict)
    """Energies, read more seldom."""
    one_frame: bool = True
    """Whether current and power come in one answer, so that one tells the other's sign."""


def decode(layout: Layout, understanding: Understanding, sample: Sample) -> MeterReading:
    """Turn what was read into a reading of finite numbers, `None` where the meter tells nothing.

    Raises:
        DeviceNonsense: not ready, physically impossible, or nothing but missing values.
    """
    values = scaled_values(layout, sample.image)
    _refuse_unready(layout, values)
    values.update(sample.counters)
    return reading_of(understanding, values, sample.at_mono_s, one_frame=sample.one_frame)


def reading_of(
    understanding: Understanding, values: Values, at_mono_s: float, *, one_frame: bool = True
) -> MeterReading:
    """Turn named quantities into a reading: signs, sums and plausibility.

    Raises:
        DeviceNonsense: physically impossible, or nothing but missing values.
    """
    if not any(value is not None for name, value in values.items() if name.startswith(("current", "power"))):
        raise DeviceNonsense("tells no current and no power, only markers for missing values")
    sign = -1.0 if understanding.invert else 1.0
    powers_w = _phases(lambda phase: _power_w(values, f"power_{phase}", sign))
    voltages_v = _phases(lambda phase: values.get(f"voltage_{phase}_v"))
    raw_a = _phases(lambda phase: values.get(f"current_{phase}_a"))
    into, out_of = ("export_wh", "import_wh") if understanding.invert else ("import_wh", "export_wh")
    reading = MeterReading(
        id=understanding.id,
        at_mono_s=at_mono_s - understanding.lag_s,
        currents_a=signed_currents_a(raw_a, powers_w, voltages_v, one_frame=one_frame),
        power_w=_total_w(values, powers_w, sign),
        powers_w=powers_w,
        voltages_v=voltages_v,
        import_wh=values.get(into),
        export_wh=values.get(out_of),
        soc_pct=values.get("soc_pct"),
    )
    refuse_impossible(reading, understanding.most_a)
    return reading


def scaled_values(layout: Layout, image: Image) -> dict[str, float | None]:
    """Tell every value that the words hold, transformer ratios multiplied in."""
    values = {name: value_of(register, image) for name, register in layout.registers.items()}
    if CURRENT_RATIO not in values:
        return values
    current, voltage = values[CURRENT_RATIO], values[VOLTAGE_RATIO]
    if not current or not voltage or current < 0 or voltage < 0:
        raise DeviceNonsense(f"transformer ratios are {current} and {voltage}, expected positive numbers")
    factors = {"a": current, "v": voltage, "w": current * voltage, "wh": current * voltage}
    return {
        name: None if value is None else _finite(value * factors.get(name.rpartition("_")[2], 1.0))
        for name, value in values.items()
    }


def signed_currents_a(
    raw_a: MaybePhases, powers_w: MaybePhases, voltages_v: MaybePhases, *, one_frame: bool = True
) -> MaybePhases:
    """Give each current the sign of its phase's power; near zero and without a power it counts as import.

    >>> signed_currents_a((10.0, 10.0, None), (-2300.0, 2300.0, None), (230.0, 230.0, None))
    (-10.0, 10.0, None)
    """
    one, two, three = (
        _signed_a(*phase, one_frame=one_frame) for phase in zip(raw_a, powers_w, voltages_v, strict=True)
    )
    return one, two, three


def _signed_a(
    raw_a: float | None, power_w: float | None, voltage_v: float | None, *, one_frame: bool
) -> float | None:
    if raw_a is None:
        return None
    magnitude_a = abs(raw_a)
    apparent_va = (_NOMINAL_V if voltage_v is None else voltage_v) * magnitude_a
    if power_w is None or power_w >= -max(_DEADBAND_W, _DEADBAND_PART * apparent_va):
        return magnitude_a
    low, high = _SAME_INSTANT
    if not one_frame and not low * apparent_va <= -power_w <= high * apparent_va:
        return magnitude_a
    return -magnitude_a


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _refuse_unready(layout: Layout, values: Values) -> None:
    state = values.get("ready")
    if layout.ready_when is not None and state != layout.ready_when:
        raise DeviceNonsense(
            f"says its values cannot be trusted: status {state}, expected {layout.ready_when}"
            f" ({layout.ready_says})"
        )


def _power_w(values: Values, name: str, sign: float) -> float | None:
    whole = values.get(f"{name}_w")
    if whole is not None:
        return sign * whole
    into, out_of = values.get(f"{name}_import_w"), values.get(f"{name}_export_w")
    if into is None or out_of is None:
        return None
    return sign * (into - out_of)


def _total_w(values: Values, powers_w: MaybePhases, sign: float) -> float | None:
    if {"power_w", "power_import_w"} & values.keys():
        return _power_w(values, "power", sign)
    known = [power_w for power_w in powers_w if power_w is not None]
    metered = [phase for phase in _PHASES if {f"power_{phase}_w", f"power_{phase}_import_w"} & values.keys()]
    return sum(known) if known and len(known) == len(metered) else None


def _phases(of: Callable[[str], float | None]) -> MaybePhases:
    return of("l1"), of("l2"), of("l3")

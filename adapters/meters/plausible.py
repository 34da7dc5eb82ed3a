"""Plausibility: what a site cannot be is not a value (safety rule 7). Pure."""

import math
from collections.abc import Hashable

from controller.domain.readings import MeterReading
from controller.domain.site import Site
from controller.domain.units import MaybePhases
from controller.errors import DeviceNonsense

# A phase is either alive within these or dead; anything else is a wrong frame or a wrong map.
_LEAST_V, _MOST_V = 150.0, 300.0
_DEAD_V = 1.0
_FULL_PCT = 100.0

_MOST_TIMES_FUSE, _MOST_A = 10.0, 1000.0
_MISMATCH_W, _MISMATCH_PART = 200.0, 0.10
_LOADED_A, _LOADED_W = 1.0, 200.0


def refuse_impossible(reading: MeterReading, most_a: float) -> None:
    """Check a reading against physics.

    Raises:
        DeviceNonsense: a voltage outside 150..300 V, a current or power that no fuse here would pass.
    """
    for index, voltage_v in enumerate(reading.voltages_v, 1):
        if voltage_v is not None and not (abs(voltage_v) <= _DEAD_V or _LEAST_V <= voltage_v <= _MOST_V):
            raise DeviceNonsense(f"L{index} reads {voltage_v:.6g} V, expected 150 to 300 V or 0")
    most_w = most_a * _MOST_V
    for index, (current_a, power_w) in enumerate(zip(reading.currents_a, reading.powers_w, strict=True), 1):
        _refuse_above(current_a, most_a, f"L{index}", "A")
        _refuse_above(power_w, most_w, f"L{index}", "W")
    _refuse_above(reading.power_w, 3 * most_w, "the total", "W")
    if reading.soc_pct is not None and not 0 <= reading.soc_pct <= _FULL_PCT:
        raise DeviceNonsense(f"state of charge reads {reading.soc_pct:.6g} %, expected 0 to 100 %")


def mismatch(reading: MeterReading) -> str | None:
    """Tell in words when the phases do not add up to the total: crossed wiring or a mixed-up map.

    >>> from controller.domain.units import MeterId
    >>> mismatch(MeterReading(id=MeterId("grid"), at_mono_s=0.0, power_w=3000.0, powers_w=(1000.0,) * 3))
    """
    known_w = [power_w for power_w in reading.powers_w if power_w is not None]
    if reading.power_w is None or not known_w:
        return None
    sum_w = math.fsum(known_w)
    allowed_w = max(_MISMATCH_W, _MISMATCH_PART * abs(reading.power_w))
    if abs(sum_w - reading.power_w) <= allowed_w:
        return None
    return (
        f"the phases add up to {sum_w:.0f} W but the total says {reading.power_w:.0f} W:"
        " look for crossed wiring or a wrong map"
    )


def most_current_a(site: Site | None, meter: str) -> float:
    """Tell what no phase of this meter can carry: many times the fuse of its circuit, for inrush."""
    if site is None:
        return _MOST_A
    fuses_a = [max(circuit.limit_a) for circuit in site.circuits if circuit.meter == meter]
    return _MOST_TIMES_FUSE * max(fuses_a) if fuses_a else _MOST_A


class FrozenWatch:
    """Notices a gateway that keeps serving the last values of a meter that it has lost."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._raw: Hashable = None
        self._since_mono_s = 0.0

    def check(self, raw: Hashable, reading: MeterReading) -> None:
        """Compare with what was read before.

        Raises:
            DeviceNonsense: bit-identical for too long on a loaded site.
        """
        if raw != self._raw:
            self._raw, self._since_mono_s = raw, reading.at_mono_s
            return
        age_s = reading.at_mono_s - self._since_mono_s
        if self._after_s and age_s > self._after_s and _is_loaded(reading):
            raise DeviceNonsense(f"frozen: every value identical for {age_s:.0f} s on a loaded site")


def _refuse_above(value: float | None, most: float, where: str, unit: str) -> None:
    # Written so that NaN is refused too.
    if value is not None and not abs(value) <= most:
        raise DeviceNonsense(f"{where} reads {value:.6g} {unit}, expected at most {most:g} {unit}")


def _is_loaded(reading: MeterReading) -> bool:
    return _exceeds(reading.currents_a, _LOADED_A) or _exceeds(
        (*reading.powers_w, reading.power_w), _LOADED_W
    )


def _exceeds(values: MaybePhases | tuple[float | None, ...], least: float) -> bool:
    return any(value is not None and abs(value) >= least for value in values)

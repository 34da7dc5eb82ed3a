"""A SunSpec device: marker, common model, a meter model point by point, end of list."""

import math
import struct
from collections.abc import Iterator

from simulator.meters.quantities import Quantities

_FIRST_FLOAT_MODEL = 211
_INT_LENGTH, _FLOAT_LENGTH = 105, 124
_COMMON, _COMMON_LENGTH = 1, 66
_END = (0xFFFF, 0)

# The points of the standard in their order; a name without a quantity is served as "not implemented".
_INT_POINTS = (  # noqa: SIM905 - reads like the standard's own list
    "A current_l1_a current_l2_a current_l3_a A_SF"
    " PhV voltage_l1_v voltage_l2_v voltage_l3_v PPV PPVphAB PPVphBC PPVphCA V_SF"
    " frequency_hz Hz_SF power_w power_l1_w power_l2_w power_l3_w W_SF"
    " VA VAphA VAphB VAphC VA_SF VAR VARphA VARphB VARphC VAR_SF PF PFphA PFphB PFphC PF_SF"
    " export_wh ExpA ExpB ExpC import_wh ImpA ImpB ImpC TotWh_SF"
).split()
_FLOAT_POINTS = (  # noqa: SIM905 - as above
    "A current_l1_a current_l2_a current_l3_a"
    " PhV voltage_l1_v voltage_l2_v voltage_l3_v PPV PPVphAB PPVphBC PPVphCA"
    " frequency_hz power_w power_l1_w power_l2_w power_l3_w"
    " VA VAphA VAphB VAphC VAR VARphA VARphB VARphC PF PFphA PFphB PFphC"
    " export_wh ExpA ExpB ExpC import_wh ImpA ImpB ImpC"
).split()
_ENERGIES = ("export_wh", "ExpA", "ExpB", "ExpC", "import_wh", "ImpA", "ImpB", "ImpC")
_NOT_IMPLEMENTED = 0x8000
_INT_RESOLUTION = {"A_SF": -2, "V_SF": -1, "Hz_SF": -2, "W_SF": 0, "TotWh_SF": 0}
_FACTOR_OF = {"a": "A_SF", "v": "V_SF", "hz": "Hz_SF", "w": "W_SF", "wh": "TotWh_SF"}


def sunspec_words(model: int, quantities: Quantities, *, missing: bool = False) -> list[int]:
    """Lay out the whole device from its base address on."""
    is_float = model >= _FIRST_FLOAT_MODEL
    points = _float_points(quantities, missing) if is_float else _int_points(quantities, missing)
    length = _FLOAT_LENGTH if is_float else _INT_LENGTH
    body = list(points)
    body += [0] * (length - len(body))
    marker = struct.unpack(">2H", b"SunS")
    return [*marker, _COMMON, _COMMON_LENGTH, *_common(), model, length, *body, *_END]


def _common() -> list[int]:
    text = b"Phasewise".ljust(32, b"\0") + b"Meter twin".ljust(32, b"\0")
    return list(struct.unpack(f">{_COMMON_LENGTH}H", text.ljust(2 * _COMMON_LENGTH, b"\0")))


def _float_points(quantities: Quantities, missing: bool) -> Iterator[int]:  # noqa: FBT001 - internal
    for point in _FLOAT_POINTS:
        value = None if missing else _value(point, quantities)
        yield from struct.unpack(">2H", struct.pack(">f", math.nan if value is None else value))


def _int_points(quantities: Quantities, missing: bool) -> Iterator[int]:  # noqa: FBT001 - internal
    for point in _INT_POINTS:
        if point in _INT_RESOLUTION:
            yield _INT_RESOLUTION[point] & 0xFFFF
            continue
        value = None if missing else _value(point, quantities)
        if point in _ENERGIES:
            yield from struct.unpack(">2H", struct.pack(">I", round(value or 0)))
        elif value is None:
            yield _NOT_IMPLEMENTED
        else:
            exponent = _INT_RESOLUTION[_FACTOR_OF[point.rpartition("_")[2]]]
            yield round(value / 10.0**exponent) & 0xFFFF


def _value(point: str, quantities: Quantities) -> float | None:
    if not point.endswith(("_a", "_v", "_w", "_wh", "_hz")):
        return None
    value = quantities.value(point)
    # Of all readings of the standard the harder one: currents without sign.
    return abs(value) if value is not None and point.startswith("current") else value

"""Encoding: quantities become registers, as a map's meter would hold them.

Written apart from the decoder (other library, other structure), so that one catches the other's mistakes.
"""

import math
from collections.abc import Iterator

from pymodbus.client.mixin import ModbusClientMixin

from adapters.meters.map_file import ModbusMap
from adapters.meters.map_tables import Place
from adapters.meters.registers import WordOrder, WordType
from simulator.meters.quantities import Quantities

Memory = dict[tuple[int, int], int]
"""Word by (function code, address)."""

_TYPES = ModbusClientMixin.DATATYPE
_BITS = {"16": 0xFFFF, "32": 0xFFFF_FFFF, "64": 0xFFFF_FFFF_FFFF_FFFF}

# A direct-connected meter: one ampere is one ampere.
_UNITY = 1.0

# How finely a device with scale factors reports each unit, while the number fits.
_FINEST_EXPONENT = {"a": -2, "v": -1, "w": -1, "hz": -2, "wh": 0}


def encode(modbus_map: ModbusMap, quantities: Quantities, *, missing: bool = False) -> Memory:
    """Fill all registers of a map; `missing` writes the meter's marker for "no value" into each."""
    memory: Memory = {}
    phases = sum(name.startswith("voltage_l") for name in modbus_map.registers) or 3
    for name, place in modbus_map.registers.items():
        value = None if missing else _as_the_meter_says(modbus_map, name, quantities.value(name, phases))
        code = place.function_code or modbus_map.function_code
        for address, word in _words(modbus_map, place, name, value):
            memory[code, address] = word
    return memory


def fixed_registers(modbus_map: ModbusMap) -> Memory:
    """Fill the registers that tell how the meter is set up: well, both ways, direct-connected."""
    memory: Memory = {}
    expectations = [*modbus_map.probe, *([modbus_map.ready] if modbus_map.ready else [])]
    for check in expectations:
        code = check.function_code or modbus_map.function_code
        for index, word in enumerate(_registers(check.expect, check.type, modbus_map.word_order)):
            memory[code, check.address + index] = word
    if modbus_map.ratios is not None:
        for place in (modbus_map.ratios.current, modbus_map.ratios.voltage):
            for address, word in _words(modbus_map, place, "ratio", _UNITY):
                memory[modbus_map.function_code, address] = word
    if modbus_map.identify is not None:
        letters = "TWIN".ljust(modbus_map.identify.count)
        for index in range(modbus_map.identify.count):
            memory[modbus_map.function_code, modbus_map.identify.address + index] = ord(letters[index])
    return memory


def _as_the_meter_says(modbus_map: ModbusMap, name: str, value: float | None) -> float | None:
    if value is None or not name.startswith("current_") or modbus_map.current_sign == "signed":
        return value
    return abs(value)


def _words(modbus_map: ModbusMap, place: Place, name: str, value: float | None) -> Iterator[tuple[int, int]]:
    exponent = 0
    if place.scale_factor_at is not None:
        exponent = _exponent(name, (value or 0.0) / place.scale)
        yield place.scale_factor_at, exponent & 0xFFFF
    raw: float = _marker(modbus_map, place) if value is None else value / place.scale / 10.0**exponent
    for index, word in enumerate(_registers(raw, place.type, modbus_map.word_order)):
        yield place.address + index, word


def _exponent(name: str, raw: float) -> int:
    exponent = _FINEST_EXPONENT[name.rpartition("_")[2]]
    while not name.endswith("_wh") and abs(raw) / 10.0**exponent > 0x7FFF:  # noqa: PLR2004 - the largest int16
        exponent += 1
    return exponent


def _marker(modbus_map: ModbusMap, place: Place) -> float:
    """Make up what stands in a register without value; a map that knows no marker gets what fits its type."""
    if place.type.startswith("float"):
        return math.nan
    marked = modbus_map.invalid.of(place.type)
    if marked is not None:
        return marked
    if place.type == "int32" and modbus_map.invalid.int32_high_word is not None:
        return modbus_map.invalid.int32_high_word << 16
    return -1 if place.type.startswith("int") else _BITS[place.type[-2:]]


def _registers(raw: float, kind: WordType, word_order: WordOrder) -> list[int]:
    number = raw if kind.startswith("float") else _clamped(round(raw), kind)
    wire_type = getattr(_TYPES, kind.upper())
    return ModbusClientMixin.convert_to_registers(number, wire_type, word_order=word_order)


def _clamped(number: int, kind: str) -> int:
    bits = _BITS[kind[-2:]]
    low, high = (0, bits) if kind.startswith("u") else (-(bits // 2) - 1, bits // 2)
    return min(max(number, low), high)

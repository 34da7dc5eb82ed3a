"""Turns a map of fixed addresses into the layout that reading and decoding work with."""

from collections.abc import Iterator

from adapters.meters.layout import Layout
from adapters.meters.map_file import ModbusMap
from adapters.meters.map_tables import Expectation, Place
from adapters.meters.registers import Register

CURRENT_RATIO, VOLTAGE_RATIO = "ratio_current", "ratio_voltage"


def fixed_layout(modbus_map: ModbusMap, offset: int = 0) -> Layout:
    """Settle every register of a map; `offset` moves all addresses (a second meter on the same device)."""
    ready = modbus_map.ready
    return Layout(
        registers={register.name: register for register in _registers(modbus_map, offset)},
        read_blocks=tuple((start + offset, count) for start, count in modbus_map.read_blocks),
        max_registers=modbus_map.max_registers_per_read,
        ready_when=None if ready is None else ready.expect,
        ready_says="" if ready is None else ready.says,
    )


def expected_register(modbus_map: ModbusMap, check: Expectation, offset: int = 0) -> Register:
    """Settle the register of a setup check."""
    return _register("check", _place(check), modbus_map, offset)


def _registers(modbus_map: ModbusMap, offset: int) -> Iterator[Register]:
    for name, place in modbus_map.registers.items():
        yield _register(name, place, modbus_map, offset)
    if modbus_map.ready is not None:
        yield _register("ready", _place(modbus_map.ready), modbus_map, offset)
    if modbus_map.ratios is not None:
        yield _register(CURRENT_RATIO, modbus_map.ratios.current, modbus_map, offset)
        yield _register(VOLTAGE_RATIO, modbus_map.ratios.voltage, modbus_map, offset)


def _place(check: Expectation) -> Place:
    return Place(address=check.address, type=check.type, function_code=check.function_code)


def _register(name: str, place: Place, modbus_map: ModbusMap, offset: int) -> Register:
    factor = place.scale_factor_at
    return Register(
        name=name,
        address=place.address + offset,
        function_code=place.function_code or modbus_map.function_code,
        type=place.type,
        word_order=modbus_map.word_order,
        scale=place.scale,
        scale_factor_at=None if factor is None else factor + offset,
        invalid=modbus_map.invalid.of(place.type),
        invalid_high_word=modbus_map.invalid.int32_high_word if place.type == "int32" else None,
        magnitude=place.magnitude,
        optional=place.optional,
    )

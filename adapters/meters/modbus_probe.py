"""Probe: what a person wants to know of a Modbus meter before trusting it."""

from adapters.meters.map_file import ModbusMap, SunspecMap
from adapters.meters.modbus_layout import expected_register
from adapters.meters.modbus_session import MeterSession
from adapters.meters.plausible import mismatch
from adapters.meters.present import present_values
from adapters.meters.registers import Register, value_of
from controller.errors import DeviceRefused
from controller.ports import Probe

_PRINTABLE = range(0x20, 0x7F)


async def probe_of(
    session: MeterSession, meter_map: ModbusMap | SunspecMap, found: str, offset: int
) -> Probe:
    """Read everything that the meter tells, and how it is set up."""
    reading, _ = await session.reading()
    frequency = [
        session.layout.registers[name] for name in ("frequency_hz",) if name in session.layout.registers
    ]
    values = {**present_values(reading), **await session.values(frequency)}
    warnings = [complaint for complaint in (mismatch(reading),) if complaint]
    if isinstance(meter_map, ModbusMap):
        warnings += await _setup_warnings(session, meter_map, offset)
        found = f"{found}{await _identity(session, meter_map)}"
    if meter_map.confidence == "low":
        warnings.append(
            "its register map rests on thin evidence: compare the values with the meter's display"
        )
    rounded = {name: None if value is None else round(value, 3) for name, value in values.items()}
    return Probe(found=found, warnings=tuple(warnings), values=rounded)


async def _setup_warnings(session: MeterSession, meter_map: ModbusMap, offset: int) -> list[str]:
    warnings = []
    for check in meter_map.probe:
        register = expected_register(meter_map, check, offset)
        value = await _value(session, register)
        if value != float(check.expect):
            shown = "does not answer" if value is None else f"holds {value:g}"
            warnings.append(f"register {register.address} {shown}, expected {check.expect}: {check.says}")
    return warnings


async def _value(session: MeterSession, register: Register) -> float | None:
    words = await _words(session, register.function_code, register.address, register.words)
    image = {(register.function_code, register.address + index): word for index, word in enumerate(words)}
    return value_of(register, image)


async def _identity(session: MeterSession, meter_map: ModbusMap) -> str:
    place = meter_map.identify
    if place is None:
        return ""
    words = await _words(session, meter_map.function_code, place.address, place.count)
    letters = "".join(chr(byte) for word in words for byte in word.to_bytes(2, "big") if byte in _PRINTABLE)
    return f", calls itself {letters.strip()!r}" if letters.strip() else ""


async def _words(session: MeterSession, function_code: int, address: int, count: int) -> tuple[int, ...]:
    try:
        return (await session.station.read(function_code, address, count)).words
    except DeviceRefused:
        return ()

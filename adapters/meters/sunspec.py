"""SunSpec: a device lists its models; the meter models 201 to 204 and 211 to 214 have fixed offsets."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from adapters.meters.layout import Layout
from adapters.meters.registers import Register, WordType
from controller.errors import DeviceNonsense, DeviceRefused

MARKER = (0x5375, 0x6E53)
"""The letters SunS at the base address."""
END_OF_MODELS = 0xFFFF

# A walk that meets more models than this follows garbage.
_MOST_MODELS = 64

# Models from here on carry floats.
_FIRST_FLOAT_MODEL = 211

# Delta wiring has no neutral: its phase voltages mean nothing.
_DELTA_MODELS = (204, 214)

ReadWords = Callable[[int, int], Awaitable[Sequence[int]]]
"""Reads (address, count)."""


class Field(NamedTuple):
    """One value of a meter model, by offset from the model id."""

    offset: int
    scale_factor: int | None = None
    type: WordType | None = None


INT_FIELDS: Mapping[str, Field] = {
    "current_l1_a": Field(3, 6),
    "current_l2_a": Field(4, 6),
    "current_l3_a": Field(5, 6),
    "voltage_l1_v": Field(8, 15),
    "voltage_l2_v": Field(9, 15),
    "voltage_l3_v": Field(10, 15),
    "frequency_hz": Field(16, 17),
    "power_w": Field(18, 22),
    "power_l1_w": Field(19, 22),
    "power_l2_w": Field(20, 22),
    "power_l3_w": Field(21, 22),
    "export_wh": Field(38, 54, "uint32"),
    "import_wh": Field(46, 54, "uint32"),
}

FLOAT_FIELDS: Mapping[str, Field] = {
    "current_l1_a": Field(4),
    "current_l2_a": Field(6),
    "current_l3_a": Field(8),
    "voltage_l1_v": Field(12),
    "voltage_l2_v": Field(14),
    "voltage_l3_v": Field(16),
    "frequency_hz": Field(26),
    "power_w": Field(28),
    "power_l1_w": Field(30),
    "power_l2_w": Field(32),
    "power_l3_w": Field(34),
    "export_wh": Field(60),
    "import_wh": Field(68),
}


class Model(NamedTuple):
    """A model that a device lists."""

    id: int
    address: int
    """Of its id."""


async def find_model(read: ReadWords, bases: Sequence[int], wanted: Sequence[int]) -> Model:
    """Walk the list of models until a wanted one.

    Raises:
        DeviceNonsense: no SunSpec device there, or none of its models is wanted.
    """
    for base in bases:
        if await _marked(read, base):
            return await _walk(read, base + len(MARKER), wanted)
    raise DeviceNonsense(f"no SunSpec marker at {', '.join(str(base) for base in bases)}")


def sunspec_layout(model: Model, function_code: int, max_registers: int) -> Layout:
    """Settle the registers of a meter model at its address."""
    is_float = model.id >= _FIRST_FLOAT_MODEL
    fields = FLOAT_FIELDS if is_float else INT_FIELDS
    registers = {
        name: _register(name, field, model, function_code)
        for name, field in fields.items()
        if not (model.id in _DELTA_MODELS and name.startswith("voltage"))
    }
    first, last = (4, 36) if is_float else (3, 23)
    return Layout(
        registers=registers,
        read_blocks=((model.address + first, last - first),),
        max_registers=max_registers,
    )


async def _marked(read: ReadWords, base: int) -> bool:
    try:
        return tuple(await read(base, len(MARKER))) == MARKER
    except DeviceRefused:
        return False


async def _walk(read: ReadWords, address: int, wanted: Sequence[int]) -> Model:
    seen = []
    for _ in range(_MOST_MODELS):
        model, length = await _header(read, address)
        if model in wanted:
            return Model(model, address)
        if model == END_OF_MODELS or address + 2 + length > END_OF_MODELS:
            break
        seen.append(model)
        address += 2 + length
    raise DeviceNonsense(f"SunSpec device lists models {seen}, none of the meter models {list(wanted)}")


async def _header(read: ReadWords, address: int) -> Sequence[int]:
    try:
        return await read(address, 2)
    except DeviceRefused as refusal:
        raise DeviceNonsense(f"{refusal}: the list of SunSpec models ends without its end mark") from refusal


def _register(name: str, field: Field, model: Model, function_code: int) -> Register:
    kind: WordType = field.type or ("float32" if model.id >= _FIRST_FLOAT_MODEL else "int16")
    factor = field.scale_factor
    return Register(
        name=name,
        address=model.address + field.offset,
        function_code=function_code,
        type=kind,
        scale_factor_at=None if factor is None else model.address + factor,
        # -32768 and, for accumulators, 0 mean "not implemented".
        invalid={"int16": -0x8000, "uint32": 0}.get(kind),
    )

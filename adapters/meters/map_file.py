"""Map files: one TOML file tells where a kind of meter keeps which value."""

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails

from adapters.meters.layout import MOST_REGISTERS
from adapters.meters.map_tables import (
    Address,
    Defaults,
    Expectation,
    FunctionCode,
    Identify,
    Invalid,
    MapTable,
    Place,
    Quantity,
    Ratios,
    SunspecPlace,
    Transport,
)
from adapters.meters.registers import WordOrder
from controller.errors import SettingsError

BUILT_IN = Path(__file__).parent / "maps"


class AnyMap(MapTable):
    """What every map says of its meter."""

    names: Annotated[tuple[str, ...], Field(min_length=1)]
    """The devices that it fits."""
    current_sign: Literal["unsigned", "signed", "not_stated", "absent"] = "not_stated"
    """What the meter's currents say of the direction; the sign rule makes all of them right."""
    confidence: Literal["high", "medium", "low", "own"] = "own"
    """How well the facts are confirmed; none was checked on a physical meter."""
    update_ms: Annotated[int, Field(gt=0)] | None = None
    """How often the meter renews its values."""
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    defaults: Defaults = Defaults()


class WireMap(AnyMap):
    """What every map of a Modbus meter says of its wire."""

    transports: tuple[Transport, ...] = ("tcp", "rtu_over_tcp", "rtu")
    function_code: FunctionCode = 3
    """3 reads holding registers, 4 reads input registers."""
    max_registers_per_read: Annotated[int, Field(ge=1, le=MOST_REGISTERS)] = MOST_REGISTERS
    min_gap_ms: Annotated[int, Field(ge=0, le=5_000)] = 0
    """Silence that the meter needs before each request."""
    wait_after_connect_s: Annotated[float, Field(ge=0, le=30)] = 0.0
    """How long a fresh connection must rest before the first request."""


class ModbusMap(WireMap):
    """A meter with registers at fixed addresses."""

    kind: Literal["modbus"] = "modbus"
    word_order: WordOrder = "big"
    """Order of the words inside one value; bytes in a word are always big-endian."""
    read_blocks: tuple[tuple[Address, Annotated[int, Field(ge=1, le=MOST_REGISTERS)]], ...] = ()
    """[start, count] of what may be read at once; without it only adjacent values are joined."""
    invalid: Invalid = Invalid()
    ready: Expectation | None = None
    """A register that tells whether the values can be trusted."""
    ratios: Ratios | None = None
    probe: tuple[Expectation, ...] = ()
    """Registers that show whether the meter is set up as we need it."""
    identify: Identify | None = None
    registers: Annotated[dict[Quantity, Place], Field(min_length=1)]

    @model_validator(mode="after")
    def _tells_something(self) -> Self:
        if not any(name.startswith(("current_", "power_")) for name in self.registers):
            raise ValueError("registers: expected at least a power or a current")
        return self


class SunspecMap(WireMap):
    """A meter that lists its own models (SunSpec 201 to 204 and 211 to 214)."""

    kind: Literal["sunspec"]
    sunspec: SunspecPlace


class Channel(MapTable):
    """One value of a Speedwire telegram."""

    channel: Annotated[int, Field(ge=0, le=0xFFFF)]
    counter: bool = False
    """Counters are u64 in Ws, all else u32."""
    scale: float = 1.0


class SpeedwirePlace(MapTable):
    """Where the telegrams are sent and how they announce themselves."""

    group: str
    port: Annotated[int, Field(ge=1, le=65_535)]
    protocol_id: Annotated[int, Field(ge=0, le=0xFFFF)]


class SpeedwireMap(AnyMap):
    """A meter that sends its values unasked over UDP."""

    kind: Literal["sma_speedwire"]
    speedwire: SpeedwirePlace
    channels: Annotated[dict[Quantity, Channel], Field(min_length=1)]


MeterMap = ModbusMap | SunspecMap | SpeedwireMap

_MODELS: dict[str, type[MeterMap]] = {
    "modbus": ModbusMap,
    "sunspec": SunspecMap,
    "sma_speedwire": SpeedwireMap,
}


def built_in_maps() -> tuple[str, ...]:
    """List the maps that come with the product."""
    return tuple(sorted(path.stem for path in BUILT_IN.glob("*.toml")))


def load_built_in(name: str) -> MeterMap:
    """Load a map that comes with the product.

    Raises:
        SettingsError: there is none of that name.
    """
    if name not in built_in_maps():
        near = get_close_matches(name, built_in_maps(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "the built-in ones are listed in docs/meters.md"
        raise SettingsError("meters", "map", name, f"no such map; {hint}")
    return load_map(BUILT_IN / f"{name}.toml")


def load_map(path: Path) -> MeterMap:
    """Load a map file.

    Raises:
        SettingsError: one line with file, key, value and what was expected.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(str(path), "", None, f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), "", None, f"is not TOML: {error}") from error
    kind = content.get("kind", "modbus")
    if kind not in _MODELS:
        raise SettingsError(str(path), "kind", kind, f"expected one of {', '.join(_MODELS)}")
    try:
        return TypeAdapter[MeterMap](_MODELS[kind]).validate_python(content)
    except ValidationError as error:
        raise _first_complaint(path, error.errors()[0]) from error


def _first_complaint(path: Path, error: ErrorDetails) -> SettingsError:
    place = [str(part) for part in error["loc"] if part != "[key]"]
    message = error["msg"].removeprefix("Value error, ")
    value = error["input"] if isinstance(error["input"], str | int | float) else None
    if "[key]" in error["loc"]:
        value = None
    if error["type"] == "extra_forbidden":
        message, value = "unknown key", None
    return SettingsError(str(path), ".".join(place) or "map", value, message)

"""Map tables: the keys of a register map's file, checked."""

from difflib import get_close_matches
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from adapters.meters.layout import MOST_REGISTERS
from adapters.meters.registers import WORDS, WordType

Transport = Literal["tcp", "rtu_over_tcp", "rtu"]
Parity = Literal["N", "E", "O"]
FunctionCode = Literal[3, 4]
Address = Annotated[int, Field(ge=0, le=0xFFFF)]
Scale = Annotated[float, Field(ge=-1e6, le=1e6)]

_ADDRESSES = 0x1_0000
_PHASES = ("l1", "l2", "l3")
QUANTITIES = (
    *(f"voltage_{phase}_v" for phase in _PHASES),
    *(f"current_{phase}_a" for phase in _PHASES),
    *(f"power_{phase}_w" for phase in _PHASES),
    *(f"power_{phase}_{way}_w" for phase in _PHASES for way in ("import", "export")),
    "power_w",
    "power_import_w",
    "power_export_w",
    "import_wh",
    "export_wh",
    "frequency_hz",
    "soc_pct",
)
"""What a meter can tell; powers come whole or split into import and export."""


def _known(name: str) -> str:
    if name in QUANTITIES:
        return name
    near = get_close_matches(name, QUANTITIES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(QUANTITIES)}"
    raise ValueError(f"unknown quantity; {hint}")


Quantity = Annotated[str, AfterValidator(_known)]


class MapTable(BaseModel):
    """A table of a map file: other keys, types and ranges are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)


class Place(MapTable):
    """One value in the registers."""

    address: Address
    """0-based, as on the wire (documents often count from 1, or from 30001 and 40001)."""
    type: WordType
    scale: Scale = 1.0
    """Turns the raw number into V, A, W, Wh or Hz; negative where the meter's positive means export."""
    function_code: FunctionCode | None = None
    """Only where it differs from the map's."""
    scale_factor_at: Address | None = None
    """Address of an int16 exponent of ten."""
    magnitude: bool = False
    """Whether to drop the sign."""
    optional: bool = False
    """Whether models without this register exist."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.address + WORDS[self.type] > _ADDRESSES:
            raise ValueError(f"{self.type} does not fit at the last addresses")
        if self.scale == 0:
            raise ValueError("scale: expected any number but 0")
        return self


class Expectation(MapTable):
    """A register that tells how the meter is set up or whether it is well."""

    address: Address
    type: WordType
    function_code: FunctionCode | None = None
    expect: int
    says: str
    """What it means, for a person."""


class Ratios(MapTable):
    """Registers with the factors of current and voltage transformers, to be multiplied in."""

    current: Place
    voltage: Place


class SerialDefaults(MapTable):
    """How the meter is set when it leaves the factory."""

    unit_id: Annotated[int, Field(ge=0, le=255)] | None = None
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    baudrate: Annotated[int, Field(ge=300, le=921_600)] | None = None
    parity: Parity | None = None
    stopbits: Literal[1, 2] | None = None


class Defaults(SerialDefaults):
    """As above, and what differs on the serial line of a meter that has both."""

    rtu: SerialDefaults | None = None


class Invalid(MapTable):
    """Raw numbers that stand for "no value"; NaN always does."""

    int16: int | None = None
    uint16: int | None = None
    int32: int | None = None
    uint32: int | None = None
    int64: int | None = None
    uint64: int | None = None
    int32_high_word: int | None = None

    def of(self, kind: WordType) -> int | None:
        """Tell the number that marks a value of this type as missing."""
        found: int | None = getattr(self, kind, None)
        return found


class Identify(MapTable):
    """Where the meter's name stands in letters."""

    address: Address
    count: Annotated[int, Field(ge=1, le=MOST_REGISTERS)]


class SunspecPlace(MapTable):
    """Where to look for a SunSpec device and which models it may use."""

    base: Annotated[tuple[Address, ...], Field(min_length=1)]
    models: Annotated[tuple[Annotated[int, Field(ge=201, le=214)], ...], Field(min_length=1)]

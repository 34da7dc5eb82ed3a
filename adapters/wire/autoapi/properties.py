"""Properties: what one component or several say of one value."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.wire.autoapi.kinds import Kind, Text, UnreadableError, Value, Whole, Words
from adapters.wire.autoapi.numbers import Field, Measured, Struct
from adapters.wire.autoapi.units import FREQUENCY, Quantity

DATA: Final = 0x01
TIMESTAMP: Final = 0x02
FAILURE: Final = 0x03
AVAILABILITY: Final = 0x05

# Numbered otherwise than the reasons of a whole command's failure.
FAILURE_REASONS: Final = Words(
    (
        "rate_limit",
        "execution_timeout",
        "format_error",
        "unauthorised",
        "unknown",
        "pending",
        "oem_error",
        "privacy_mode_active",
    )
)
UNREADABLE: Final = "format_error"

UPDATE_RATES: Final = Words(
    ("trip_high", "trip", "trip_start_end", "trip_end", "unknown", "not_available", "on_change")
)
APPLIES_PER: Final = Words(("app", "vehicle"))

_FAILURE_BYTES: Final = Struct(
    (
        Field(name="reason", kind=FAILURE_REASONS, size=1),
        Field(name="description", kind=Text(), size=None),
    )
)
_AVAILABILITY_BYTES: Final = Struct(
    (
        Field(name="updateRate", kind=UPDATE_RATES, size=1),
        Field(name="rateLimit", kind=Measured(FREQUENCY), size=10),
        Field(name="appliesPer", kind=APPLIES_PER, size=1),
    )
)
_INSTANT_BYTES: Final = Whole(8)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertySpec:
    """One property of a capability."""

    id: int
    name: str
    kind: Kind
    repeats: bool = False
    secret: bool = False
    """Never logged, never printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a property has no value."""

    reason: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """How often a property may be asked for."""

    update_rate: str
    rate_limit: Quantity
    applies_per: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of a message; a list is several of the same name."""

    name: str
    value: Value | None = None
    at: datetime | None = None
    """When it was measured, by the sender's clock."""
    failure: Failure | None = None
    availability: Availability | None = None


def decode_property(spec: PropertySpec, components: list[tuple[int, bytes]]) -> Property:
    """Read the components of one property; what cannot be read becomes its failure."""
    value: Value | None = None
    at: datetime | None = None
    failure: Failure | None = None
    availability: Availability | None = None
    try:
        for component, raw in components:
            if component == DATA:
                value = spec.kind.decode(raw)
            elif component == TIMESTAMP:
                at = _instant(_INSTANT_BYTES.decode(raw))
            elif component == FAILURE:
                failure = failure_of(_FAILURE_BYTES.decode(raw))
            elif component == AVAILABILITY:
                availability = availability_of(_AVAILABILITY_BYTES.decode(raw))
    except UnreadableError as error:
        return Property(name=spec.name, failure=Failure(reason=UNREADABLE, description=str(error)))
    return Property(name=spec.name, value=value, at=at, failure=failure, availability=availability)


def encode_components(spec: PropertySpec, content: Property) -> list[tuple[int, bytes]]:
    """Write what is there.

    Raises:
        UnreadableError: the value is not of the property's kind.
    """
    parts: list[tuple[int, bytes]] = []
    if content.value is not None:
        parts.append((DATA, spec.kind.encode(content.value)))
    if content.at is not None:
        parts.append((TIMESTAMP, _INSTANT_BYTES.encode((content.at - _EPOCH) // timedelta(milliseconds=1))))
    if content.failure is not None:
        told = {"reason": content.failure.reason, "description": content.failure.description}
        parts.append((FAILURE, _FAILURE_BYTES.encode(told)))
    if content.availability is not None:
        parts.append((AVAILABILITY, _AVAILABILITY_BYTES.encode(_availability_fields(content.availability))))
    return parts


def failure_of(fields: Value) -> Failure:
    """Make a failure of the fields of its struct."""
    if not isinstance(fields, dict):
        raise UnreadableError("no failure")
    return Failure(reason=str(fields["reason"]), description=str(fields["description"]))


def availability_of(fields: Value) -> Availability:
    """Make an availability of the fields of its struct."""
    limit = fields.get("rateLimit") if isinstance(fields, dict) else None
    if not isinstance(fields, dict) or not isinstance(limit, Quantity):
        raise UnreadableError("no availability")
    return Availability(
        update_rate=str(fields["updateRate"]), rate_limit=limit, applies_per=str(fields["appliesPer"])
    )


def _availability_fields(told: Availability) -> dict[str, Value]:
    return {"updateRate": told.update_rate, "rateLimit": told.rate_limit, "appliesPer": told.applies_per}


def _instant(milliseconds: Value) -> datetime:
    if not isinstance(milliseconds, int):
        raise UnreadableError("no timestamp")
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        raise UnreadableError("a time beyond the calendar") from error

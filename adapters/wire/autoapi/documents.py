"""Documents: a message as JSON, in the shape that hmkit's `parse()` and REST share."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from adapters.wire.autoapi.kinds import Json, UnreadableError, Value
from adapters.wire.autoapi.messages import LEVEL, SET, Capability, MalformedError, Message
from adapters.wire.autoapi.numbers import Measured
from adapters.wire.autoapi.properties import (
    UNREADABLE,
    Availability,
    Failure,
    Property,
    PropertySpec,
    availability_of,
)
from adapters.wire.autoapi.units import FREQUENCY

_RATE = Measured(FREQUENCY)


def document(message: Message, *, secrets: bool = False) -> dict[str, Json]:
    """Write a message as JSON; without `secrets` a password shows as stars."""
    shown: dict[str, Json] = {}
    for content in message.properties:
        spec = message.capability.by_name[content.name]
        part = _property_document(spec, content, hidden=spec.secret and not secrets)
        if not spec.repeats:
            shown[spec.name] = part
            continue
        listed = shown.setdefault(spec.name, [])
        if isinstance(listed, list):
            listed.append(part)
    return shown


def message_of(capability: Capability, told: Json) -> Message:
    """Read a message from JSON; unknown names are skipped, what cannot be read becomes a failure.

    Raises:
        MalformedError: no JSON object.
    """
    if not isinstance(told, dict):
        raise MalformedError("a state that is no JSON object")
    return Message(
        level=LEVEL, capability=capability, type=SET, properties=tuple(_properties(capability, told))
    )


def _properties(capability: Capability, told: Mapping[str, Json]) -> Iterator[Property]:
    for spec in capability.properties:
        for part in _parts(told.get(spec.name)):
            yield _property(spec, part)


def _parts(part: Json) -> list[Json]:
    if part is None:
        return []
    return part if isinstance(part, list) else [part]


def _property(spec: PropertySpec, part: Json) -> Property:
    if not isinstance(part, dict):
        return _unreadable(spec, "no JSON object")
    try:
        return Property(
            name=spec.name,
            value=None if part.get("data") is None else spec.kind.from_json(part["data"]),
            at=_instant(part.get("timestamp")),
            failure=_failure(part.get("failure")),
            availability=_availability(part.get("availability")),
        )
    except UnreadableError as error:
        return _unreadable(spec, str(error))


def _unreadable(spec: PropertySpec, why: str) -> Property:
    return Property(name=spec.name, failure=Failure(reason=UNREADABLE, description=why))


def _instant(told: Json) -> datetime | None:
    if told is None:
        return None
    try:
        at = datetime.fromisoformat(str(told))
        return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableError("no timestamp") from error


def _failure(told: Json) -> Failure | None:
    if told is None:
        return None
    return Failure(reason=_word(told, "reason"), description=_word(told, "description"))


def _availability(told: Json) -> Availability | None:
    if told is None:
        return None
    rate: Value = _RATE.from_json(told.get("rateLimit") if isinstance(told, dict) else None)
    return availability_of(
        {"updateRate": _word(told, "updateRate"), "rateLimit": rate, "appliesPer": _word(told, "appliesPer")}
    )


def _word(told: Json, key: str) -> str:
    """Take a word, wrapped or bare."""
    word = told.get(key) if isinstance(told, dict) else None
    word = word.get("value") if isinstance(word, dict) else word
    return word if isinstance(word, str) else "unknown"


def _property_document(spec: PropertySpec, content: Property, *, hidden: bool) -> Json:
    part: dict[str, Json] = {}
    if content.at is not None:
        part["timestamp"] = content.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if content.value is not None:
        # A list of ids stands bare, as hmkit has it; everything else is wrapped by its kind.
        part["data"] = {"value": "***"} if hidden else spec.kind.to_json(content.value)
    if content.failure is not None:
        part["failure"] = {
            "reason": {"value": content.failure.reason},
            "description": {"value": content.failure.description},
        }
    if content.availability is not None:
        told = content.availability
        part["availability"] = {
            "updateRate": {"value": told.update_rate},
            "rateLimit": _RATE.to_json(told.rate_limit),
            "appliesPer": {"value": told.applies_per},
        }
    return part

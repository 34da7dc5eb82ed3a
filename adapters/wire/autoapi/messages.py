"""Messages: level, capability, type, properties; decoded by component, whatever their type says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from adapters.wire.autoapi.kinds import Octets, Text, Whole, Words, measured
from adapters.wire.autoapi.properties import Property, PropertySpec, decode_property, encode_components
from controller.errors import DeviceNonsense

LEVEL: Final = 0x0D
"""Level 13; level 12 has the same tables."""
LEVELS: Final = frozenset({0x0C, 0x0D})

GET: Final = 0x00
SET: Final = 0x01
"""Also the type of a state."""
AVAILABILITY: Final = 0x02

_HEADER: Final = 4
_TLV_HEAD: Final = 3


class MalformedError(DeviceNonsense):
    """Bytes that are no message of a known capability."""


@dataclass(frozen=True, kw_only=True)
class Capability:
    """What one kind of message may carry."""

    id: int
    name: str
    properties: tuple[PropertySpec, ...]

    @cached_property
    def by_id(self) -> Mapping[int, PropertySpec]:
        """Its properties and those that every message may carry."""
        return {spec.id: spec for spec in (*UNIVERSAL, *self.properties)}

    @cached_property
    def by_name(self) -> Mapping[str, PropertySpec]:
        """As above."""
        return {spec.name: spec for spec in (*UNIVERSAL, *self.properties)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One decoded message."""

    level: int
    capability: Capability
    type: int
    properties: tuple[Property, ...] = ()
    unknown: tuple[int, ...] = field(default=())
    """Ids of properties that were skipped."""

    def first(self, name: str) -> Property | None:
        """Find a property."""
        return next((found for found in self.properties if found.name == name), None)

    def all(self, name: str) -> tuple[Property, ...]:
        """Find every occurrence of a property that repeats."""
        return tuple(found for found in self.properties if found.name == name)


UNIVERSAL: Final = (
    PropertySpec(id=0xA0, name="nonce", kind=Octets(9)),
    PropertySpec(id=0xA1, name="signature", kind=Octets(64)),
    PropertySpec(id=0xA2, name="timestamp", kind=Whole(8)),
    PropertySpec(id=0xA3, name="vin", kind=Text()),
    PropertySpec(id=0xA4, name="brand", kind=Words(())),
)

FAILURE_MESSAGE: Final = Capability(
    id=0x0002,
    name="FailureMessage",
    properties=(
        PropertySpec(id=0x01, name="failedMessageID", kind=Whole(2)),
        PropertySpec(id=0x02, name="failedMessageType", kind=Whole(1)),
        PropertySpec(
            id=0x03,
            name="failureReason",
            kind=Words(
                (
                    "unsupported_capability",
                    "unauthorised",
                    "incorrect_state",
                    "execution_timeout",
                    "vehicle_asleep",
                    "invalid_command",
                    "pending",
                    "rate_limit",
                    "oem_error",
                    "privacy_mode_active",
                )
            ),
        ),
        PropertySpec(id=0x04, name="failureDescription", kind=Text()),
        PropertySpec(id=0x05, name="failedPropertyIDs", kind=Octets()),
    ),
)


def decode(raw: bytes, capabilities: Iterable[Capability]) -> Message:
    """Read a message.

    Raises:
        MalformedError: truncated, of an unknown level, or of none of these capabilities.
    """
    if len(raw) < _HEADER:
        raise MalformedError(f"a message of {len(raw)} bytes")
    if raw[0] not in LEVELS:
        raise MalformedError(f"auto-api level {raw[0]} is not spoken here")
    number = int.from_bytes(raw[1:3])
    capability = next((known for known in (*capabilities, FAILURE_MESSAGE) if known.id == number), None)
    if capability is None:
        raise MalformedError(f"capability {number:#06x} was not asked for")
    known: list[Property] = []
    unknown: list[int] = []
    for key, content in _records(raw[_HEADER:]):
        spec = capability.by_id.get(key)
        if spec is None:
            unknown.append(key)
        else:
            known.append(decode_property(spec, list(_records(content))))
    return Message(
        level=raw[0], capability=capability, type=raw[3], properties=tuple(known), unknown=tuple(unknown)
    )


def encode(capability: Capability, kind: int, properties: Sequence[Property] = ()) -> bytes:
    """Write a message with whole properties.

    Raises:
        UnreadableError: a value is not of its property's kind.
    """
    return header(capability, kind) + b"".join(
        _record(spec.id, b"".join(_record(key, part) for key, part in encode_components(spec, content)))
        for content in properties
        for spec in (capability.by_name[content.name],)
    )


def encode_question(capability: Capability, kind: int, names: Iterable[str] = ()) -> bytes:
    """Write a get: bare property ids, none for all."""
    return header(capability, kind) + bytes(capability.by_name[name].id for name in names)


def header(capability: Capability, kind: int) -> bytes:
    """Write the first four bytes."""
    return bytes([LEVEL]) + capability.id.to_bytes(2) + bytes([kind])


def _records(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk over `id u16len content`."""
    at = 0
    while at < len(raw):
        ends = at + _TLV_HEAD + int.from_bytes(raw[at + 1 : at + _TLV_HEAD])
        if at + _TLV_HEAD > len(raw) or ends > len(raw):
            raise MalformedError(f"a message that ends within property {raw[at]:02x}")
        yield raw[at], raw[at + _TLV_HEAD : ends]
        at = ends


def _record(key: int, content: bytes) -> bytes:
    return bytes([key]) + measured(content)

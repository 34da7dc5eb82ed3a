"""Whatever the bytes or the JSON are, they are a message or a typed refusal; what is written is read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.high_mobility.home_charger import HOME_CHARGER
from adapters.wire.autoapi.documents import document, message_of
from adapters.wire.autoapi.kinds import Json, Octets, Text, UnreadableError, Whole, Words
from adapters.wire.autoapi.messages import FAILURE_MESSAGE, SET, UNIVERSAL, Capability, MalformedError, encode
from adapters.wire.autoapi.numbers import Double, Measured, Struct
from adapters.wire.autoapi.properties import (
    APPLIES_PER,
    FAILURE_REASONS,
    UPDATE_RATES,
    Availability,
    Failure,
    Property,
    PropertySpec,
)
from adapters.wire.autoapi.units import FREQUENCY, Quantity
from tests.fakes.autoapi import message_bytes, read


@given(st.binary(max_size=200))
def test_any_bytes_give_a_message_or_a_typed_refusal(noise: bytes) -> None:
    for raw in (noise, b"\x0d\x00\x60\x01" + noise, b"\x0d\x00\x02\x01" + noise):
        try:
            message = read(raw)
        except MalformedError:
            continue
        assert {part.name for part in message.properties} <= message.capability.by_name.keys()
        assert document(message).keys() == {part.name for part in message.properties}


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_message_is_still_a_message_or_refused(tail: bytes, at: int, byte: int) -> None:
    raw = bytearray(message_bytes("full_state_with_timestamps") + tail)
    raw[at % len(raw)] = byte
    try:
        message = read(bytes(raw))
    except MalformedError:
        return
    assert message.level in (0x0C, 0x0D)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "value", "unit", "timestamp", "failure", "availability", "rateLimit"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([spec.name for spec in HOME_CHARGER.properties]), json_values)
    | json_values
)
def test_any_json_gives_a_message_or_a_typed_refusal(anything: Json) -> None:
    try:
        message = message_of(HOME_CHARGER, anything)
    except MalformedError:
        return
    assert document(message).keys() == {part.name for part in message.properties}


finite = st.floats(allow_nan=False, allow_infinity=False)
instants = st.integers(0, 10**12).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
failures = st.builds(
    Failure,
    reason=st.sampled_from(FAILURE_REASONS.names) | st.just("unknown_77"),
    description=st.text(max_size=9),
)


def values_of(kind: object) -> st.SearchStrategy[Any]:
    """Make values of one kind."""
    if isinstance(kind, Words):
        return st.sampled_from([*kind.names, "unknown_200"])
    if isinstance(kind, Measured):
        names = [unit.name for unit in kind.measurement.units.values()]
        return st.builds(
            Quantity, value=finite, unit=st.sampled_from(names), measurement=st.just(kind.measurement)
        )
    if isinstance(kind, Struct):
        return st.fixed_dictionaries({field.name: values_of(field.kind) for field in kind.fields})
    if isinstance(kind, Whole):
        return st.integers(0, (1 << 8 * kind.size) - 1)
    if isinstance(kind, Octets):
        return st.binary(min_size=kind.size or 0, max_size=kind.size or 9)
    return {Text: st.text(max_size=9), Double: finite}[type(kind)]


availabilities = st.builds(
    Availability,
    update_rate=st.sampled_from(UPDATE_RATES.names),
    rate_limit=values_of(Measured(FREQUENCY)),
    applies_per=st.sampled_from(APPLIES_PER.names),
)


@st.composite
def properties(draw: st.DrawFn, capability: Capability) -> Property:
    """Make one property of a capability."""
    spec: PropertySpec = draw(st.sampled_from((*UNIVERSAL, *capability.properties)))
    return Property(
        name=spec.name,
        value=draw(st.none() | values_of(spec.kind)),
        at=draw(st.none() | instants),
        failure=draw(st.none() | failures),
        availability=draw(st.none() | availabilities),
    )


@given(st.data(), st.sampled_from([HOME_CHARGER, FAILURE_MESSAGE]))
def test_what_is_written_is_read_again(data: st.DataObject, capability: Capability) -> None:
    sent = tuple(data.draw(st.lists(properties(capability), max_size=4)))

    message = read(encode(capability, SET, sent))

    assert message.properties == sent
    assert message.unknown == ()


def test_a_text_that_no_message_can_hold_is_refused() -> None:
    with pytest.raises(UnreadableError):
        encode(HOME_CHARGER, SET, [Property(name="wifiHotspotSSID", value="x" * 70_000)])

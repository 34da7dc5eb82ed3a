"""Every known command has its known bytes, every known message says what is known, and no other is sent."""

from typing import Any

import pytest

from adapters.chargers.high_mobility.home_charger import (
    ASKED_FOR,
    SETTERS,
    encode_setter,
    get_availability,
    get_state,
    setter,
)
from adapters.wire.autoapi.documents import document, message_of
from adapters.wire.autoapi.kinds import Json
from adapters.wire.autoapi.messages import FAILURE_MESSAGE, MalformedError
from adapters.wire.autoapi.units import CURRENT, FREQUENCY, POWER, Measurement, Quantity
from controller.errors import DeviceRefused
from tests.fakes.autoapi import message_bytes, read, vectors


def told(raw_hex: str) -> dict[str, Json]:
    return document(read(bytes.fromhex(raw_hex)))


@pytest.mark.parametrize("known", vectors()["commands"], ids=lambda known: known["bytes"])
def test_every_known_command_has_its_known_bytes(known: dict[str, Any]) -> None:
    name, argument = known["command"], known["argument"]
    questions = {"getState": get_state, "getAvailability": get_availability}
    raw = questions[name](argument or ()) if name in questions else encode_setter(setter(name, argument))

    assert raw.hex() == known["bytes"]


@pytest.mark.parametrize("known", vectors()["messages"], ids=lambda known: known["name"])
def test_every_known_message_says_what_is_known(known: dict[str, Any]) -> None:
    message = read(bytes.fromhex(known["bytes"]))

    assert document(message, secrets=True) == known["document"]


@pytest.mark.parametrize("known", vectors()["messages"], ids=lambda known: known["name"])
def test_bytes_and_json_mean_the_same(known: dict[str, Any]) -> None:
    message = read(bytes.fromhex(known["bytes"]))

    again = message_of(message.capability, known["document"])

    assert sorted(map(repr, again.properties)) == sorted(map(repr, message.properties))


def test_prices_wrapped_as_in_the_reference_are_understood() -> None:
    bare: dict[str, Json] = {"pricingType": "per_kwh", "price": 0.3, "currency": "Ripple"}
    wrapped: dict[str, Json] = {name: {"value": value} for name, value in bare.items()}

    assert setter("setPriceTariffs", {"priceTariffs": [wrapped]}) == setter(
        "setPriceTariffs", {"priceTariffs": [bare]}
    )


def test_a_text_beyond_ascii_is_utf_8() -> None:
    price: Json = {"pricingType": "per_kwh", "price": 1, "currency": "€"}
    sent = setter("setPriceTariffs", {"priceTariffs": [price]})

    assert encode_setter(sent).endswith(b"\x00\x03\xe2\x82\xac")


@pytest.mark.parametrize(
    ("command", "argument"),
    [
        ("setChargeCurrent", {}),
        ("setChargeCurrent", {"chargeCurrent": 16}),
        ("setChargeCurrent", {"chargeCurrent": {"amperes": "16"}}),
        ("setChargeCurrent", {"chargeCurrent": {"amperes": -1}}),
        ("setChargeCurrent", {"chargeCurrent": {"amperes": float("nan")}}),
        ("setChargeCurrent", {"chargeCurrent": {"amperes": float("inf")}}),
        ("setChargeCurrent", {"chargeCurrent": {"amperes": 10**400}}),
        ("setChargeCurrent", {"chargeCurrent": {"volts": 16}}),
        ("setChargeCurrent", {"chargeCurrent": {"amperes": True}}),
        ("setPriceTariffs", {"priceTariffs": []}),
        ("setPriceTariffs", {"priceTariffs": [{"pricingType": "per_kwh", "price": 1}]}),
        ("setPriceTariffs", {"priceTariffs": [{"pricingType": "per_kwh", "price": 1, "currency": ""}]}),
        ("setPriceTariffs", {"priceTariffs": [{"pricingType": "per_kwh", "price": 1, "currency": "\ud800"}]}),
        ("setPriceTariffs", {"priceTariffs": [{"pricingType": "per_mile", "price": 1, "currency": "EUR"}]}),
        (
            "setPriceTariffs",
            {"priceTariffs": [{"pricingType": "per_kwh", "price": 1, "currency": "x" * 70_000}]},
        ),
        ("activateDeactivateSolarCharging", {"solarCharging": "perhaps"}),
        ("authenticateExpire", {"authenticationState": "unknown_9"}),
        ("enableDisableWiFiHotspot", {"wifiHotspotEnabled": 1}),
    ],
)
def test_what_makes_no_sense_is_refused_before_it_is_sent(command: str, argument: dict[str, Any]) -> None:
    with pytest.raises(DeviceRefused):
        setter(command, argument)


@pytest.mark.parametrize("name", ["chargingPowerKW", "color", "nonce"])
def test_what_cannot_be_asked_for_is_refused(name: str) -> None:
    with pytest.raises(DeviceRefused, match=name):
        get_state([name])


def test_a_word_that_nobody_knows_is_kept_as_its_number() -> None:
    assert told("0d006001 0100040100 01 07".replace(" ", "")) == {
        "chargingStatus": {"data": {"value": "unknown_7"}}
    }


def test_unknown_properties_are_skipped_and_named() -> None:
    assert read(message_bytes("unknown_property_skipped")).unknown == (0x7E,)


@pytest.mark.parametrize(
    "part",
    ["0e000401000110", "0e000d01000a0907 3fe0000000000000", "0e000d01000a1400 3fe0000000000000",
     "0e000d01000a0900 7ff0000000000000", "0e000d01000a0900 7ff8000000000000", "09000401 0001ff",
     "0e0009020006 000179c842b2", "0e000b020008 ffffffffffffffff", "0e000403000100"],
)  # fmt: skip
def test_a_value_that_cannot_be_read_is_a_failure_of_its_own(part: str) -> None:
    message = read(bytes.fromhex("0d006001" + part.replace(" ", "") + "01000401000101"))

    failure = message.properties[0].failure
    assert failure is not None
    assert failure.reason == "format_error"
    assert message.properties[1].value == "plugged_in"


@pytest.mark.parametrize(
    "raw", ["", "0d", "0d0060", "0b006001", "0d006101", "0d00600101", "0d0060010100", "0d00600101000501"]
)
def test_what_is_no_message_is_refused(raw: str) -> None:
    with pytest.raises(MalformedError):
        read(bytes.fromhex(raw))


def test_level_twelve_is_understood() -> None:
    assert told("0c00600101000401000101") == told("0d00600101000401000101")


def test_a_whole_failure_is_a_message_of_its_own() -> None:
    assert read(message_bytes("failure_message_vehicle_asleep")).capability is FAILURE_MESSAGE


@pytest.mark.parametrize(
    ("value", "unit", "kind", "base"),
    [(16_000, "milliamperes", CURRENT, 16), (0.016, "kiloamperes", CURRENT, 16),
     (7.4, "kilowatts", POWER, 7400), (1, "horsepower", POWER, 745.7), (1, "megawatts", POWER, 1e6),
     (6, "times_per_minute", FREQUENCY, 0.1), (36, "times_per_hour", FREQUENCY, 0.01),
     (86.4, "times_per_day", FREQUENCY, 0.001), (2, "millihertz", FREQUENCY, 0.002)],
)  # fmt: skip
def test_every_unit_is_converted_by_its_own_factor(
    value: float, unit: str, kind: Measurement, base: float
) -> None:
    assert Quantity(value=value, unit=unit, measurement=kind).base == pytest.approx(base)


def test_a_password_is_shown_as_stars() -> None:
    shown = document(read(message_bytes("full_state_with_timestamps")))

    assert shown["wiFiHotspotPassword"]["data"] == {"value": "***"}  # type: ignore[call-overload,index] # JSON


def test_all_seven_commands_are_there() -> None:
    assert {"getState", "getAvailability", *SETTERS} == {
        "getState", "getAvailability", "activateDeactivateSolarCharging", "authenticateExpire",
        "enableDisableWiFiHotspot", "setChargeCurrent", "setPriceTariffs",
    }  # fmt: skip
    assert len(ASKED_FOR) == 15

"""The Home Charger capability of the auto-api: every property and every command, as data."""

from collections.abc import Iterable, Mapping
from typing import Final

from adapters.wire.autoapi.kinds import Json, Text, UnreadableError, Words
from adapters.wire.autoapi.messages import AVAILABILITY, GET, SET, Capability, encode, encode_question
from adapters.wire.autoapi.numbers import Double, Field, Measured, Struct
from adapters.wire.autoapi.properties import Property, PropertySpec
from adapters.wire.autoapi.units import CURRENT, POWER, Quantity
from controller.errors import BadRequest

CHARGING_STATUS: Final = "chargingStatus"
CHARGE_CURRENT: Final = "chargeCurrent"
MAXIMUM_CURRENT: Final = "maximumChargeCurrent"
MINIMUM_CURRENT: Final = "minimumChargeCurrent"
CHARGING_POWER: Final = "chargingPower"
AUTHENTICATION: Final = "authenticationState"
SOLAR: Final = "solarCharging"
HOTSPOT: Final = "wifiHotspotEnabled"
TARIFFS: Final = "priceTariffs"

AUTHENTICATED: Final = "authenticated"
UNAUTHENTICATED: Final = "unauthenticated"

PRICING_TYPES: Final = ("starting_fee", "per_minute", "per_kwh")

_TARIFF: Final = Struct(
    (
        Field(name="pricingType", kind=Words(PRICING_TYPES), size=1),
        Field(name="price", kind=Double(), size=8),
        Field(name="currency", kind=Text(), size=None),
    )
)
_PLACE: Final = Struct(
    (Field(name="latitude", kind=Double(), size=8), Field(name="longitude", kind=Double(), size=8))
)

HOME_CHARGER: Final = Capability(
    id=0x0060,
    name="HomeCharger",
    properties=(
        PropertySpec(id=0x01, name=CHARGING_STATUS, kind=Words(("disconnected", "plugged_in", "charging"))),
        PropertySpec(id=0x02, name="authenticationMechanism", kind=Words(("pin", "app"))),
        PropertySpec(id=0x03, name="plugType", kind=Words(("type_1", "type_2", "ccs", "chademo"))),
        # Deprecated: understood, never asked for.
        PropertySpec(id=0x04, name="chargingPowerKW", kind=Measured(POWER)),
        PropertySpec(id=0x05, name=SOLAR, kind=Words(("inactive", "active"))),
        PropertySpec(id=0x08, name=HOTSPOT, kind=Words(("disabled", "enabled"))),
        PropertySpec(id=0x09, name="wifiHotspotSSID", kind=Text()),
        PropertySpec(
            id=0x0A, name="wiFiHotspotSecurity", kind=Words(("none", "wep", "wpa", "wpa2_personal"))
        ),
        PropertySpec(id=0x0B, name="wiFiHotspotPassword", kind=Text(), secret=True),
        PropertySpec(id=0x0D, name=AUTHENTICATION, kind=Words((UNAUTHENTICATED, AUTHENTICATED))),
        PropertySpec(id=0x0E, name=CHARGE_CURRENT, kind=Measured(CURRENT)),
        PropertySpec(id=0x0F, name=MAXIMUM_CURRENT, kind=Measured(CURRENT)),
        PropertySpec(id=0x10, name=MINIMUM_CURRENT, kind=Measured(CURRENT)),
        PropertySpec(id=0x11, name="coordinates", kind=_PLACE),
        PropertySpec(id=0x12, name=TARIFFS, kind=_TARIFF, repeats=True),
        PropertySpec(id=0x13, name=CHARGING_POWER, kind=Measured(POWER)),
    ),
)

ASKED_FOR: Final = tuple(spec.name for spec in HOME_CHARGER.properties if spec.name != "chargingPowerKW")
"""What can be selected in `getState` and `getAvailability`."""

SETTERS: Final[Mapping[str, str]] = {
    "activateDeactivateSolarCharging": SOLAR,
    "authenticateExpire": AUTHENTICATION,
    "enableDisableWiFiHotspot": HOTSPOT,
    "setChargeCurrent": CHARGE_CURRENT,
    "setPriceTariffs": TARIFFS,
}
"""The commands that change something, and the property that each sends."""


def get_state(names: Iterable[str] = ()) -> bytes:
    """Ask for the state: of these properties, or of all."""
    return encode_question(HOME_CHARGER, GET, checked_names(names))


def get_availability(names: Iterable[str] = ()) -> bytes:
    """Ask how often properties may be asked for."""
    return encode_question(HOME_CHARGER, AVAILABILITY, checked_names(names))


def checked_names(names: Iterable[str]) -> tuple[str, ...]:
    """Take names that can be asked for.

    Raises:
        BadRequest: one cannot; nothing was sent.
    """
    wanted = tuple(names)
    for name in wanted:
        if name not in ASKED_FOR:
            raise BadRequest(f"{name!r} is no property of a home charger: {', '.join(ASKED_FOR)}")
    return wanted


def setter(command: str, arguments: Mapping[str, Json]) -> tuple[Property, ...]:
    """Check the argument of a command and turn it into the properties that it sends.

    Fields may be bare or wrapped as `{"value": ...}`.

    Raises:
        BadRequest: the argument is missing or wrong; nothing was sent.
    """
    name = SETTERS[command]
    told = arguments.get(name)
    spec = HOME_CHARGER.by_name[name]
    if told is None:
        raise BadRequest(f"{command}: {name} is missing")
    parts = told if isinstance(told, list) and spec.repeats else [told]
    if not parts:
        raise BadRequest(f"{command}: {name} is empty")
    try:
        sent = tuple(Property(name=name, value=spec.kind.from_json(part)) for part in parts)
        encode(HOME_CHARGER, SET, sent)
    except UnreadableError as error:
        raise BadRequest(f"{command}: {name}: {error}") from error
    for part in sent:
        _check_sense(command, part)
    return sent


def encode_setter(sent: tuple[Property, ...]) -> bytes:
    """Write the properties of a command as its message."""
    return encode(HOME_CHARGER, SET, sent)


def _check_sense(command: str, sent: Property) -> None:
    value = sent.value
    if isinstance(value, Quantity) and value.value < 0.0:
        raise BadRequest(f"{command}: a current below zero")
    if isinstance(value, str) and value.startswith("unknown_"):
        raise BadRequest(f"{command}: {value} is no word of {sent.name}")
    if isinstance(value, Mapping) and not value.get("currency"):
        raise BadRequest(f"{command}: a price without a currency")

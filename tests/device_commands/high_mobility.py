"""Every command of a High Mobility Home Charger, over either path."""

from typing import Final

from simulator.chargers.high_mobility import HighMobilityTwin
from tests.device_commands.case import Case, answers

DOCUMENT: Final = {
    "getState": "get_state",
    "getAvailability": "get_availability",
    "activateDeactivateSolarCharging": "activate_deactivate_solar_charging",
    "authenticateExpire": "authenticate_expire",
    "enableDisableWiFiHotspot": "enable_disable_wifi_hotspot",
    "setChargeCurrent": "set_charge_current",
    "setPriceTariffs": "set_price_tariffs",
}
"""The commands of "Home Charger", and their names here."""

FEE: Final = '[{"pricingType": "starting_fee", "price": {"value": 4.5}, "currency": "EUR"}]'


def _words(twin: HighMobilityTwin, **words: str) -> None:
    twin.device.words.update(words)


def _switch(command: str, argument: str, given: str, word: str, becomes: str) -> Case[HighMobilityTwin]:
    return Case(
        command=command,
        arguments={argument: given == "on"},
        before=lambda twin: _words(twin, **{word: "not yet set"}),
        answered=lambda answer: answer[word]["data"] == {"value": becomes},
        acted=lambda twin: twin.device.words[word] == becomes,
    )


CASES: Final[tuple[Case[HighMobilityTwin], ...]] = (
    Case(
        command="get_state",
        before=lambda twin: _words(twin, plugType="type_1"),
        answered=lambda answer: (
            answer["plugType"]["data"] == {"value": "type_1"} and "ZW3vARNUBe" not in str(answer)
        ),
    ),
    Case(
        command="get_state",
        arguments={"properties": "chargingStatus, chargeCurrent"},
        before=lambda twin: twin.plug_in("a car"),
        answered=lambda answer: (
            answer.keys() == {"chargingStatus", "chargeCurrent"}
            and answer["chargingStatus"]["data"] == {"value": "plugged_in"}
        ),
    ),
    Case(
        command="get_availability",
        arguments={"properties": "chargingStatus"},
        answered=answers(
            {
                "chargingStatus": {
                    "availability": {
                        "updateRate": {"value": "trip_high"},
                        "rateLimit": {"value": 64.0, "unit": "hertz"},
                        "appliesPer": {"value": "vehicle"},
                    }
                }
            }
        ),
    ),
    _switch("activate_deactivate_solar_charging", "active", "on", "solarCharging", "active"),
    _switch("activate_deactivate_solar_charging", "active", "off", "solarCharging", "inactive"),
    _switch("authenticate_expire", "authenticated", "on", "authenticationState", "authenticated"),
    _switch("authenticate_expire", "authenticated", "off", "authenticationState", "unauthenticated"),
    _switch("enable_disable_wifi_hotspot", "enabled", "on", "wifiHotspotEnabled", "enabled"),
    _switch("enable_disable_wifi_hotspot", "enabled", "off", "wifiHotspotEnabled", "disabled"),
    Case(
        command="set_charge_current",
        arguments={"limit_a": 9.5},
        answered=lambda answer: answer["chargeCurrent"]["data"] == {"value": 9.5, "unit": "amperes"},
        acted=lambda twin: twin.device.current_a == 9.5,
    ),
    Case(
        command="set_price_tariffs",
        arguments={"tariffs": FEE},
        answered=lambda answer: len(answer["priceTariffs"]) == 1,
        acted=lambda twin: (
            twin.device.tariffs == ({"pricingType": "starting_fee", "price": 4.5, "currency": "EUR"},)
        ),
    ),
    Case(
        command="push_price",
        arguments={"per_kwh": 0.31, "currency": "€", "starting_fee": 1.0},
        answered=lambda answer: len(answer["priceTariffs"]) == 2,
        acted=lambda twin: (
            twin.device.tariffs
            == (
                {"pricingType": "per_kwh", "price": 0.31, "currency": "€"},
                {"pricingType": "starting_fee", "price": 1.0, "currency": "€"},
            )
        ),
    ),
)
"""The last one is ours: it tells the price that holds now."""

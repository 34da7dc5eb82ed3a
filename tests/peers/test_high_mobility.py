"""npm `hmkit`, High Mobility's own SDK, against the twin of a Home Charger: keys, containers, codec."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.chargers.high_mobility import HighMobilityTwin

DRIVER = Path(__file__).with_name("hmkit.js")
PATIENCE_S = 60.0


async def asked(twin: HighMobilityTwin, name: str, *told: object) -> Any:  # noqa: ANN401 - JSON
    """Send one command with hmkit and tell how it reads the answer."""
    keys = twin.keys()
    process = await asyncio.create_subprocess_exec(
        "node",
        str(DRIVER),
        twin.url("telematics"),
        keys["client_certificate"],
        keys["private_key"],
        keys["access_token"],
        name,
        json.dumps(told),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE_S):
        answer, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return json.loads(answer)["parsed"]


def values(parsed: dict[str, Any]) -> dict[str, object]:
    return {name: part.get("data", {}).get("value") for name, part in parsed.items() if "data" in part}


async def test_everything_that_the_charger_tells_is_read() -> None:
    async with HighMobilityTwin() as twin:
        twin.plug_in("a car")
        twin.set_draw((10.0, 10.0, 10.0), 6900.0)

        parsed = await asked(twin, "getState")

        told = values(parsed)
        assert told["chargingStatus"] == "charging"
        assert (told["chargeCurrent"], told["minimumChargeCurrent"], told["maximumChargeCurrent"]) == (
            16,
            6,
            32,
        )
        assert (told["chargingPower"], parsed["chargingPower"]["data"]["unit"]) == (6.9, "kilowatts")
        assert (told["plugType"], told["authenticationState"]) == ("type_2", "authenticated")
        assert (told["wifiHotspotSSID"], told["wiFiHotspotSecurity"]) == ("Charger 7612", "wpa2_personal")
        assert parsed["coordinates"]["data"]["latitude"]["value"] == pytest.approx(52.520008)
        assert parsed["chargeCurrent"]["timestamp"].endswith("Z")


async def test_a_charge_current_in_amperes_acts() -> None:
    async with HighMobilityTwin() as twin:
        told = values(await asked(twin, "setChargeCurrent", {"chargeCurrent": {"amperes": 10}}))

        assert twin.device.current_a == 10.0
        assert told == {"chargeCurrent": 10}


async def test_a_charge_current_in_milliamperes_acts() -> None:
    async with HighMobilityTwin() as twin:
        # hmkit lets no number above 1023 through, so this is as much as it can say in milliamperes.
        twin.device.minimum_a = 0.5
        await asked(twin, "setChargeCurrent", {"chargeCurrent": {"milliamperes": 900}})

        assert twin.device.current_a == pytest.approx(0.9)


@pytest.mark.parametrize("word", ["active", "inactive"])
async def test_solar_charging_is_switched(word: str) -> None:
    async with HighMobilityTwin() as twin:
        await asked(twin, "activateDeactivateSolarCharging", {"solarCharging": word})

        assert twin.device.words["solarCharging"] == word


async def test_the_hotspot_is_switched() -> None:
    async with HighMobilityTwin() as twin:
        await asked(twin, "enableDisableWiFiHotspot", {"wifiHotspotEnabled": "disabled"})

        assert twin.device.words["wifiHotspotEnabled"] == "disabled"


async def test_the_session_expires() -> None:
    async with HighMobilityTwin() as twin:
        await asked(twin, "authenticateExpire", {"authenticationState": "unauthenticated"})

        assert twin.device.words["authenticationState"] == "unauthenticated"


async def test_prices_are_taken_and_told() -> None:
    async with HighMobilityTwin() as twin:
        sent = [
            {"pricingType": "starting_fee", "price": 1.5, "currency": "EUR"},
            {"pricingType": "per_kwh", "price": 0.25, "currency": "EUR"},
        ]
        await asked(twin, "setPriceTariffs", {"priceTariffs": sent})
        told = await asked(twin, "getState")

        assert [dict(tariff) for tariff in twin.device.tariffs if isinstance(tariff, dict)] == sent
        assert len(told["priceTariffs"]) == 2


async def test_how_often_may_be_asked_is_read() -> None:
    async with HighMobilityTwin() as twin:
        twin.device.rates_hz["chargeCurrent"] = 0.5

        parsed = await asked(twin, "getAvailability", ["chargeCurrent"])

        assert parsed == {
            "chargeCurrent": {
                "availability": {
                    "updateRate": {"value": "trip_high"},
                    "rateLimit": {"value": 0.5, "unit": "hertz"},
                    "appliesPer": {"value": "vehicle"},
                }
            }
        }


async def test_a_property_that_fails_says_why() -> None:
    async with HighMobilityTwin() as twin:
        twin.faults.failing = {"chargeCurrent": "rate_limit"}

        parsed = await asked(twin, "getState", ["chargeCurrent"])

        assert parsed["chargeCurrent"]["failure"]["reason"] == {"value": "rate_limit"}


async def test_a_few_properties_can_be_asked_for() -> None:
    async with HighMobilityTwin() as twin:
        told = values(await asked(twin, "getState", ["chargingStatus", "chargeCurrent"]))

        assert told == {"chargingStatus": "disconnected", "chargeCurrent": 16}

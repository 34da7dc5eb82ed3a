import pytest

from controller.errors import DeviceRefused
from simulator.chargers.high_mobility import HighMobilityTwin
from tests.contracts.high_mobility_bench import Path, charger_of

PATHS: tuple[Path, ...] = ("telematics", "rest")

# The seven commands of the reference, and the present price as the eighth.
COMMANDS = {
    "get_state", "get_availability", "activate_deactivate_solar_charging", "authenticate_expire",
    "enable_disable_wifi_hotspot", "set_charge_current", "set_price_tariffs", "push_price",
}  # fmt: skip


async def called(twin: HighMobilityTwin, path: Path, name: str, **arguments: object) -> object:
    return await charger_of(twin, path=path).commands[name].call(**arguments)


async def test_every_command_of_the_interface_is_there() -> None:
    async with HighMobilityTwin() as twin:
        assert charger_of(twin).commands.keys() == COMMANDS


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("name", "argument", "given", "word", "becomes"),
    [
        ("activate_deactivate_solar_charging", "active", True, "solarCharging", "active"),
        ("activate_deactivate_solar_charging", "active", False, "solarCharging", "inactive"),
        ("authenticate_expire", "authenticated", True, "authenticationState", "authenticated"),
        ("authenticate_expire", "authenticated", False, "authenticationState", "unauthenticated"),
        ("enable_disable_wifi_hotspot", "enabled", True, "wifiHotspotEnabled", "enabled"),
        ("enable_disable_wifi_hotspot", "enabled", False, "wifiHotspotEnabled", "disabled"),
    ],
)
async def test_every_switch_acts_at_the_charger(
    path: Path, name: str, argument: str, given: bool, word: str, becomes: str
) -> None:
    async with HighMobilityTwin() as twin:
        twin.device.words[word] = "not yet set"

        answer = await called(twin, path, name, **{argument: given})

        assert twin.device.words[word] == becomes
        assert isinstance(answer, dict)
        assert answer[word]["data"] == {"value": becomes}


@pytest.mark.parametrize("path", PATHS)
async def test_the_current_is_set(path: Path) -> None:
    async with HighMobilityTwin() as twin:
        await called(twin, path, "set_charge_current", limit_a=9.5)

        assert twin.device.current_a == 9.5


@pytest.mark.parametrize("path", PATHS)
async def test_prices_arrive_as_they_were_given(path: Path) -> None:
    text = '[{"pricingType": "starting_fee", "price": {"value": 4.5}, "currency": "EUR"}]'
    async with HighMobilityTwin() as twin:
        await called(twin, path, "set_price_tariffs", tariffs=text)

        assert twin.device.tariffs == ({"pricingType": "starting_fee", "price": 4.5, "currency": "EUR"},)


@pytest.mark.parametrize("path", PATHS)
async def test_the_present_price_is_pushed(path: Path) -> None:
    async with HighMobilityTwin() as twin:
        await called(twin, path, "push_price", per_kwh=0.31, currency="€", starting_fee=1.0)

        assert twin.device.tariffs == (
            {"pricingType": "per_kwh", "price": 0.31, "currency": "€"},
            {"pricingType": "starting_fee", "price": 1.0, "currency": "€"},
        )


@pytest.mark.parametrize("path", PATHS)
async def test_selected_properties_alone_are_told(path: Path) -> None:
    async with HighMobilityTwin() as twin:
        state = await called(twin, path, "get_state", properties="chargingStatus, chargeCurrent")

        assert isinstance(state, dict)
        assert state.keys() == {"chargingStatus", "chargeCurrent"}


@pytest.mark.parametrize("path", PATHS)
async def test_the_whole_state_is_told_without_its_password(path: Path) -> None:
    async with HighMobilityTwin() as twin:
        state = await called(twin, path, "get_state")

        assert isinstance(state, dict)
        assert state["wifiHotspotSSID"]["data"] == {"value": "Charger 7612"}
        assert "ZW3vARNUBe" not in str(state)


@pytest.mark.parametrize("path", PATHS)
async def test_availability_is_told_for_selected_properties(path: Path) -> None:
    async with HighMobilityTwin() as twin:
        told = await called(twin, path, "get_availability", properties="chargingStatus")

        assert told == {
            "chargingStatus": {
                "availability": {
                    "updateRate": {"value": "trip_high"},
                    "rateLimit": {"value": 64.0, "unit": "hertz"},
                    "appliesPer": {"value": "vehicle"},
                }
            }
        }


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get_state", {"properties": "chargingPowerKW"}),
        ("get_availability", {"properties": "color"}),
        ("set_charge_current", {"limit_a": -1.0}),
        ("set_charge_current", {"limit_a": float("nan")}),
        ("set_price_tariffs", {"tariffs": "cheap"}),
        ("set_price_tariffs", {"tariffs": "[]"}),
        ("push_price", {"per_kwh": 0.3, "currency": ""}),
    ],
)
async def test_what_makes_no_sense_is_never_sent(name: str, arguments: dict[str, object]) -> None:
    async with HighMobilityTwin() as twin:
        with pytest.raises(DeviceRefused):
            await called(twin, "telematics", name, **arguments)

        assert not twin.calls


async def test_what_goes_past_the_ledger_asks_first() -> None:
    async with HighMobilityTwin() as twin:
        commands = charger_of(twin).commands

        assert {name for name, command in commands.items() if command.dangerous} == {"set_charge_current"}

"""`tesla_fleet_api`, as Home Assistant uses it, against the twin of the Fleet API."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from tesla_fleet_api import TeslaFleetApi, exceptions
from tesla_fleet_api.tesla.oauth import TeslaFleetOAuth

from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_car import TeslaCar
from simulator.chargers.tesla_commands import COMMANDS
from simulator.chargers.tesla_faults import Faults

SIGN_ON = "https://fleet-auth.prd.vn.cloud.tesla.com/oauth2/v3/token"


@asynccontextmanager
async def client(twin: TeslaTwin, token: str | None = None) -> AsyncIterator[Any]:
    async with aiohttp.ClientSession() as session:
        yield TeslaFleetApi(session, access_token=token or twin.sign_on.grant(), server=twin.url)


@asynccontextmanager
async def car_of(twin: TeslaTwin) -> AsyncIterator[Any]:
    async with client(twin) as api:
        yield api.vehicles.createFleet(twin.car.vin)


ARGUMENTS: dict[str, dict[str, object]] = {
    "set_charge_limit": {"percent": 75},
    "set_charging_amps": {"charging_amps": 9},
    "set_scheduled_charging": {"enable": True, "time": 1410},
    "set_scheduled_departure": {"departure_time": 540, "off_peak_charging_enabled": True},
}
ACTED: dict[str, Callable[[TeslaCar], bool]] = {
    "charge_port_door_open": lambda car: car.port_open,
    "charge_port_door_close": lambda car: not car.port_open,
    "charge_start": lambda car: car.offered_a > 0.0,
    "charge_stop": lambda car: car.offered_a == 0.0,
    "charge_standard": lambda car: car.limit_pct == car.standard_pct,
    "charge_max_range": lambda car: car.limit_pct == 100,
    "set_charge_limit": lambda car: car.limit_pct == 75,
    "set_charging_amps": lambda car: car.request_a == 9,
    "set_scheduled_charging": lambda car: car.scheduled_min == 1410,
    "set_scheduled_departure": lambda car: car.departure.get("departure_time") == 540,
}


def test_every_command_is_asked_of_the_twin() -> None:
    assert ACTED.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", sorted(ACTED))
async def test_every_command_acts(name: str) -> None:
    async with TeslaTwin() as twin, car_of(twin) as car:
        twin.plug_in("a car")
        twin.car.enabled, twin.car.limit_pct = name == "charge_stop", 60
        twin.car.port_open = name == "charge_port_door_close"

        answer = await getattr(car, name)(**ARGUMENTS.get(name, {}))

        assert answer["response"] == {"result": True, "reason": ""}
        assert ACTED[name](twin.car)


async def test_a_refusal_of_the_car_is_read_as_one() -> None:
    async with TeslaTwin() as twin, car_of(twin) as car:
        answer = await car.charge_start()

        assert answer["response"] == {"result": False, "reason": "disconnected"}


async def test_the_account_and_its_car_are_found() -> None:
    async with TeslaTwin() as twin, client(twin) as api:
        listed, products = await api.vehicles.createFleet(twin.car.vin).list(), await api.products()

        assert [car["vin"] for car in listed["response"]] == [twin.car.vin]
        assert listed["count"] == 1
        assert products["response"][0]["state"] == "online"


async def test_the_region_is_told_with_the_address_that_serves_it() -> None:
    async with TeslaTwin() as twin, client(twin) as api:
        answer = await api.user.region()

        assert answer["response"] == {"region": "eu", "fleet_api_base_url": twin.url}


async def test_whether_the_key_is_on_the_car_is_told() -> None:
    async with TeslaTwin() as twin, car_of(twin) as car:
        twin.car.is_paired = False

        answer = await car.fleet_status([twin.car.vin])

        assert answer["response"]["unpaired_vins"] == [twin.car.vin]
        assert answer["response"]["vehicle_info"][twin.car.vin]["firmware_version"] == "2026.32.7"


async def test_what_the_car_knows_comes_as_it_was_asked_for() -> None:
    async with TeslaTwin() as twin, car_of(twin) as car:
        twin.plug_in("a car")
        twin.set_draw((10.0, 10.0, 10.0), 6900.0)

        told = (await car.vehicle_data(["charge_state", "location_data"]))["response"]

        assert told["charge_state"]["charging_state"] == "Charging"
        assert (told["charge_state"]["charger_actual_current"], told["charge_state"]["charger_phases"]) == (
            10,
            2,
        )
        assert told["location_data"]["latitude"] == twin.car.latitude_deg
        assert "vehicle_state" not in told


async def test_a_sleeping_car_is_offline_until_it_is_woken() -> None:
    async with TeslaTwin() as twin, car_of(twin) as car:
        twin.car.sleep()
        for question in (car.vehicle_data, car.charge_stop):
            with pytest.raises(exceptions.VehicleOffline):
                await question()
        state = (await car.vehicle())["response"]["state"]
        woken = (await car.wake_up())["response"]["state"]

        assert (state, woken) == ("asleep", "online")


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(unsigned=True), exceptions.Forbidden),
        (Faults(other_url="https://fleet-api.prd.na.vn.cloud.tesla.com"), exceptions.InvalidRegion),
        (Faults(status=402), exceptions.PaymentRequired),
        (Faults(status=412), exceptions.PreconditionFailed),
        (Faults(status=423), exceptions.Locked),
        (Faults(status=503), exceptions.ServiceUnavailable),
        (Faults(status=540), exceptions.DeviceUnexpectedResponse),
    ],
)
async def test_every_code_is_read_as_what_it_means(faults: Faults, error: type[BaseException]) -> None:
    async with TeslaTwin() as twin, car_of(twin) as car:
        twin.faults = faults

        with pytest.raises(error):
            await car.charge_stop()


async def test_a_rate_limit_says_for_how_long() -> None:
    async with TeslaTwin() as twin, car_of(twin) as car:
        twin.faults = Faults(status=429, retry_after_s=43_200)

        with pytest.raises(exceptions.RateLimited) as limited:
            await car.charge_stop()

        assert limited.value.data["after"] == "43200"


async def test_a_token_that_is_not_good_is_refused() -> None:
    async with TeslaTwin() as twin, client(twin, "no such token") as api:
        with pytest.raises(exceptions.OAuthExpired):
            await api.products()


class _Led:
    """Leads the one address that the client knows by heart to the twin."""

    def __init__(self, session: aiohttp.ClientSession, twin: TeslaTwin) -> None:
        self._session, self._twin = session, twin

    def post(self, url: str, **more: Any) -> Any:  # noqa: ANN401 - as aiohttp
        return self._session.post(self._twin.token_url if url == SIGN_ON else url, **more)

    def request(self, method: str, url: str, **more: Any) -> Any:  # noqa: ANN401 - as aiohttp
        return self._session.request(method, url, **more)


async def test_a_refresh_token_is_good_for_one_use() -> None:
    async with TeslaTwin() as twin, aiohttp.ClientSession() as session:
        api = TeslaFleetOAuth(
            _Led(session, twin), region="eu", client_id="phasewise-test", refresh_token="refresh-0"
        )
        api.server = twin.url
        listed = await api.products()
        first = api.refresh_token
        second = (await api.refresh_access_token())["refresh_token"]
        api.refresh_token = first

        with pytest.raises(ValueError, match="login_required"):
            await api.refresh_access_token()

        assert listed["count"] == 1
        assert (first, second) == ("refresh-1", "refresh-2")

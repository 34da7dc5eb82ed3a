"""What a probe finds out about a car without waking it."""

import base64
import json

import pytest

from adapters.catalog import Surroundings
from adapters.chargers.tesla import build_vehicle
from adapters.chargers.tesla.settings import TeslaAccess
from controller.domain.units import VehicleId
from controller.ports import Probe
from controller.system_clock import SystemClock
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_faults import Faults
from tests.contracts.bench import CHARGER, site
from tests.contracts.tesla_bench import charger_of


async def probed(twin: TeslaTwin) -> Probe:
    return await charger_of(twin).probe()


async def vehicle_probed(twin: TeslaTwin, **own: object) -> Probe:
    access = TeslaAccess.model_validate(
        {
            "vehicle": twin.car.vin,
            "dialect": twin.service.dialect,
            "base_url": twin.url,
            "access_token": twin.sign_on.grant(),
            **own,
        }
    )
    surroundings = Surroundings(clock=SystemClock(), site=site())
    return await build_vehicle(VehicleId("blue"), access, surroundings, CHARGER).probe()


async def test_a_key_that_is_not_on_the_car_is_said() -> None:
    async with TeslaTwin("proxy") as twin:
        paired = await probed(twin)
        twin.car.is_paired = False
        unpaired = await probed(twin)

        assert not any("key" in warning for warning in paired.warnings)
        assert any("key is not on the car" in warning for warning in unpaired.warnings)


async def test_an_old_car_needs_no_proxy_and_a_newer_one_does() -> None:
    async with TeslaTwin("fleet") as twin:
        old = await probed(twin)
        twin.faults = Faults(unsigned=True)
        newer = await probed(twin)

        assert not any("signed" in warning for warning in old.warnings)
        assert any("this car obeys no such command; use a proxy" in warning for warning in newer.warnings)


@pytest.mark.parametrize("presence", ["asleep", "offline"])
async def test_the_firmware_of_a_sleeping_car_is_known_to_the_cloud(presence: str) -> None:
    async with TeslaTwin("proxy") as twin:
        twin.car.sleep(presence)

        probe = await vehicle_probed(twin)

        assert probe.version == "2026.32.7"
        assert probe.found == f"Tesla 000001, {presence}"
        assert not twin.car.is_online


async def test_a_hosted_proxy_that_knows_no_keys_is_well_all_the_same() -> None:
    async with TeslaTwin("proxy") as twin:
        twin.faults = Faults(only=frozenset({"fleet_status"}), status=404, error="not_found")

        assert (await vehicle_probed(twin)).version == "2026.32.7 abcdef012345"


@pytest.mark.parametrize(("latitude_deg", "said"), [(52.5, "here"), (48.1, "elsewhere")])
async def test_a_probe_says_whether_the_car_is_here(latitude_deg: float, said: str) -> None:
    async with TeslaTwin("fleet") as twin:
        probe = await vehicle_probed(twin, latitude_deg=latitude_deg, longitude_deg=13.4)

        assert probe.found.endswith(f", {said}")


def allowing(*scopes: str) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"scp": scopes}).encode()).decode().rstrip("=")
    return f"header.{claims}.signature"


async def test_what_the_owner_did_not_allow_is_said() -> None:
    async with TeslaTwin("proxy") as twin:
        token = twin.sign_on.grant(allowing("vehicle_device_data"))
        charger = await charger_of(twin, access_token=token).probe()
        vehicle = await vehicle_probed(twin, access_token=token)
        placed = await vehicle_probed(twin, access_token=token, latitude_deg=52.5, longitude_deg=13.4)

        assert any("vehicle_charging_cmds or vehicle_cmds" in warning for warning in charger.warnings)
        assert not any("does not allow" in warning for warning in vehicle.warnings)
        assert any("vehicle_location" in warning for warning in placed.warnings)
        assert token not in str((charger, vehicle, placed))


@pytest.mark.parametrize("dialect", ["fleet", "owner", "proxy", "ble"])
async def test_a_vehicle_tells_its_charge_and_what_looking_costs(dialect: str) -> None:
    async with TeslaTwin(dialect) as twin:
        probe = await vehicle_probed(twin)

        assert probe.values["soc_pct"] == 50.0
        assert str(probe.values["budget"]).endswith("not billed" if dialect in ("owner", "ble") else "10.00")
        assert twin.url in probe.control_path

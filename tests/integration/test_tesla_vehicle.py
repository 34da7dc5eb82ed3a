import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.catalog import Surroundings
from adapters.chargers.tesla import build_vehicle
from adapters.chargers.tesla.settings import TeslaAccess
from controller.domain.readings import VehicleState
from controller.domain.units import VehicleId
from controller.settings import load
from controller.supervision import Watch, keep_running
from controller.system_clock import SystemClock
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_commands import COMMANDS
from tests.contracts.bench import CHARGER, PATIENCE_S, site


class Told(list[VehicleState]):
    """Everything that a car told."""

    def __init__(self) -> None:
        super().__init__()
        self._news = asyncio.Event()

    def take(self, state: VehicleState) -> None:
        """Publish."""
        self.append(state)
        self._news.set()

    async def anew(self) -> VehicleState:
        """Wait for what it tells next."""
        self._news.clear()
        async with asyncio.timeout(PATIENCE_S):
            await self._news.wait()
        return self[-1]


@asynccontextmanager
async def telling(twin: TeslaTwin, **own: Any) -> AsyncIterator[Told]:  # noqa: ANN401 - settings
    reached: dict[str, object] = {
        "vehicle": twin.car.vin,
        "dialect": twin.service.dialect,
        "base_url": twin.url,
        "access_token": twin.sign_on.grant(),
        "poll_s": 0.05,
        "idle_poll_s": 0.05,
        "data_per_minute": 10_000,
    }
    access = TeslaAccess.model_validate(reached | own)
    vehicle = build_vehicle(
        VehicleId("blue"), access, Surroundings(clock=SystemClock(), site=site()), CHARGER
    )
    told = Told()
    watch = Watch("car", lambda *_: None)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(keep_running(lambda: vehicle.run(told.take), watch, SystemClock()))
        try:
            yield told
        finally:
            task.cancel()


async def test_a_car_at_somebody_elses_charger_tells_its_charge_and_is_never_told_anything() -> None:
    async with TeslaTwin("ble") as twin, telling(twin) as told:
        twin.car.soc_pct = 43.0
        twin.plug_in("a car")

        state = await told.anew()

        assert (state.soc_pct, state.capacity_wh) == (43.0, None)
        assert not twin.named(*COMMANDS, "wake_up")


async def test_a_sleeping_car_keeps_its_charge() -> None:
    async with TeslaTwin() as twin, telling(twin) as told:
        twin.plug_in("a car")
        await told.anew()
        twin.car.sleep()
        await twin.until_called("presence")
        await told.anew()

        assert (await told.anew()).soc_pct == 50.0
        assert not twin.car.is_online


async def test_a_car_that_drives_tells_nothing() -> None:
    async with TeslaTwin() as twin, telling(twin) as told:
        for _ in range(4):
            await twin.until_called("vehicle_data")

        assert not told


SELDOM = {"idle_poll_s": 900.0}


async def test_a_car_that_charges_is_looked_at_often() -> None:
    async with TeslaTwin() as twin:
        twin.plug_in("a car")
        async with telling(twin, **SELDOM), asyncio.timeout(PATIENCE_S):
            for _ in range(4):
                await twin.until_called("vehicle_data")


async def test_a_car_that_stands_still_is_looked_at_once() -> None:
    async with TeslaTwin() as twin:
        twin.plug_in("a car")
        twin.car.stop()
        async with telling(twin, **SELDOM):
            for _ in range(6):
                await twin.until_called("presence")

        assert len(twin.named("vehicle_data")) == 1


async def test_a_month_that_is_nearly_spent_makes_looks_rare() -> None:
    # Nine looks are more than 80 % of it, and leave room for a tenth.
    budget = {"budget_usd_per_month": 0.021}
    async with TeslaTwin() as twin:
        twin.plug_in("a car")
        async with telling(twin, **SELDOM, **budget), asyncio.timeout(PATIENCE_S):
            while len(twin.named("vehicle_data")) < 9:
                await twin.until_called()
            for _ in range(4):
                await twin.until_called("presence")

        assert len(twin.named("vehicle_data")) == 9


async def test_a_car_that_leaves_takes_its_charge_along() -> None:
    async with TeslaTwin() as twin, telling(twin) as told:
        twin.plug_in("a car")
        await told.anew()
        twin.unplug()

        async with asyncio.timeout(PATIENCE_S):
            while (await told.anew()).soc_pct is not None:
                pass
        count = len(told)
        for _ in range(3):
            await twin.until_called("vehicle_data")

        assert len(told) == count


async def test_a_probe_says_that_it_is_not_controlled() -> None:
    async with TeslaTwin("ble") as twin:
        access = TeslaAccess(vehicle=twin.car.vin, dialect="ble", base_url=twin.url)
        vehicle = build_vehicle(
            VehicleId("blue"), access, Surroundings(clock=SystemClock(), site=site()), CHARGER
        )

        probe = await vehicle.probe()

        assert probe.values["soc_pct"] == 50.0
        assert "tells" in probe.control_path


CONFIG = """
[[circuits]]
id = "main"
limit_a = 25
background_a = 5

[[chargers]]
id = "garage"
kind = "lektrico"
host = "192.168.1.40"

[[vehicles]]
id = "blue"
charger = "garage"
capacity_kwh = 75
kind = "tesla"
dialect = "ble"
base_url = "http://192.168.1.6:8080"
vehicle = "5YJ3E7EB0KF000001"
"""


def test_a_vehicle_of_a_kind_is_read_with_the_keys_of_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)

    car = load(path, {}).vehicles[0]

    assert car.device is not None
    assert isinstance(car.device.settings, TeslaAccess)
    assert (car.charger, car.capacity_wh) == ("garage", 75_000.0)

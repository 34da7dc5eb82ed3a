"""The daemon's own parts around a car that limits itself: settings, board, ledger, loop, adapter, twin."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from controller.app.equipment import equip
from controller.app.parts import Parts, assemble
from controller.domain.promises import promised_a
from controller.domain.units import ChargerId
from controller.policy_files import load as load_policies
from controller.settings import load
from controller.system_clock import SystemClock
from simulator.chargers.tesla import TeslaTwin
from simulator.clock import ScaledClock
from simulator.house.car import SELF_LIMITING, Car
from simulator.house.house import House
from simulator.house.running import run
from simulator.house.sockets import wire
from tests.fakes.journal import FakeJournal

CAR = ChargerId("car")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PATIENCE_S = 15.0

CONFIG = """
[[circuits]]
id = "main"
limit_a = 20
background_a = 7

[[chargers]]
id = "car"
kind = "tesla"
vehicle = "5YJ3E7EB0KF000001"
dialect = "{dialect}"
base_url = "{url}"
access_token_env = "TOKEN"
nameplate_a = 16

[[vehicles]]
id = "blue"
charger = "car"
capacity_kwh = 75
"""


@asynccontextmanager
async def living(folder: Path, dialect: str) -> AsyncIterator[tuple[TeslaTwin, House, Parts]]:
    """Run twin, house and daemon together, fifty times as fast."""
    clock = ScaledClock(SystemClock(), speed=50.0, starts=NOON)
    async with TeslaTwin(dialect, clock=clock) as twin:
        twin.car.pilot_a = twin.car.request_max_a = 16
        twin.sign_on.required = False
        path = folder / "config.toml"
        path.write_text(CONFIG.format(dialect=dialect, url=twin.url))
        settings = load(path, {"TOKEN": "secret"})
        house = House(settings.site, starts=NOON, base_loads={})
        parts = assemble(equip(settings, load_policies(None), clock), clock, FakeJournal())
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(task()) for task in parts.tasks]
            tasks.append(group.create_task(run(wire(house, {CAR: twin}), clock, period_s=0.5)))
            tasks.append(group.create_task(parts.loop.run()))
            try:
                yield twin, house, parts
            finally:
                for task in tasks:
                    task.cancel()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await SystemClock().sleep(0.02)


async def test_a_car_that_comes_home_gets_what_the_fuse_leaves(tmp_path: Path) -> None:
    async with living(tmp_path, "ble") as (twin, house, parts):
        house.plug_in(CAR, Car(SELF_LIMITING, soc_pct=43.0))

        await until(lambda: house.bays[CAR].device_a == (13.0, 13.0, 13.0))
        await until(lambda: promised_a(parts.board.memory.chargers[CAR].promise) == 13.0)

        assert twin.offered_a == 13.0
        told = parts.board.vehicles[CAR]
        assert (told.soc_pct, told.capacity_wh) == (43.0, 75_000.0)


async def test_a_car_that_left_holds_nothing_and_returns_modestly(tmp_path: Path) -> None:
    async with living(tmp_path, "fleet") as (twin, house, parts):
        twin.car.starts_by_itself = False
        house.plug_in(CAR, Car(SELF_LIMITING, soc_pct=43.0))
        await until(lambda: house.bays[CAR].device_a == (13.0, 13.0, 13.0))
        house.unplug(CAR)
        await until(lambda: promised_a(parts.board.memory.chargers[CAR].promise) == 0.0)

        assert twin.car.request_a == 5

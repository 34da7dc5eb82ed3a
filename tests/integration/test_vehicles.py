"""A car as a charger on a dumb socket, and as a vehicle at somebody else's charger, under the real daemon."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.catalog import Surroundings
from controller import commands
from controller.app.daemon import Daemon
from controller.app.equipment import build_vehicles
from controller.app.parts import Parts
from controller.domain.reasons import Code
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.domain.writes import Decision
from controller.ports import Clock
from controller.settings import load
from controller.system_clock import SystemClock
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_commands import COMMANDS
from simulator.clock import ScaledClock
from simulator.house.car import SELF_LIMITING, Car
from simulator.house.house import House
from simulator.stage import Stage
from tests.integration.living import NOON, SPEED
from tests.servers import free_port

GARAGE, SOCKET = ChargerId("garage"), ChargerId("socket")
WITHIN_S = 300.0
"""In the house; a machine that is busy needs most of it."""

SITE = """
[[circuits]]
id = "main"
limit_a = {limit}
background_a = 11

[database]
url = "sqlite:///{folder}/journal.sqlite"

[dashboard]
port = 0
"""

AT_A_CHARGER = """
[[chargers]]
id = "garage"
kind = "lektrico"
host = "127.0.0.1"
port = {charger}
poll_s = 1
mode = "plan"

[[vehicles]]
id = "blue"
charger = "garage"
capacity_kwh = 5
kind = "tesla"
dialect = "ble"
base_url = "http://127.0.0.1:{car}"
vehicle = "5YJ3E7EB0KF000001"
poll_s = 1
idle_poll_s = 5
"""

ON_A_SOCKET = """
[[chargers]]
id = "socket"
kind = "tesla"
dialect = "ble"
base_url = "http://127.0.0.1:{car}"
vehicle = "5YJ3E7EB0KF000002"
poll_s = 1
idle_poll_s = 5
nameplate_a = 16

[[vehicles]]
id = "red"
charger = "socket"
capacity_kwh = 75
"""


class Living:
    """A house with its twins and the daemon."""

    def __init__(self, folder: Path, tables: str, limit_a: int) -> None:
        self.clock: Clock = ScaledClock(SystemClock(), speed=SPEED, starts=NOON)
        path = folder / "config.toml"
        places = {"folder": folder, "charger": free_port(), "car": free_port(), "limit": limit_a}
        path.write_text((SITE + tables).format(**places))
        self.settings = load(path, {})
        self.house = House(self.settings.site, starts=NOON, base_loads={})
        self.stage = Stage(self.settings, self.house, self.clock)
        self.daemon = Daemon(path, self.clock, {})
        self.daemon.on_parts.append(lambda parts: parts.loop.listeners.append(self._tick))
        self.ticks: list[Decision] = []

    def _tick(self, _: Snapshot, decision: Decision) -> None:
        self.ticks.append(decision)

    @property
    def parts(self) -> Parts:
        """What runs."""
        assert self.daemon.parts is not None
        return self.daemon.parts

    def car(self, name: str, at: ChargerId) -> TeslaTwin:
        """Find a car's twin."""
        twin = self.stage.cast.vehicles[at][name] if at == GARAGE else self.stage.cast.chargers[at]
        assert isinstance(twin, TeslaTwin)
        return twin

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait for something to hold."""
        began_s = self.clock.mono_s()
        while not holds():
            flows = f"{self.house.root.currents_a}, {self.ticks[-1].chargers if self.ticks else 'no tick'}"
            assert self.clock.mono_s() - began_s < WITHIN_S, f"not in time: {what}; {flows}"
            await self.clock.sleep(0.2)


@asynccontextmanager
async def living(folder: Path, tables: str, limit_a: int = 40) -> AsyncIterator[Living]:
    found = Living(folder, tables, limit_a)
    async with found.stage, asyncio.TaskGroup() as tasks:
        life = tasks.create_task(found.stage.run())
        running = tasks.create_task(found.daemon.run())
        try:
            await found.until(lambda: bool(found.ticks), "the daemon ticks")
            yield found
        finally:
            found.daemon.stop()
            await asyncio.wait([running])
            life.cancel()


async def test_a_plan_in_per_cent_at_a_controlled_charger_stops_when_it_is_reached(tmp_path: Path) -> None:
    async with living(tmp_path, AT_A_CHARGER) as home:
        blue = Car(replace(SELF_LIMITING, name="blue", capacity_wh=5000.0), soc_pct=40.0)
        home.house.plug_in(GARAGE, blue)
        desk = home.parts.desk
        wanted = commands.set_plan(desk.known(), "garage", NOON + timedelta(hours=6), soc_pct=44.0)
        assert isinstance(wanted, commands.SetPlan)
        assert desk.take(wanted) is None
        await home.until(lambda: home.house.bays[GARAGE].device_a[0] > 6.0, "the car charges")
        await home.until(lambda: home.house.bays[GARAGE].device_a[0] == 0.0, "the car stops")

        assert 44.0 <= blue.soc_pct < 50.0
        reasons = home.ticks[-1].chargers[GARAGE].reasons
        assert Code.ENERGY_DONE in {reason.code for reason in reasons}
        assert not home.car("blue", GARAGE).named(*COMMANDS, "wake_up")


async def test_a_vehicle_tells_the_charge_of_the_car_at_its_charger(tmp_path: Path) -> None:
    async with living(tmp_path, AT_A_CHARGER) as home:
        home.house.plug_in(GARAGE, Car(SELF_LIMITING, soc_pct=43.0))
        await home.until(lambda: GARAGE in home.parts.board.vehicles, "the car is heard")

        told = home.parts.board.vehicles[GARAGE]
        assert (told.soc_pct, told.capacity_wh) == (43.0, 5000.0)


async def test_a_vehicle_that_leaves_takes_its_charge_along(tmp_path: Path) -> None:
    async with living(tmp_path, AT_A_CHARGER) as home:
        home.house.plug_in(GARAGE, Car(SELF_LIMITING, soc_pct=43.0))
        await home.until(lambda: GARAGE in home.parts.board.vehicles, "the car is heard")
        home.house.unplug(GARAGE)

        await home.until(lambda: home.parts.board.vehicles[GARAGE].soc_pct is None, "nobody is there")


async def test_a_vehicle_that_is_stopped_by_its_own_command_draws_nothing(tmp_path: Path) -> None:
    async with living(tmp_path, AT_A_CHARGER) as home:
        home.house.plug_in(GARAGE, Car(SELF_LIMITING, soc_pct=43.0))
        await home.until(lambda: home.house.bays[GARAGE].device_a[0] > 6.0, "the car charges")
        surroundings = Surroundings(clock=SystemClock(), site=home.settings.site)
        (vehicle,) = build_vehicles(home.settings, surroundings)
        await vehicle.commands["charge_stop"].call()

        await home.until(lambda: home.house.bays[GARAGE].device_a[0] == 0.0, "the car stops")


@pytest.mark.parametrize(("limit_a", "share_a"), [(16, 5.0), (18, 7.0)])
async def test_a_car_on_a_dumb_socket_takes_what_the_fuse_leaves(
    tmp_path: Path, limit_a: int, share_a: float
) -> None:
    async with living(tmp_path, ON_A_SOCKET, limit_a) as home:
        home.house.plug_in(SOCKET, Car(SELF_LIMITING, soc_pct=43.0))

        await home.until(lambda: home.house.bays[SOCKET].device_a == (share_a,) * 3, "it draws its share")
        await home.until(lambda: SOCKET in home.parts.board.vehicles, "its charge is known")
        told = home.parts.board.vehicles[SOCKET]
        assert (told.soc_pct, told.capacity_wh) == (43.0, 75_000.0)

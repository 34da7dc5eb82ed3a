"""An Easee carport in a house that lives, reached by operator or owner: twins on real sockets, the daemon."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from controller.app.daemon import Daemon
from controller.app.parts import Parts
from controller.domain.units import ChargerId, CircuitId
from controller.ports import Clock
from controller.settings import Settings, load
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.clock import ScaledClock
from simulator.house.car import ORDINARY, Car
from simulator.house.house import House
from simulator.stage import Stage
from tests.contracts.easee_bench import operator
from tests.servers import free_port

NOON = datetime(2026, 6, 24, 11, tzinfo=UTC)
BAY, CARPORT = ChargerId("bay"), CircuitId("carport")
PASSWORDS = {"BROKER": "guest", "CLOUD": "hush"}

CONFIG = """
[[circuits]]
id = "main"
limit_a = 25
background_a = 10

[[circuits]]
id = "carport"
parent = "main"
limit_a = 20
background_a = 0
limiter = {{ kind = "easee", {connection} }}

[[chargers]]
id = "bay"
kind = "easee"
circuit = "carport"
{charger}

[database]
url = "sqlite:///{folder}/journal.sqlite"

[dashboard]
port = 0
"""


def operators() -> dict[str, object]:
    own = operator()
    return {
        "host": "127.0.0.1",
        "port": urlsplit(own.url).port,
        "tls": False,
        "queue": own.queue,
        "exchange": own.exchange,
        "user": "guest",
        "password_env": "BROKER",
    }


def written(folder: Path, access: str = "operator") -> Path:
    url = f"http://127.0.0.1:{free_port()}"
    keys = {
        "serial": "EH000281",
        "account_user": "somebody@example.com",
        "account_password_env": "CLOUD",
        "api_url": url,
        "beat_s": 2,
        **(operators() if access == "operator" else {"access": access, "hub_url": f"{url}/hubs/chargers"}),
    }
    shown = [
        f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}"
        for key, value in keys.items()
    ]
    path = folder / "config.toml"
    path.write_text(CONFIG.format(folder=folder, connection=", ".join(shown), charger="\n".join(shown)))
    return path


@dataclass
class Carport:
    """Everything that a test looks at."""

    settings: Settings
    clock: Clock
    house: House
    stage: Stage
    daemon: Daemon

    @property
    def twin(self) -> EaseeTwin:
        """The charger."""
        twin = self.stage.cast.chargers[BAY]
        assert isinstance(twin, EaseeTwin)
        return twin

    @property
    def parts(self) -> Parts:
        """What runs."""
        assert self.daemon.parts is not None
        return self.daemon.parts

    async def until_limited(self, limit_a: float) -> None:
        """Wait until the circuit's limiter reads back a limit on every phase."""
        async with asyncio.timeout(30.0):
            while self.parts.board.limiters.get(CARPORT, (0.0, ()))[1] != (limit_a,) * 3:
                await self.clock.sleep(0.1)

    async def until_told(self, current_a: float) -> None:
        """Wait until the charger was told a limit and offers it."""
        async with asyncio.timeout(30.0):
            while (self.twin.offered_a, self.twin.device.dynamic_a) != (current_a, current_a):
                await self.clock.sleep(0.1)


@asynccontextmanager
async def carport(folder: Path, access: str) -> AsyncIterator[Carport]:
    path = await asyncio.to_thread(written, folder, access)
    settings, clock = load(path, PASSWORDS), ScaledClock(SystemClock(), speed=4.0)
    house = House(settings.site, starts=NOON, base_loads={})
    stage, daemon = Stage(settings, house, clock), Daemon(path, clock, PASSWORDS)
    async with stage, asyncio.TaskGroup() as tasks:
        living = tasks.create_task(stage.run())
        running = tasks.create_task(daemon.run())
        try:
            yield Carport(settings, clock, house, stage, daemon)
        finally:
            daemon.stop()
            await running
            living.cancel()


@pytest.mark.parametrize("access", ["operator", "owner"])
async def test_a_car_gets_what_the_circuits_leave_and_no_flash_is_written(
    tmp_path: Path, access: str
) -> None:
    async with carport(tmp_path, access) as found:
        found.house.plug_in(BAY, Car(ORDINARY))
        await found.until_told(15.0)
        await found.until_limited(15.0)

        assert {sent.id for sent in found.twin.commands} == {22, 48}
        assert found.twin.device.flash_writes.total() == 0


async def test_an_owners_chargers_and_circuits_move_to_a_cloud_of_their_own(tmp_path: Path) -> None:
    path = await asyncio.to_thread(written, tmp_path, "owner")
    away = path.read_text().replace("http://127.0.0.1:", "https://elsewhere:")
    path.write_text(away)
    settings = load(path, PASSWORDS)
    clock = SystemClock()
    async with Stage(settings, House(settings.site, starts=NOON, base_loads={}), clock) as stage:
        moved = stage.cast.moved()

    assert set(moved) == {"bay", "carport.limiter"}
    assert moved["bay"] == moved["carport.limiter"]
    assert str(moved["bay"]["api_url"]).startswith("http://127.0.0.1:")
    assert moved["bay"]["hub_url"] == f"{moved['bay']['api_url']}/hubs/chargers"


def test_a_limiter_knows_what_its_kind_does(tmp_path: Path) -> None:
    site = load(written(tmp_path), PASSWORDS).site
    limiter = site.circuit[CARPORT].limiter

    assert limiter is not None
    assert (limiter.delivery_s, limiter.nameplate_a, limiter.lease_s) == (65.0, (40.0, 40.0, 40.0), None)
    assert site.charger[BAY].abilities.delivery_s == 65.0

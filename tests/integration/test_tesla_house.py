"""A car that limits itself, in a house that lives, under the daemon's own loop of adapter and twin."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.chargers.tesla.settings import TeslaSettings
from controller.domain.units import ChargerId
from controller.settings import load
from controller.system_clock import SystemClock
from simulator.casting import cast_all
from simulator.chargers.tesla import TeslaTwin
from simulator.clock import ScaledClock
from simulator.house.car import SELF_LIMITING, Car
from simulator.house.house import House
from simulator.house.sockets import wire
from tests.contracts.bench import CHARGER, site
from tests.contracts.tesla_bench import charger_of

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

CONFIG = """
[[circuits]]
id = "main"
limit_a = 25
background_a = 5

[[chargers]]
id = "car"
kind = "tesla"
vehicle = "5YJ3E7EB0KF000777"
dialect = "{dialect}"
base_url = "https://192.168.1.5:4443"
access_token_env = "TOKEN"
nameplate_a = 20
{more}
"""


def written(folder: Path, dialect: str = "proxy", more: str = "") -> Path:
    path = folder / "config.toml"
    path.write_text(CONFIG.format(dialect=dialect, more=more))
    return path


async def test_a_car_follows_its_own_cap_below_what_any_pilot_could_say() -> None:
    clock = ScaledClock(SystemClock(), speed=20.0, starts=NOON)
    async with TeslaTwin(clock=clock) as twin:
        wired = site()
        house = House(wired, starts=NOON, base_loads={})
        wiring = wire(house, {CHARGER: twin})
        house.plug_in(CHARGER, Car(SELF_LIMITING, soc_pct=41.0))
        wiring.step(1.0)
        await charger_of(twin, clock, wired).set_limit(7.0)
        for _ in range(60):
            wiring.step(1.0)

        assert house.bays[CHARGER].device_a == (7.0, 7.0, 7.0)
        assert twin.car.told()["charger_actual_current"] == 7
        assert int(twin.car.battery_pct) == 41


def test_a_configured_car_has_a_floor_of_its_own(tmp_path: Path) -> None:
    settings = load(written(tmp_path), {"TOKEN": "secret"})

    spec = settings.site.charger[ChargerId("car")]

    assert (spec.min_a, spec.abilities.latency_s, spec.abilities.write_gap_s) == (5.0, 15.0, 60.0)
    assert "secret" not in repr(settings)


def test_the_floor_can_be_set(tmp_path: Path) -> None:
    settings = load(written(tmp_path, more="min_a = 2\nreset_a = 5"), {"TOKEN": "secret"})

    assert settings.site.charger[ChargerId("car")].min_a == 2.0


async def test_a_twin_plays_the_configured_car(tmp_path: Path) -> None:
    settings = load(written(tmp_path), {"TOKEN": "secret"})
    cast = cast_all(settings, SystemClock())
    async with cast.servers[0]:
        moved = cast.moved()["car"]
        twin = cast.chargers["car"]

        assert isinstance(twin, TeslaTwin)
        assert moved == {"base_url": twin.url, "sign_on_url": twin.token_url}
        assert (twin.car.vin, twin.car.pilot_a) == ("5YJ3E7EB0KF000777", 20)


@pytest.mark.parametrize(
    "wrong",
    [
        {"dialect": "proxy", "vehicle": "1492931365719407", "base_url": "https://p", "access_token": "x"},
        {"dialect": "proxy", "vehicle": "5YJ3E7EB0KF000777", "access_token": "x"},
        {"dialect": "fleet", "vehicle": "5YJ3E7EB0KF000777"},
        {"dialect": "fleet", "vehicle": "5YJ3E7EB0KF000777", "refresh_token": "x", "client_id": "c"},
        {"dialect": "fleet", "vehicle": "5YJ3E7EB0KF000777", "refresh_token": "x", "token_file": "t"},
        {"dialect": "fleet", "vehicle": "5YJ3E7EB0KF000777", "access_token": "x", "latitude_deg": 1.0},
        {"dialect": "smoke", "vehicle": "5YJ3E7EB0KF000777", "access_token": "x"},
    ],
)
def test_what_cannot_work_is_said_at_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected|Input should"):
        TeslaSettings.model_validate(wrong)

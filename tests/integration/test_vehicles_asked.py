"""Vehicles as people ask for them, over twins that `phasewise simulate` started."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.phasewise import phasewise, running
from tests.servers import free_port

CONFIG = """
[[circuits]]
id = "main"
limit_a = 25
background_a = 5

[[chargers]]
id = "garage"
kind = "lektrico"
host = "127.0.0.1"
port = {charger}

[[vehicles]]
id = "blue"
charger = "garage"
capacity_kwh = 75
kind = "tesla"
dialect = "proxy"
base_url = "https://192.168.1.6:4443"
access_token_file = "token"
vehicle = "5YJ3E7EB0KF000777"

[[vehicles]]
id = "red"
charger = "garage"
capacity_kwh = 60
kind = "tesla"
dialect = "proxy"
base_url = "https://192.168.1.6:4443"
access_token_file = "token"
vehicle = "5YJ3E7EB0KF000888"

[[vehicles]]
id = "green"
charger = "garage"
capacity_kwh = 40
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Let twins play, and hand out the configuration that leads to them."""
    folder = tmp_path_factory.mktemp("vehicles")
    (folder / "token").write_text("nobody-knows-it")
    (folder / "config.toml").write_text(CONFIG.format(charger=free_port()))
    with running("simulate", "-c", folder / "config.toml") as twins:
        assert twins.stdout is not None
        while "phasewise run -c" not in (line := twins.stdout.readline()):
            assert twins.poll() is None, "the twins ended"
        yield Path(line.partition("-c ")[2].strip())
        twins.send_signal(signal.SIGINT)
        assert twins.wait(timeout=20) == 0


def test_a_probe_asks_every_vehicle_and_says_where_it_stands(config: Path) -> None:
    done = phasewise("check", "--probe", "--json", "-c", config)

    devices = json.loads(done.stdout)["devices"]
    assert done.returncode == 0, done.stderr
    assert [(one["device"], one["id"]) for one in devices] == [
        ("charger", "garage"), ("vehicle", "blue"), ("vehicle", "red"),
    ]  # fmt: skip
    blue = devices[1]
    assert (blue["charger"], blue["version"].split()[0]) == ("garage", "2026.32.7")
    assert blue["found"].startswith("Tesla 000777, online")
    assert "command proxy" in blue["control_path"]
    assert 0.0 < blue["values"]["soc_pct"] <= 100.0
    assert "USD" in blue["values"]["budget"]


def test_a_probe_tells_people_where_a_vehicle_stands(config: Path) -> None:
    assert "vehicle red at garage: Tesla 000888, " in phasewise("check", "--probe", "-c", config).stdout


def test_vehicles_are_listed_beside_chargers(config: Path) -> None:
    devices = json.loads(phasewise("device", "--json", "-c", config).stdout)

    assert [device["id"] for device in devices] == ["garage", "blue", "red"]
    assert devices[1] == {"id": "blue", "kind": "tesla", "charger": "garage"}


def test_a_vehicle_has_the_commands_of_its_access_and_no_others(config: Path) -> None:
    listed = json.loads(phasewise("device", "blue", "--json", "-c", config).stdout)

    names = {command["name"] for command in listed}
    assert {"state", "charge_start", "charge_stop", "set_charge_limit", "calls"} <= names
    assert "out_of_service" not in names
    assert {command["name"] for command in listed if command["dangerous"]} == {"charge_port_door_open"}


def test_a_vehicle_tells_its_state_and_obeys(config: Path) -> None:
    limited = json.loads(phasewise("device", "red", "set_charge_limit", "percent=70", "-c", config).stdout)
    state = json.loads(phasewise("device", "red", "state", "-c", config).stdout)
    other = json.loads(phasewise("device", "blue", "state", "-c", config).stdout)

    assert limited == {"outcome": "done", "reason": "", "charge_limit_pct": 70.0}
    assert (state["presence"], state["charge_limit_pct"]) == ("online", 70.0)
    assert other["charge_limit_pct"] == 80.0


def test_a_vehicle_without_a_kind_has_no_commands(config: Path) -> None:
    done = phasewise("device", "green", "-c", config)

    assert done.returncode == 2
    assert "tells nothing itself" in done.stderr

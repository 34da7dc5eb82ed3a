"""Twins and daemon as two processes, and everybody who asks them."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.system_clock import SystemClock
from simulator.demo.config import free_ports
from tests.phasewise import REPOSITORY, phasewise, running
from tests.servers import Mosquitto

LONGEST_START_S = 20.0


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hand out the example on ports that are free."""
    config = tmp_path_factory.mktemp("live") / "config.toml"
    text = (REPOSITORY / "config.example.toml").read_text()
    for port, free in zip((15020, 15021, 18081, 18082, 8510), free_ports(5), strict=True):
        text = re.sub(rf"\b{port}\b", str(free), text)
    config.write_text(text.replace("sqlite:///phasewise", f"sqlite:///{config.parent}/phasewise"))
    return config


@pytest.fixture(scope="module")
def live(config: Path) -> Iterator[Path]:
    """Let twins and daemon of the example run side by side."""
    with running("simulate", "-c", config, "--speed", "4", "--at", "2026-06-21T11:00Z") as twins:
        assert twins.stdout is not None
        while "phasewise run -c" not in twins.stdout.readline():
            assert twins.poll() is None, "the twins ended"
        with running("run", "-c", config) as daemon:
            _wait_until_it_answers(config, daemon)
            yield config
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(timeout=20) == 0
        twins.send_signal(signal.SIGINT)
        assert twins.wait(timeout=20) == 0


def _wait_until_it_answers(config: Path, daemon: "subprocess.Popen[str]") -> None:
    clock = SystemClock()
    until_s = clock.mono_s() + LONGEST_START_S
    while clock.mono_s() < until_s:
        assert daemon.poll() is None, "the daemon ended"
        done = phasewise("status", "-c", config, "--json")
        if done.returncode == 0 and json.loads(done.stdout)["source"] == "daemon":
            return
    pytest.fail("the daemon does not answer")


def test_the_daemon_balances_the_example_over_its_twins(live: Path) -> None:
    document = json.loads(phasewise("status", "-c", live, "--json").stdout)

    assert document["lost"] == {}
    assert document["circuits"][0]["blind"] is False
    assert [charger["silent"] for charger in document["chargers"]] == [False, False]


def test_the_houses_day_begins_when_it_was_told_to(live: Path) -> None:
    document = json.loads(phasewise("status", "-c", live, "--json").stdout)

    # The longest day's noon, whatever the time is here.
    assert document["power_w"]["solar"] > 100.0


def test_explain_asks_the_daemon(live: Path) -> None:
    document = json.loads(phasewise("explain", "garage", "-c", live, "--json").stdout)

    assert document["source"] == "daemon"
    assert document["sentence"]


def test_every_device_answers_a_probe(live: Path) -> None:
    done = phasewise("check", "--probe", "--json", "-c", live)

    devices = json.loads(done.stdout)["devices"]
    assert done.returncode == 0
    assert [device["id"] for device in devices] == ["grid", "solar", "garage", "carport"]
    assert all(device["well"] for device in devices)
    assert devices[2]["control_path"].startswith("em_current")


def test_watch_prints_a_document_a_tick_on_a_pipe(live: Path) -> None:
    with running("watch", "-c", live) as watching:
        assert watching.stdout is not None
        first, second = (json.loads(watching.stdout.readline()) for _ in range(2))
        watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=10) == 0

    assert first["site"] == "home"
    assert second["at"] >= first["at"]


def test_a_command_of_a_charger_is_called(live: Path) -> None:
    document = json.loads(phasewise("device", "garage", "device_id_get", "-c", live).stdout)

    assert document["answer"] == "3p22k_500006"


def test_a_dangerous_command_needs_yes(live: Path) -> None:
    done = phasewise("device", "garage", "em_current_set", "limit_a=6", "-c", live)

    assert done.returncode == 2
    assert "expected --yes" in done.stderr


def test_commands_are_listed_with_their_arguments(live: Path) -> None:
    commands = json.loads(phasewise("device", "garage", "--json", "-c", live).stdout)

    by_name = {command["name"]: command for command in commands}
    assert by_name["em_current_set"]["dangerous"] is True
    assert by_name["em_current_set"]["arguments"][0]["type"] == "float"
    assert {"out_of_service", "in_service"} <= set(by_name)


def test_a_declaration_reaches_the_running_daemon_which_knows_better(live: Path) -> None:
    refused = phasewise("device", "carport", "out_of_service", "-c", live)
    back = json.loads(phasewise("device", "carport", "in_service", "-c", live).stdout)

    assert refused.returncode == 1
    assert "carport answers" in refused.stderr
    assert back["by"] == "daemon"
    assert json.loads(phasewise("status", "-c", live, "--json").stdout)["out_of_service"] == []


def test_a_daemon_of_another_site_is_not_taken_for_ours(live: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(live.read_text().replace('id = "home"', 'id = "cabin"', 1))

    done = phasewise("status", "-c", other)

    assert done.returncode == 1
    assert "this daemon looks after home" in done.stderr


@pytest.mark.parametrize("asks", [("status",), ("explain", "garage")], ids=lambda asks: asks[0])
def test_a_file_that_became_wrong_hides_no_running_daemon(live: Path, asks: tuple[str, ...]) -> None:
    wrong = live.with_name("wrong.toml")
    wrong.write_text(live.read_text().replace("limit_a = 25", "limit_a = -25", 1))

    done = phasewise(*asks, "-c", wrong, "--json")

    first, second = done.stderr.splitlines()
    assert json.loads(done.stdout)["source"] == "daemon"
    assert "limit_a = -25" in first
    assert second == "the daemon goes on with what it read before"


def test_a_file_that_is_wrong_is_all_there_is_to_say_without_a_daemon(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    (port,) = free_ports(1)
    wrong.write_text(f"[dashboard]\nport = {port}\n[[circuits]]\nid = 'main'\nlimit_a = -25\n")

    done = phasewise("status", "-c", wrong)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "limit_a = -25" in done.stderr


def test_a_second_daemon_on_the_same_port_goes_on_without_a_page(live: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.toml"
    second.write_text(live.read_text().replace("phasewise.sqlite", "second.sqlite"))

    with running("run", "-c", second) as daemon:
        assert daemon.stderr is not None
        lines: list[str] = []
        while "cannot listen" not in (line := daemon.stderr.readline()):
            assert line, f"it ended: {lines}"
            lines.append(line)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(timeout=20) == 0

    assert "level=warning" in line


def test_devices_elsewhere_get_twins_here_and_a_configuration_that_knows(tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text(_ELSEWHERE)

    with running("simulate", "-c", config) as twins:
        assert twins.stdout is not None
        while "phasewise run -c" not in (line := twins.stdout.readline()):
            assert twins.poll() is None, "the twins ended"
        written = Path(line.split(" -c ")[1].strip())
        done = phasewise("check", "--probe", "--json", "-c", written)
        twins.send_signal(signal.SIGTERM)
        assert twins.wait(timeout=20) == 0

    assert written == tmp_path / "site.toml.simulated.toml"
    assert {device["id"]: device["well"] for device in json.loads(done.stdout)["devices"]} == {
        "grid": True,
        "line": True,
        "sma": True,
        "garage": True,
    }


_ELSEWHERE = f"""
[[circuits]]
id = "main"
limit_a = 25

[[circuits]]
id = "barn"
parent = "main"
limit_a = 16

[[meters]]
id = "grid"
map = "eastron_sdm630"
host = "192.0.2.7"

[[meters]]
id = "line"
circuit = "barn"
map = "orno_we517"
transport = "rtu"
device = "/dev/ttyUSB7"
unit_id = 3

[[meters]]
id = "sma"
kind = "sma_speedwire"
role = "solar"
port = {20_000 + os.getpid() % 20_000}

[[chargers]]
id = "garage"
kind = "lektrico"
host = "charger.invalid"
"""


def test_a_meter_over_mqtt_is_played_by_a_publisher(broker: Mosquitto, tmp_path: Path) -> None:
    config = tmp_path / "mqtt.toml"
    config.write_text(_OVER_MQTT.format(port=broker.port))

    with running("simulate", "-c", config) as twins:
        assert twins.stdout is not None
        while "phasewise run -c" not in twins.stdout.readline():
            assert twins.poll() is None, "the twins ended"
        done = phasewise("check", "--probe", "--json", "-c", config)
        twins.send_signal(signal.SIGTERM)
        assert twins.wait(timeout=20) == 0

    (device,) = json.loads(done.stdout)["devices"]
    assert device["well"], device
    assert device["values"]["power_w"] > 0


_OVER_MQTT = """
[[circuits]]
id = "main"
limit_a = 25

[[meters]]
id = "p1"
kind = "mqtt_json"
topic = "p1/telegram"
values.current_l1_a = {{ path = "current.1" }}
values.current_l2_a = {{ path = "current.2" }}
values.current_l3_a = {{ path = "current.3" }}
values.power_w = {{ topic = "p1/power", scale = 1000, minus_topic = "p1/back" }}

[mqtt]
host = "127.0.0.1"
port = {port}
"""

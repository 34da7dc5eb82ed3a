"""The mixed example as its page tells people to start it: twins and daemon as two processes, real brokers."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.errors import SettingsError
from controller.settings import load
from controller.system_clock import SystemClock
from tests.integration.mixed_house import CHARGERS, EXAMPLE, KEY, SECRETS, configured
from tests.phasewise import phasewise, running
from tests.rabbitmq import RabbitMq, shared
from tests.servers import Mosquitto, free_port

LONGEST_START_S = 60.0


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def rabbit() -> RabbitMq:
    """Hand out the RabbitMQ of this process."""
    return shared()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """Hand out a running mosquitto."""
    server = Mosquitto(tmp_path)
    server.start()
    yield server
    server.kill()


def test_the_example_is_valid_as_it_is(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path)
    (tmp_path / "high_mobility.key").write_text(KEY)

    done = phasewise("check", "-c", tmp_path / EXAMPLE.name)

    assert done.returncode == 0, done.stderr
    assert "valid. 3 circuits, 2 meters, 5 chargers" in done.stdout


def test_each_secret_that_is_missing_is_named_once(tmp_path: Path) -> None:
    path = Path(shutil.copy(EXAMPLE, tmp_path))

    with pytest.raises(SettingsError) as refused:
        load(path, {})

    assert sorted(one.key for one in (refused.value, *refused.value.others)) == [
        "chargers[bay].account_password_env",
        "chargers[bay].password_env",
        "chargers[wall].access_token_env",
        "chargers[wall].private_key_file",
        "circuits[yard].limiter.account_password_env",
        "circuits[yard].limiter.password_env",
    ]


def test_twins_and_daemon_of_the_example_run_side_by_side(
    tmp_path: Path, rabbit: RabbitMq, mosquitto: Mosquitto
) -> None:
    config = configured(tmp_path, rabbit.port, mosquitto.port, dashboard_port=free_port())
    with running("simulate", "-c", config) as twins:
        assert twins.stdout is not None
        while f"phasewise run -c {config}" not in twins.stdout.readline():
            assert twins.poll() is None, "the twins ended"
        probed = json.loads(phasewise("check", "--probe", "--json", "-c", config).stdout)
        with running("run", "-c", config) as daemon:
            status = _status_once_all_are_there(config, daemon)
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(timeout=30) == 0
        twins.send_signal(signal.SIGINT)
        assert twins.wait(timeout=20) == 0

    assert {device["id"] for device in probed["devices"] if device["well"]} >= {"grid", "workshop", *CHARGERS}
    assert {charger["id"] for charger in status["chargers"]} == set(CHARGERS)
    assert {circuit["id"]: circuit["blind"] for circuit in status["circuits"]} == {
        "main": False,
        "garage": False,
        "yard": False,
    }


def _status_once_all_are_there(
    config: Path, daemon: "subprocess.Popen[str]"
) -> dict[str, list[dict[str, object]]]:
    clock = SystemClock()
    until_s = clock.mono_s() + LONGEST_START_S
    while clock.mono_s() < until_s:
        assert daemon.poll() is None, "the daemon ended"
        done = phasewise("status", "-c", config, "--json")
        if done.returncode != 0:
            continue
        found: dict[str, list[dict[str, object]]] = json.loads(done.stdout)
        if not any(charger["silent"] for charger in found["chargers"]):
            return found
    pytest.fail(f"not all are there: {phasewise('status', '-c', config).stdout}")


def test_without_rabbitmq_simulate_says_what_to_start(tmp_path: Path, mosquitto: Mosquitto) -> None:
    config = configured(tmp_path, free_port(), mosquitto.port)

    done = phasewise("simulate", "-c", config)

    assert done.returncode == 1
    assert "no RabbitMQ at 127.0.0.1" in done.stderr
    assert "start one first" in done.stderr

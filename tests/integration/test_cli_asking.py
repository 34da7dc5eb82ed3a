import socket
from pathlib import Path

import pytest

from controller.cli.asking import DaemonClient, NotRunning, daemon_in_spite_of
from controller.errors import DeviceUnreachable, SettingsError
from controller.settings import load_door
from simulator.demo.config import free_ports

_CONFIG = """
[[circuits]]
id = "main"
limit_a = 25
background_a = 0

[dashboard]
port = {port}
"""


def client(folder: Path, port: int) -> DaemonClient:
    config = folder / "config.toml"
    config.write_text(_CONFIG.format(port=port))
    return DaemonClient(*load_door(config, {}), patience_s=0.2)


def test_a_daemon_that_hangs_is_not_one_that_is_not_running(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]

        with pytest.raises(DeviceUnreachable, match=rf"127\.0\.0\.1:{port}, but has not answered for 0\.2 s"):
            client(tmp_path, port).ask("/api/v1/status")


def test_nobody_listening_is_a_daemon_that_is_not_running(tmp_path: Path) -> None:
    (port,) = free_ports(1)

    with pytest.raises(NotRunning):
        client(tmp_path, port).ask("/api/v1/status")


def test_a_file_that_is_no_toml_leaves_the_usual_address_to_ask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("x = ", encoding="utf-8")
    asked: list[str] = []

    def ask(daemon: DaemonClient, path: str) -> dict[str, object]:
        asked.append(f"{daemon.address}{path}")
        return {}

    monkeypatch.setattr(DaemonClient, "ask", ask)

    daemon = daemon_in_spite_of(SettingsError(str(config), "", None, "expected TOML"), config)

    assert daemon.site is None
    assert asked == ["http://127.0.0.1:8510/api/v1/status"]
    assert "expected TOML" in capsys.readouterr().err

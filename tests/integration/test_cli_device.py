"""What `phasewise device` shows; nothing here is reachable, for nothing has to be."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.device_commands.system import System, Way
from tests.device_commands.systems import LEKTRICO, SYSTEMS, TESLA
from tests.device_commands.typing_in import CHARGER, typed, written
from tests.phasewise import REPOSITORY

COLUMNS = 80
WORDS = {"float": "NUMBER", "int": "INTEGER", "bool": "YES|NO", "str": "TEXT"}

WAYS = [(system, way) for system in SYSTEMS for way in system.ways]
every_way = pytest.mark.parametrize(
    ("system", "way"), WAYS, ids=[f"{system.kind}-{way.name}" for system, way in WAYS]
)


def configured(folder: Path, system: System[Any], way: Way[Any] | None = None) -> Path:
    return written(folder, system.kind, (way or system.ways[0]).keys())


def device(config: Path, *words: str) -> str:
    ended = typed("device", *words, "-c", config)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def on_a_terminal(config: Path, *words: str) -> str:
    """Run it in a window of 80 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
    command = [sys.executable, "-m", "controller", "device", *words, "-c", str(config)]
    process = subprocess.Popen(
        command, stdout=theirs, cwd=REPOSITORY, env={**environment, "TERM": "xterm", "NO_COLOR": "1"}
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # Linux tells so that the other end was closed.
        while chunk := os.read(ours, 4096):
            shown += chunk
    os.close(ours)
    assert process.wait() == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r\n", "\n")


@every_way
def test_the_help_of_a_charger_lists_every_command(
    system: System[Any], way: Way[Any], tmp_path: Path
) -> None:
    config = configured(tmp_path, system, way)

    shown = device(config, CHARGER, "--help")

    assert shown == device(config, CHARGER)
    for case in way.cases:
        assert re.search(rf"^  {case.command}\b", shown, re.MULTILINE)


@every_way
def test_the_help_of_a_command_says_what_its_arguments_take(
    system: System[Any], way: Way[Any], tmp_path: Path
) -> None:
    config = configured(tmp_path, system, way)
    for command in json.loads(device(config, CHARGER, "--json")):
        shown = device(config, CHARGER, command["name"], "--help")

        assert shown.startswith(f"Usage: phasewise device {CHARGER} {command['name']}")
        assert ("--yes" in shown) is command["dangerous"]
        for argument in command["arguments"]:
            usage = f"{argument['name']}={WORDS[argument['type']]}"
            assert f"\n  {usage if argument['required'] else f'[{usage}]'}" in shown
        assert max(len(line) for line in shown.splitlines()) <= COLUMNS


def test_every_command_is_one_line_for_programs_that_read_lines(tmp_path: Path) -> None:
    lines = device(configured(tmp_path, TESLA), CHARGER).splitlines()

    (line,) = [line for line in lines if line.startswith("  set_scheduled_departure ")]
    assert "departure_time=INTEGER [enable=YES|NO]" in line
    assert "set when it has to be ready" in line


@pytest.mark.parametrize("words", [(CHARGER,), (CHARGER, "app_config_set", "--help")])
def test_on_a_terminal_nothing_is_wider_than_the_window(words: tuple[str, ...], tmp_path: Path) -> None:
    shown = on_a_terminal(configured(tmp_path, LEKTRICO), *words)

    assert "app_config_set" in shown
    assert max(len(line) for line in shown.splitlines()) <= COLUMNS


def test_the_list_stands_in_two_columns(tmp_path: Path) -> None:
    lines = on_a_terminal(configured(tmp_path, LEKTRICO), CHARGER).splitlines()

    at = lines.index("  em_current_set limit_a=NUMBER --yes")
    assert lines[at - 1] == "  em_current_get            the limit that the controller writes"
    assert lines[at + 1].startswith(" " * 28 + "set the energy manager's limit; past the controller")


def test_without_an_id_the_chargers_are_listed(tmp_path: Path) -> None:
    config = configured(tmp_path, LEKTRICO)

    assert re.search(rf"^{CHARGER} +lektrico +phasewise device {CHARGER}$", device(config), re.MULTILINE)
    assert json.loads(device(config, "--json")) == [{"id": CHARGER, "kind": "lektrico"}]


def test_the_help_needs_no_configuration(tmp_path: Path) -> None:
    shown = device(tmp_path / "none.toml", "--help")

    assert "Usage: phasewise device [OPTIONS] [ID] [COMMAND] [KEY=VALUE]..." in shown
    assert "Example: phasewise device garage em_current_get" in shown


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("bai",), "device = 'bai': expected the id of a charger; did you mean `bay`?"),
        (("bai", "em_current_get"), "expected the id of a charger; did you mean `bay`?"),
        ((CHARGER, "em_curent_get"), "expected a command of bay; did you mean `em_current_get`?"),
        ((CHARGER, "sing"), "expected a command of bay; `phasewise device bay` lists them"),
        ((CHARGER, "charge_stop", "now"), "charge_stop = 'now': expected no arguments"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(words: tuple[str, ...], expected: str, tmp_path: Path) -> None:
    ended = typed("device", *words, "-c", configured(tmp_path, LEKTRICO))

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert expected in ended.stderr

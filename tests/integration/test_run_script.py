"""`./run`, with an environment in which `phasewise` only tells how it was called."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.phasewise import REPOSITORY

_TELLS = '#!/bin/sh\necho "$PWD" "$@"\n'


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Hand out a folder of somebody's own, beside an environment where everything is installed."""
    programs = tmp_path / "venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "phasewise"):
        (programs / name).write_text(_TELLS)
        (programs / name).chmod(0o755)
    shutil.copy(REPOSITORY / "requirements.lock", tmp_path / "venv" / ".installed-requirements.lock")
    house = tmp_path / "my house"
    house.mkdir()
    return house


@pytest.mark.parametrize("environment", ["{parent}/venv", "../venv"])
def test_files_are_those_of_whoever_calls(house: Path, environment: str) -> None:
    done = subprocess.run(
        [REPOSITORY / "run", "phasewise", "check", "-c", "my config.toml"],
        cwd=house,
        env={"PATH": "/usr/bin:/bin", "PHASEWISE_VENV": environment.format(parent=house.parent)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"{house} check -c my config.toml\n"


def test_an_unknown_command_shows_what_there_is(house: Path) -> None:
    done = subprocess.run(
        [REPOSITORY / "run", "tset"], cwd=house, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stderr.startswith("usage: ./run COMMAND")

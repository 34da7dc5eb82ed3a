import subprocess
import sys

import pytest

from controller.cli import main
from controller.cli.program import COMMANDS
from tests.phasewise import REPOSITORY

HEAVY = ("pydantic", "httpx", "sqlalchemy", "scipy", "fastapi", "pymodbus", "rich")


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


@pytest.mark.parametrize("command", [*COMMANDS, "db upgrade", "db check", "db prune"])
def test_the_help_of_every_command_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(*command.split(), "--help")

    told = capsys.readouterr().out
    assert status == 0
    assert f"Usage: phasewise {command}" in told
    assert "Example: phasewise" in told


def test_the_help_of_the_program_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    status = run("--help")

    listed = [line.split()[0] for line in capsys.readouterr().out.split("Commands:")[1].splitlines() if line]
    assert status == 0
    assert listed[: len(COMMANDS)] == list(COMMANDS)


def test_the_help_of_the_program_loads_nothing_heavy() -> None:
    script = (
        "import sys\nfrom controller.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )

    told = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert told.stdout.splitlines()[-1] == "[]"


def test_no_command_loads_scipy() -> None:
    modules = ", ".join(f"controller.cli.{name}" for name in COMMANDS)
    script = f"import sys, {modules}\nprint('scipy' in sys.modules)"

    told = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "False"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("phasewise")


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("status", "--frobnicate"),
        ("schema",),
        ("schema", "cars"),
        ("demo", "--minutes", "-1"),
        ("db", "frobnicate"),
        ("check", "-c", "nowhere.toml"),
        ("allocate", "nowhere.json"),
    ],
)
def test_a_wrong_request_is_one_line_on_standard_error_and_status_2(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    status = run(*arguments)

    told = capsys.readouterr()
    assert status == 2
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert "Traceback" not in told.err


def test_a_choice_that_does_not_exist_is_refused_in_plain_words(capsys: pytest.CaptureFixture[str]) -> None:
    status = run("schema", "nonsense")

    assert status == 2
    assert capsys.readouterr().err.startswith(
        "phasewise: Invalid value for 'file': 'nonsense' is not one of 'config'"
    )


def test_who_asks_for_nothing_is_shown_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2

    told = capsys.readouterr()
    assert told.err.startswith("Usage: phasewise")
    assert "\n  run " in told.err

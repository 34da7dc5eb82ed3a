import json
import socket
from pathlib import Path

import pytest

from controller.cli import main
from tests.phasewise import phasewise

PROBLEM = {
    "circuits": [{"id": "main", "parent": None, "limit_a": [25, 25, 25], "background_a": [10, 12, 9]}],
    "chargers": [
        {"id": "cp1", "circuit": "main", "phases": [1, 2, 3], "wanted_a": 16},
        {"id": "cp2", "circuit": "main", "phases": [1], "priority": 1},
    ],
}


def test_a_file_is_allocated(tmp_path: Path) -> None:
    file = tmp_path / "site.json"
    file.write_text(json.dumps(PROBLEM))

    answer = json.loads(phasewise("allocate", file, "--json").stdout)

    assert [share["current_a"] for share in answer["shares"]] == [6, 9]
    assert answer["headroom_a"] == {"main": [0, 7, 10]}


def test_standard_input_is_allocated_for_people() -> None:
    done = phasewise("allocate", "-", stdin=json.dumps(PROBLEM))

    assert done.returncode == 0
    assert "main L1 leaves 9 A" in done.stdout


@pytest.mark.parametrize("wrong", ["", "[]", '{"circuits": []}', json.dumps(PROBLEM | {"voltage": 3})])
def test_a_wrong_file_is_refused_line_by_line(
    wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(wrong)

    with pytest.raises(SystemExit) as ended:
        main(["allocate", str(file)])

    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    assert told.err
    assert all(line.startswith(f"{file}: ") for line in told.err.splitlines())


@pytest.mark.parametrize("file", ["config", "policies", "snapshot", "decision", "allocate"])
def test_every_schema_is_json(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["schema", file])

    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org")


def test_a_schema_is_printed() -> None:
    assert json.loads(phasewise("schema", "decision").stdout)["title"] == "decision"


def test_check_tells_everything_that_is_wrong_at_once(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[circuits]]\nid = "main"\nlimt_a = 25\n[[chargers]]\nid = "x"\nkind = "toaster"\n')

    done = phasewise("check", "-c", config)

    assert done.returncode == 2
    assert any("did you mean `limit_a`?" in line for line in done.stderr.splitlines())
    assert any("toaster" in line for line in done.stderr.splitlines())


def test_check_shows_what_the_site_is_without_us() -> None:
    done = phasewise("check", "-c", "config.example.toml")
    document = json.loads(phasewise("check", "-c", "config.example.toml", "--json").stdout)

    assert done.returncode == 0
    assert "over by 25 A" in done.stdout
    assert document["proof"]["holds"] is False
    assert len(document["proof"]["rows"]) == 3


def test_a_device_that_does_not_answer_a_probe_is_not_well(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[[circuits]]\nid = "main"\nlimit_a = 25\nbackground_a = 0\n'
        '[[chargers]]\nid = "garage"\nkind = "lektrico"\nhost = "127.0.0.1"\nport = 9\n'
    )

    done = phasewise("check", "--probe", "-c", config)

    assert done.returncode == 1
    assert "charger garage: not well" in done.stdout


def test_run_refuses_a_wrong_configuration(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[[circuits]]\n")

    done = phasewise("run", "-c", config)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_simulate_refuses_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = tmp_path / "config.toml"
        config.write_text(
            '[[circuits]]\nid = "main"\nlimit_a = 25\nbackground_a = 0\n[[chargers]]\nid = "garage"\n'
            f'kind = "lektrico"\nhost = "127.0.0.1"\nport = {listener.getsockname()[1]}\n'
        )
        done = phasewise("simulate", "-c", config)

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1

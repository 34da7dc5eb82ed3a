import tomllib
from pathlib import Path

import pytest

from controller.errors import SettingsError
from controller.settings import load
from tests.fakes import kinds

HOUSE = """
[site]
id = "home"
[[circuits]]
id = "main"
limit_a = 25
[[meters]]
id = "grid"
host = "127.0.0.1"
[[chargers]]
id = "garage"
kind = "fake"
host = "127.0.0.2"
"""

FIXTURES = Path(__file__).parents[1] / "fixtures" / "settings"

WRONG = tomllib.loads((FIXTURES / "wrong.toml").read_text())["wrong"]


@pytest.fixture(autouse=True)
def _fake_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds.install(monkeypatch)


def refusal(path: Path, text: str | bytes) -> SettingsError:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError) as refused:
        load(path, {"SET": "hunter2"})
    return refused.value


def text_of(wrong: dict[str, str]) -> str:
    if "whole" in wrong:
        return wrong["whole"]
    if "add" in wrong:
        return HOUSE + wrong["add"]
    assert HOUSE.count(wrong["replace"].strip()) == 1
    return HOUSE.replace(wrong["replace"].strip(), wrong["by"].strip())


@pytest.mark.parametrize("wrong", WRONG, ids=[wrong["what"] for wrong in WRONG])
def test_a_wrong_value_gets_one_line(wrong: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "config.toml"

    error = refusal(path, text_of(wrong))

    assert str(error) == f"{path}: {wrong['line']}"
    assert not any("\n" in str(one) or "hunter2" in str(one) for one in (error, *error.others))


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    error = refusal(tmp_path / "c.toml", HOUSE + "max_a = 99\nmode = 3\n[timing]\nlearn_s = 'long'")

    assert [one.key for one in (error, *error.others)] == [
        "timing.learn_s",
        "chargers[garage].max_a",
        "chargers[garage].mode",
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"

    with pytest.raises(SettingsError, match=r"config\.toml: expected a readable file: No such file"):
        load(path, {})


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path / "c.toml", b"\xff\xfe[\x00")

    assert str(error).endswith("c.toml: expected a text file in UTF-8")


@pytest.mark.parametrize("lines", ['[policies]\nfile = "a\\u0000b"', 'password_file = "a\\u0000b"'])
def test_a_path_that_cannot_be_one_is_refused(lines: str, tmp_path: Path) -> None:
    error = refusal(tmp_path / "c.toml", HOUSE + lines)

    assert str(error).endswith("expected a readable file: it is not text, or no path")

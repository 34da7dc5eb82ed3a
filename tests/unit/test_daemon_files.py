"""Files of a configuration: which changes are noticed, and when."""

from pathlib import Path

import pytest

from controller.errors import SettingsError
from tests.fakes.reloaded_house import BOTH, ReloadedHouse


@pytest.fixture
def house(tmp_path: Path) -> ReloadedHouse:
    """Hand out a house."""
    return ReloadedHouse(tmp_path)


def test_a_changed_file_is_noticed_once_it_is_no_longer_being_written(house: ReloadedHouse) -> None:
    house.parts(BOTH)
    assert not house.files.changed()

    house.path.write_text(BOTH + "# a comment\n", encoding="utf-8")

    assert [house.files.changed(), house.files.changed()] == [False, True]


def test_a_file_that_was_read_again_is_not_news(house: ReloadedHouse) -> None:
    house.parts(BOTH)
    house.path.write_text("nonsense", encoding="utf-8")
    house.files.changed()
    assert house.files.changed()

    with pytest.raises(SettingsError):
        house.files.read()

    assert [house.files.changed(), house.files.changed()] == [False, False]


def test_a_changed_policy_file_is_noticed_too(house: ReloadedHouse, tmp_path: Path) -> None:
    policies = tmp_path / "policies.toml"
    policies.write_text('[modes.mine]\nstack = ["full_power"]\n', encoding="utf-8")
    house.parts(BOTH + f'[policies]\nfile = "{policies}"\n')

    policies.write_text('[modes.ours]\nstack = ["full_power"]\n', encoding="utf-8")

    assert [house.files.changed(), house.files.changed()] == [False, True]


def test_a_file_that_vanished_and_came_back_is_only_changed_while_it_is_away(house: ReloadedHouse) -> None:
    house.parts(BOTH)
    away = house.path.rename(house.path.with_suffix(".bak"))
    house.files.changed()
    assert house.files.changed()

    away.rename(house.path)
    house.files.changed()

    assert not house.files.changed()


@pytest.mark.parametrize("first", [None, "nonsense"], ids=["missing", "wrong"])
def test_a_policy_file_that_was_refused_is_noticed_once_it_is_put_right(
    house: ReloadedHouse, tmp_path: Path, first: str | None
) -> None:
    house.parts(BOTH)
    policies = tmp_path / "policies.toml"
    if first is not None:
        policies.write_text(first, encoding="utf-8")
    house.path.write_text(BOTH + f'[policies]\nfile = "{policies}"\n', encoding="utf-8")
    with pytest.raises(SettingsError):
        house.files.read()

    policies.write_text('[modes.ours]\nstack = ["full_power"]\n', encoding="utf-8")

    assert [house.files.changed(), house.files.changed()] == [False, True]

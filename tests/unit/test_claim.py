"""One configuration, one daemon."""

from pathlib import Path

import pytest

from controller.app.claim import Claim, journal_held
from controller.errors import SettingsError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Hand out a configuration file."""
    found = tmp_path / "config.toml"
    found.write_text("# a house", encoding="utf-8")
    return found


def test_a_second_daemon_is_refused_in_one_line(path: Path) -> None:
    with Claim(path).held(), pytest.raises(SettingsError, match="another phasewise runs this") as refused:
        Claim(path).renew()

    assert str(path) in str(refused.value)


def test_who_ended_leaves_it_to_the_next(path: Path) -> None:
    with Claim(path).held():
        pass

    with Claim(path).held():
        pass


def test_a_file_that_an_editor_replaced_is_held_as_well(path: Path) -> None:
    claim = Claim(path)
    with claim.held():
        new = path.with_suffix(".new")
        new.write_text("# the same house", encoding="utf-8")
        new.replace(path)
        claim.renew()

        with pytest.raises(SettingsError, match="another phasewise"):
            Claim(path).renew()


def test_holding_on_to_the_same_file_is_no_second_claim(path: Path) -> None:
    claim = Claim(path)
    with claim.held():
        claim.renew()


def test_a_file_that_is_gone_is_said(path: Path) -> None:
    path.unlink()

    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        Claim(path).renew()


def test_a_journal_is_kept_by_one_daemon_though_their_files_differ(tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite"

    with journal_held(journal), pytest.raises(SettingsError, match="another phasewise keeps this journal"):  # noqa: SIM117 - the second holds while the first does
        with journal_held(journal):
            pytest.fail("two daemons keep one journal")
    with journal_held(journal):
        assert (tmp_path / "journal.sqlite.lock").exists()


def test_a_journal_whose_folder_is_not_there_stops_nobody(tmp_path: Path) -> None:
    with journal_held(tmp_path / "missing" / "journal.sqlite"), journal_held(None):
        assert list(tmp_path.iterdir()) == []

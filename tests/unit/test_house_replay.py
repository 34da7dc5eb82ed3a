from pathlib import Path

import pytest

from controller.errors import SettingsError
from simulator.house.replay import ReplayedLoad, replayed


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "base.csv"
    file.write_text(text, encoding="utf-8")
    return file


PHASES = """time,l1_a,l2_a,l3_a
2026-01-01T00:00:00+01:00,1,2,3
2026-01-01T00:01:00+01:00,4,5,-6
"""


def test_currents_per_phase_are_replayed_as_powers(tmp_path: Path) -> None:
    load = replayed(written(tmp_path, PHASES), voltage_v=230.0)

    assert load.powers_w(0.0) == (230.0, 460.0, 690.0)
    assert load.powers_w(59.9) == (230.0, 460.0, 690.0)
    assert load.powers_w(60.0) == (920.0, 1150.0, -1380.0)


def test_a_file_starts_over_when_its_last_row_has_held_its_time(tmp_path: Path) -> None:
    load = replayed(written(tmp_path, PHASES))

    assert load.length_s == 120.0
    assert load.powers_w(119.0) == load.powers_w(60.0)
    assert load.powers_w(121.0) == load.powers_w(0.0)


def test_a_power_without_phases_is_split_over_the_phases_of_the_site(tmp_path: Path) -> None:
    file = written(tmp_path, "time,power_w\n2026-01-01T00:00:00Z,900\n")

    assert replayed(file).powers_w(0.0) == (300.0, 300.0, 300.0)
    assert replayed(file, phases=(2,)).powers_w(0.0) == (0.0, 900.0, 0.0)


def test_the_minutes_of_the_uci_household_are_read_as_they_are(tmp_path: Path) -> None:
    text = (
        "local_time,global_active_power_kw,global_reactive_power_kvar,voltage_v,global_intensity_a\n"
        "2006-12-16T17:24,4.2,0.418,234.840,18.400\n"
        "2006-12-16T17:25,,,,\n"
        "2006-12-16T17:27,1.5,0.436,233.630,6.500\n"
    )

    load = replayed(written(tmp_path, text), phases=(1,))

    assert load.powers_w(0.0) == (4200.0, 0.0, 0.0)
    assert load.powers_w(180.0) == (1500.0, 0.0, 0.0)


def test_gaps_hold_the_last_value_and_never_become_zero(tmp_path: Path) -> None:
    text = "time,power_w\n2026-01-01T00:00:00Z,300\n2026-01-01T00:00:10Z,\n2026-01-01T01:00:00Z,600\n"

    load = replayed(written(tmp_path, text), phases=(1,))

    assert load.powers_w(10.0) == load.powers_w(3599.0) == (300.0, 0.0, 0.0)


def test_rows_before_the_first_value_are_skipped(tmp_path: Path) -> None:
    text = "time,power_w\n2026-01-01T00:00:00Z,\n2026-01-01T00:01:00Z,600\n"

    assert replayed(written(tmp_path, text), phases=(1,)).powers_w(0.0) == (600.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("time,watts\n2026-01-01T00:00:00Z,1\n", r"base.csv: columns = 'time, watts': expected `time, l1_a"),
        ("", "columns = '': expected"),
        ("time,power_w\n", "at least one row"),
        ("time,power_w\n2026-01-01T00:00:00Z,many\n", "line 2: power_w = 'many': expected a number"),
        ("time,power_w\n2026-01-01T00:00:00Z,nan\n", "line 2: power_w = 'nan': expected a plausible number"),
        ("time,power_w\nyesterday,5\n", "line 2: time = 'yesterday': expected an RFC 3339 time"),
        (
            "time,power_w\n2026-01-01T00:00:00Z,5\n2026-01-01T00:00:00Z,5\n",
            "line 3: time = .*later time than the row before",
        ),
        (
            "time,power_w\n2026-01-01T00:00:00Z,5\n2026-01-01T00:00:01,5\n",
            "line 3: time = .*every row with, or every row without, an offset",
        ),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        replayed(written(tmp_path, text))

    assert "\n" not in str(refused.value)


def test_a_missing_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"nowhere\.csv: expected a readable CSV file: No such file or directory$"
    ):
        replayed(tmp_path / "nowhere.csv")


def test_binary_rubbish_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "base.csv"
    file.write_bytes(b"\xff\xfe\x00time")

    with pytest.raises(SettingsError, match="expected a CSV file"):
        replayed(file)


def test_a_single_row_is_a_constant() -> None:
    load = ReplayedLoad(((0.0, (1.0, 2.0, 3.0)),))

    assert load.powers_w(12_345.6) == (1.0, 2.0, 3.0)

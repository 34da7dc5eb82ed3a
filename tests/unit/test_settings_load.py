from pathlib import Path

import pytest

from controller.domain.readings import MeterRole
from controller.domain.site import OnReset
from controller.domain.units import Grid
from controller.settings import Settings, load
from tests.fakes import kinds

TEN_LINES = """
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


@pytest.fixture(autouse=True)
def _fake_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds.install(monkeypatch)


def loaded(folder: Path, text: str, env: dict[str, str] | None = None) -> Settings:
    path = folder / "config.toml"
    path.write_text(text)
    return load(path, env or {})


def test_ten_lines_are_enough_for_a_house(tmp_path: Path) -> None:
    settings = loaded(tmp_path, TEN_LINES)

    assert len(TEN_LINES.strip().splitlines()) == 10
    assert settings.site.circuits[0].limit_a == (25.0, 25.0, 25.0)
    assert settings.site.circuits[0].meter == "grid"
    assert settings.places[0].role is MeterRole.CIRCUIT
    assert settings.places[0].circuit == "main"
    assert settings.site.chargers[0].phases == (1, 2, 3)
    assert settings.site.chargers[0].mode == "fast"


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    settings = loaded(tmp_path, TEN_LINES)

    assert settings.mqtt is None
    assert settings.tariff is None
    assert settings.database.url.get_secret_value() == f"sqlite:///{tmp_path}/phasewise.sqlite"
    assert (settings.dashboard.host, settings.dashboard.port) == ("127.0.0.1", 8510)
    assert settings.forecast.kind == "none"


def test_the_keys_of_a_kind_reach_its_own_model(tmp_path: Path) -> None:
    settings = loaded(tmp_path, TEN_LINES.replace('host = "127.0.0.1"', 'host = "127.0.0.1"\nport = 1502'))

    meter = settings.meters[0].settings
    assert isinstance(meter, kinds.FakeMeterSettings)
    assert (settings.meters[0].kind, meter.host, meter.port) == ("modbus", "127.0.0.1", 1502)


def test_a_kind_knows_its_abilities_from_the_wiring(tmp_path: Path) -> None:
    settings = loaded(tmp_path, TEN_LINES + "max_a = 20")

    assert settings.site.chargers[0].abilities.latency_s == 0.3
    assert settings.site.chargers[0].abilities.reset_a == 20.0


def test_a_hand_set_ability_wins_over_that_of_the_kind(tmp_path: Path) -> None:
    settings = loaded(tmp_path, TEN_LINES + "latency_s = 2\nfallback_a = 6\nfallback_after_s = 60")

    able = settings.site.chargers[0].abilities
    assert (able.latency_s, able.fallback_a, able.fallback_after_s) == (2.0, 6.0, 60.0)


def test_an_ability_that_the_kind_owns_goes_to_the_kind(tmp_path: Path) -> None:
    settings = loaded(tmp_path, TEN_LINES + 'can_pause = "never"\nreset_a = 10')

    charger = settings.chargers[0].settings
    assert isinstance(charger, kinds.FakeChargerSettings)
    assert (charger.can_pause, charger.reset_a) == ("never", 10.0)
    assert not settings.site.chargers[0].abilities.can_pause
    assert settings.site.chargers[0].abilities.reset_a == 10.0


def test_a_single_phase_site_has_one_phase_and_no_more(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "[site]\nphases = 1\n" + TEN_LINES)

    assert settings.site.phases == (1,)
    assert settings.site.circuits[0].limit_a == (25.0, 0.0, 0.0)
    assert settings.site.chargers[0].phases == (1,)
    assert settings.places[0].phases == (1,)


def test_a_list_gives_every_phase_its_own_limit(tmp_path: Path) -> None:
    settings = loaded(tmp_path, TEN_LINES.replace("limit_a = 25", "limit_a = [25, 20, 16]"))

    assert settings.site.circuits[0].limit_a == (25.0, 20.0, 16.0)


def test_a_circuit_of_one_phase_bears_nothing_on_the_others(tmp_path: Path) -> None:
    garage = '[[circuits]]\nid = "shed"\nparent = "main"\nphases = [2]\nlimit_a = 16\nbackground_a = 0\n'

    settings = loaded(tmp_path, garage + TEN_LINES)

    assert settings.site.circuit[settings.site.circuits[1].id].limit_a == (0.0, 16.0, 0.0)


def test_parents_stand_before_their_children(tmp_path: Path) -> None:
    text = "".join(
        f'[[circuits]]\nid = "{id_}"\nparent = "{parent}"\nlimit_a = 16\nbackground_a = 0\n'
        for id_, parent in (("leaf", "branch"), ("branch", "main"))
    )

    settings = loaded(tmp_path, text + TEN_LINES)

    assert [circuit.id for circuit in settings.site.circuits] == ["main", "branch", "leaf"]


def test_kilowatts_become_watts(tmp_path: Path) -> None:
    vehicle = '\n[[vehicles]]\nid = "zoe"\ncharger = "garage"\ncapacity_kwh = 52'

    settings = loaded(tmp_path, TEN_LINES.replace("limit_a = 25", "limit_a = 25\nlimit_kw = 17.25") + vehicle)

    assert settings.site.circuits[0].limit_w == 17_250.0
    assert settings.vehicles[0].capacity_wh == 52_000.0


def test_an_it_grid_takes_two_lines_for_a_single_phase_charger(tmp_path: Path) -> None:
    settings = loaded(tmp_path, '[site]\ngrid = "IT"\n' + TEN_LINES + "phases = [3, 1]")

    assert settings.site.grid is Grid.IT
    assert settings.site.chargers[0].phases == (3, 1)


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    settings = loaded(tmp_path, TEN_LINES + 'password_env = "WALLBOX"', {"WALLBOX": "hunter2"})

    charger = settings.chargers[0].settings
    assert isinstance(charger, kinds.FakeChargerSettings)
    assert charger.password is not None
    assert charger.password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings)


def test_a_secret_comes_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("hunter2\n")

    settings = loaded(tmp_path, TEN_LINES + '\n[mqtt]\nhost = "b"\nusername = "me"\npassword_file = "pw"')

    assert settings.mqtt is not None
    assert settings.mqtt.password is not None
    assert settings.mqtt.password.get_secret_value() == "hunter2"


def test_a_database_with_a_password_comes_from_the_environment(tmp_path: Path) -> None:
    url = "postgresql://me:hunter2@db/phasewise"

    settings = loaded(tmp_path, TEN_LINES + '\n[database]\nurl_env = "DB"', {"DB": url})

    assert settings.database.url.get_secret_value() == url


def test_an_open_dashboard_with_a_password_is_welcome(tmp_path: Path) -> None:
    dashboard = '\n[dashboard]\nhost = "0.0.0.0"\npassword_env = "PW"'

    settings = loaded(tmp_path, TEN_LINES + dashboard, {"PW": "hunter2"})

    assert settings.dashboard.host == "0.0.0.0"  # noqa: S104 - what is tested


def test_generation_makes_room_only_in_words(tmp_path: Path) -> None:
    silent = loaded(tmp_path, TEN_LINES)
    accepting = loaded(tmp_path, '[site]\naccept = ["generation_makes_room"]\n' + TEN_LINES)

    assert not silent.site.circuits[0].generation_makes_room
    assert accepting.site.circuits[0].generation_makes_room


def test_timing_and_tuned_values_are_read(tmp_path: Path) -> None:
    more = "\n[timing]\nraise_gap_s = 30\n[policies.tuned.solar.solar_surplus]\nstart_w = 1500"

    settings = loaded(tmp_path, TEN_LINES + more)

    assert settings.timing.raise_gap_s == 30.0
    assert settings.policies.tuned["solar"]["solar_surplus"]["start_w"] == 1500.0


def test_a_reset_is_answered_as_the_circuit_says(tmp_path: Path) -> None:
    settings = loaded(tmp_path, TEN_LINES.replace("limit_a = 25", 'limit_a = 25\non_reset = "reserve"'))

    assert settings.site.circuits[0].on_reset is OnReset.RESERVE


def test_a_solar_mode_without_a_meter_at_the_supply_is_warned_of(tmp_path: Path) -> None:
    text = TEN_LINES.replace("limit_a = 25", "limit_a = 25\nbackground_a = 16")
    blind = text[: text.index("[[meters]]")] + text[text.index("[[chargers]]") :]

    settings = loaded(tmp_path, blind + 'mode = "solar"')

    assert any("garage cannot charge from the sun" in warning for warning in settings.warnings)


def test_an_unproven_site_is_warned_of_until_that_is_accepted(tmp_path: Path) -> None:
    warned = loaded(tmp_path, TEN_LINES)
    accepted = loaded(tmp_path, '[site]\naccept = ["no_proof"]\n' + TEN_LINES)

    assert any("not proven safe without us" in warning for warning in warned.warnings)
    assert accepted.warnings == ()


@pytest.mark.parametrize(("declared", "is_told"), [("", True), ("worst_background_a = 20\n", False)])
def test_what_every_stop_costs_is_said_until_the_household_is_declared(
    tmp_path: Path, declared: str, is_told: bool
) -> None:
    (warning,) = loaded(tmp_path, TEN_LINES.replace("[[meters]]", f"{declared}[[meters]]")).warnings

    assert ("every stop of the daemon pauses every car" in warning) is is_told


def test_cheap_hours_without_a_tariff_are_warned_of(tmp_path: Path) -> None:
    cheap = f'{TEN_LINES}mode = "cheap"\n'

    warned = loaded(tmp_path, cheap)
    told = loaded(tmp_path, f'{cheap}[tariff]\nkind = "fixed"\nimport_per_kwh = 0.3\n')

    assert any("garage cannot tell cheap hours without prices" in warning for warning in warned.warnings)
    assert not any("cheap hours" in warning for warning in told.warnings)


def test_a_proven_site_has_no_warnings(tmp_path: Path) -> None:
    text = TEN_LINES.replace("limit_a = 25", "limit_a = 25\nworst_background_a = 9")

    settings = loaded(tmp_path, "[site]\nrequire_proof = true\n" + text + "max_a = 16")

    assert settings.proof.holds
    assert settings.warnings == ()


def test_a_kind_is_told_the_common_keys_that_it_asks_for(tmp_path: Path) -> None:
    settings = loaded(tmp_path, TEN_LINES.replace('host = "127.0.0.1"', 'host = "127.0.0.1"\nlag_s = 2'))

    meter = settings.meters[0].settings
    assert isinstance(meter, kinds.FakeMeterSettings)
    assert (meter.lag_s, settings.places[0].lag_s) == (2.0, 2.0)


def test_options_of_the_journals_url_are_kept(tmp_path: Path) -> None:
    settings = loaded(tmp_path, f'{TEN_LINES}[database]\nurl = "sqlite:///a.sqlite?timeout=3"\n')

    assert settings.database.url.get_secret_value() == f"sqlite:///{tmp_path}/a.sqlite?timeout=3"


def test_a_journal_that_is_a_folder_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()

    settings = loaded(tmp_path, f'{TEN_LINES}[database]\nurl = "sqlite:///journal"\n')

    assert any("is a folder" in warning for warning in settings.warnings)

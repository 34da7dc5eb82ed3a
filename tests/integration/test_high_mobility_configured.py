"""From a configuration file to the charger and its twin."""

import sys
from pathlib import Path

import pytest

from adapters.catalog import CHARGERS, Surroundings, load
from controller.errors import PhasewiseError, SettingsError
from controller.settings import Settings
from controller.settings import load as load_settings
from controller.system_clock import SystemClock
from simulator.casting import Cast, cast_all
from simulator.chargers.high_mobility import HighMobilityTwin

CONFIG = """
[[circuits]]
id = "main"
limit_a = 25
background_a = 0
[[chargers]]
id = "garage"
kind = "high_mobility"
max_a = 16
{keys}
"""
TELEMATICS = """
url = "{url}"
client_certificate = "{client_certificate}"
private_key_env = "HM_KEY"
access_token_env = "HM_TOKEN"
"""
REST = """
path = "rest"
url = "{url}"
client_serial = "{client_serial}"
app_uri = "app://phasewise"
private_key_env = "HM_KEY"
access_token_env = "HM_TOKEN"
"""


def configured(folder: Path, text: str, keys: dict[str, str]) -> Settings:
    path = folder / "config.toml"
    path.write_text(CONFIG.format(keys=text.format(**keys)))
    return load_settings(path, {"HM_KEY": keys["private_key"], "HM_TOKEN": keys["access_token"]})


def cast_of(settings: Settings) -> tuple[Cast, HighMobilityTwin]:
    cast = cast_all(settings, SystemClock())
    twin = cast.chargers["garage"]
    assert isinstance(twin, HighMobilityTwin)
    return cast, twin


@pytest.mark.parametrize(("text", "path"), [(TELEMATICS, "telematics"), (REST, "rest")])
async def test_a_configured_charger_is_played_and_controlled(tmp_path: Path, text: str, path: str) -> None:
    own = HighMobilityTwin()
    keys = own.keys("rest") | own.keys() | {"url": ""}
    cast, twin = cast_of(configured(tmp_path, text, keys))

    async with twin:
        moved = cast.moved()["garage"]
        settings = configured(tmp_path, text, keys | {"url": str(moved["url"])})
        around = Surroundings(clock=SystemClock(), site=settings.site)
        charger = load(CHARGERS["high_mobility"].build)("garage", settings.chargers[0].settings, around)
        await charger.set_limit(9.0)

        assert twin.device.current_a == 9.0
        assert settings.site.chargers[0].abilities.can_pause is False
        assert cast.addresses["garage"]() == twin.url("rest" if path == "rest" else "telematics")


def test_a_twin_listens_where_the_configuration_is_at_home(tmp_path: Path) -> None:
    own = HighMobilityTwin()
    cast, twin = cast_of(configured(tmp_path, TELEMATICS, own.keys() | {"url": "http://127.0.0.1:18099/v1"}))

    assert twin.port == 18099
    assert not cast.moved()


def test_a_twin_without_a_token_says_what_it_needs(tmp_path: Path) -> None:
    text = TELEMATICS.replace("access_token_env", "access_certificate_env")
    settings = configured(tmp_path, text, HighMobilityTwin().keys())

    with pytest.raises(SettingsError, match="access_token_env"):
        cast_all(settings, SystemClock())


@pytest.mark.parametrize("broken", ["private_key", "client_certificate"])
def test_a_key_or_certificate_that_is_none_is_said_without_it(tmp_path: Path, broken: str) -> None:
    keys = HighMobilityTwin().keys() | {broken: "hush hush"}
    settings = configured(tmp_path, TELEMATICS, keys)
    around = Surroundings(clock=SystemClock(), site=settings.site)

    with pytest.raises(PhasewiseError) as refused:
        load(CHARGERS["high_mobility"].build)("garage", settings.chargers[0].settings, around)

    assert "hush" not in str(refused.value)


def test_without_its_extra_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = configured(tmp_path, TELEMATICS, HighMobilityTwin().keys())
    around = Surroundings(clock=SystemClock(), site=settings.site)
    monkeypatch.setitem(sys.modules, "adapters.chargers.high_mobility.charger", None)

    with pytest.raises(SettingsError, match=r"phasewise\[high_mobility\]"):
        load(CHARGERS["high_mobility"].build)("garage", settings.chargers[0].settings, around)

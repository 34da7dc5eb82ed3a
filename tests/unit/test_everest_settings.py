"""Settings of EVerest that cannot work are refused, and what they make the charger able to do."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.chargers.everest.settings import EverestSettings
from controller.domain.site import ChargerSpec
from controller.domain.units import ChargerId, CircuitId


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"version": "2022.11.0"},
        {"version": "latest"},
        {"version": "2025.10.0"},
        {"version": "2023.8.0", "interface": "api_v1", "node": "n"},
        {"version": "2023.8.0", "use_phases": 1},
        {"version": "2025.10.0", "node": "n", "use_phases": 2},
        {"version": "2023.8.0", "evse": "a/b"},
        {"version": "2023.8.0", "prefix": "everest/"},
        {"version": "2023.8.0", "origin": "#"},
        {"version": "2023.8.0", "password": "secret"},
        {"version": "2023.8.0", "nods": "n"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EverestSettings.model_validate(wrong)


@pytest.mark.parametrize(
    ("keys", "lease_s", "lapses_to_a"),
    [
        ({"version": "2023.8.0"}, None, None),
        ({"version": "2024.9.1"}, 60.0, 6.0),
        ({"version": "2025.10.0", "interface": "api"}, None, None),
        ({"version": "2025.10.0", "interface": "api_v1", "node": "n", "lease_s": 90}, 90.0, 6.0),
    ],
)
def test_a_limit_lapses_to_what_is_safe_where_the_version_can(
    keys: dict[str, Any], lease_s: float | None, lapses_to_a: float | None
) -> None:
    spec = ChargerSpec(id=ChargerId("bay"), circuit=CircuitId("main"), safe_a=6.0)

    able = EverestSettings.model_validate(keys).abilities(spec)

    assert (able.lease_s, able.lapses_to_a) == (lease_s, lapses_to_a)


@pytest.mark.parametrize("version", ["2023.3.0", "2023.5.0", "2023.7.0"])
def test_limits_over_the_module_api_are_refused_where_they_fail(version: str) -> None:
    with pytest.raises(ValidationError, match="expected interface = 'internal'"):
        EverestSettings.model_validate({"version": version, "interface": "api"})

    assert EverestSettings.model_validate({"version": "2023.8.0", "interface": "api"}).interface == "api"


def test_a_password_is_not_shown_with_the_settings() -> None:
    told = {"version": "2023.8.0", "username": "me", "password": "hush-hush"}

    assert "hush-hush" not in repr(EverestSettings.model_validate(told))

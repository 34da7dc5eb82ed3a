"""How commands are put to an owner's cloud, and on which circuit a charger hangs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.easee.equivalents import Place, needs_place, place_of, request_for
from adapters.chargers.easee.path import Argument
from controller.errors import DeviceNonsense, DeviceRefused
from tests.fakes.json_values import of_keys

PLACE = Place(site=7, circuit=9)

EQUIVALENTS: list[tuple[int, list[Argument], str, object]] = [
    (1, [], "/api/chargers/EH1/commands/reboot", None),
    (4, [], "/api/chargers/EH1/commands/update_firmware", None),
    (11, [True], "/api/chargers/EH1/settings", {"smartCharging": True}),
    (25, ["tag", 42], "/api/chargers/EH1/commands/start_charging", None),
    (26, ["tag", 42], "/api/chargers/EH1/commands/stop_charging", None),
    (29, [False], "/api/chargers/EH1/settings", {"enabled": False}),
    (30, [True], "/api/chargers/EH1/commands/lock_state", {"state": True}),
    (47, [20], "/api/chargers/EH1/settings", {"maxChargerCurrent": 20}),
    (48, [13, 5], "/api/chargers/EH1/commands/set_dynamic_charger_current", {"amps": 13, "minutes": 5}),
    (48, [13], "/api/chargers/EH1/commands/set_dynamic_charger_current", {"amps": 13, "minutes": 0}),
    (
        22,
        [16.0, 10.0, 0.0, 5],
        "/api/sites/7/circuits/9/dynamicCurrent",
        {"phase1": 16.0, "phase2": 10.0, "phase3": 0.0, "timeToLive": 5},
    ),
    (
        21,
        [6, 7, 8],
        "/api/sites/7/circuits/9/settings",
        {
            "offlineMaxCircuitCurrentP1": 6,
            "offlineMaxCircuitCurrentP2": 7,
            "offlineMaxCircuitCurrentP3": 8,
        },
    ),
    (
        24,
        [6, 7, 8],
        "/api/sites/7/circuits/9/settings",
        {"maxCircuitCurrentP1": 6, "maxCircuitCurrentP2": 7, "maxCircuitCurrentP3": 8},
    ),
]


@pytest.mark.parametrize(("id_", "arguments", "path", "content"), EQUIVALENTS)
def test_every_command_of_the_document_has_its_words_over_rest(
    id_: int, arguments: list[Argument], path: str, content: object
) -> None:
    request = request_for("EH1", id_, arguments, PLACE if needs_place(id_) else None)

    assert (request.path, request.content) == (path, content)


def test_whole_amperes_stay_whole_on_the_wire() -> None:
    request = request_for("EH1", 48, [13, 5])

    assert json.dumps(request.content) == '{"amps": 13, "minutes": 5}'


@pytest.mark.parametrize("id_", [2, 38, 90])
def test_a_command_without_an_equivalent_is_refused_and_says_so(id_: int) -> None:
    with pytest.raises(DeviceRefused, match="no equivalent"):
        request_for("EH1", id_, [], PLACE)


SITE = {
    "id": 7,
    "circuits": [
        {"id": 8, "chargers": [{"id": "EH2"}]},
        {"id": 9, "chargers": [{"id": "EH1"}, {"id": "EH3"}]},
    ],
}


def test_a_charger_is_found_on_its_circuit() -> None:
    assert place_of("EH1", SITE) == PLACE


@pytest.mark.parametrize(
    "site",
    [
        {},
        {"id": 7, "circuits": []},
        {"id": 7, "circuits": [{"id": 8, "chargers": [{"id": "EH2"}]}]},
        {"id": 7, "circuits": [{"id": one, "chargers": [{"id": "EH1"}]} for one in (8, 9)]},
        {"id": "7", "circuits": [{"id": 9, "chargers": [{"id": "EH1"}]}]},
        {"id": 7, "circuits": [{"id": True, "chargers": [{"id": "EH1"}]}]},
        {"id": 7, "circuits": [{"id": "9/../../sites/8", "chargers": [{"id": "EH1"}]}]},
    ],
)
def test_a_charger_that_hangs_nowhere_or_twice_commands_no_circuit(site: dict[str, object]) -> None:
    with pytest.raises(DeviceNonsense):
        place_of("EH1", site)


@given(site=of_keys("id", "circuits", "chargers") | st.just(SITE))
def test_any_site_is_a_place_of_whole_numbers_or_nonsense(site: dict[str, Any]) -> None:
    try:
        found = place_of("EH1", site)
    except DeviceNonsense:
        return
    assert (type(found.site), type(found.circuit)) == (int, int)

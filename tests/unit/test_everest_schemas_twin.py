"""All that a variable of EVerest tells is read, and the twin publishes what its version declares."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from adapters.chargers.everest.dialect import version_of
from adapters.chargers.everest.reading import variable
from simulator.chargers.everest_faults import Faults
from simulator.chargers.everest_profile import Profile
from simulator.chargers.everest_station import Station
from simulator.chargers.everest_vars import beat, capabilities, event, once
from tests.everest_schemas import VERSIONS, problems, sample
from tests.fakes.clock import FakeClock

READ = {
    "2023.8.0": ("limits", "ev_info", "telemetry", "powermeter", "hw_capabilities"),
    "main": ("limits", "ev_info", "telemetry", "hw_capabilities"),
}


@pytest.mark.parametrize(("version", "name"), [(version, name) for version in READ for name in READ[version]])
def test_everything_that_a_variable_tells_is_read(version: str, name: str) -> None:
    told = sample(version, f"evse_manager/vars/{name}")

    read = variable(name, told)

    assert problems(version, f"evse_manager/vars/{name}", told) == []
    assert set(leaves(told)) <= set(leaves(asdict(read)))


def test_the_certificate_request_is_read_under_the_names_of_both_eras() -> None:
    for version in ("2023.8.0", "2024.9.1"):
        told = sample(version, "evse_manager/vars/iso15118_certificate_request")

        read = variable("iso15118_certificate_request", told)

        assert set(leaves(told)) == set(leaves(asdict(read)))


def leaves(value: object) -> Iterator[object]:
    """Walk through the values in nested objects and lists."""
    if isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)
    elif value is not None:
        yield value


def variables_of(version: str, interface: str = "internal") -> list[tuple[str, Any]]:
    profile = Profile(version=version_of(version), interface=interface)
    station = Station(clock=FakeClock(), reasons=version_of(version) >= (2026, 2, 0))
    station.plug_in("a car")
    station.set_draw((10.0, 11.0, 12.0), 7590.0)
    station.pause()
    station.unplug()
    told = [("session_event", event(profile, station, each)) for each in station.events]
    return [*once(profile, station), *beat(profile, station, Faults()), *told]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_twin_publishes_is_what_its_version_declares(version: str) -> None:
    wrong = [
        (name, found)
        for name, value in variables_of(version)
        if name != "session_info" and (found := problems(version, f"evse_manager/vars/{name}", value))
    ]

    assert wrong == []


@pytest.mark.parametrize("version", ["2026.2.1", "main"])
def test_what_the_twin_publishes_over_the_everest_api_is_declared(version: str) -> None:
    wrong = [
        (name, found)
        for name, value in variables_of(version, "api_v1")
        if (found := problems(version, f"evse_manager_consumer/receive_{name}", value))
    ]

    assert wrong == []


def test_what_the_twins_node_allows_is_declared() -> None:
    told = capabilities(Station(clock=FakeClock()))

    assert problems("main", "external_energy_limits_consumer/receive_capabilities", told) == []


@pytest.mark.parametrize(
    ("version", "name"), [("2023.8.0", "2023.8.0_session_info"), ("main", "main_session_info")]
)
def test_what_the_twin_publishes_over_the_module_api_is_declared(version: str, name: str) -> None:
    told = dict(variables_of(version, "api"))

    assert problems("wire", name, told["session_info"]) == []

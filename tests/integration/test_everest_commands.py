"""Every command reaches an EVerest through a real broker, is answered, and acts there."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable
from simulator.chargers.everest import EverestTwin
from simulator.chargers.everest_faults import Faults
from simulator.chargers.everest_profile import Profile
from simulator.chargers.everest_station import Station
from tests.contracts.bench import PATIENCE_S
from tests.contracts.everest_bench import everest_house

ENABLING: dict[str, object] = {"connector_id": 0, "source": "LocalAPI", "state": "Disable", "priority": 0}

Seen = Callable[[Station], object]


SEED: Mapping[str, tuple[dict[str, object], object, Seen]] = {
    "get_id": ({}, 1, lambda _: True),
    "disable": ({}, True, lambda station: station.disabled),
    "enable": ({}, False, lambda station: not station.disabled),
    "authorize_response": ({"id_token": "DEADBEEF", "status": "Accepted"}, True, lambda _: True),
    "withdraw_authorization": ({}, True, lambda _: True),
    "reserve": ({"reservation_id": 7}, True, lambda station: station.reserved),
    "cancel_reservation": ({}, True, lambda station: not station.reserved),
    "set_faulted": ({}, True, lambda station: station.faulted),
    "pause_charging": ({}, True, lambda station: station.paused),
    "resume_charging": ({}, False, lambda station: not station.paused),
    "stop_transaction": ({"reason": "Remote"}, True, lambda station: station.stopped),
    "force_unlock": ({}, True, lambda _: True),
    "set_external_limits": ({"limit_a": 8.0}, True, lambda station: station.external_a == 8.0),
    "switch_three_phases_while_charging": (
        {"three_phases": False},
        "Error_NotSupported",
        lambda station: station.phases == 1,
    ),
    "get_signed_meter_value": ({}, "NOT_AVAILABLE", lambda _: True),
    "set_get_certificate_response": ({"status": "Failed", "action": "Install"}, True, lambda _: True),
}

LATER: Mapping[str, tuple[dict[str, object], object, Seen]] = {
    "get_evse": ({}, {"id": 1, "connectors": [{"id": 1}]}, lambda _: True),
    "enable_disable": (ENABLING, False, lambda station: station.disabled),
    "external_ready_to_start_charging": ({}, True, lambda _: True),
    "set_plug_and_charge_configuration": ({"pnc_enabled": True}, True, lambda _: True),
    "update_allowed_energy_transfer_modes": ({"modes": "AC_BPT"}, "Accepted", lambda _: True),
    "set_der_available": ({"available": True}, "Accepted", lambda _: True),
}

Y2023 = Profile(version=(2023, 8, 0))
MAIN = Profile(version=(9999, 0, 0))


async def called(
    profile: Profile,
    name: str,
    arguments: Mapping[str, Any],
    seen: Seen = lambda _: True,
    faults: Faults | None = None,
) -> object:
    """Call a command on a twin with a car, while the adapter does not run; wait until it is seen to act."""
    async with everest_house(profile, silent_s=PATIENCE_S) as bench:
        bench.plug_in()
        bench.twin.faults = faults or Faults()
        answer = await bench.charger.commands[name].call(**arguments)
        await until_seen(bench.twin, seen)
        return answer


async def until_seen(twin: EverestTwin, seen: Seen) -> None:
    """Wait until a command acted; what it ends is told."""
    async with asyncio.timeout(PATIENCE_S):
        while not seen(twin.station):
            await twin.until_cycle()
    assert twin.crashed is None


@pytest.mark.parametrize(("name", "case"), SEED.items(), ids=SEED.keys())
async def test_every_command_of_the_document_acts(
    name: str, case: tuple[dict[str, object], object, Seen]
) -> None:
    arguments, expected, seen = case

    assert await called(Y2023, name, arguments, seen) == expected


@pytest.mark.parametrize(("name", "case"), LATER.items(), ids=LATER.keys())
async def test_every_later_command_acts(name: str, case: tuple[dict[str, object], object, Seen]) -> None:
    arguments, expected, seen = case

    assert await called(MAIN, name, arguments, seen) == expected


V1 = Profile(version=(2026, 2, 1), interface="api_v1")


@pytest.mark.parametrize(
    ("name", "arguments", "expected", "seen"),
    [
        ("get_evse", {}, {"id": 1, "connectors": [{"id": 1}]}, lambda _: True),
        ("enable_disable", ENABLING, False, lambda station: station.disabled),
        ("pause_charging", {}, True, lambda station: station.paused),
        ("resume_charging", {}, False, lambda station: not station.paused),
        ("stop_transaction", {"reason": "Remote"}, True, lambda station: station.stopped),
        ("force_unlock", {}, True, lambda _: True),
        ("latest", {"variable": "session_info"}, True, lambda _: True),
        ("set_external_limits", {"limit_a": 8.0, "phases": 1}, True, lambda station: station.phases == 1),
    ],
)
async def test_every_command_of_the_everest_api_acts(
    name: str, arguments: dict[str, object], expected: object, seen: Seen
) -> None:
    assert await called(V1, name, arguments, seen) == expected


@pytest.mark.parametrize(
    ("name", "arguments", "seen"),
    [
        ("pause_charging", {}, lambda station: station.paused),
        ("resume_charging", {}, lambda station: not station.paused),
        ("stop_charging", {}, lambda station: station.stopped),
        ("enable_disable", ENABLING, lambda station: station.disabled),
        ("force_unlock", {}, lambda _: True),
        ("set_external_limits", {"limit_a": 8.0}, lambda station: station.external_a == 8.0),
    ],
)
async def test_every_command_of_the_module_api_acts(
    name: str, arguments: dict[str, object], seen: Seen
) -> None:
    async with everest_house(Profile(version=(2025, 10, 0), interface="api")) as bench, bench.running():
        bench.plug_in()
        await bench.heard.polled_anew(1)
        await bench.charger.commands[name].call(**arguments)
        await until_seen(bench.twin, lambda station: bench.twin.calls and seen(station))


async def test_the_variables_are_listed() -> None:
    answer = await called(Y2023, "variables", {})

    assert isinstance(answer, dict)
    assert {"session_info", "powermeter", "telemetry", "limits", "enforced_limits"} <= answer.keys()


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(refuse="SchemaValidationError"), DeviceRefused),
        (Faults(refuse="NotReady"), DeviceRefused),
        (Faults(refuse="HandlerException"), DeviceNonsense),
        (Faults(refuse="CmdTimeout"), DeviceUnreachable),
        (Faults(deaf=True), DeviceUnreachable),
        (Faults(body=b"{}"), DeviceNonsense),
    ],
)
async def test_what_went_wrong_says_whether_it_may_have_been_done(
    faults: Faults, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await called(Profile(), "pause_charging", {}, faults=faults)


async def test_a_command_without_a_broker_says_so() -> None:
    async with everest_house(Profile(), answer_s=0.3) as bench:
        bench.server.kill()

        with pytest.raises(DeviceUnreachable, match="not connected"):
            await bench.charger.commands["pause_charging"].call()


@pytest.mark.parametrize(
    "wrong", [{"limit_a": 5.0}, {"limit_a": 81.0}, {"limit_a": -1.0}, {"limit_a": 8.0, "phases": 2}]
)
async def test_a_limit_that_none_can_hold_is_refused_unsent(wrong: dict[str, Any]) -> None:
    async with everest_house(Profile()) as bench:
        with pytest.raises(DeviceRefused):
            await bench.charger.commands["set_external_limits"].call(**wrong)

        assert not bench.twin.calls

"""Every command reaches an EVerest through a real broker, is answered, and acts there."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable
from simulator.chargers.everest import EverestTwin
from simulator.chargers.everest_faults import Faults
from simulator.chargers.everest_profile import Profile
from tests.contracts.bench import PATIENCE_S
from tests.contracts.everest_bench import everest_house
from tests.device_commands import everest
from tests.device_commands.case import Case

DOCUMENT = Profile(version=(2023, 8, 0))


async def called(
    profile: Profile, name: str, arguments: Mapping[str, Any], faults: Faults | None = None
) -> object:
    """Call a command on a twin with a car, while the adapter does not run."""
    async with everest_house(profile, silent_s=PATIENCE_S) as bench:
        bench.plug_in()
        bench.fail(faults or Faults())
        return await bench.charger.commands[name].call(**arguments)


async def until_seen(twin: EverestTwin, case: Case[EverestTwin]) -> None:
    """Wait until a command acted; what it ends is told."""
    async with asyncio.timeout(PATIENCE_S):
        while not (case.acted is None or case.acted(twin)):
            await twin.until_cycle()
    assert twin.crashed is None


@pytest.mark.parametrize(
    ("profile", "case"),
    [
        (profile, case)
        for profile, cases in (
            (DOCUMENT, everest.OF_2023),
            (Profile(version=(9999, 0, 0)), everest.LATER),
            (Profile(version=(2026, 2, 1), interface="api_v1"), everest.API_V1),
            (Profile(version=(2024, 4, 0), interface="api"), everest.MODULE_API_2024),
            (Profile(version=(9999, 0, 0), interface="api_v1"), everest.API_V1_LATER[len(everest.API_V1) :]),
        )
        for case in cases
    ],
    ids=lambda value: value.command if isinstance(value, Case) else f"{value.interface}-{value.version[0]}",
)
async def test_every_command_acts_while_the_adapter_rests(profile: Profile, case: Case[EverestTwin]) -> None:
    async with everest_house(profile, silent_s=PATIENCE_S) as bench:
        case.before(bench.twin)

        answer = await bench.charger.commands[case.command].call(**case.arguments)

        assert case.is_right(answer)
        await until_seen(bench.twin, case)


@pytest.mark.parametrize("case", everest.MODULE_API, ids=lambda case: case.command)
async def test_every_command_of_the_module_api_acts_while_the_adapter_runs(case: Case[EverestTwin]) -> None:
    async with everest_house(Profile(version=(2025, 10, 0), interface="api")) as bench, bench.running():
        case.before(bench.twin)
        await bench.heard.polled_anew(1)

        answer = await bench.charger.commands[case.command].call(**case.arguments)

        assert case.is_right(answer)
        await until_seen(bench.twin, case)


async def test_the_variables_are_listed() -> None:
    answer = await called(DOCUMENT, "variables", {})

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
        await called(Profile(), "pause_charging", {}, faults)


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

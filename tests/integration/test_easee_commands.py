import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.chargers.easee.charger import EaseeCharger
from controller.errors import DeviceRefused
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_cloud import EaseeCloudTwin
from tests.contracts.easee_bench import EaseeBench, charger_of, connection_of, operator
from tests.device_commands.case import Case
from tests.device_commands.easee import OPERATOR

FLASH = {
    "set_max_charger_current",
    "set_max_circuit_current",
    "set_dynamic_current_offline_fallback",
    "set_enabled",
    "set_lock_cable_permanently",
}


@asynccontextmanager
async def alone() -> AsyncIterator[tuple[EaseeTwin, EaseeCharger]]:
    """A charger that no daemon follows, as a person's command finds it."""
    own = await asyncio.to_thread(operator)
    async with EaseeTwin(own) as twin, EaseeCloudTwin(own, twin) as cloud:
        await twin.clock.sleep(0.1)
        yield twin, charger_of(twin, connection_of(own, cloud) | {"answer_s": 5.0})


@pytest.mark.parametrize("case", OPERATOR, ids=lambda case: case.command)
async def test_every_command_acts_while_the_stream_is_followed(case: Case[EaseeTwin]) -> None:
    async with alone() as (twin, charger):
        bench = EaseeBench(twin, charger)
        async with bench.running():
            await bench.heard.until(lambda state: state.limit_a == 32.0)
            case.before(twin)
            answer = await charger.commands[case.command].call(**case.arguments)

        assert case.is_right(answer)
        assert case.acted is None or case.acted(twin)


async def test_a_command_beside_a_running_daemon_leaves_the_answer_to_it() -> None:
    own = await asyncio.to_thread(operator)
    async with EaseeTwin(own) as twin:
        bench = EaseeBench(twin, charger_of(twin, connection_of(own) | {"silence_s": 60.0}))
        async with bench.running():
            await bench.heard.polled_anew(1)
            answer = (
                await charger_of(twin, connection_of(own))
                .commands["set_smart_charging"]
                .call(smart_charging=True)
            )
            await bench.charger.set_limit(9.0)

        assert isinstance(answer, dict)
        assert answer["sent"] is True
        assert twin.device.smart


async def test_a_command_takes_nobodys_messages() -> None:
    async with alone() as (twin, charger):
        await charger.commands["set_smart_charging"].call(smart_charging=True)
        bench = EaseeBench(twin, charger)
        async with bench.running():
            state = await bench.heard.until(lambda state: state.limit_a == 32.0)

        assert state.session_id is None


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("set_dynamic_charger_current", {"limit_a": 81}),
        ("set_dynamic_charger_current", {"limit_a": 10, "ttl_min": -1}),
        ("set_dynamic_circuit_current", {"p1_a": -1, "p2_a": 0, "p3_a": float("nan")}),
        ("set_max_charger_current", {"limit_a": 10.5}),
        ("authorize_charging", {"id_token": "", "status": 1}),
    ],
)
async def test_what_makes_no_sense_is_refused_unsent(name: str, arguments: dict[str, object]) -> None:
    async with alone() as (twin, charger):
        with pytest.raises(DeviceRefused):
            await charger.commands[name].call(**arguments)

        assert not twin.commands


async def test_what_reaches_flash_or_lifts_limits_asks_for_a_persons_word() -> None:
    async with alone() as (_, charger):
        dangerous = {name for name, command in charger.commands.items() if command.dangerous}

        assert dangerous >= FLASH | {"reboot", "upgrade_firmware"}

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.chargers.easee.charger import EaseeCharger
from controller.errors import DeviceRefused
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_cloud import EaseeCloudTwin
from simulator.chargers.easee_device import EaseeDevice
from tests.contracts.easee_bench import EaseeBench, charger_of, connection_of, operator

LIMITS: dict[str, object] = {"p1_a": 10, "p2_a": 11, "p3_a": 12}

EFFECTS: dict[str, tuple[dict[str, object], str, object]] = {
    "reboot": ({}, "reboots", 1),
    "upgrade_firmware": ({}, "release", 341),
    "set_smart_charging": ({"smart_charging": True}, "smart", True),
    "authorize_charging": ({"id_token": "tag", "status": 42}, "authorized", True),
    "deauthorize_charging": ({"id_token": "tag", "status": 42}, "authorized", False),
    "set_enabled": ({"is_enabled": False}, "enabled", False),
    "set_lock_cable_permanently": ({"locked": True}, "locked", True),
    "set_max_charger_current": ({"limit_a": 20}, "max_a", 20.0),
    "set_dynamic_charger_current": ({"limit_a": 13, "ttl_min": 5}, "dynamic_a", 13.0),
    "set_max_circuit_current": (LIMITS, "circuit.max_a", (10, 11, 12)),
    "set_dynamic_circuit_current": ({**LIMITS, "ttl_min": 5}, "circuit.dynamic_a", (10.0, 11.0, 12.0)),
    "set_dynamic_current_offline_fallback": (LIMITS, "circuit.fallback_a", (10, 11, 12)),
}
"""Every command: its arguments, and what it changes in the charger."""

FLASH = {
    "set_max_charger_current",
    "set_max_circuit_current",
    "set_dynamic_current_offline_fallback",
    "set_enabled",
    "set_lock_cable_permanently",
}


def found(device: EaseeDevice, path: str) -> object:
    value: object = device
    for name in path.split("."):
        value = getattr(value, name)
    return value


@asynccontextmanager
async def alone() -> AsyncIterator[tuple[EaseeTwin, EaseeCharger]]:
    """A charger that no daemon follows, as a person's command finds it."""
    own = await asyncio.to_thread(operator)
    async with EaseeTwin(own) as twin, EaseeCloudTwin(own, twin) as cloud:
        await twin.clock.sleep(0.1)
        yield twin, charger_of(twin, connection_of(own, cloud))


@pytest.mark.parametrize("name", list(EFFECTS))
async def test_every_command_acts(name: str) -> None:
    arguments, path, effect = EFFECTS[name]
    async with alone() as (twin, charger):
        twin.device.authorized = name == "deauthorize_charging"

        answer = await charger.commands[name].call(**arguments)

        assert answer == {"accepted": True, "comment": None, "result_code": None}
        assert found(twin.device, path) == effect


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


async def test_everything_that_the_cloud_knows_is_listed() -> None:
    async with alone() as (_, charger):
        listed = await charger.commands["observations"].call()

        assert isinstance(listed, dict)
        assert listed["48 DynamicChargerCurrent"] == 32.0


async def test_what_reaches_flash_or_lifts_limits_asks_for_a_persons_word() -> None:
    async with alone() as (_, charger):
        dangerous = {name for name, command in charger.commands.items() if command.dangerous}

        assert dangerous >= FLASH | {"reboot", "upgrade_firmware"}
        assert len(charger.commands) == len(EFFECTS) + 1

import json
from pathlib import Path

import pytest

from adapters.chargers.lektrico.client import LektricoClient
from adapters.chargers.lektrico.errors import ERRORS, ProhibitedError, RangeError
from adapters.chargers.lektrico.keys import APP_KEYS, Value
from adapters.chargers.lektrico.schedule import ScheduleInterval
from adapters.wire.jsonrpc import Endpoint, JsonRpc, WireForm
from simulator.chargers.lektrico import LektricoTwin
from simulator.chargers.lektrico_keys import APP_KEYS as TWINS_KEYS
from tests.contracts.lektrico_bench import charger_of
from tests.device_commands.case import Case
from tests.device_commands.lektrico import CASES
from tests.device_commands.typing_in import CHARGER, typed_beside, written

NIGHT = ScheduleInterval(start_d=1, start_h=22, start_m=0, end_d=2, end_h=6, end_m=0, current_a=10)

FORMS = ("post", "frame", "get")


def client_of(twin: LektricoTwin) -> LektricoClient:
    url = f"http://127.0.0.1:{twin.port}"
    return LektricoClient(JsonRpc(Endpoint(url=url, question="", form=WireForm.POST), ERRORS))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.command)
async def test_every_command_acts_over_every_wire_form(form: str, case: Case[LektricoTwin]) -> None:
    async with LektricoTwin() as twin:
        case.before(twin)

        answer = await charger_of(twin, wire_form=form).commands[case.command].call(**case.arguments)

        assert case.is_right(answer)
        assert case.acted is None or case.acted(twin)
        assert (twin.calls[-1].method.lower().replace(".", "_"), twin.calls[-1].form) == (case.command, form)


@pytest.mark.parametrize(
    "name",
    [
        "factory_reset",
        "ota_verify",
        "ap_password_set",
        "device_reset",
        "app_config_set",
        "em_current_set",
        "dynamic_current_set",
    ],
)
async def test_what_may_do_harm_asks_first(name: str) -> None:
    async with LektricoTwin() as twin:
        assert charger_of(twin).commands[name].dangerous


@pytest.mark.parametrize(
    ("name", "key"),
    [("em_status_get", "em_offline"), ("em_current_get", "EM_current"), ("device_id_get", "device_id")],
)
async def test_what_an_answer_does_not_tell_is_null_and_not_true(name: str, key: str) -> None:
    async with LektricoTwin() as twin:
        twin.faults.hidden_keys = frozenset({key})

        assert await charger_of(twin).commands[name].call() is None


async def test_a_question_that_finds_nothing_is_typed_and_shows_null(tmp_path: Path) -> None:
    async with LektricoTwin() as twin:
        twin.faults.hidden_keys = frozenset({"em_offline"})
        config = written(tmp_path, "lektrico", {"host": "127.0.0.1", "port": twin.port})

        ended = await typed_beside("device", CHARGER, "em_status_get", "-c", config)

        assert (ended.returncode, json.loads(ended.stdout)) == (0, {"answer": None})


@pytest.mark.parametrize("key", sorted(APP_KEYS))
async def test_every_configuration_key_is_set_and_told(key: str) -> None:
    wanted: dict[type, Value] = {int: 7, bool: True, float: 7.5, str: ",".join(["7"] * 12)}
    special: dict[str, Value] = {"led_max_brightness": 77, "connected_phase": 2}
    value = special.get(key, wanted[APP_KEYS[key].kind])
    async with LektricoTwin() as twin:
        client = client_of(twin)

        await client.app_config_set(key, value)
        config = await client.app_config_get()

        assert twin.device.config[key] == value
        assert config.rest == {}
        assert value in [getattr(config, name) for name in config.__dataclass_fields__]


@pytest.mark.parametrize(("key", "value"), [("install_current", 16), ("headless", False), ("latitude", 45.5)])
async def test_firmware_that_wants_text_gets_text(key: str, value: bool | float) -> None:
    async with LektricoTwin() as twin:
        twin.faults.text_values = True

        await client_of(twin).app_config_set(key, value)

        assert twin.device.config[key] == value


async def test_an_owner_is_set_once() -> None:
    async with LektricoTwin() as twin:
        client = client_of(twin)
        await client.app_config_set("owner_id", "me")

        with pytest.raises(ProhibitedError):
            await client.app_config_set("owner_id", "you")


async def test_a_factory_reset_restores_every_key() -> None:
    async with LektricoTwin() as twin:
        client = client_of(twin)
        await client.app_config_set("charger_alias", "left")
        await client.factory_reset()

        config = await client.app_config_get()

        assert (config.charger_alias, config.install_current_a) == (TWINS_KEYS["charger_alias"].default, 6)


async def test_energy_and_sessions_are_counted() -> None:
    async with LektricoTwin() as twin:
        twin.plug_in("a car")
        twin.device.session_wh = 1500.0
        twin.unplug()

        counters = await client_of(twin).counters_config_get()

        assert (counters.total_charged_sessions, counters.last_session_wh) == (1, 1500.0)


async def test_a_restart_waits_for_the_end_of_the_session() -> None:
    async with LektricoTwin() as twin:
        client = client_of(twin)
        twin.plug_in("a car")
        await client.device_reset()
        during = (await client.counters_config_get()).reset_counter
        twin.unplug()
        after = (await client.counters_config_get()).reset_counter

        assert (during, after) == (0, 1)


async def test_logged_errors_outlive_active_ones_until_reset() -> None:
    async with LektricoTwin() as twin:
        client = client_of(twin)
        twin.device.fail("overtemp")
        twin.device.recover()

        told = [(await client.active_errors_get()).raised, (await client.logged_errors_get()).raised]
        await client.logged_errors_reset()

        assert told == [(), ("overtemp",)]
        assert (await client.logged_errors_get()).raised == ()


async def test_a_schedule_is_kept_as_it_was_set() -> None:
    async with LektricoTwin() as twin:
        client = client_of(twin)

        await client.charging_schedule_set([NIGHT])

        assert await client.charging_schedule_get() == (NIGHT,)


async def test_the_relays_take_one_or_three_phases() -> None:
    async with LektricoTwin() as twin:
        client = client_of(twin)
        await client.dynamic_current_set(10, relay_mode=1)

        with pytest.raises(RangeError):
            await client.dynamic_current_set(10, relay_mode=2)

        assert (twin.relay_mode, (await client.dynamic_current_get()).relay_mode) == (1, 1)

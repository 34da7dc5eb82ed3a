import pytest

from controller.errors import CredentialsError, DeviceRefused, DeviceUnreachable
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_commands import COMMANDS
from simulator.chargers.tesla_faults import Faults
from tests.contracts.tesla_bench import charger_of
from tests.device_commands.case import Case
from tests.device_commands.tesla import CASES, NOT_OVER_BLUETOOTH, plugged

DIALECTS = ("fleet", "owner", "proxy", "ble")
CLOUDS = ("fleet", "owner", "proxy")


async def test_every_command_of_the_document_is_offered_and_says_what_it_does() -> None:
    async with TeslaTwin() as twin:
        commands = charger_of(twin).commands

        assert COMMANDS.keys() <= commands.keys()
        assert {"charge_start", "set_charging_amps", "charge_port_door_open"} == {
            command.name for command in commands.values() if command.dangerous
        }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.command)
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_command_acts_or_is_refused_unsent(dialect: str, case: Case[TeslaTwin]) -> None:
    async with TeslaTwin(dialect) as twin:
        case.before(twin)
        commands = charger_of(twin).commands
        if dialect == "ble" and case.command in NOT_OVER_BLUETOOTH:
            with pytest.raises(DeviceRefused, match="Bluetooth"):
                await commands[case.command].call(**case.arguments)
            assert not twin.calls
            return
        for earlier in case.first:
            await commands[earlier].call()

        answer = await commands[case.command].call(**case.arguments)

        assert case.is_right(answer)
        assert case.acted is None or case.acted(twin)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("set_charge_limit", {"percent": 1}),
        ("set_charge_limit", {"percent": "75"}),
        ("set_charge_limit", {"percent": True}),
        ("set_charging_amps", {"charging_amps": -1}),
        ("set_charging_amps", {"charging_amps": 16.5}),
        ("set_scheduled_charging", {"enable": True}),
        ("set_scheduled_charging", {"enable": True, "time": 1440}),
        ("set_scheduled_departure", {"departure_time": 1441}),
    ],
)
async def test_what_no_car_takes_is_refused_unsent(name: str, arguments: dict[str, object]) -> None:
    async with TeslaTwin("proxy") as twin:
        with pytest.raises(DeviceRefused):
            await charger_of(twin).commands[name].call(**arguments)

        assert not twin.calls


@pytest.mark.parametrize(
    ("name", "arguments", "read_back"),
    [
        ("charge_standard", {}, {"charge_limit_pct": 80.0}),
        ("charge_max_range", {}, {"charge_limit_pct": 100.0}),
        ("set_charge_limit", {"percent": 75}, {"charge_limit_pct": 75.0}),
        ("set_charging_amps", {"charging_amps": 9}, {"charging_amps": 9.0}),
        ("set_charging_amps", {"charging_amps": 40}, {"charging_amps": 32.0}),
    ],
)
async def test_what_sets_a_limit_tells_what_the_car_made_of_it(
    name: str, arguments: dict[str, object], read_back: dict[str, object]
) -> None:
    async with TeslaTwin("proxy") as twin:
        twin.car.limit_pct = 60

        answer = await charger_of(twin).commands[name].call(**arguments)

        assert answer == {"outcome": "done", "reason": "", **read_back}


async def test_a_limit_is_taken_though_the_car_cannot_be_asked_afterwards() -> None:
    async with TeslaTwin() as twin:
        twin.faults = Faults(only=frozenset({"vehicle_data"}), status=503)

        answer = await charger_of(twin).commands["set_charge_limit"].call(percent=75)

        assert twin.car.limit_pct == 75
        assert isinstance(answer, dict)
        assert (answer["outcome"], "HTTP 503" in answer["read_back"]) == ("done", True)


async def test_a_schedule_can_be_ended_without_a_time() -> None:
    async with TeslaTwin() as twin:
        twin.car.scheduled_min = 60
        await charger_of(twin).commands["set_scheduled_charging"].call(enable=False)

        assert twin.car.scheduled_min is None


async def test_weekdays_alone_are_not_sent_for_a_part_that_is_off() -> None:
    async with TeslaTwin() as twin:
        call = charger_of(twin).commands["set_scheduled_departure"].call
        await call(departure_time=420, preconditioning_weekdays_only=True)

        assert twin.calls[-1].body["preconditioning_weekdays_only"] is False
        assert twin.calls[-1].body["enable"] is False


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_car_that_is_charging_already_is_well(dialect: str) -> None:
    async with TeslaTwin(dialect) as twin:
        answer = await charger_of(plugged(twin, charges=True)).commands["charge_start"].call()

        assert answer == {"outcome": "already", "reason": "is_charging"}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_car_without_a_cable_cannot_be_started(dialect: str) -> None:
    async with TeslaTwin(dialect) as twin:
        with pytest.raises(DeviceRefused, match="not connected"):
            await charger_of(twin).commands["charge_start"].call()


async def test_an_unsigned_command_to_a_newer_car_says_what_is_needed() -> None:
    async with TeslaTwin("fleet") as twin:
        twin.faults = Faults(unsigned=True)

        with pytest.raises(DeviceRefused, match="Vehicle Command Protocol"):
            await charger_of(twin).commands["charge_start"].call()


@pytest.mark.parametrize("dialect", CLOUDS)
async def test_a_command_does_not_wake_a_car_in_the_cloud(dialect: str) -> None:
    async with TeslaTwin(dialect) as twin:
        twin.car.sleep()

        with pytest.raises(DeviceUnreachable, match="asleep"):
            await charger_of(twin).commands["charge_max_range"].call()


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_car_is_woken_by_a_person(dialect: str) -> None:
    async with TeslaTwin(dialect) as twin:
        twin.car.sleep()

        answer = await charger_of(twin).commands["wake_up"].call()

        assert answer == {"presence": "online"}
        assert twin.car.is_online


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_what_is_known_can_be_asked(dialect: str) -> None:
    async with TeslaTwin(dialect) as twin:
        commands = charger_of(twin).commands
        answer = await commands["vehicle_data"].call()
        known = await commands["vehicle"].call()

        assert isinstance(answer, dict)
        assert answer["charge_state"]["charging_state"] == "Disconnected"
        assert known


async def test_calls_are_counted_by_kind() -> None:
    async with TeslaTwin("fleet") as twin:
        commands = charger_of(twin).commands
        for name in ("charge_stop", "vehicle_data", "vehicle", "wake_up"):
            await commands[name].call()

        answer = await commands["calls"].call()

        assert isinstance(answer, dict)
        assert answer["calls"] == {"free": 1, "data": 1, "command": 1, "wake": 1}
        assert (answer["cost"], answer["currency"]) == (0.023, "USD")


async def test_a_token_that_is_not_accepted_is_said_without_showing_it() -> None:
    async with TeslaTwin("fleet") as twin:
        with pytest.raises(CredentialsError) as refused:
            await charger_of(twin, access_token="secret-token").commands["charge_stop"].call()

        assert "secret" not in str(refused.value)


async def test_a_token_is_renewed_once_when_it_was_refused(tmp_path: object) -> None:
    async with TeslaTwin("fleet") as twin:
        charger = charger_of(
            twin,
            access_token=None,
            refresh_token="refresh-0",
            token_file=f"{tmp_path}/tokens",
            client_id="phasewise-test",
        )
        await charger.commands["vehicle"].call()
        twin.sign_on.expire()

        await charger.commands["vehicle"].call()

        assert twin.sign_on.exchanges == 2
        assert [call.name for call in twin.calls] == ["token", "presence", "presence", "token", "presence"]


async def test_the_wrong_region_leads_to_the_right_one() -> None:
    async with TeslaTwin("fleet") as wrong, TeslaTwin("fleet") as right:
        right.sign_on.grant()
        wrong.faults = Faults(other_url=right.url)
        charger = charger_of(wrong)

        await charger.commands["charge_port_door_close"].call()
        await charger.commands["charge_port_door_open"].call()

        assert right.car.port_open
        assert (len(wrong.calls), len(right.calls)) == (1, 2)

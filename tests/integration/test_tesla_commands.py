from collections.abc import Callable

import pytest

from controller.errors import CredentialsError, DeviceRefused, DeviceUnreachable
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_car import TeslaCar
from simulator.chargers.tesla_commands import BLUETOOTH, COMMANDS
from simulator.chargers.tesla_faults import Faults
from tests.contracts.tesla_bench import charger_of

DIALECTS = ("fleet", "owner", "proxy", "ble")
CLOUDS = ("fleet", "owner", "proxy")

ARGUMENTS: dict[str, dict[str, object]] = {
    "set_charge_limit": {"percent": 75},
    "set_charging_amps": {"charging_amps": 9},
    "set_scheduled_charging": {"enable": True, "time": 1410},
    "set_scheduled_departure": {
        "departure_time": 540,
        "off_peak_charging_enabled": True,
        "end_off_peak_time": 450,
    },
}

ACTED: dict[str, Callable[[TeslaCar], bool]] = {
    "charge_port_door_open": lambda car: car.port_open,
    "charge_port_door_close": lambda car: not car.port_open,
    "charge_start": lambda car: car.offered_a > 0.0,
    "charge_stop": lambda car: car.offered_a == 0.0,
    "charge_standard": lambda car: car.limit_pct == car.standard_pct,
    "charge_max_range": lambda car: car.limit_pct == 100,
    "set_charge_limit": lambda car: car.limit_pct == 75,
    "set_charging_amps": lambda car: car.request_a == 9,
    "set_scheduled_charging": lambda car: car.scheduled_min == 1410,
    "set_scheduled_departure": lambda car: (
        car.departure["enable"] is True and car.departure["departure_time"] == 540
    ),
}


READ_BACK: dict[str, dict[str, object]] = {
    "charge_standard": {"charge_limit_pct": 80.0},
    "charge_max_range": {"charge_limit_pct": 100.0},
    "set_charge_limit": {"charge_limit_pct": 75.0},
    "set_charging_amps": {"charging_amps": 9.0},
}


def plugged(twin: TeslaTwin, *, charges: bool = False, opened: bool = True) -> TeslaTwin:
    twin.plug_in("a car")
    twin.car.enabled, twin.car.port_open, twin.car.limit_pct = charges, opened, 60
    return twin


def test_every_command_of_the_document_is_checked_here() -> None:
    assert ACTED.keys() == COMMANDS.keys()


async def test_every_command_of_the_document_is_offered_and_says_what_it_does() -> None:
    async with TeslaTwin() as twin:
        commands = charger_of(twin).commands

        assert COMMANDS.keys() <= commands.keys()
        assert {"charge_start", "set_charging_amps", "charge_port_door_open"} == {
            command.name for command in commands.values() if command.dangerous
        }


@pytest.mark.parametrize("name", sorted(COMMANDS))
@pytest.mark.parametrize("dialect", CLOUDS)
async def test_every_command_acts_in_every_cloud(dialect: str, name: str) -> None:
    async with TeslaTwin(dialect) as twin:
        plugged(twin, charges=name == "charge_stop", opened=name != "charge_port_door_open")

        answer = await charger_of(twin).commands[name].call(**ARGUMENTS.get(name, {}))

        assert isinstance(answer, dict)
        assert (answer.pop("outcome"), answer.pop("reason")) == ("done", "")
        assert answer == READ_BACK.get(name, {})
        assert ACTED[name](twin.car)


@pytest.mark.parametrize("name", sorted(COMMANDS))
async def test_bluetooth_does_what_it_can_and_refuses_the_rest_unsent(name: str) -> None:
    async with TeslaTwin("ble") as twin:
        plugged(twin, charges=name == "charge_stop", opened=name != "charge_port_door_open")
        call = charger_of(twin).commands[name].call

        if name in BLUETOOTH:
            await call(**ARGUMENTS.get(name, {}))
            assert ACTED[name](twin.car)
            return
        with pytest.raises(DeviceRefused, match="Bluetooth"):
            await call(**ARGUMENTS.get(name, {}))
        assert not twin.calls


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

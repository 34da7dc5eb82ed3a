import pytest

from controller.errors import DeviceRefused
from simulator.chargers.high_mobility import HighMobilityTwin
from tests.contracts.high_mobility_bench import Path, charger_of
from tests.device_commands.case import Case
from tests.device_commands.high_mobility import CASES

PATHS: tuple[Path, ...] = ("telematics", "rest")


async def called(twin: HighMobilityTwin, path: Path, name: str, **arguments: object) -> object:
    return await charger_of(twin, path=path).commands[name].call(**arguments)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case.typed)[:50])
async def test_every_command_acts_over_either_path(path: Path, case: Case[HighMobilityTwin]) -> None:
    async with HighMobilityTwin() as twin:
        case.before(twin)

        answer = await called(twin, path, case.command, **case.arguments)

        assert case.is_right(answer)
        assert case.acted is None or case.acted(twin)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get_state", {"properties": "chargingPowerKW"}),
        ("get_availability", {"properties": "color"}),
        ("set_charge_current", {"limit_a": -1.0}),
        ("set_charge_current", {"limit_a": float("nan")}),
        ("set_price_tariffs", {"tariffs": "cheap"}),
        ("set_price_tariffs", {"tariffs": "[]"}),
        ("push_price", {"per_kwh": 0.3, "currency": ""}),
    ],
)
async def test_what_makes_no_sense_is_never_sent(name: str, arguments: dict[str, object]) -> None:
    async with HighMobilityTwin() as twin:
        with pytest.raises(DeviceRefused):
            await called(twin, "telematics", name, **arguments)

        assert not twin.calls


async def test_what_goes_past_the_ledger_asks_first() -> None:
    async with HighMobilityTwin() as twin:
        commands = charger_of(twin).commands

        assert {name for name, command in commands.items() if command.dangerous} == {"set_charge_current"}

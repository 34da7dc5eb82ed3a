from collections.abc import Mapping
from pathlib import Path as FilePath

import pytest

from adapters.catalog import Surroundings
from adapters.chargers.high_mobility.charger import HighMobilityCharger
from controller.errors import DeviceRefused
from controller.ports import Clock, Command
from simulator.chargers.high_mobility import HighMobilityTwin
from tests.contracts.bench import CHARGER, site
from tests.contracts.high_mobility_bench import Path, charger_of, settings_of
from tests.device_commands.case import Case
from tests.device_commands.high_mobility import CASES
from tests.device_commands.typing_in import typed_beside, written
from tests.fakes.clock import FakeClock
from tests.fakes.prices import HOUR, FakeTariff

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


def priced(twin: HighMobilityTwin, tariff: FakeTariff | None, clock: Clock) -> Mapping[str, Command]:
    """Tell the commands of a charger at a site with a tariff."""
    settings = settings_of(twin)
    around = Surroundings(clock=clock, site=site(abilities=settings.abilities), tariff=tariff)
    return HighMobilityCharger(CHARGER, settings, around).commands


async def test_the_price_of_our_tariff_is_pushed() -> None:
    clock = FakeClock()
    async with HighMobilityTwin(clock=clock) as twin:
        tariff = FakeTariff(published_until=lambda: clock.now() + HOUR)

        await priced(twin, tariff, clock)["push_price"].call(currency="EUR")

        assert twin.device.tariffs == ({"pricingType": "per_kwh", "price": 0.3, "currency": "EUR"},)


async def test_our_tariff_is_pushed_by_one_line_that_is_typed(tmp_path: FilePath) -> None:
    async with HighMobilityTwin() as twin:
        config = written(tmp_path, "high_mobility", twin.keys())
        config.write_text(f'{config.read_text()}\n[tariff]\nkind = "fixed"\nimport_per_kwh = 0.31\n')

        ended = await typed_beside("device", CHARGER, "push_price", "currency=EUR", "-c", config)

        assert (ended.returncode, ended.stderr) == (0, "")
        assert twin.device.tariffs == ({"pricingType": "per_kwh", "price": 0.31, "currency": "EUR"},)


async def test_without_a_price_for_now_nothing_is_pushed() -> None:
    clock = FakeClock()
    async with HighMobilityTwin(clock=clock) as twin:
        silent = FakeTariff(published_until=clock.now)
        for tariff in (None, silent):
            with pytest.raises(DeviceRefused, match="say per_kwh"):
                await priced(twin, tariff, clock)["push_price"].call(currency="EUR")

        assert not twin.calls

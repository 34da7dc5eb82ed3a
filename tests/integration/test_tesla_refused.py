"""A car's service that goes on refusing tokens: what is renewed, how often, and what is a person's to do."""

from pathlib import Path

import pytest

from adapters.chargers.tesla.charger import TeslaCharger
from controller.errors import CredentialsError, DeviceRefused
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_faults import Faults
from tests.contracts.tesla_bench import charger_of
from tests.fakes.clock import FakeClock

PRESENCE = frozenset({"presence"})


def renewing(twin: TeslaTwin, folder: Path, clock: FakeClock) -> TeslaCharger:
    return charger_of(
        twin,
        clock,
        access_token=None,
        refresh_token="refresh-0",
        token_file=str(folder / "tokens"),
        client_id="phasewise-test",
    )


async def is_refused(charger: TeslaCharger) -> bool:
    with pytest.raises(CredentialsError, match="sign-on"):
        await charger.commands["vehicle"].call()
    return True


async def test_a_refusal_that_lasts_uses_one_refresh_token_in_ten_minutes(tmp_path: Path) -> None:
    clock = FakeClock()
    async with TeslaTwin(clock=clock) as twin:
        charger = renewing(twin, tmp_path, clock)
        twin.faults = Faults(only=PRESENCE, status=401)

        exchanges = []
        for passed_s in (0.0, 0.0, 599.0, 2.0, 0.0):
            await clock.advance(passed_s)
            assert await is_refused(charger)
            exchanges.append(twin.sign_on.exchanges)

        assert exchanges == [2, 2, 2, 3, 3]


async def test_a_token_that_another_program_renewed_is_taken_at_once(tmp_path: Path) -> None:
    clock = FakeClock()
    async with TeslaTwin(clock=clock) as twin:
        charger, other = (renewing(twin, tmp_path, clock) for _ in range(2))
        twin.faults = Faults(only=PRESENCE, status=401)
        assert await is_refused(charger)
        twin.faults = Faults()
        twin.sign_on.expire()
        await other.commands["vehicle"].call()

        assert await charger.commands["vehicle"].call()
        assert twin.sign_on.exchanges == 3


async def test_a_consent_that_was_withdrawn_uses_no_refresh_token(tmp_path: Path) -> None:
    clock = FakeClock()
    async with TeslaTwin(clock=clock) as twin:
        charger = renewing(twin, tmp_path, clock)
        await charger.commands["vehicle"].call()
        twin.faults = Faults(only=PRESENCE, status=401, error="login_required")

        assert await is_refused(charger)
        assert len(twin.named("token")) == 1


async def test_a_limit_refused_with_the_word_of_a_start_is_refused() -> None:
    async with TeslaTwin() as twin:
        twin.plug_in("a car")
        twin.faults = Faults(only=frozenset({"set_charging_amps"}), reason="complete")

        with pytest.raises(DeviceRefused, match="complete"):
            await charger_of(twin).commands["set_charging_amps"].call(charging_amps=8)

        assert twin.car.request_a == 16


async def test_a_stop_refused_because_it_charges_is_refused() -> None:
    async with TeslaTwin() as twin:
        twin.plug_in("a car")
        twin.faults = Faults(only=frozenset({"charge_stop"}), reason="is_charging")

        with pytest.raises(DeviceRefused, match="is_charging"):
            await charger_of(twin).set_limit(0.0)

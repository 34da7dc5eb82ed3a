"""What a High Mobility charger answers counts only when it is proven, and what we ask is proven each time."""

import pytest

from controller.domain.readings import Plug
from controller.errors import CredentialsError, DeviceError, DeviceRefused
from controller.system_clock import SystemClock
from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.high_mobility_faults import Faults
from simulator.chargers.high_mobility_keys import made_up_app
from simulator.clock import ScaledClock
from tests.contracts.high_mobility_bench import Path, charger_of
from tests.integration.high_mobility_benches import MONDAY_NOON, PATHS, bench_with


@pytest.mark.parametrize(
    ("faults", "why"),
    [
        (Faults(wrong_hmac=True), "HMAC"),
        (Faults(other_sender=True), "serial"),
        (Faults(replays=True), "seen before"),
        (Faults(same_nonce=True), "nonce that was used"),
        (Faults(payload=b"\x0d"), "1 bytes"),
        (Faults(payload=b"\x0d\x00\x33\x01"), "capability"),
        (Faults(error_code=0x3608), "HMAC"),
        (Faults(telematics="timeout"), "did not answer"),
        (Faults(telematics="error"), "error"),
        (Faults(status=500), "HTTP 500"),
        (Faults(body=b'{"nonce": "!!"}'), "base64"),
        (Faults(body=b"[]"), "without"),
    ],
)
async def test_an_answer_that_is_not_proven_loses_the_charger_until_it_is(faults: Faults, why: str) -> None:
    async with bench_with() as bench:
        await bench.heard.polled_anew(1)
        bench.twin.faults = faults

        lost = await bench.until_lost()
        with pytest.raises(DeviceError) as failed:
            await bench.charger.set_limit(8.0)
        bench.heal()
        state = await bench.heard.polled_anew()

        assert why in lost
        assert not isinstance(failed.value, DeviceRefused)
        assert state.plug is Plug.A


async def test_a_container_is_opened_once() -> None:
    async with bench_with(Faults(same_nonce=True)) as bench:
        lost = await bench.until_lost()

        assert "nonce" in lost
        assert bench.twin.calls.count("getState") <= 1


@pytest.mark.parametrize("path", PATHS)
async def test_another_key_opens_nothing(path: Path) -> None:
    async with HighMobilityTwin() as twin:
        charger = charger_of(twin, path=path, private_key=made_up_app().private)

        with pytest.raises(CredentialsError):
            await charger.probe()

        assert twin.device.current_a == 16.0


async def test_a_clock_that_is_off_is_refused_by_rest() -> None:
    clock = ScaledClock(SystemClock(), starts=MONDAY_NOON)
    async with HighMobilityTwin(clock=clock) as twin:
        with pytest.raises(CredentialsError, match="expired"):
            await charger_of(twin, SystemClock(), path="rest").probe()


@pytest.mark.parametrize("path", PATHS)
async def test_every_request_has_its_own_proof(path: Path) -> None:
    async with bench_with(path=path) as bench:
        for limit_a in (8.0, 10.0, 12.0):
            await bench.charger.set_limit(limit_a)
            await bench.heard.polled_anew(1)

        assert not bench.lost

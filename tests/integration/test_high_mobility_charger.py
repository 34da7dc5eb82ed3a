"""What a High Mobility charger tells of itself, how often it is asked, and what a probe finds."""

import pytest

from controller.domain.readings import Plug
from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.high_mobility_faults import Faults
from tests.contracts.high_mobility_bench import HighMobilityBench, Path, charger_of
from tests.integration.high_mobility_benches import PATHS, bench_with


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("reason", ["rate_limit", "pending"])
async def test_a_busy_charger_is_asked_less_and_keeps_its_last_state(path: Path, reason: str) -> None:
    async with bench_with(path=path) as bench:
        await bench.heard.polled_anew(1)
        bench.twin.faults = Faults(failing={"chargeCurrent": reason})
        await bench.twin.until_called("getState")
        await bench.twin.until_called("getState")
        told = len(bench.heard.states)
        await bench.twin.until_called("getState")
        silent = len(bench.heard.states) == told
        bench.heal()

        await bench.heard.polled_anew()

        assert silent
        assert not bench.lost


async def test_a_side_matter_that_is_busy_hides_no_state() -> None:
    async with bench_with(Faults(failing={"chargingPower": "rate_limit"})) as bench:
        state = await bench.heard.polled_anew(2)

        assert (state.plug, state.limit_a, state.power_w) == (Plug.A, 16.0, None)


@pytest.mark.parametrize("path", PATHS)
async def test_a_property_that_fails_is_unknown_and_the_others_are_told(path: Path) -> None:
    async with bench_with(Faults(failing={"chargingStatus": "oem_error"}), path) as bench:
        state = await bench.heard.polled_anew(1)

        assert (state.plug, state.limit_a) == (Plug.UNKNOWN, 16.0)


async def test_stale_values_are_no_values() -> None:
    async with bench_with() as bench:
        await bench.heard.polled_anew(1)
        bench.twin.faults = Faults(stale_s=120.0)

        state = await bench.heard.until(lambda state: state.limit_a is None)

        assert state.plug is Plug.UNKNOWN


async def test_a_charger_is_asked_only_as_often_as_it_says() -> None:
    async with HighMobilityTwin() as twin:
        twin.device.rates_hz = {"chargingStatus": 4.0}
        bench = HighMobilityBench(twin, charger_of(twin))
        async with bench.running():
            await bench.heard.polled_anew(4)
            polls, span_s = (
                len(bench.heard.states),
                bench.heard.latest.at_mono_s - bench.heard.states[0].at_mono_s,
            )

        assert span_s >= 0.2 * (polls - 1)
        assert not bench.lost


@pytest.mark.parametrize(("path", "version"), [("telematics", "auto-api level 13"), ("rest", "REST v5")])
async def test_a_probe_names_the_version_that_it_heard(path: Path, version: str) -> None:
    async with HighMobilityTwin() as twin:
        assert (await charger_of(twin, path=path).probe()).version == version


async def test_a_single_phase_charger_tells_its_draw_from_its_power() -> None:
    async with bench_with(phases=(2,)) as bench:
        bench.plug_in()
        bench.draw((10.0, 0.0, 0.0))

        state = await bench.heard.until(lambda state: state.plug is Plug.C)

        assert state.draw_a == pytest.approx((0.0, 10.0, 0.0))


async def test_what_keeps_it_from_telling_its_pace_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        async with bench_with(Faults(telematics="error")) as bench:
            for _ in range(3):
                await bench.twin.until_called("getAvailability")
            await bench.twin.until_called("getState")

    assert sum("how often it may be asked" in record.message for record in caplog.records) == 1


async def test_a_probe_warns_of_what_it_found() -> None:
    async with HighMobilityTwin() as twin:
        twin.device.minimum_a = 8.0
        twin.device.words["solarCharging"] = "active"
        twin.faults = Faults(failing={"plugType": "oem_error"}, hidden=frozenset({"chargeCurrent"}))

        warnings = "\n".join((await charger_of(twin).probe()).warnings)

        for fact in ("cannot be paused", "does not tell", "min_a = 8", "solar charging", "plugType"):
            assert fact in warnings

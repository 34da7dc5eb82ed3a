import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.domain.readings import Plug, VehicleState
from controller.domain.site import Site
from controller.errors import DeviceRefused, DeviceUnreachable
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_faults import Faults
from tests.contracts.bench import CHARGER, ROTATED, site
from tests.contracts.tesla_bench import TeslaBench, charger_of
from tests.servers import program

COMMANDS = ("set_charging_amps", "charge_start", "charge_stop")
SLOW: dict[str, Any] = {"poll_s": 30.0, "idle_poll_s": 900.0}


def wired(min_a: float) -> Site:
    known = site(ROTATED)
    return replace(known, chargers=(replace(known.charger[CHARGER], min_a=min_a),))


@asynccontextmanager
async def parked(dialect: str = "fleet", **own: Any) -> AsyncIterator[TeslaBench]:  # noqa: ANN401 - settings
    async with TeslaTwin(dialect) as twin:
        bench = TeslaBench(twin, charger_of(twin, **own))
        async with bench.running():
            yield bench


@asynccontextmanager
async def plugged(dialect: str = "fleet", **own: Any) -> AsyncIterator[TeslaBench]:  # noqa: ANN401 - settings
    async with parked(dialect, **own) as bench:
        bench.plug_in()
        await bench.heard.until(lambda state: state.plug.car)
        yield bench


def asked(bench: TeslaBench, *names: str) -> int:
    return len(bench.twin.named(*names))


async def test_a_sleeping_car_is_never_woken_to_look() -> None:
    async with parked() as bench:
        bench.twin.car.sleep()
        await bench.heard.polled_anew(5)

        assert not bench.twin.car.is_online
        assert asked(bench, "wake_up") == 0


async def test_a_sleeping_car_stays_plugged_in_and_draws_nothing() -> None:
    async with plugged() as bench:
        bench.twin.car.sleep()

        state = await bench.heard.until(lambda state: state.limit_a is None)

        assert (state.plug, state.draw_a) == (Plug.B, (0.0, 0.0, 0.0))


async def test_a_charging_car_out_of_reach_may_still_draw() -> None:
    async with plugged() as bench:
        bench.draw((10.0, 10.0, 10.0))
        await bench.heard.until(lambda state: state.plug is Plug.C)
        bench.twin.car.sleep("offline")

        state = await bench.heard.until(lambda state: state.limit_a is None)

        assert (state.plug, state.draw_a) == (Plug.C, None)


@pytest.mark.parametrize("dialect", ["fleet", "owner", "proxy", "ble"])
async def test_a_sleeping_car_is_woken_to_be_started(dialect: str) -> None:
    async with plugged(dialect) as bench:
        bench.twin.car.sleep()
        await bench.heard.until(lambda state: state.limit_a is None)

        await bench.charger.set_limit(10.0)

        assert bench.offered_a() == 10.0
        assert asked(bench, "wake_up") == 1


async def test_a_sleeping_car_is_not_woken_to_be_lowered() -> None:
    async with plugged() as bench:
        await bench.charger.set_limit(16.0)
        bench.twin.car.sleep()
        await bench.heard.until(lambda state: state.limit_a is None)
        for limit_a in (8.0, 0.0):
            with pytest.raises(DeviceRefused, match="asleep"):
                await bench.charger.set_limit(limit_a)

        assert asked(bench, "wake_up", "charge_stop") == 0
        assert not bench.twin.car.is_online


async def test_a_car_that_wakes_slowly_is_tried_again_without_another_wake_up() -> None:
    async with plugged(wake_wait_s=0.1) as bench:
        bench.twin.car.sleep()
        bench.twin.car.wakes_in_s = 1.0
        await bench.heard.until(lambda state: state.limit_a is None)
        for _ in range(2):
            with pytest.raises(DeviceRefused, match="sleeps on"):
                await bench.charger.set_limit(10.0)
        await bench.heard.until(lambda state: state.limit_a is not None)
        await bench.charger.set_limit(10.0)

        assert bench.offered_a() == 10.0
        assert asked(bench, "wake_up") == 1


async def test_a_person_who_stops_it_between_two_looks_is_not_overruled() -> None:
    async with plugged(**SLOW) as bench:
        await bench.charger.set_limit(10.0)
        bench.person_pauses()
        await bench.charger.set_limit(16.0)

        assert bench.offered_a() == 0.0
        assert asked(bench, "charge_start") == 1


async def test_a_busy_car_is_asked_again() -> None:
    async with plugged() as bench:
        bench.twin.faults = Faults(busy_left=2)

        await bench.charger.set_limit(10.0)

        assert bench.holds_a() == 10.0


async def test_a_command_without_effect_is_no_read_back() -> None:
    async with plugged() as bench:
        await bench.charger.set_limit(16.0)
        bench.twin.faults = Faults(without_effect=True)

        await bench.charger.set_limit(8.0)

        assert (await bench.heard.polled_anew()).limit_a == 16.0


async def test_a_start_without_effect_is_no_persons_pause() -> None:
    async with plugged() as bench:
        bench.twin.faults = Faults(only=frozenset({"charge_start"}), without_effect=True)
        await bench.charger.set_limit(16.0)
        bench.heal()
        bench.unplug()
        await bench.heard.until(lambda state: not state.plug.car)
        bench.plug_in()
        await bench.heard.until(lambda state: state.plug.car)

        assert bench.heard.latest.limit_a == 0.0


async def test_a_rate_limit_is_obeyed_to_the_end() -> None:
    async with plugged() as bench:
        bench.twin.faults = Faults(only=frozenset(COMMANDS), status=429, retry_after_s=36_000)
        with pytest.raises(DeviceRefused):
            await bench.charger.set_limit(10.0)
        bench.heal()
        asked_before = asked(bench, *COMMANDS)
        with pytest.raises(DeviceRefused, match="rate limited"):
            await bench.charger.set_limit(10.0)

        assert asked(bench, *COMMANDS) == asked_before


async def test_a_proxy_that_limits_without_saying_how_long_is_left_alone_all_the_same() -> None:
    async with plugged("proxy") as bench:
        bench.twin.faults = Faults(only=frozenset({"set_charging_amps"}), status=429)
        for _ in range(2):
            with pytest.raises(DeviceRefused):
                await bench.charger.set_limit(10.0)

        assert asked(bench, "set_charging_amps") == 1


async def test_trouble_in_the_service_may_have_been_obeyed() -> None:
    async with plugged("proxy") as bench:
        bench.twin.faults = Faults(
            only=frozenset({"set_charging_amps"}), status=500, error="context deadline exceeded"
        )

        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(10.0)


async def test_a_cap_that_was_taken_without_a_start_is_not_certain() -> None:
    async with plugged() as bench:
        bench.twin.faults = Faults(only=frozenset({"charge_start"}), reason="user_not_present")

        with pytest.raises(DeviceUnreachable, match="not started"):
            await bench.charger.set_limit(10.0)

        assert (bench.twin.car.request_a, bench.offered_a()) == (10, 0.0)


async def test_stop_and_start_keep_their_distance() -> None:
    async with plugged(restart_gap_s=600.0) as bench:
        await bench.charger.set_limit(10.0)
        await bench.charger.set_limit(0.0)

        with pytest.raises(DeviceUnreachable, match="quick restarts"):
            await bench.charger.set_limit(10.0)

        assert bench.offered_a() == 0.0


async def test_a_full_car_is_told_its_cap_and_left_alone() -> None:
    async with plugged() as bench:
        bench.twin.car.soc_pct, bench.twin.car.enabled = 80.0, True
        await bench.heard.polled_anew()

        await bench.charger.set_limit(10.0)

        assert asked(bench, "charge_start") == 0
        assert (await bench.heard.polled_anew()).limit_a == 10.0


async def test_a_car_that_left_gets_a_low_cap_for_its_return() -> None:
    async with plugged() as bench:
        await bench.charger.set_limit(16.0)
        bench.unplug()
        await bench.heard.until(lambda state: not state.plug.car)

        await bench.charger.set_limit(0.0)

        assert bench.twin.car.request_a == 6
        assert (await bench.heard.polled_anew()).limit_a == 0.0


async def test_a_car_that_left_and_sleeps_holds_nothing_any_more() -> None:
    async with plugged() as bench:
        await bench.charger.set_limit(16.0)
        bench.unplug()
        await bench.heard.until(lambda state: not state.plug.car)
        bench.twin.car.sleep()
        await bench.heard.until(lambda state: state.limit_a is None)

        answered_mono_s = await bench.charger.set_limit(0.0)

        told = [state for state in bench.heard.states if state.limit_a == 0.0]
        assert told[-1].at_mono_s >= answered_mono_s
        assert asked(bench, "wake_up") == 0


async def test_a_car_that_charges_elsewhere_is_left_alone() -> None:
    async with parked(latitude_deg=48.1, longitude_deg=11.6) as bench:
        bench.plug_in()
        bench.draw((16.0, 16.0, 16.0))
        state = await bench.heard.polled_anew()
        with pytest.raises(DeviceRefused, match="not here"):
            await bench.charger.set_limit(8.0)
        await bench.charger.set_limit(0.0)

        assert (state.plug, state.draw_a) == (Plug.A, (0.0, 0.0, 0.0))
        assert asked(bench, *COMMANDS) == 0


async def test_below_five_amperes_takes_two_commands() -> None:
    async with plugged(wired=wired(2.0)) as bench:
        await bench.charger.set_limit(10.0)
        before = asked(bench, "set_charging_amps")

        await bench.charger.set_limit(2.0)

        assert bench.twin.car.request_a == 2
        assert asked(bench, "set_charging_amps") == before + 2


async def test_a_schedule_of_its_own_is_not_overridden() -> None:
    async with plugged() as bench:
        bench.twin.car.enabled, bench.twin.car.scheduled_min = True, 60
        state = await bench.heard.until(lambda state: bool(state.held))

        await bench.charger.set_limit(6.0)

        assert state.held == "schedule of its own"
        assert asked(bench, "charge_start") == 0


async def test_a_strange_state_is_tolerated_and_may_draw() -> None:
    async with plugged() as bench:
        bench.twin.car.confused = "Levitating"

        assert (await bench.heard.until(lambda state: state.plug is Plug.UNKNOWN)).plug.car


async def test_the_car_tells_its_state_of_charge() -> None:
    async with TeslaTwin() as twin:
        bench = TeslaBench(twin, charger_of(twin))
        told: list[VehicleState] = []
        bench.charger.on_vehicle = told.append
        twin.car.soc_pct = 62.0
        async with bench.running():
            await bench.heard.polled_anew(1)

        assert told[-1].soc_pct == 62.0


async def test_an_idle_car_is_looked_at_for_free() -> None:
    async with parked(poll_s=0.05, idle_poll_s=900.0) as bench:
        await bench.heard.polled_anew(1)
        for _ in range(5):
            await bench.until_asked()

        assert asked(bench, "vehicle_data") == 1


async def test_a_car_that_wakes_is_looked_at_at_once() -> None:
    async with parked(poll_s=0.05, idle_poll_s=900.0) as bench:
        await bench.heard.polled_anew(1)
        bench.twin.car.sleep()
        await bench.heard.until(lambda state: state.limit_a is None)

        bench.plug_in()

        await bench.heard.until(lambda state: state.plug.car)


async def test_a_month_that_is_spent_still_lets_cuts_out() -> None:
    async with plugged(**SLOW) as bench:
        await bench.charger.set_limit(16.0)
        spent = charger_of(bench.twin, budget_usd_per_month=0.0)

        with pytest.raises(DeviceRefused, match="spent"):
            await spent.set_limit(20.0)
        await spent.set_limit(0.0)

        assert bench.offered_a() == 0.0


async def test_one_cut_costs_one_command_and_one_question() -> None:
    async with plugged(**SLOW) as bench:
        await bench.charger.set_limit(16.0)
        before = len(bench.twin.calls)

        await bench.charger.set_limit(8.0)

        assert [call.name for call in list(bench.twin.calls)[before:]] == [
            "set_charging_amps",
            "vehicle_data",
        ]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Let a proxy sign its own; the key stands in the same file."""
    command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=proxy"
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "certificate.pem")]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([program("openssl"), *command.split(), *names, *files], check=True, capture_output=True)
    return tmp_path / "certificate.pem"


async def test_a_proxy_with_a_certificate_of_its_own_is_trusted_by_file(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, certificate.with_name("key.pem"))
    async with TeslaTwin("proxy", tls=tls) as twin:
        await charger_of(twin, ca_file=str(certificate)).set_limit(9.0)
        with pytest.raises(DeviceUnreachable):
            await charger_of(twin).set_limit(8.0)

        assert twin.car.request_a == 9


async def test_a_probe_wakes_nobody() -> None:
    async with TeslaTwin() as twin:
        twin.car.sleep()

        probe = await charger_of(twin).probe()

        assert "asleep" in probe.found
        assert not twin.car.is_online

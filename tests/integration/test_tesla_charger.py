"""What a Tesla in reach is told and tells: its cap, its plug, its person, its schedule."""

from dataclasses import replace

import pytest

from controller.domain.readings import Plug, VehicleState
from controller.domain.site import Site
from controller.errors import DeviceRefused, DeviceUnreachable
from simulator.chargers.tesla import TeslaTwin
from tests.contracts.bench import CHARGER, ROTATED, site
from tests.contracts.tesla_bench import TeslaBench, charger_of
from tests.integration.tesla_cars import COMMANDS, SLOW, asked, parked, plugged


def wired(min_a: float) -> Site:
    known = site(ROTATED)
    return replace(known, chargers=(replace(known.charger[CHARGER], min_a=min_a),))


async def test_a_person_who_stops_it_between_two_looks_is_not_overruled() -> None:
    async with plugged(**SLOW) as bench:
        await bench.charger.set_limit(10.0)
        bench.person_pauses()
        await bench.charger.set_limit(16.0)

        assert bench.offered_a() == 0.0
        assert asked(bench, "charge_start") == 1


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


async def test_one_cut_costs_one_command_and_one_question() -> None:
    async with plugged(**SLOW) as bench:
        await bench.charger.set_limit(16.0)
        before = len(bench.twin.calls)

        await bench.charger.set_limit(8.0)

        assert [call.name for call in list(bench.twin.calls)[before:]] == [
            "set_charging_amps",
            "vehicle_data",
        ]

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from controller.domain.readings import Plug
from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable
from controller.system_clock import SystemClock
from simulator.chargers.lektrico import LektricoTwin
from simulator.chargers.lektrico_faults import Faults
from simulator.chargers.lektrico_schedule import Interval
from simulator.clock import ScaledClock
from tests.contracts.lektrico_bench import LektricoBench, charger_of

MONDAY_NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

EM = frozenset({"em_current.set", "em_current.get", "em_status.get"})


@asynccontextmanager
async def house(
    model: str = "3p22k",
    faults: Faults | None = None,
    speed: float = 1.0,
    **own: Any,  # noqa: ANN401 - settings of the adapter
) -> AsyncIterator[LektricoBench]:
    clock = ScaledClock(SystemClock(), speed=speed, starts=MONDAY_NOON)
    async with LektricoTwin(model, clock=clock) as twin:
        twin.faults = faults or Faults()
        bench = LektricoBench(twin, charger_of(twin, clock, **own), clock)
        async with bench.running():
            yield bench


@pytest.mark.parametrize("with_code", [True, False])
async def test_firmware_without_em_current_is_limited_by_dynamic_current(*, with_code: bool) -> None:
    async with house(faults=Faults(absent=EM, absent_with_code=with_code)) as bench:
        await bench.charger.set_limit(9.0)

        state = await bench.heard.polled_anew()

        assert bench.twin.device.dynamic_a == 9
        assert state.limit_a == 9.0


async def test_a_charger_that_does_not_keep_em_current_is_limited_by_dynamic_current() -> None:
    async with house(faults=Faults(em_ignored=True)) as bench:
        await bench.charger.set_limit(9.0)

        await bench.heard.until(lambda state: state.limit_a == 9.0)

        assert bench.twin.device.dynamic_a == 9


async def test_a_configured_knob_is_never_left() -> None:
    async with house(faults=Faults(absent=EM), knob="em_current") as bench:
        with pytest.raises(DeviceRefused):
            await bench.charger.set_limit(9.0)

        assert bench.twin.device.dynamic_a == 32


async def test_firmware_that_hides_em_current_among_the_limits_is_asked_for_it() -> None:
    async with house(faults=Faults(hidden_keys=frozenset({"em_current"}))) as bench:
        await bench.charger.set_limit(9.0)

        assert (await bench.heard.polled_anew()).limit_a == 9.0


async def test_old_firmware_without_system_currents_is_read_all_the_same() -> None:
    gone = Faults(absent=frozenset({"system_currents.get", "device_info.get"}))
    async with house(faults=gone) as bench:
        await bench.charger.set_limit(9.0)

        state = await bench.heard.polled_anew()

        assert (state.limit_a, state.ceiling_by) == (9.0, "install current")


async def test_one_limit_costs_one_write_and_one_question() -> None:
    async with LektricoTwin() as twin:
        charger = charger_of(twin, wire_form="post")

        await charger.set_limit(9.0)

        assert [call.method for call in twin.calls] == ["EM_current.Set", "EM_current.Get"]


async def test_a_lower_limit_of_the_user_is_the_ceiling() -> None:
    async with house() as bench:
        bench.twin.device.config["user_current"] = 8
        await bench.charger.set_limit(16.0)

        state = await bench.heard.polled_anew()

        assert (state.limit_a, state.ceiling_a, state.ceiling_by) == (16.0, 8.0, "user current")


async def test_a_single_phase_charger_draws_on_the_phase_it_names() -> None:
    async with house(model="1p7k", phases=(1, 2, 3)) as bench:
        await bench.heard.polled_anew(1)
        bench.twin.device.config["connected_phase"] = 2
        await bench.vanish()
        await bench.until_lost()
        await bench.come_back()
        bench.plug_in()
        bench.draw((10.0, 0.0, 0.0))

        await bench.heard.until(lambda state: state.draw_a == (0.0, 10.0, 0.0))


async def test_a_single_phase_charger_that_names_no_phase_loads_all_three() -> None:
    async with house(model="1p7k", phases=(1, 2, 3)) as bench:
        bench.plug_in()
        bench.draw((10.0, 0.0, 0.0))

        await bench.heard.until(lambda state: state.draw_a == (10.0, 10.0, 10.0))


async def test_active_errors_are_named() -> None:
    async with house() as bench:
        bench.twin.device.fail("rcd_error", "overtemp")

        state = await bench.heard.until(lambda state: bool(state.held))

        assert (state.plug, state.held) == (Plug.E, "error overtemp, rcd_error")


async def test_a_scheduled_pause_is_no_persons() -> None:
    noon = Interval(start_d=1, start_h=11, start_m=0, end_d=1, end_h=13, end_m=0, current=0)
    async with house() as bench:
        bench.plug_in()
        bench.twin.device.schedule = (noon,)
        bench.twin.device.config["charging_schedule_enabled"] = True

        state = await bench.heard.until(lambda state: bool(state.held))

        assert state.held == "schedule of its own"


async def test_a_limit_is_repeated_once_the_charger_counted_us_as_offline() -> None:
    async with house(speed=20.0, poll_s=2.0, settle_s=2.0, resume_s=2.0) as bench:
        bench.plug_in()
        await bench.charger.set_limit(16.0)
        bench.twin.device.em_timeout_s = 25.0
        await bench.twin.until_called("em_current.set")  # at once
        bench.twin.calls.clear()
        await bench.twin.until_called("em_current.set")  # and from then on in a rhythm

        assert not bench.twin.device.em_offline
        assert bench.twin.device.em_a == 16


async def test_nothing_is_repeated_over_a_persons_pause() -> None:
    async with house(speed=20.0, poll_s=2.0, settle_s=2.0, resume_s=2.0) as bench:
        bench.plug_in()
        await bench.charger.set_limit(16.0)
        bench.person_pauses()
        await bench.heard.until(lambda state: "person" in state.held)
        bench.twin.calls.clear()
        bench.twin.device.em_timeout_s = 0.0

        await bench.heard.polled_anew(20)

        assert "EM_current.Set" not in [call.method for call in bench.twin.calls]


async def test_cuts_go_out_over_a_persons_pause() -> None:
    async with house() as bench:
        bench.plug_in()
        await bench.charger.set_limit(16.0)
        bench.person_pauses()
        await bench.heard.until(lambda state: "person" in state.held)

        for limit_a in (6.0, 0.0, 0.0):
            await bench.charger.set_limit(limit_a)

        assert bench.holds_a() == 0.0


async def test_a_person_who_resumes_is_believed() -> None:
    async with house() as bench:
        bench.plug_in()
        await bench.charger.set_limit(10.0)
        bench.person_pauses()
        await bench.heard.until(lambda state: "person" in state.held)

        await bench.charger.commands["charge_resume"].call()
        await bench.heard.until(lambda state: not state.held)
        await bench.charger.set_limit(16.0)

        assert bench.offered_a() == 16.0


async def test_a_probe_warns_of_what_would_fight_the_controller() -> None:
    async with house(model="1p7k", phases=(1,)) as bench:
        bench.twin.device.config |= {"em_id": "m2w_81_1", "connected_phase": 2}
        bench.twin.device.fail("overtemp")

        probe = await bench.charger.probe()

        assert probe.found == "Lektri.co 1p7k_500006"
        assert probe.control_path == "em_current over wire form post"
        said = "; ".join(probe.warnings)
        assert "em_id" in said
        assert "overtemp" in said
        assert "L2" in said


async def test_a_login_that_is_refused_changes_nothing() -> None:
    async with house(faults=Faults(login=("me", "hush-hush", "basic"))) as bench:
        await bench.until_lost()

        with pytest.raises(DeviceRefused):
            await bench.charger.set_limit(9.0)

        assert bench.holds_a() == 32.0


async def test_a_poll_that_a_limit_overtook_is_not_published_after_it() -> None:
    slow = Faults(only=frozenset({"charger_info.get"}), delay_s=0.05, hidden_keys=frozenset({"em_current"}))
    async with house(faults=slow, give_way_s=5.0) as bench:
        for limit_a in (8.0, 10.0, 12.0):
            await bench.twin.until_called("charger_info.get")
            await bench.charger.set_limit(limit_a)  # between two questions of the same poll
        await bench.heard.polled_anew()

        instants = [state.at_mono_s for state in bench.heard.states]
        assert instants == sorted(instants)


async def test_firmware_that_speaks_otherwise_after_an_update_is_understood_again() -> None:
    async with house(faults=Faults(forms={"post"})) as bench:
        await bench.heard.polled_anew(1)
        bench.twin.faults.forms = {"frame"}
        await bench.until_lost()

        await bench.heard.polled_anew()


async def test_a_limit_is_not_repeated_after_one_whose_fate_is_unknown() -> None:
    async with house(speed=20.0, poll_s=2.0, settle_s=2.0, resume_s=2.0) as bench:
        await bench.charger.set_limit(16.0)
        bench.lose_answers()
        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(6.0)
        bench.heal()
        bench.twin.calls.clear()
        bench.twin.device.em_timeout_s = 0.0

        await bench.heard.polled_anew(5)

        assert "EM_current.Set" not in [call.method for call in bench.twin.calls]


async def test_a_connection_that_broke_costs_no_limit() -> None:
    async with LektricoTwin() as twin:
        charger = charger_of(twin, wire_form="post")
        twin.faults.resets_left = 1

        await charger.set_limit(9.0)

        assert twin.device.em_a == 9


async def test_a_question_that_broke_is_asked_again_before_the_charger_is_lost() -> None:
    async with house() as bench:
        await bench.heard.polled_anew(1)
        bench.twin.faults.resets_left = 1

        await bench.heard.polled_anew(3)

        assert bench.lost == []


@pytest.mark.parametrize("body", [b"null", b'"ok"', b"1", b"{}"])
async def test_an_answer_that_is_not_true_may_mean_anything(body: bytes) -> None:
    async with LektricoTwin() as twin:
        twin.faults.body = body

        with pytest.raises(DeviceNonsense):
            await charger_of(twin, wire_form="post").set_limit(9.0)

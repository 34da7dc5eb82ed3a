"""What every charger has to answer, whatever its maker."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress

import pytest

from controller.domain.readings import Plug
from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable
from tests.contracts.bench import Bench

OpenBench = Callable[[], AbstractAsyncContextManager[Bench]]


async def test_an_empty_plug_is_told(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        state = await bench.heard.polled_anew(1)

        assert state.plug is Plug.A


async def test_a_car_is_seen_when_it_comes_and_when_it_goes(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        bench.plug_in()
        there = await bench.heard.until(lambda state: state.plug.car)
        bench.unplug()
        gone = await bench.heard.until(lambda state: not state.plug.car)

        assert (there.plug, gone.plug) == (Plug.B, Plug.A)


async def test_every_session_has_its_own_name(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        bench.plug_in()
        first = await bench.heard.until(lambda state: state.plug.car)
        bench.unplug()
        await bench.heard.until(lambda state: not state.plug.car)
        bench.plug_in()
        second = await bench.heard.until(lambda state: state.plug.car)

        assert first.session_id != second.session_id


async def test_draws_are_told_in_grid_phases(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        bench.plug_in()
        bench.draw((10.0, 11.0, 12.0))

        state = await bench.heard.until(lambda state: state.plug is Plug.C)

        assert state.draw_a == bench.tells_draw_a((10.0, 11.0, 12.0))


async def test_a_draw_that_is_not_told_is_not_zero(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        bench.plug_in()
        await bench.heard.until(lambda state: state.plug.car)
        bench.hide_draw()

        state = await bench.heard.until(lambda state: not state.draws)

        assert state.draw_a is None


async def test_a_limit_is_taken(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.heard.polled_anew(1)

        await bench.charger.set_limit(13.0)

        assert bench.holds_a() == 13.0


async def test_the_read_back_of_a_limit_is_not_older_than_its_answer(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.heard.polled_anew(1)

        answered_mono_s = await bench.charger.set_limit(13.0)

        read_back = await bench.heard.until(lambda state: state.limit_a == 13.0)
        assert read_back.at_mono_s >= answered_mono_s


async def test_the_lowest_limit_is_taken_and_a_later_one_resumes(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        bench.plug_in()
        await bench.heard.until(lambda state: state.plug.car)

        await bench.charger.set_limit(bench.lowest_a)
        lowest_a = bench.offered_a()
        await bench.charger.set_limit(10.0)

        assert (lowest_a, bench.offered_a()) == (bench.lowest_a, 10.0)


async def test_a_charger_that_knows_no_pause_is_never_told_one(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        bench.plug_in()
        await bench.heard.until(lambda state: state.plug.car)
        await bench.charger.set_limit(10.0)

        with suppress(DeviceRefused):
            await bench.charger.set_limit(0.0)

        assert bench.holds_a() == (10.0 if bench.lowest_a > 0.0 else 0.0)


@pytest.mark.parametrize("limit_a", [-1.0, 1.0, 5.0, 5.9, 10.5, 33.0, float("nan"), float("inf")])
async def test_what_no_charger_can_hold_is_refused_unsent(open_bench: OpenBench, limit_a: float) -> None:
    async with open_bench() as bench:
        await bench.heard.polled_anew(1)
        before_a = bench.holds_a()

        with pytest.raises(DeviceRefused):
            await bench.charger.set_limit(limit_a)

        assert bench.holds_a() == before_a


async def test_of_limits_sent_at_once_the_last_stands(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.heard.polled_anew(1)

        async with asyncio.TaskGroup() as group:
            for limit_a in (16.0, 8.0, 12.0):
                group.create_task(bench.charger.set_limit(limit_a))

        assert bench.holds_a() == 12.0
        await bench.heard.polled_anew()
        await bench.heard.until(lambda state: state.limit_a == 12.0)


async def test_a_refused_limit_changes_nothing_and_is_said(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.charger.set_limit(16.0)
        bench.refuse_limits()

        with pytest.raises(DeviceRefused):
            await bench.charger.set_limit(8.0)

        assert bench.holds_a() == 16.0
        await bench.heard.polled_anew()
        await bench.heard.until(lambda state: state.limit_a == 16.0)


async def test_a_lost_answer_is_no_refusal_and_the_truth_is_read_back(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.charger.set_limit(16.0)
        bench.lose_answers()

        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(8.0)

        await bench.heard.polled_anew()
        await bench.heard.until(lambda state: state.limit_a == 8.0)
        assert bench.holds_a() == 8.0


async def test_a_limit_to_a_silent_charger_says_so_in_time(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.heard.polled_anew(1)
        bench.hang()

        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(8.0)


async def test_nonsense_may_have_been_taken(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.heard.polled_anew(1)
        bench.talk_nonsense()

        with pytest.raises(DeviceNonsense):
            await bench.charger.set_limit(8.0)


@pytest.mark.parametrize("fault", ["hang", "talk_nonsense"])
async def test_a_charger_that_makes_no_sense_is_lost_and_found_again(
    open_bench: OpenBench, fault: str
) -> None:
    async with open_bench() as bench:
        await bench.heard.polled_anew(1)
        getattr(bench, fault)()
        why = await bench.until_lost()
        silent_since = len(bench.heard.states)
        bench.heal()
        state = await bench.heard.polled_anew()

        assert why
        assert state.plug is Plug.A
        assert len(bench.heard.states) > silent_since


async def test_a_charger_without_power_is_lost_and_found_again(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.charger.set_limit(16.0)
        await bench.heard.polled_anew(1)
        await bench.vanish()
        await bench.until_lost()
        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(8.0)
        await bench.come_back()

        await bench.heard.polled_anew()
        await bench.heard.until(lambda state: state.limit_a == bench.holds_a())


async def test_a_late_answer_is_an_answer(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.heard.polled_anew(1)
        bench.answer_late(0.1)

        answered_mono_s = await bench.charger.set_limit(9.0)

        state = await bench.heard.until(lambda state: state.limit_a == 9.0)
        assert state.at_mono_s >= answered_mono_s


async def test_a_limit_does_not_wait_for_a_question_that_hangs(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.heard.polled_anew(1)
        bench.hang_on_questions()
        await bench.until_asked()

        await bench.charger.set_limit(7.0)

        assert bench.holds_a() == 7.0


async def test_what_another_controller_writes_is_seen(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.charger.set_limit(10.0)
        await bench.heard.polled_anew(1)

        bench.other_writes(20)

        await bench.heard.until(lambda state: state.limit_a == 20.0)


async def test_a_restart_that_lifts_the_limit_is_seen(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.charger.set_limit(10.0)
        await bench.vanish()
        await bench.come_back()

        state = await bench.heard.until(lambda state: state.limit_a not in (10.0, None))

        assert state.limit_a is not None
        assert state.limit_a > 10.0


async def test_a_persons_pause_is_told_and_not_ended_by_a_raise(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        bench.plug_in()
        await bench.charger.set_limit(10.0)
        bench.person_pauses()
        state = await bench.heard.until(lambda state: bool(state.held))

        with nullcontext() if bench.pause_survives_raises else pytest.raises(DeviceRefused, match="person"):
            await bench.charger.set_limit(16.0)

        assert bench.pause_survives_raises or "person" in state.held
        assert bench.offered_a() == 0.0


async def test_time_never_runs_backward(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        for limit_a in (8.0, 10.0, 12.0, 14.0, bench.lowest_a):
            await bench.charger.set_limit(limit_a)
            await bench.heard.polled_anew(1)

        instants = [state.at_mono_s for state in bench.heard.states]
        assert instants == sorted(instants)


async def test_a_probe_says_who_is_there_and_what_happens_without_us(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        probe = await bench.charger.probe()

        assert probe.found
        assert probe.version
        assert probe.control_path
        assert probe.without_us


async def test_every_command_says_what_it_does(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        assert all(command.says for command in bench.charger.commands.values())
        assert all(argument.says for c in bench.charger.commands.values() for argument in c.arguments)


async def test_a_limit_can_be_written_before_anything_was_polled(open_bench: OpenBench) -> None:
    async with open_bench() as bench:
        await bench.charger.set_limit(11.0)

        assert bench.holds_a() == 11.0

"""The loop: when it ticks, and what leaves when."""

from controller.domain.readings import Outcome
from controller.policy_files import document, load
from tests.fakes.rig import GRID, LEFT, RIGHT, Rig


async def test_every_fresh_sample_brings_a_tick_within_a_twentieth_of_a_second() -> None:
    rig = Rig()
    async with rig.running():
        await rig.clock.advance(0.3)
        arrived_s = rig.clock.mono_s()

        rig.meter.measure(3.0)
        await rig.clock.advance(1.0)

        seen = [snapshot for snapshot, _ in rig.journal.ticks if GRID in snapshot.meters]
        assert seen[0].mono_s <= arrived_s + 0.05


async def test_a_burst_of_samples_shares_a_tick() -> None:
    rig = Rig()
    async with rig.running():
        await rig.clock.advance(0.3)
        before = len(rig.journal.ticks)

        for current_a in range(20):
            rig.meter.measure(float(current_a))
        await rig.clock.advance(0.1)

        assert len(rig.journal.ticks) <= before + 2


async def test_without_any_sample_ages_are_judged_every_second() -> None:
    rig = Rig()
    async with rig.running():
        await rig.clock.advance(0.3)
        before = len(rig.journal.ticks)

        await rig.clock.advance(10.0)

        assert before + 9 <= len(rig.journal.ticks) <= before + 11


async def test_cars_get_their_shares() -> None:
    rig = Rig()
    async with rig.running():
        await rig.charging()

        assert (rig.left.limit_a, rig.right.limit_a) == (12.0, 11.0)


async def test_a_device_that_does_not_answer_delays_no_other() -> None:
    rig = Rig()
    async with rig.running():
        await rig.charging()
        rig.left.answers.clear()
        rig.left.draw_a = rig.right.draw_a = 11.0

        await rig.live(1, 60.0)

        assert rig.left.told_a[-1] == 0.0
        assert rig.right.limit_a == 0.0


async def test_cuts_leave_while_a_raise_waits_for_its_record() -> None:
    rig = Rig()
    async with rig.running():
        await rig.charging()
        rig.right.plug = rig.right.plug.A
        await rig.live(15, 2.0)
        told = len(rig.left.told_a)
        rig.journal.writes.clear()
        rig.right.plug = rig.right.plug.C
        await rig.live(15, 2.0)
        assert rig.right.limit_a == 0.0

        rig.left.draw_a = rig.left.limit_a
        await rig.live(1, 35.0)

        assert rig.left.told_a[told:]
        assert rig.left.limit_a < 11.0


async def test_a_cut_waits_for_no_raise_that_hangs_at_its_device() -> None:
    rig = Rig()
    async with rig.running():
        rig.right.plug = rig.right.plug.A
        rig.left.answers.clear()
        await rig.live(3, 2.0)
        assert rig.left.told_a == [16.0]

        rig.left.draw_a = 16.0
        await rig.live(1, 35.0)

        assert rig.left.told_a == [16.0, 6.0]
        assert rig.decision.chargers[LEFT].promise_a == 16.0


async def test_a_raise_leaves_only_after_its_promise_is_on_record() -> None:
    rig = Rig()
    rig.journal.writes.clear()
    async with rig.running():
        await rig.live(5, 2.0)
        assert rig.left.told_a == []

        rig.journal.writes.set()
        await rig.clock.advance(0.1)

        assert rig.left.told_a
        assert rig.journal.promises[LEFT].promise_a >= rig.left.told_a[-1]


async def test_a_raise_whose_promise_cannot_be_recorded_is_not_sent_and_says_so() -> None:
    rig = Rig()
    rig.journal.failure = "disk full"
    async with rig.running():
        await rig.live(3, 2.0)

        answers = [answer for snapshot, _ in rig.journal.ticks for answer in snapshot.answers]
        assert answers
        assert {answer.outcome for answer in answers} == {Outcome.NOT_SENT}
        assert "disk full" in answers[0].detail
        assert rig.left.told_a == rig.right.told_a == []


async def test_cuts_go_on_while_nothing_can_be_recorded() -> None:
    rig = Rig()
    async with rig.running():
        await rig.charging()
        rig.journal.recording, rig.journal.failure = False, "disk full"
        rig.left.draw_a = rig.right.draw_a = 11.0

        await rig.live(2, 60.0)

        assert rig.left.limit_a == rig.right.limit_a == 0.0


async def test_without_a_journal_nothing_rises() -> None:
    rig = Rig()
    rig.journal.recording = False
    async with rig.running():
        await rig.live(20, 2.0)

        assert rig.left.told_a == rig.right.told_a == []


async def test_it_heals_with_the_journal() -> None:
    rig = Rig()
    rig.journal.recording, rig.journal.failure = False, "disk full"
    async with rig.running():
        await rig.live(20, 2.0)

        rig.journal.recording, rig.journal.failure = True, ""
        await rig.live(40, 2.0)

        assert (rig.left.limit_a, rig.right.limit_a) == (12.0, 11.0)


async def test_policies_change_between_ticks_and_the_journal_learns_them() -> None:
    rig = Rig()
    slower = load(None)
    async with rig.running():
        await rig.live(2, 2.0)

        rig.loop.use(slower)
        await rig.live(1, 2.0)

    assert rig.journal.policies == [document(load(None)), document(slower)]


async def test_an_hour_leaves_nothing_behind_that_grows() -> None:
    rig = Rig()
    async with rig.running():
        await rig.live(60, 2.0)
        before = _sizes(rig)
        await rig.live(600, 2.0)

        assert _sizes(rig) == before


def _sizes(rig: Rig) -> tuple[int, ...]:
    memory = rig.board.memory
    return (
        len(rig.board.chargers[LEFT].draws),
        len(rig.board.take_answers()),
        len(memory.chargers[RIGHT].promise.in_flight),
        len(memory.circuits[rig.site.circuits[0].id].seen),
        len(memory.policies),
    )

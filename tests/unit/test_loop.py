"""The loop: when it ticks, what leaves when, and how it ends."""

import pytest

from controller.domain.modes import Mode, Policies
from controller.domain.readings import Outcome
from controller.domain.snapshot import Snapshot
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion, PolicyMemory
from controller.domain.writes import Decision, Kind, Write
from controller.policy_files import document, load
from tests.fakes.rig import GRID, LEFT, RIGHT, Rig


class _Faulty:
    """A policy with a bug that strikes when a test wants it."""

    name, parameters, says = "faulty", (), "breaks"
    strikes = False

    def judge(self, view: View, members: tuple[Member, ...], memory: PolicyMemory) -> Opinion:
        """Have no opinion, or break."""
        del view, members, memory
        if self.strikes:
            raise ZeroDivisionError
        return Opinion()


def _broken(_: Snapshot, __: Decision) -> None:
    raise ZeroDivisionError


async def _charging(rig: Rig) -> None:
    """Bring both chargers to their share."""
    await rig.live(30, 2.0)
    assert rig.left.limit_a > 0
    assert rig.right.limit_a > 0


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
        await _charging(rig)

        assert (rig.left.limit_a, rig.right.limit_a) == (12.0, 11.0)


async def test_a_device_that_does_not_answer_delays_no_other() -> None:
    rig = Rig()
    async with rig.running():
        await _charging(rig)
        rig.left.answers.clear()
        rig.left.draw_a = rig.right.draw_a = 11.0

        await rig.live(1, 60.0)

        assert rig.left.told_a[-1] == 0.0
        assert rig.right.limit_a == 0.0


async def test_cuts_leave_while_a_raise_waits_for_its_record() -> None:
    rig = Rig()
    async with rig.running():
        await _charging(rig)
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
        await _charging(rig)
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


async def test_leaving_lowers_what_is_not_safe_alone() -> None:
    rig = Rig(worst_a=25.0)
    async with rig.running():
        await _charging(rig)

        rig.loop.stop()
        await rig.clock.advance(2.0)

        assert rig.left.limit_a == rig.right.limit_a == 0.0
        assert rig.ended == [None]


async def test_leaving_keeps_what_is_safe_alone() -> None:
    rig = Rig(worst_a=9.0)
    async with rig.running():
        await rig.live(30, 9.0)
        held_a = rig.left.limit_a, rig.right.limit_a
        assert held_a == (8.0, 8.0)

        rig.loop.stop()
        await rig.clock.advance(2.0)

        assert (rig.left.limit_a, rig.right.limit_a) == held_a


async def test_leaving_raises_nothing_even_while_a_raise_waits_for_its_record() -> None:
    rig = Rig(worst_a=9.0)
    async with rig.running():
        rig.journal.writes.clear()
        await rig.live(5, 2.0)
        assert any(write.kind is Kind.RAISE for _, decision in rig.journal.ticks for write in decision.writes)

        rig.loop.stop()
        await rig.clock.advance(2.0)

        assert rig.left.told_a == rig.right.told_a == []
        assert rig.ended == [None]


async def test_leaving_raises_nothing_that_waits_behind_a_slow_device() -> None:
    rig = Rig(worst_a=9.0)
    async with rig.running():
        await rig.live(30, 9.0)
        rig.left.answers.clear()
        rig.hands[LEFT].take(_write(1000, 6.0, Kind.CUT))
        await rig.clock.settle()
        rig.hands[LEFT].take(_write(1001, 16.0, Kind.RAISE))

        rig.loop.stop()
        await rig.clock.advance(0.5)
        rig.left.answers.set()
        await rig.clock.advance(3.0)

        assert 16.0 not in rig.left.told_a


async def test_leaving_waits_for_the_last_answers_but_not_for_ever() -> None:
    rig = Rig()
    async with rig.running():
        await _charging(rig)
        rig.left.answers.clear()

        rig.loop.stop()
        await rig.clock.advance(5.0)
        assert rig.ended == []

        await rig.clock.advance(5.0)
        assert rig.ended == [None]


async def test_making_way_for_another_configuration_writes_nothing() -> None:
    rig = Rig()
    async with rig.running():
        await _charging(rig)
        told = len(rig.left.told_a), len(rig.right.told_a)

        rig.loop.stop(farewell=False)
        await rig.clock.advance(2.0)

        assert (len(rig.left.told_a), len(rig.right.told_a)) == told
        assert rig.ended == [None]


async def test_making_way_answers_what_has_not_left_yet() -> None:
    rig = Rig()
    async with rig.running():
        await _charging(rig)
        rig.left.answers.clear()
        rig.hands[LEFT].take(_write(1000, 6.0, Kind.CUT))
        await rig.clock.settle()
        rig.hands[LEFT].take(_write(1001, 7.0, Kind.CUT))

        rig.loop.stop(farewell=False)
        await rig.clock.advance(2.0)

        (answer,) = rig.board.take_answers()
        assert (answer.write, answer.outcome) == (1001, Outcome.NOT_SENT)


async def test_a_fault_in_a_policy_writes_safe_currents_and_ends_the_loop() -> None:
    policies, faulty = _with_fault()
    rig = Rig(policies, worst_a=5.0)
    async with rig.running():
        await _charging(rig)

        faulty.strikes = True
        await rig.live(2, 2.0)

        assert rig.left.limit_a == rig.right.limit_a == 0.0
        (fault,) = rig.ended
        assert isinstance(fault, ExceptionGroup)
        assert fault.subgroup(ZeroDivisionError) is not None


async def test_a_fault_of_the_decision_itself_writes_safe_currents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("bug")

    rig = Rig()
    async with rig.running():
        await _charging(rig)

        # The ledger's own code is what breaks: the last writes must not need it.
        monkeypatch.setattr("controller.domain.cases.aged", broken)
        await rig.live(2, 2.0)

        assert rig.left.limit_a == rig.right.limit_a == 0.0
        assert rig.ended[0] is not None


async def test_a_fault_says_where_it_is(caplog: pytest.LogCaptureFixture) -> None:
    policies, faulty = _with_fault()
    rig = Rig(policies)
    async with rig.running():
        faulty.strikes = True
        await rig.live(2, 2.0)

    (record,) = [record for record in caplog.records if record.levelname == "CRITICAL"]
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


async def test_a_fault_beside_the_decision_ends_with_the_ordinary_farewell() -> None:
    rig = Rig(worst_a=9.0)
    async with rig.running():
        await rig.live(30, 9.0)

        rig.loop.listeners.append(_broken)
        await rig.live(2, 9.0)

        assert rig.left.limit_a == rig.right.limit_a == 8.0
        assert rig.ended[0] is not None


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


def _write(number: int, limit_a: float, kind: Kind) -> Write:
    return Write(number=number, charger=LEFT, limit_a=limit_a, kind=kind, promise_a=limit_a)


def _with_fault() -> tuple[Policies, _Faulty]:
    faulty = _Faulty()
    mode = Mode(name="fast", stack=("faulty",), settings={})
    return Policies(modes={"fast": mode}, registry={"faulty": faulty}), faulty  # type: ignore[dict-item] # as much of a policy as is asked

"""How the loop ends: the farewell, another configuration, a fault of our own (H14)."""

import pytest

from controller.domain.modes import Mode, Policies
from controller.domain.readings import Outcome
from controller.domain.snapshot import Snapshot
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion, PolicyMemory
from controller.domain.writes import Decision, Kind, Write
from tests.fakes.rig import LEFT, Rig


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


async def test_leaving_lowers_what_is_not_safe_alone() -> None:
    rig = Rig(worst_a=25.0)
    async with rig.running():
        await rig.charging()

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
        await rig.charging()
        rig.left.answers.clear()

        rig.loop.stop()
        await rig.clock.advance(5.0)
        assert rig.ended == []

        await rig.clock.advance(5.0)
        assert rig.ended == [None]


async def test_making_way_for_another_configuration_writes_nothing() -> None:
    rig = Rig()
    async with rig.running():
        await rig.charging()
        told = len(rig.left.told_a), len(rig.right.told_a)

        rig.loop.stop(farewell=False)
        await rig.clock.advance(2.0)

        assert (len(rig.left.told_a), len(rig.right.told_a)) == told
        assert rig.ended == [None]


async def test_making_way_answers_what_has_not_left_yet() -> None:
    rig = Rig()
    async with rig.running():
        await rig.charging()
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
        await rig.charging()

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
        await rig.charging()

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


def _with_fault() -> tuple[Policies, _Faulty]:
    faulty = _Faulty()
    mode = Mode(name="fast", stack=("faulty",), settings={})
    return Policies(modes={"fast": mode}, registry={"faulty": faulty}), faulty  # type: ignore[dict-item] # as much of a policy as is asked


def _write(number: int, limit_a: float, kind: Kind) -> Write:
    return Write(number=number, charger=LEFT, limit_a=limit_a, kind=kind, promise_a=limit_a)

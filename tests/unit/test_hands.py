"""Hands: one device, one write at a time, the latest only, every end told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from controller.domain.readings import Answer, Outcome
from controller.domain.site import Abilities, Limiter
from controller.domain.writes import Kind, Write
from controller.errors import CredentialsError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from controller.hands import Hand, Patience
from tests.fakes.clock import FakeClock
from tests.fakes.devices import FakeCharger
from tests.fakes.rig import LEFT


class _Bench:
    def __init__(self, alone_s: float = 40.0, cut_s: float = 40.0) -> None:
        self.clock = FakeClock()
        self.charger = FakeCharger("left", self.clock)
        self.answers: list[Answer] = []
        patience = Patience(alone_s=alone_s, cut_s=cut_s)
        self.hand = Hand("left", self._send, self.answers.append, self.clock, patience)

    async def _send(self, write: Write) -> float:
        return await self.charger.set_limit(write.limit_a)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.hand.run())
            yield task
            task.cancel()

    @property
    def ends(self) -> list[tuple[int, Outcome]]:
        return [(answer.write, answer.outcome) for answer in self.answers]


def _write(number: int, limit_a: float = 6.0, kind: Kind = Kind.CUT) -> Write:
    return Write(number=number, charger=LEFT, limit_a=limit_a, kind=kind, promise_a=limit_a)


async def test_a_write_that_the_device_took_is_answered_with_its_instant() -> None:
    bench = _Bench()
    async with bench.running():
        bench.hand.take(_write(1))
        await bench.clock.settle()

    assert bench.charger.told_a == [6.0]
    assert bench.answers == [Answer(write=1, outcome=Outcome.DELIVERED, at_mono_s=1000.0)]


async def test_a_newer_write_replaces_one_that_has_not_left() -> None:
    bench = _Bench()
    bench.charger.answers.clear()
    async with bench.running():
        for number, limit_a in enumerate((16.0, 10.0, 6.0), start=1):
            bench.hand.take(_write(number, limit_a))
            await bench.clock.settle()
        bench.charger.answers.set()
        await bench.clock.settle()

    assert bench.charger.told_a == [16.0, 6.0]
    assert bench.ends == [(2, Outcome.NOT_SENT), (1, Outcome.DELIVERED), (3, Outcome.DELIVERED)]


async def test_a_raise_that_was_recorded_late_never_overtakes_a_newer_cut() -> None:
    bench = _Bench()
    async with bench.running():
        bench.hand.take(_write(2, 6.0))
        await bench.clock.settle()

        bench.hand.take(_write(1, 16.0, Kind.RAISE))
        await bench.clock.settle()

    assert bench.charger.told_a == [6.0]
    assert (1, Outcome.NOT_SENT) in bench.ends


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (DeviceRefused("no", -4), Outcome.REFUSED),
        (DeviceUnreachable("no answer"), Outcome.UNKNOWN),
        (DeviceNonsense("what?"), Outcome.UNKNOWN),
        (CredentialsError("who?"), Outcome.UNKNOWN),
    ],
)
async def test_only_a_clear_no_counts_as_nothing_changed(error: Exception, outcome: Outcome) -> None:
    bench = _Bench()
    bench.charger.refuses = error
    async with bench.running():
        bench.hand.take(_write(1))
        await bench.clock.settle()

    assert bench.ends == [(1, outcome)]
    assert str(error) in bench.answers[0].detail


async def test_it_goes_on_after_a_failure() -> None:
    bench = _Bench()
    bench.charger.refuses = DeviceUnreachable("no answer")
    async with bench.running():
        bench.hand.take(_write(1))
        await bench.clock.settle()
        bench.charger.refuses = None

        bench.hand.take(_write(2))
        await bench.clock.settle()

    assert bench.ends == [(1, Outcome.UNKNOWN), (2, Outcome.DELIVERED)]


async def test_a_device_that_never_answers_is_given_up() -> None:
    bench = _Bench(alone_s=0.0)
    bench.charger.answers.clear()
    async with bench.running():
        bench.hand.take(_write(1))
        await bench.clock.settle()

    assert bench.ends == [(1, Outcome.UNKNOWN)]
    assert bench.hand.idle


@pytest.mark.parametrize("kind", [Kind.RAISE, Kind.REPEAT])
@pytest.mark.parametrize("cut", [Kind.URGENT, Kind.CUT])
async def test_whatever_is_no_cut_makes_way_for_one_at_once_and_may_still_arrive(
    kind: Kind, cut: Kind
) -> None:
    bench = _Bench()
    bench.charger.answers.clear()
    async with bench.running():
        bench.hand.take(_write(1, 16.0, kind))
        await bench.clock.settle()

        bench.hand.take(_write(2, 6.0, cut))
        await bench.clock.settle()

    assert bench.charger.told_a == [16.0, 6.0]
    assert bench.ends[0] == (1, Outcome.UNKNOWN)
    assert bench.answers[0].detail == "made way for a cut"


@pytest.mark.parametrize("kind", [Kind.RAISE, Kind.REPEAT])
async def test_a_write_under_way_makes_way_for_no_raise_and_no_repeat(kind: Kind) -> None:
    bench = _Bench()
    bench.charger.answers.clear()
    async with bench.running():
        bench.hand.take(_write(1, 10.0, Kind.RAISE))
        await bench.clock.settle()

        bench.hand.take(_write(2, 16.0, kind))
        await bench.clock.settle()
        assert bench.charger.told_a == [10.0]

        bench.charger.answers.set()
        await bench.clock.settle()

    assert bench.ends == [(1, Outcome.DELIVERED), (2, Outcome.DELIVERED)]


async def test_a_cut_waits_for_the_cut_before_it_while_that_has_its_usual_time() -> None:
    bench = _Bench()
    bench.charger.answers.clear()
    async with bench.running():
        bench.hand.take(_write(1, 10.0, Kind.URGENT))
        await bench.clock.settle()
        bench.hand.take(_write(2, 6.0, Kind.URGENT))
        await bench.clock.settle()
        assert bench.charger.told_a == [10.0]

        bench.charger.answers.set()
        await bench.clock.settle()

    assert bench.ends == [(1, Outcome.DELIVERED), (2, Outcome.DELIVERED)]


async def test_a_cut_waits_no_longer_for_a_cut_before_it_that_hangs() -> None:
    bench = _Bench(cut_s=0.0)
    bench.charger.answers.clear()
    async with bench.running():
        bench.hand.take(_write(1, 10.0, Kind.URGENT))
        await bench.clock.settle()

        bench.hand.take(_write(2, 6.0, Kind.URGENT))
        await bench.clock.settle()

    assert bench.charger.told_a == [10.0, 6.0]
    assert bench.ends[0] == (1, Outcome.UNKNOWN)


async def test_a_write_that_made_way_is_told_before_the_cut_that_it_made_way_for() -> None:
    bench = _Bench()
    bench.charger.answers.clear()
    async with bench.running():
        bench.hand.take(_write(1, 16.0, Kind.RAISE))
        await bench.clock.settle()
        bench.hand.take(_write(2, 6.0, Kind.URGENT))
        await bench.clock.settle()
        bench.charger.answers.set()
        await bench.clock.settle()

    assert bench.ends == [(1, Outcome.UNKNOWN), (2, Outcome.DELIVERED)]


def test_patience_follows_from_what_a_device_can_do() -> None:
    cloud = Patience.of(Abilities(latency_s=1.5, delivery_s=65.0))
    local = Patience.of(Abilities(latency_s=0.3))

    assert (cloud.alone_s, cloud.cut_s) == (65.0, 2.5)
    assert (local.alone_s, local.cut_s) == (40.0, 1.3)
    assert Patience.of(Limiter(follow_s=11.0, delivery_s=65.0)) == Patience(alone_s=65.0, cut_s=12.0)


async def test_a_write_that_is_broken_off_may_have_arrived() -> None:
    bench = _Bench()
    bench.charger.answers.clear()
    async with bench.running():
        bench.hand.take(_write(1))
        await bench.clock.settle()
        assert not bench.hand.idle

    assert bench.ends == [(1, Outcome.UNKNOWN)]


async def test_a_bug_below_is_answered_as_unknown_and_raised() -> None:
    bench = _Bench()
    bench.charger.refuses = ZeroDivisionError("bug")
    bench.hand.take(_write(1))

    with pytest.raises(ZeroDivisionError):
        await bench.hand.run()

    assert bench.ends == [(1, Outcome.UNKNOWN)]
    assert bench.hand.idle


def test_what_waits_can_be_taken_back() -> None:
    bench = _Bench()
    bench.hand.take(_write(1))

    bench.hand.withdraw("another configuration takes over")

    assert bench.ends == [(1, Outcome.NOT_SENT)]
    assert bench.hand.idle


def test_taking_back_raises_leaves_a_cut_alone() -> None:
    bench = _Bench()
    bench.hand.take(_write(1, kind=Kind.URGENT))

    bench.hand.withdraw("the daemon leaves", Kind.RAISE)

    assert bench.answers == []
    assert not bench.hand.idle

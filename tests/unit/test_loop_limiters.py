"""The loop and a circuit's limiter: its raises wait for their record as chargers' do, its cuts do not."""

from controller.domain.readings import Outcome
from controller.domain.site import Limiter
from controller.domain.writes import Kind, LimiterWrite
from tests.fakes.rig import MAIN, Rig


def rig() -> Rig:
    """Let a circuit of 25 A be held at 6 A by its own device."""
    return Rig(limiter=Limiter(nameplate_a=(6.0, 6.0, 6.0)))


async def test_a_limiters_raise_leaves_only_after_its_promise_is_on_record() -> None:
    house = rig()
    house.journal.writes.clear()
    async with house.running():
        await house.live(15, 2.0)
        assert house.limiter.told_a == []

        house.journal.writes.set()
        await house.clock.advance(0.1)

        assert house.limiter.told_a == [(23.0, 23.0, 23.0)]
        assert house.journal.limiters[MAIN].promise_a == (23.0, 23.0, 23.0)


async def test_a_limiters_raise_that_cannot_be_recorded_is_not_sent_and_says_so() -> None:
    house = rig()
    house.journal.failure = "disk full"
    async with house.running():
        await house.live(15, 2.0)

        numbers = {w.number for _, decision in house.journal.ticks for w in decision.limiter_writes}
        answers = [a for snapshot, _ in house.journal.ticks for a in snapshot.answers if a.write in numbers]
        assert numbers
        assert {answer.outcome for answer in answers} == {Outcome.NOT_SENT}
        assert house.limiter.told_a == []


async def test_a_limiters_cut_leaves_while_nothing_can_be_recorded() -> None:
    house = rig()
    house.limiter.limit_a = (32.0, 32.0, 32.0)
    house.journal.recording, house.journal.failure = False, "disk full"
    async with house.running():
        await house.live(15, 2.0)

        assert house.limiter.told_a == [(23.0, 23.0, 23.0)]


async def test_leaving_raises_no_limiter_that_waits_behind_a_slow_device() -> None:
    house = rig()
    house.limiter.limit_a = (23.0, 23.0, 23.0)
    async with house.running():
        await house.live(2, 2.0)
        house.limiter.answers.clear()
        house.limiter_hand.take(_write(1000, 10.0, Kind.CUT))
        await house.clock.settle()
        house.limiter_hand.take(_write(1001, 23.0, Kind.RAISE))

        house.loop.stop()
        await house.clock.advance(0.5)
        house.limiter.answers.set()
        await house.clock.advance(3.0)

        assert house.limiter.told_a == [(10.0, 10.0, 10.0)]


async def test_a_leased_raise_leaves_with_the_end_of_its_lease_on_record() -> None:
    able = Limiter(nameplate_a=(6.0, 6.0, 6.0), lease_s=60.0, lapses_to_a=(6.0, 6.0, 6.0))
    house = Rig(worst_a=5.0, limiter=able)
    async with house.running():
        await house.live(15, 2.0)

        (sent_s,) = [
            decision.mono_s
            for _, decision in house.journal.ticks
            for write in decision.limiter_writes
            if write.kind is Kind.RAISE
        ]
        lapses_s = house.journal.limiters[MAIN].lapses_mono_s
        assert lapses_s is not None
        assert lapses_s <= sent_s + 60.0


def _write(number: int, limit_a: float, kind: Kind) -> LimiterWrite:
    even_a = (limit_a, limit_a, limit_a)
    return LimiterWrite(number=number, circuit=MAIN, limit_a=even_a, kind=kind, promise_a=even_a)

"""Repeats: a write that got no answer is sent again soon, and a raise never over a ledger that is full."""

from controller.domain.readings import Answer, Outcome
from controller.domain.site import Limiter
from controller.domain.writes import Kind, LimiterWrite
from tests.fakes.garage import Garage, garage, wishing
from tests.fakes.ticks import A, Ticks, even


def lost_raise() -> Ticks:
    """Lose a raise to 16 A; the charger holds nothing still."""
    ticks = Ticks(more={"recorded_a": {A: 0.0}})
    ticks.hear().meter(even(0.0)).tick()
    write = ticks.write()
    assert write is not None
    ticks.now_s += 1.0
    ticks.answer(write, Outcome.UNKNOWN).hear().meter(even(0.0)).tick()
    return ticks


def later(ticks: Ticks, seconds: int, base_a: float) -> list[tuple[float, Kind]]:
    """Let time pass at a charger that holds nothing; list what it is told."""
    told: list[tuple[float, Kind]] = []
    for _ in range(seconds):
        ticks.now_s += 1.0
        ticks.hear().meter(even(base_a)).tick()
        written = ticks.told()
        told += [written] if written is not None else []
    return told


def test_a_lost_raise_is_repeated_while_the_ledger_holds() -> None:
    assert later(lost_raise(), 3, 5.0) == [(16.0, Kind.REPEAT)]


def test_a_lost_raise_is_not_repeated_once_the_household_took_its_room() -> None:
    ticks = lost_raise()

    told = later(ticks, 8, 14.0)

    assert all(limit_a <= 11.0 for limit_a, _ in told)


def lost_limiter_write(held_a: float, base_a: float) -> tuple[Garage, LimiterWrite]:
    """Lose what a limiter was told, that may arrive for a minute."""
    ticks = garage(Limiter(delivery_s=60.0))
    ticks.held_a = even(held_a)
    for name in list(ticks.states):
        ticks.hear(name, 0.0, 0.0)
    (write,) = ticks.meter(even(base_a)).tick(1.0).limiter_writes
    ticks.answers.append(Answer(write=write.number, outcome=Outcome.UNKNOWN, at_mono_s=ticks.now_s))
    return ticks, write


def repeats(ticks: Garage, seconds: int, base_a: float) -> list[LimiterWrite]:
    """Let a limiter hear nothing of what it is told; list that, each of it unanswered."""
    told: list[LimiterWrite] = []
    for _ in range(seconds):
        ticks.now_s += 1.0
        for state in list(ticks.states.values()):
            ticks.hear(state.id, state.limit_a, state.draw_a)
        writes = ticks.meter(even(base_a)).tick().limiter_writes
        told += writes
        ticks.answers += [
            Answer(write=write.number, outcome=Outcome.UNKNOWN, at_mono_s=ticks.now_s) for write in writes
        ]
    return told


def test_a_limiters_lost_cut_is_repeated_soon_and_less_and_less_often() -> None:
    ticks, lost = lost_limiter_write(32.0, 0.0)
    assert lost.kind is Kind.CUT

    told = repeats(ticks, 60, 0.0)

    assert told[0].limit_a == lost.limit_a
    assert 3 <= len(told) <= 8


def test_a_limiters_lost_cut_is_repeated_within_seconds() -> None:
    ticks, lost = lost_limiter_write(32.0, 0.0)

    assert [write.limit_a for write in repeats(ticks, 4, 0.0)] == [lost.limit_a]


def test_a_limiters_cut_on_one_phase_repeats_no_lost_raise_of_another() -> None:
    ticks, lost = lost_limiter_write(6.0, 0.0)
    assert lost.kind is Kind.RAISE
    ticks.policies = wishing((3.0, 30.0, 30.0))

    told = repeats(ticks, 1, 0.0)

    assert [(write.kind, write.limit_a) for write in told] == [(Kind.CUT, (3.0, 6.0, 6.0))]


def test_a_limiters_lost_raise_is_not_repeated_once_the_household_took_its_room() -> None:
    ticks, lost = lost_limiter_write(6.0, 0.0)
    assert lost.kind is Kind.RAISE
    for name in list(ticks.states):
        ticks.hear(name, 16.0, 0.0)

    told = repeats(ticks, 9, 24.0)

    assert all(max(write.limit_a) <= 6.0 for write in told)

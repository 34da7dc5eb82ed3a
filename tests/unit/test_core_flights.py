"""Writes under way (rules 1 and 3): lost, late, given up, overtaken; what counts, and for how long."""

from controller.domain.promises import FORGOTTEN_S
from controller.domain.readings import Outcome, Plug
from controller.domain.site import Abilities
from controller.domain.writes import Kind, Write
from tests.fakes.ticks import A, Ticks, even, house, spec


def raised(abilities: Abilities | None = None) -> tuple[Ticks, Write]:
    """Send a raise to 16 A to a charger that held nothing."""
    ticks = Ticks(site=house(spec(abilities=abilities or Abilities())), more={"recorded_a": {A: 0.0}})
    ticks.hear().meter(even(0.0)).tick()
    write = ticks.write()
    assert write is not None
    assert (write.limit_a, write.kind) == (16.0, Kind.RAISE)
    return ticks, write


def overtaken() -> Ticks:
    """Lose a raise, then have an urgent cut to 6 A taken and read back while the raise may still arrive."""
    ticks, lost = raised()
    ticks.now_s += 1.0
    ticks.answer(lost, Outcome.UNKNOWN).hear(A, 16.0, 16.0).meter(even(30.0))
    ticks.tick()
    cut = ticks.write()
    assert cut is not None
    assert cut.kind is Kind.URGENT
    ticks.now_s += 1.0
    ticks.answer(cut).hear(A, cut.limit_a, cut.limit_a).meter(even(14.0 + cut.limit_a)).tick()
    return ticks


def test_a_lost_raise_that_was_overtaken_by_a_cut_still_counts() -> None:
    assert overtaken().verdict().promise_a == 16.0


def test_a_lost_raise_that_was_overtaken_by_a_cut_is_not_repeated() -> None:
    ticks = overtaken()
    told: list[Write] = []
    for _ in range(8):
        ticks.now_s += 1.0
        ticks.hear(A, 10.0, 10.0).meter(even(24.0)).tick()
        told += [write for write in (ticks.write(),) if write is not None]

    assert told == []


def test_the_limit_that_was_read_back_is_shown_and_not_the_lost_one_of_before() -> None:
    assert overtaken().verdict().limit_a == 10.0


def test_after_a_raise_that_was_in_force_unseen_the_car_has_its_time_to_follow_the_cut() -> None:
    ticks, write = raised()
    ticks.now_s += 1.0
    ticks.meter(even(30.0)).tick()
    cut = ticks.write()
    assert cut is not None

    ticks.now_s += 5.0
    ticks.answer(write).answer(cut).hear(A, cut.limit_a, None).meter(even(14.0))
    assert ticks.tick().chargers[A].promise_a == 16.0

    ticks.now_s += 11.0
    ticks.hear(A, cut.limit_a, None).meter(even(25.0))
    assert ticks.tick().chargers[A].promise_a == cut.limit_a


def test_a_write_that_was_given_up_late_counts_until_its_own_last_delivery() -> None:
    ticks, write = raised()
    ticks.now_s += 39.0
    ticks.answer(write, Outcome.UNKNOWN)

    ticks.now_s += 9.0
    ticks.hear(A, 0.0, 0.0, plug=Plug.A).meter(even(0.0))
    assert ticks.tick().chargers[A].promise_a == 16.0

    ticks.now_s += 2.0
    ticks.hear(A, 0.0, 0.0, plug=Plug.A).meter(even(0.0))
    assert ticks.tick().chargers[A].promise_a == 0.0


def test_a_write_that_the_shell_forgot_counts_until_its_last_delivery_from_then_on() -> None:
    able = Abilities(delivery_s=60.0)
    ticks, _ = raised(able)
    forgotten_s = ticks.now_s + FORGOTTEN_S + 2 * able.delivery_s
    while ticks.now_s < forgotten_s + 59.0:
        ticks.now_s += 1.0
        ticks.hear(A, 0.0, 0.0, plug=Plug.A).meter(even(0.0)).tick()
        assert ticks.verdict().promise_a == 16.0

    ticks.now_s += 2.0
    ticks.hear(A, 0.0, 0.0, plug=Plug.A).meter(even(0.0)).tick()
    assert ticks.verdict().promise_a == 0.0


def test_repeats_that_nobody_answers_do_not_pile_up() -> None:
    ticks, write = raised()
    for _ in range(600):
        ticks.now_s += 1.0
        ticks.answer(write, Outcome.UNKNOWN).hear(A, None, 0.0).meter(even(0.0)).tick()
        write = ticks.write() or write

    assert len(ticks.memory.chargers[A].promise.in_flight) <= 2

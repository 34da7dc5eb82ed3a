"""What one session teaches: phases, appetite; and whose turn it is when minima do not all fit."""

from itertools import groupby

import pytest

from controller.domain.readings import Plug
from controller.domain.reasons import Code
from controller.domain.snapshot import Timing
from controller.domain.units import Phases
from tests.fakes.ticks import MAIN, A, B, C, Ticks, even, house, running, spec


def charging(ticks: Ticks, draw_a: Phases | float, seconds: int, name: str = A, **changes: object) -> Ticks:
    """Let one charger's car draw what the test says; it holds what it was told."""
    for _ in range(seconds):
        ticks.now_s += 1.0
        held_a = ticks.states[A].limit_a
        for write in ticks.decision.writes if ticks.decision else ():
            ticks.answer(write)
            held_a = write.limit_a if write.charger == name else held_a
        ticks.hear(A, held_a, draw_a, **changes)
        drawn_a = ticks.states[A].draw_a
        assert drawn_a is not None
        ticks.meter(drawn_a).tick()
    return ticks


def test_a_car_on_one_phase_frees_the_other_two() -> None:
    ticks = running(spec(), seconds=0)

    charging(ticks, (16.0, 0.0, 0.0), 40)

    assert ticks.decision is not None
    assert ticks.decision.circuits[MAIN].promised_a == (16.0, 0.0, 0.0)


def test_phases_count_as_wired_until_they_were_seen_for_a_while() -> None:
    ticks = running(spec(), seconds=0)

    charging(ticks, (16.0, 0.0, 0.0), 10)

    assert ticks.memory.chargers[A].used_phases is None


def test_idle_noise_teaches_nothing() -> None:
    ticks = running(spec(), seconds=0)

    charging(ticks, (1.5, 0.0, 0.0), 60)

    assert ticks.memory.chargers[A].used_phases is None


def test_learned_phases_are_forgotten_at_unplugging() -> None:
    ticks = charging(running(spec(), seconds=0), (16.0, 0.0, 0.0), 40)

    charging(ticks, 0.0, 1, plug=Plug.A)

    assert ticks.memory.chargers[A].used_phases is None


def test_learned_phases_are_forgotten_when_another_session_begins() -> None:
    ticks = charging(running(spec(), seconds=0), (16.0, 0.0, 0.0), 40, session_id="one")
    assert ticks.memory.chargers[A].used_phases == (1,)

    charging(ticks, 0.0, 1, session_id="two")

    assert ticks.memory.chargers[A].used_phases is None


def test_a_phase_that_appears_counts_at_once() -> None:
    ticks = charging(running(spec(), seconds=0), (16.0, 0.0, 0.0), 40)

    charging(ticks, (16.0, 16.0, 16.0), 1)

    assert ticks.memory.chargers[A].used_phases == (1, 2, 3)


def test_a_rotated_charger_learns_the_phases_of_the_grid() -> None:
    ticks = running(spec(phases=(3, 1, 2)), seconds=0)

    charging(ticks, (0.0, 0.0, 16.0), 40)

    assert ticks.memory.chargers[A].used_phases == (3,)


def test_the_freed_phases_serve_another_car() -> None:
    ticks = Ticks(site=house(spec(), spec(B, phases=(2,))))
    ticks.hear(A).hear(B).meter(even(0.0)).tick()
    for _ in range(90):
        ticks.now_s += 1.0
        limits = {name: ticks.states[name].limit_a or 0.0 for name in (A, B)}
        for write in ticks.decision.writes if ticks.decision else ():
            ticks.answer(write)
            limits[write.charger] = write.limit_a
        ticks.hear(A, limits[A], (limits[A], 0.0, 0.0)).hear(B, limits[B], limits[B])
        ticks.meter((limits[A], limits[B], 0.0)).tick()

    assert (ticks.verdict(A).limit_a, ticks.verdict(B).limit_a) == (16.0, 16.0)


def test_an_offer_that_is_not_used_is_taken_back() -> None:
    ticks = charging(running(spec(), seconds=0), 7.5, 120)

    assert ticks.verdict().limit_a == 10.0
    assert ticks.reason(Code.NOT_DRAWING) is not None


def test_an_unused_offer_is_left_for_a_while_first() -> None:
    ticks = charging(running(spec(), seconds=0), 7.5, 50)

    assert ticks.verdict().limit_a == 16.0


def test_an_offer_is_given_back_once_the_car_takes_it() -> None:
    ticks = charging(running(spec(), seconds=0), 7.5, 120)

    charging(ticks, 9.8, 20)

    assert ticks.verdict().limit_a == 16.0


@pytest.mark.parametrize("draw_a", [6.9, 7.0, 7.5, 8.0, 9.9, 12.4])
def test_a_draw_that_wobbles_does_not_move_the_offer(draw_a: float) -> None:
    ticks = charging(running(spec(), seconds=0), draw_a, 150)
    before = ticks.memory.next_write

    for second in range(400):
        charging(ticks, draw_a + (-0.4, 0.0, 0.3, 0.5)[second % 4], 1)

    assert ticks.memory.next_write == before


def test_a_car_that_tapers_is_followed_downward() -> None:
    ticks = running(spec(), seconds=0)

    for draw_a in range(16, 5, -1):
        charging(ticks, float(draw_a), 60)
    charging(ticks, 6.0, 60)

    assert ticks.verdict().limit_a <= 10.0


def test_a_car_that_takes_nothing_keeps_its_minimum_on_offer() -> None:
    ticks = charging(running(spec(), seconds=0), 0.0, 120)

    assert ticks.verdict().limit_a == 6.0


def scarce(*chargers: str, **timing: float) -> Ticks:
    """Let three cars wait at a fuse that serves two minima."""
    site = house(*(spec(name) for name in (A, B, C)), limit_a=even(13.0))  # fits two of 6 A
    ticks = Ticks(site=site, timing=Timing(**timing))
    for name in chargers or (A, B, C):
        ticks.hear(name)  # type: ignore[arg-type] # a name
    ticks.meter(even(0.0)).tick()
    return ticks


def served(ticks: Ticks) -> frozenset[str]:
    assert ticks.decision is not None
    return frozenset(name for name, verdict in ticks.decision.chargers.items() if verdict.share_a > 0)


def test_the_most_cars_possible_are_served() -> None:
    assert len(served(scarce().live(60))) == 2


def test_turns_change_by_waiting() -> None:
    ticks = scarce(min_on_s=100.0)
    seen: set[str] = set()
    for _ in range(60):
        seen |= served(ticks.live(10))

    assert seen == {A, B, C}


def test_whoever_charges_keeps_its_place_for_a_minimum_time() -> None:
    ticks = scarce(min_on_s=100.0)
    turns = [served(ticks.live(1)) for _ in range(900)]
    lengths = [
        len(list(turn)) for name in (A, B, C) for on, turn in groupby([name in now for now in turns]) if on
    ]

    assert len(lengths) >= 6
    # The last turn may still go on.
    assert sorted(lengths)[2] >= 100


def test_turns_are_shared_out_evenly() -> None:
    ticks = scarce(min_on_s=100.0)
    turns = [served(ticks.live(10)) for _ in range(180)]
    shares = [sum(name in now for now in turns) / len(turns) for name in (A, B, C)]

    assert all(abs(share - 2 / 3) < 0.1 for share in shares)


def test_a_car_that_waits_its_turn_is_told_so() -> None:
    ticks = scarce().live(30)
    waiting = ({A, B, C} - served(ticks)).pop()

    assert ticks.reason(Code.SCARCITY, waiting) is not None


def test_a_car_that_takes_nothing_waits_behind_all_others() -> None:
    ticks = Ticks(site=house(spec(), spec(B), limit_a=even(11.0)))
    ticks.hear(A).hear(B, plug=Plug.A).meter(even(0.0)).tick()
    charging(ticks, 0.0, 120)
    assert ticks.verdict(A).limit_a == 6.0

    for _ in range(30):
        ticks.now_s += 1.0
        ticks.hear(B)
        charging(ticks, 0.0, 1)

    assert ticks.verdict(B).share_a >= 6.0
    assert ticks.verdict(A).share_a == 0.0

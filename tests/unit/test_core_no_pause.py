"""Chargers that know no pause: their minimum counts whenever a car is there, and they are never told less."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.domain.allocation import allocate
from controller.domain.farewell import farewell, safe_currents
from controller.domain.readings import Plug
from controller.domain.reasons import Code
from controller.domain.shares import Claim, Problem, Supply
from controller.domain.site import Abilities
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.domain.writes import Write
from tests.fakes.ticks import MAIN, A, B, Ticks, even, house, spec

NO_PAUSE = Abilities(can_pause=False)


def shares_a(*claims: Claim, limit_a: float = 16.0) -> dict[str, float]:
    supply = Supply(id=MAIN, parent=None, limit_a=even(limit_a), background_a=even(0.0))
    return {s.id: s.current_a for s in allocate(Problem(supplies=(supply,), claims=claims)).shares}


def claim(name: str, **changes: Any) -> Claim:  # noqa: ANN401 - any field
    return replace(Claim(id=ChargerId(name), circuit=MAIN, phases=(1, 2, 3)), **changes)


def test_its_minimum_comes_before_a_higher_priority() -> None:
    assert shares_a(claim("a", must=True), claim("b", priority=9), limit_a=10.0) == {"a": 10.0, "b": 0.0}


def test_its_minimum_is_taken_even_where_it_does_not_fit() -> None:
    assert shares_a(claim("a", must=True), claim("b"), limit_a=4.0) == {"a": 6.0, "b": 0.0}


def test_beyond_its_minimum_it_is_one_of_many() -> None:
    assert shares_a(claim("a", must=True), claim("b", priority=9), limit_a=20.0) == {"a": 6.0, "b": 14.0}


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.floats(0.0, 32.0)), min_size=1, max_size=6),
       st.floats(0.0, 80.0))  # fmt: skip
def test_the_others_get_only_what_the_unstoppable_leave(
    drawn: list[tuple[bool, int, float]], limit_a: float
) -> None:
    claims = [
        claim(f"c{at}", must=must, priority=priority, wanted_a=max(wanted_a, 6.0) if must else wanted_a)
        for at, (must, priority, wanted_a) in enumerate(drawn)
    ]

    got_a = shares_a(*claims, limit_a=limit_a)

    owed_a = 6.0 * sum(c.must for c in claims)
    assert all(got_a[c.id] >= 6.0 for c in claims if c.must)
    assert sum(got_a.values()) <= max(limit_a, owed_a) + 1e-6


def plugged(limit_a: float = 16.0, **state: Any) -> Ticks:  # noqa: ANN401 - any field
    ticks = Ticks(site=house(spec(abilities=NO_PAUSE), spec(B), limit_a=even(25.0)))
    return ticks.hear(A, limit_a, 0.0, **state).hear(B, 0.0, 0.0).meter(even(0.0))


def written_a(ticks: Ticks, seconds: int = 200) -> list[float]:
    """Let a household that leaves nothing stand for a while and tell every limit written to A."""
    told: list[float] = []
    for _ in range(seconds):
        decision = (
            ticks.meter(even(25.0)).hear(A, 16.0 if not told else told[-1], 0.0).hear(B, 0.0, 0.0).tick()
        )
        told += [write.limit_a for write in decision.writes if write.charger == A]
        ticks.now_s += 1.0
    return told


def test_it_is_never_told_less_than_its_minimum() -> None:
    told = written_a(plugged())

    assert told
    assert min(told) == 6.0


def test_what_a_charger_gets_that_nobody_may_pause_has_its_reason() -> None:
    ticks = plugged(held="waiting for authentication")

    ticks.tick()

    verdict = ticks.verdict(A)
    assert verdict.share_a == 6.0
    assert Code.MINIMUM in {reason.code for reason in verdict.reasons}


def test_without_a_car_nothing_of_the_shares_is_kept_for_it() -> None:
    ticks = plugged(plug=Plug.A)

    ticks.tick()

    assert ticks.verdict(A).share_a == 0.0


@pytest.mark.parametrize("leave", [farewell, safe_currents])
def test_leaving_lowers_it_to_its_minimum_and_no_further(
    leave: Callable[[Snapshot], tuple[Write, ...]],
) -> None:
    told = {write.charger: write.limit_a for write in leave(plugged().snapshot())}

    assert told[A] == 6.0


def test_what_it_holds_without_a_car_keeps_nobody_else_from_starting() -> None:
    site = house(spec(abilities=Abilities(can_pause=False)), spec(B), limit_a=even(16.0))
    ticks = Ticks(site=site).hear(A, 6.0, 0.0, plug=Plug.A).hear(B).meter(even(0.0))
    ticks.tick()

    ticks.live(120)

    assert (ticks.verdict(A).limit_a, ticks.verdict(B).limit_a) == (6.0, 10.0)


def test_what_it_holds_without_a_car_is_no_share_of_anybody_else() -> None:
    site = house(spec(abilities=Abilities(can_pause=False)), spec(B), limit_a=even(16.0))
    ticks = Ticks(site=site).hear(A, 6.0, 0.0, plug=Plug.A).hear(B).meter(even(5.0))
    ticks.tick()

    ticks.live(120, base_a=even(5.0))

    # 16 A less 5 A of the house leave 11 A, of which 6 A stay with A: less than B's minimum.
    assert ticks.verdict(B).share_a == 0.0
    assert ticks.reason(Code.CIRCUIT, B) is not None or ticks.reason(Code.SCARCITY, B) is not None

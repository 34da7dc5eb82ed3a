"""A background that never stands still: promises fit beside its top, and shares do not follow its noise."""

import math
import random
from collections.abc import Callable

import pytest

from tests.fakes.ticks import MAIN, A, B, Ticks, even, house, running, spec

# Below this a sum of currents is rounding.
EPSILON_A = 1e-6
SETTLES_S = 120

Noise = Callable[[float], float]


def wave(at_s: float) -> float:
    """Swing as small loads of a household do."""
    return 0.18 * math.sin(at_s)


def hiss(at_s: float) -> float:
    """Be another value each second, most of them small; the same ones in every run."""
    return max(-0.2, min(0.2, random.Random(at_s).gauss(0.0, 0.07)))  # noqa: S311 - reproducible, not secret


def lived(base_a: float, noise: Noise, seconds: int, step_a: float = 1.0) -> tuple[Ticks, list[float], int]:
    """Let two cars charge beside such a background; tell what flowed and how often was written at the end."""
    ticks = running(spec(step_a=step_a), spec(B, step_a=step_a), base_a=even(base_a + noise(0.0)))
    flows_a, writes = [], 0
    for second in range(seconds):
        background_a = base_a + noise(float(second))
        ticks.live(1, base_a=even(background_a))
        assert ticks.decision is not None
        if second >= SETTLES_S:
            flows_a.append(background_a + ticks.decision.circuits[MAIN].promised_a[0])
            writes += len(ticks.decision.writes)
    return ticks, flows_a, writes


@pytest.mark.parametrize("base_a", [11.8, 11.85, 11.9, 11.95, 12.0, 12.05])
@pytest.mark.parametrize("noise", [wave, hiss])
def test_promises_fit_beside_the_top_of_a_flicker_and_stay(base_a: float, noise: Noise) -> None:
    _, flows_a, writes = lived(base_a, noise, 600)

    assert max(flows_a) <= 25.0 + EPSILON_A
    assert writes <= 2


def test_a_flicker_costs_no_more_than_its_top() -> None:
    _, flows_a, _ = lived(11.9, wave, 300, step_a=0.0)

    assert max(flows_a) >= 25.0 - 0.5


def test_a_background_that_stands_still_is_followed_to_the_last_tenth() -> None:
    ticks = running(spec(step_a=0.1), base_a=even(12.0))

    ticks.live(180, base_a=even(11.7))

    assert ticks.verdict(A).limit_a == pytest.approx(13.3)


def test_a_kettle_within_the_window_moves_no_share() -> None:
    ticks = Ticks(site=house(spec(max_a=6.0)))
    ticks.hear().meter(even(10.0)).tick()
    ticks.live(60, base_a=even(10.0))

    ticks.live(8, base_a=even(18.5))
    background_a = ticks.memory.circuits[MAIN].background_a

    assert background_a == even(10.0)

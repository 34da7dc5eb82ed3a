"""Instances for the benchmarks: sites of any size, the same ones for the same seed."""

import random
from collections.abc import Sequence

from controller.domain.shares import Claim, Problem, Supply
from controller.domain.units import ChargerId, CircuitId, Phases

CHARGERS_A_LEAF = 8
DEPTH = 4

# A circuit bears all minima and this part of what is wanted beyond; more than half of all rows bind then.
LEAF_TIGHTNESS, TIGHTNESS_ABOVE = 0.38, 0.47
SPREAD = (0.6, 1.1)

BACKGROUND_A = (4.5, 2.0, 7.3)

_LINES: Sequence[tuple[int, ...]] = ((1,), (2,), (3,))


def problem(chargers: int, *, seed: int = 1, step_a: float = 1.0) -> Problem:
    """Build a tree of depth 4 with 8 chargers a leaf, half of them three-phase; all minima fit."""
    source = random.Random(seed)
    leaves = max(1, -(-chargers // CHARGERS_A_LEAF))
    parents = _tree(leaves)
    first_leaf = len(parents) - leaves
    claims = tuple(_claim(source, k, first_leaf + k // CHARGERS_A_LEAF, step_a) for k in range(chargers))
    least, wanted = _sums(parents, claims, wanted=False), _sums(parents, claims, wanted=True)
    supplies: list[Supply] = []
    for number, parent in enumerate(parents):
        tightness = LEAF_TIGHTNESS if number >= first_leaf else TIGHTNESS_ABOVE
        part = [tightness * source.uniform(*SPREAD) for _ in range(3)]
        supplies.append(_supply(number, parent, least[number], wanted[number], part))
    return Problem(supplies=tuple(supplies), claims=claims)


def _tree(leaves: int) -> list[int]:
    """List each circuit's parent, level by level, for a tree of `DEPTH` levels that ends in the leaves."""
    fan_out = max(1.0, leaves ** (1 / (DEPTH - 1)))
    parents, above = [-1], [0]
    for level in range(1, DEPTH):
        count = leaves if level == DEPTH - 1 else max(1, min(leaves, round(fan_out**level)))
        start = len(parents)
        parents.extend(above[k * len(above) // count] for k in range(count))
        above = list(range(start, start + count))
    return parents


def _claim(source: random.Random, number: int, circuit: int, step_a: float) -> Claim:
    three_phase = number % 2 == 0
    return Claim(
        id=ChargerId(f"cp{number:05}"),
        circuit=CircuitId(f"c{circuit}"),
        phases=(1, 2, 3) if three_phase else source.choice(_LINES),
        max_a=source.choice((16.0, 32.0)),
        wanted_a=source.choice((10.0, 16.0, 32.0, 32.0)),
        step_a=step_a,
        weight=source.choice((1.0, 1.0, 1.0, 2.0)),
    )


def _sums(parents: list[int], claims: Sequence[Claim], *, wanted: bool) -> list[list[float]]:
    """Sum what claims would like, or need at least, per circuit and line."""
    sums = [[0.0, 0.0, 0.0] for _ in parents]
    for claim in claims:
        current_a = min(claim.wanted_a, claim.max_a) if wanted else claim.min_a
        for phase in claim.phases:
            sums[int(claim.circuit[1:])][phase - 1] += current_a
    for number in range(len(parents) - 1, 0, -1):
        for line in range(3):
            sums[parents[number]][line] += sums[number][line]
    return sums


def _supply(
    number: int, parent: int, least: Sequence[float], wanted: Sequence[float], part: Sequence[float]
) -> Supply:
    limit_a = [
        round(low + (high - low) * share + background + 0.05, 1)
        for low, high, share, background in zip(least, wanted, part, BACKGROUND_A, strict=True)
    ]
    return Supply(
        id=CircuitId(f"c{number}"),
        parent=None if parent < 0 else CircuitId(f"c{parent}"),
        limit_a=_phases(limit_a),
        background_a=BACKGROUND_A,
    )


def _phases(values: Sequence[float]) -> Phases:
    return values[0], values[1], values[2]

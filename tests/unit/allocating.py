"""Shorthand for problems on a small site."""

from controller.domain.allocation import allocate
from controller.domain.reasons import Code, Reason
from controller.domain.shares import Claim, Problem, Share, Supply
from controller.domain.units import ChargerId, CircuitId, Phases
from controller.domain.wishes import Budget


def supply(
    limit_a: float | Phases, *, name: str = "main", parent: str | None = None, **rest: object
) -> Supply:
    """Make a circuit with nothing on it; one number stands for all three phases."""
    limits = limit_a if isinstance(limit_a, tuple) else (limit_a, limit_a, limit_a)
    settings: dict[str, object] = {"background_a": (0.0, 0.0, 0.0), **rest}
    above = None if parent is None else CircuitId(parent)
    return Supply(id=CircuitId(name), parent=above, limit_a=limits, **settings)  # type: ignore[arg-type]  # by name


def claim(name: str, *phases: int, circuit: str = "main", **rest: object) -> Claim:
    """Make a claim, three-phase unless told otherwise."""
    return Claim(id=ChargerId(name), circuit=CircuitId(circuit), phases=phases or (1, 2, 3), **rest)  # type: ignore[arg-type]  # by name


def budget(name: str, *chargers: str, limit_w: float | None = None, limit_a: Phases | None = None) -> Budget:
    """Make a budget."""
    return Budget(
        id=name,
        chargers=tuple(ChargerId(charger) for charger in chargers),
        limit_w=limit_w,
        limit_a=limit_a,
        reason=Reason(code=Code.SURPLUS, by="solar"),
    )


def shares_a(problem: Problem) -> dict[str, float]:
    """Allocate and tell the currents by charger."""
    return {share.id: share.current_a for share in allocate(problem).shares}


def share(problem: Problem, charger: str) -> Share:
    """Allocate and pick one share."""
    return next(found for found in allocate(problem).shares if found.id == charger)

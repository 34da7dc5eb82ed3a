"""What the tests of the solar policy share: members, seconds that pass, and what was then said."""

from typing import Any

from controller.domain.reasons import Code
from controller.domain.wishes import Member, Opinion
from tests.fakes.policy_views import house, judge, member, spec, view, wish

Memory = dict[str, tuple[float, ...]]
BOTH = house(spec("a"), spec("b"))


def solar(charger: str = "a", **settings: float) -> Member:
    return member("solar_surplus", charger, settings)


def after(
    seconds: float,
    grid_w: float | None,
    members: list[Member],
    memory: Memory,
    **changes: Any,  # noqa: ANN401 - any field of a view
) -> Opinion:
    """Judge every second for so long, with everything constant; starts at the latest instant known."""
    start_s = memory.get("clock", (1000.0,))[0]
    opinion = Opinion(memory=memory)
    for second in range(int(seconds) + 1):
        now_s = start_s + second
        seen = view(BOTH, mono_s=now_s, grid_power_w=grid_w, **changes)
        opinion = judge("solar_surplus", seen, members, opinion.memory)
    return Opinion(
        wishes=opinion.wishes,
        budgets=opinion.budgets,
        memory={**opinion.memory, "clock": (start_s + seconds + 1,)},
    )


def preferred(opinion: Opinion, charger: str = "a") -> float | None:
    said = wish(opinion, charger)
    return said.preferred_a if said is not None else None


def code(opinion: Opinion, charger: str = "a") -> Code | None:
    said = wish(opinion, charger)
    return said.reason.code if said is not None else None

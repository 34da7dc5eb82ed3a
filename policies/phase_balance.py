"""Phase balance: keep the phases even, and tell a circuit's limiter what each phase can still bear."""

import math
from collections.abc import Iterable, Mapping

from controller.domain.reasons import Code, Reason
from controller.domain.site import Circuit
from controller.domain.units import CircuitId, Phases, floored, minus
from controller.domain.view import View
from controller.domain.wishes import Budget, LimiterWish, Member, Opinion, Parameter, PolicyMemory
from policies.cars import phases

THREE = 3


class PhaseBalance:
    """Holds cars on one or two phases back where their phase already carries more than the others.

    The circuits' own `imbalance_a` is a limit of the site and holds without any policy; `spread_a` also
    counts what the household puts on each phase. Cars on three phases load all alike and are left alone.
    """

    name = "phase_balance"
    parameters: tuple[Parameter, ...] = (
        Parameter(
            name="spread_a",
            default=0.0,
            low=0.0,
            high=100.0,
            says="Largest difference between phases, household included, that charging may cause; "
            "0: only the circuits' own limit holds. The first served car's value holds for all.",
        ),
        Parameter(
            name="limiter_band_a",
            default=2.0,
            low=0.0,
            high=20.0,
            says="A circuit's limiter is raised only by at least this; it is lowered at once.",
        ),
        Parameter(
            name="limiter_raise_s",
            default=15.0,
            low=0.0,
            high=3600.0,
            says="Room for a limiter's raise must have lasted this long.",
        ),
    )

    def judge(self, view: View, members: tuple[Member, ...], memory: PolicyMemory) -> Opinion:
        """Even the phases out, and set the limiters."""
        if not members:
            return Opinion()
        settings = members[0].settings
        limiters: list[LimiterWish] = []
        kept: dict[str, tuple[float, ...]] = {}
        for circuit in view.site.circuits:
            if circuit.limiter is None:
                continue
            room_a, before = _room_a(view, circuit), memory.get(circuit.id, ())
            if room_a is None and not before:
                continue  # after a start nobody knows yet
            state = _limited(room_a or _safe_a(view, circuit), before, view.mono_s, settings)
            kept[circuit.id] = state
            limiters.append(self._limit(circuit.id, (state[0], state[1], state[2])))
        budgets = self._even(view, members, settings["spread_a"]) if settings["spread_a"] > 0 else ()
        return Opinion(budgets=budgets, limiters=tuple(limiters), memory=kept)

    def _limit(self, circuit: CircuitId, limit_a: Phases) -> LimiterWish:
        reason = Reason(code=Code.PHASE_BALANCE, by=self.name, value=min(limit_a))
        return LimiterWish(circuit=circuit, limit_a=limit_a, reason=reason)

    def _even(self, view: View, members: Iterable[Member], spread_a: float) -> tuple[Budget, ...]:
        """Let no phase rise above the least loaded one by more than the spread."""
        root = view.site.circuits[0] if view.site.circuits else None
        load_a = view.background_a.get(root.id) if root is not None else None
        uneven = tuple(
            member.charger
            for member in members
            if member.charger in view.site.charger and len(phases(view, member.charger)) < THREE
        )
        if load_a is None or not uneven or len(view.site.phases) < THREE:
            return ()
        highest_a = min(load_a) + spread_a
        limit_a = floored((highest_a - load_a[0], highest_a - load_a[1], highest_a - load_a[2]))
        reason = Reason(code=Code.PHASE_BALANCE, by=self.name, value=spread_a)
        return (Budget(id=self.name, chargers=uneven, limit_a=limit_a, reason=reason),)


def _room_a(view: View, circuit: Circuit) -> Phases | None:
    """Tell what every circuit from here up leaves; `None` behind a meter that tells nothing."""
    room_a = circuit.limit_a
    for above in view.site.path[circuit.id]:
        load_a = view.background_a.get(above)
        if load_a is None:
            return None
        free_a = floored(minus(view.site.circuit[above].limit_a, load_a))
        room_a = (min(room_a[0], free_a[0]), min(room_a[1], free_a[1]), min(room_a[2], free_a[2]))
    return float(math.floor(room_a[0])), float(math.floor(room_a[1])), float(math.floor(room_a[2]))


def _safe_a(view: View, circuit: Circuit) -> Phases:
    """Tell what a person declared safe while a meter is silent."""
    safe_a = [0.0, 0.0, 0.0]
    for charger in view.site.below[circuit.id]:
        for phase in charger.phases:
            safe_a[phase - 1] += charger.safe_a
    return safe_a[0], safe_a[1], safe_a[2]


def _limited(
    room_a: Phases, before: tuple[float, ...], now_s: float, settings: Mapping[str, float]
) -> tuple[float, ...]:
    """Hold (limit of each phase, and since when there was room for a raise): down at once, up late."""
    if not before:
        return room_a
    held_a: Phases = (
        min(before[0], room_a[0]),
        min(before[1], room_a[1]),
        min(before[2], room_a[2]),
    )
    if max(minus(room_a, held_a)) < max(settings["limiter_band_a"], 1e-9):
        return held_a
    since_s = min(before[3], now_s) if len(before) > THREE else now_s
    return room_a if now_s - since_s >= settings["limiter_raise_s"] else (*held_a, since_s)

"""Demand: what each charger claims of the allocator, with every reason that shaped the claim."""

from collections.abc import Iterator, Mapping

from controller.domain.cases import Case
from controller.domain.opinions import Opinions, Stance
from controller.domain.readings import Plug
from controller.domain.reasons import Code, Reason
from controller.domain.reserves import reserves
from controller.domain.rounding import least_a
from controller.domain.shares import Claim, Problem, Supply
from controller.domain.site import Circuit
from controller.domain.snapshot import CircuitMemory, Snapshot
from controller.domain.tracking import Background
from controller.domain.units import ZERO, ChargerId, CircuitId, Phases
from controller.domain.wishes import Budget

# Whose turn came holds its place this long without charging: cuts have to be confirmed before it may start.
_STARTS_WITHIN_S = 60.0
# A car that has long taken nothing waits behind all others when minima do not all fit.
_BEHIND_ALL = 1_000_000


def problem(
    snapshot: Snapshot,
    cases: list[Case],
    said: Opinions,
    backgrounds: Mapping[CircuitId, Background | None],
    blind: Mapping[CircuitId, bool],
) -> Problem:
    """Put the allocator's question."""
    site = snapshot.site
    crowds = crowded(snapshot, cases)
    supplies = tuple(
        _supply(circuit, backgrounds[circuit.id], crowded=circuit.id in crowds) for circuit in site.circuits
    )
    return Problem(
        supplies=supplies,
        claims=(
            *(_claim(snapshot, case, said.stances[case.spec.id], blind) for case in cases),
            *held_by_ghosts(snapshot),
            *_held_without_a_car(cases),
        ),
        budgets=(
            *said.budgets,
            *_limiter_budgets(snapshot, said),
            *reserves(snapshot, cases, supplies),
        ),
        grid=site.grid,
        voltage_v=site.voltage_v,
        waited_limit_s=snapshot.timing.waited_limit_s,
    )


def held_by_ghosts(snapshot: Snapshot) -> tuple[Claim, ...]:
    """Keep what chargers hold that left the configuration, until a person says that they are gone."""
    return tuple(
        Claim(id=ghost.id, circuit=ghost.circuit, phases=ghost.phases, promise_a=ghost.promise_a)
        for ghost in snapshot.site.ghosts
        if ghost.id not in snapshot.out_of_service
    )


def _held_without_a_car(cases: list[Case]) -> Iterator[Claim]:
    """Keep what chargers hold that cannot be paused and have no car: a share of it would never find room."""
    for case in cases:
        spec, state = case.spec, case.state
        if state is not None and not state.plug.car and not spec.abilities.can_pause:
            held = ChargerId(f"{spec.id}, without a car")
            yield Claim(id=held, circuit=spec.circuit, phases=case.phases, promise_a=case.promised_a)


def crowded(snapshot: Snapshot, cases: list[Case]) -> frozenset[CircuitId]:
    """Find the circuits above chargers that have long been kept from starting by a flickering background."""
    return frozenset(
        circuit
        for case in cases
        if case.memory.roomless_mono_s is not None
        and snapshot.mono_s - case.memory.roomless_mono_s >= snapshot.timing.unused_s
        for circuit in snapshot.site.path[case.spec.circuit]
    )


def _supply(spec: Circuit, background: Background | None, *, crowded: bool) -> Supply:
    """Share by what lasts; where that keeps somebody from starting, by what raises are judged by."""
    # Blind: nobody below claims more than a person declared safe, so no background is assumed here.
    background_a: Phases = ZERO
    if background is not None:
        background_a = background.gate_a if crowded else background.fair_a
    return Supply(
        id=spec.id,
        parent=spec.parent,
        limit_a=spec.limit_a,
        limit_w=spec.limit_w,
        background_a=background_a,
        background_w=None if background is None else background.fair_w,
        imbalance_a=spec.imbalance_a,
    )


def _limiter_budgets(snapshot: Snapshot, said: Opinions) -> tuple[Budget, ...]:
    """Let a policy's limit for a circuit's limiter bind the shares below it too."""
    return tuple(
        Budget(
            id=f"limiter {wish.circuit}",
            chargers=tuple(charger.id for charger in snapshot.site.below[wish.circuit]),
            limit_a=wish.limit_a,
            reason=wish.reason,
        )
        for wish in said.limiters
    )


def blind_circuits(
    snapshot: Snapshot,
    backgrounds: Mapping[CircuitId, Background | None],
    memories: Mapping[CircuitId, CircuitMemory],
) -> dict[CircuitId, bool]:
    """Find the circuits without a meter's word; true for those that only await it after a start."""
    found: dict[CircuitId, bool] = {}
    for circuit, background in backgrounds.items():
        if background is None:
            since_s = memories[circuit].waiting_mono_s
            found[circuit] = since_s is not None and snapshot.mono_s - since_s < snapshot.timing.meter_ttl_s
    return found


def _claim(snapshot: Snapshot, case: Case, stance: Stance, blind: Mapping[CircuitId, bool]) -> Claim:
    case.mode = stance.mode
    case.reasons[:0] = stance.reasons
    wanted_a = stance.wanted_a
    for ceiling_a, reason in _ceilings(snapshot, case, blind):
        if ceiling_a < wanted_a:
            wanted_a = ceiling_a
            case.reasons.append(reason)
    spec, now_s = case.spec, snapshot.mono_s
    must = cannot_rest(case)
    if must and wanted_a < least_a(spec):
        wanted_a = least_a(spec)
        case.reasons.append(Reason(code=Code.MINIMUM, by=spec.id, current_a=wanted_a))
    return Claim(
        id=spec.id,
        circuit=spec.circuit,
        phases=case.phases,
        min_a=spec.min_a,
        max_a=spec.max_a,
        step_a=spec.step_a,
        wanted_a=wanted_a,
        priority=spec.priority - (_BEHIND_ALL if case.idle else 0),
        weight=spec.weight,
        promise_a=_fixed_a(case),
        waited_s=_standing_s(case, now_s, snapshot.timing.min_on_s),
        on=_is_on(case, now_s, snapshot.timing.min_on_s),
        must=must,
    )


def _is_on(case: Case, now_s: float, min_on_s: float) -> bool:
    """Tell whether it keeps its place: it charges within its turn, or its turn came and room will follow."""
    if case.memory.on_mono_s is None:
        return False
    is_charging = case.latest_a >= case.spec.min_a
    return now_s - case.memory.on_mono_s < (min_on_s if is_charging else min(min_on_s, _STARTS_WITHIN_S))


def _standing_s(case: Case, now_s: float, turn_s: float) -> float:
    """Tell the wait that counts in a tie: whoever charges is displaced only by who waited a whole turn.

    Of those who charge, who has charged longest makes way first.
    """
    memory = case.memory
    if memory.waiting_mono_s is not None:
        waited_s = now_s - memory.waiting_mono_s
        return waited_s if waited_s >= turn_s else 0.5 * waited_s / turn_s
    if case.latest_a < case.spec.min_a:
        return 0.0
    on_s = 0.0 if memory.on_mono_s is None else now_s - memory.on_mono_s
    return 0.5 + 0.5 * turn_s / (turn_s + on_s) if turn_s > 0 else 1.0


def _fixed_a(case: Case) -> float | None:
    """Tell what a charger holds that cannot or must not be told anything now."""
    if case.state is None:
        return case.promised_a
    return case.promised_a if case.paused else None


def cannot_rest(case: Case) -> bool:
    """Tell whether a car may draw the minimum whatever anybody wants: the charger knows no pause."""
    return case.state is not None and case.state.plug.car and not case.spec.abilities.can_pause


def _ceilings(snapshot: Snapshot, case: Case, blind: Mapping[CircuitId, bool]) -> list[tuple[float, Reason]]:
    spec, state = case.spec, case.state
    found: list[tuple[float, Reason]] = []
    if case.out_of_service:
        return [(0.0, Reason(code=Code.OUT_OF_SERVICE, by=spec.id, current_a=0.0))]
    if state is None:
        since_s = snapshot.mono_s - (case.memory.promise.heard_mono_s or snapshot.mono_s)
        return [(0.0, Reason(code=Code.CHARGER_SILENT, by=spec.id, current_a=case.promised_a, value=since_s))]
    if not state.plug.car:
        fault = state.plug in (Plug.E, Plug.F)
        code = Code.DEVICE_HOLDS if fault else Code.NO_CAR
        return [(0.0, Reason(code=code, by=state.held or spec.id, current_a=0.0))]
    if state.held:
        # A schedule of its own ends by itself: its minimum stays offered, or it would not wake up then.
        held_a = spec.min_a if state.held.startswith("schedule") else 0.0
        found.append((held_a, Reason(code=Code.DEVICE_HOLDS, by=state.held, current_a=held_a)))
    if state.ceiling_a is not None:
        by = state.ceiling_by or spec.id
        found.append((state.ceiling_a, Reason(code=Code.DEVICE_CEILING, by=by, current_a=state.ceiling_a)))
    appetite_a = case.memory.appetite_a
    if appetite_a is not None:
        drawn_a = max(state.draw_a) if state.draw_a is not None else None
        not_drawing = Reason(code=Code.NOT_DRAWING, by=spec.id, current_a=appetite_a, value=drawn_a)
        found.append((appetite_a, not_drawing))
    if blind:
        found.extend(
            _unseen(case, above, blind) for above in snapshot.site.path[spec.circuit] if above in blind
        )
    return found


def _unseen(case: Case, circuit: CircuitId, blind: Mapping[CircuitId, bool]) -> tuple[float, Reason]:
    """Without a meter only what a person declared safe; while it is awaited at start nothing changes."""
    ceiling_a = max(case.spec.safe_a, case.latest_a) if blind[circuit] else case.spec.safe_a
    return ceiling_a, Reason(code=Code.METER_SILENT, by=circuit, current_a=ceiling_a)

"""Cases: each charger's page, state and session of this tick, ledger rules already applied."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite

from controller.domain.changing import changed
from controller.domain.draws import is_told
from controller.domain.learning import is_idle, learned
from controller.domain.promises import (
    aged,
    answered,
    answers_of,
    heard,
    is_same,
    latest_limit_a,
    opened,
    overdrawn,
    promised_a,
)
from controller.domain.readings import Answer, ChargerState, Outcome
from controller.domain.reasons import Code, Reason
from controller.domain.samples import is_fresh
from controller.domain.site import ChargerSpec
from controller.domain.snapshot import ChargerMemory, Promise, Snapshot
from controller.domain.writes import Kind

# A refused write is not repeated sooner; an unanswered one backs off up to this.
LONGEST_RETRY_S = 30.0


@dataclass(slots=True)
class Case:
    """One charger while a tick is made; lives no longer than the tick."""

    spec: ChargerSpec
    state: ChargerState | None
    """Its fresh state; `None`: silent."""
    memory: ChargerMemory
    phases: tuple[int, ...]
    """The grid phases that count for it: learned, else as wired."""
    promised_a: float
    latest_a: float
    """The limit that is or soon will be in force."""
    out_of_service: bool = False
    paused: bool = False
    """A person paused it at the charger: writing again would overrule them."""
    idle: bool = False
    share_a: float = 0.0
    mode: str = ""
    reasons: list[Reason] = field(default_factory=list)
    limit_a: float = 0.0
    """What the plan leaves it at."""
    kind: Kind | None = None
    lease_s: float | None = None

    def to_write(self, limit_a: float, kind: Kind) -> None:
        """Plan a write."""
        self.limit_a, self.kind = limit_a, kind


def cases(snapshot: Snapshot) -> list[Case]:
    """Open every charger's case, in the order of the site."""
    answers = answers_of(snapshot)
    return [_case(snapshot, spec, answers) for spec in snapshot.site.chargers]


def _case(snapshot: Snapshot, spec: ChargerSpec, answers: Mapping[int, Answer]) -> Case:
    now_s = snapshot.mono_s
    memory = snapshot.memory.chargers.get(spec.id)
    if memory is None:
        memory = ChargerMemory(promise=_opened_page(snapshot, spec))
    if answers and memory.promise.in_flight:
        memory = _after_answers(memory, answers, now_s)
    state = snapshot.chargers.get(spec.id)
    if state is not None:
        state = _believed(state, spec, now_s)
    reasons: list[Reason] = []
    if state is not None:
        memory = _after_state(memory, spec, state, snapshot, reasons)
    page = aged(memory.promise, spec.abilities, now_s, spec.nameplate_a)
    if page is not memory.promise:
        # A car that has not followed after its time still draws what it did.
        memory = replace(memory, promise=page if state is None else overdrawn(page, state))
    return _opened_case(snapshot, spec, state, memory, reasons)


def _opened_page(snapshot: Snapshot, spec: ChargerSpec) -> Promise:
    """Open a page after a start; where limits are leased, one of which no lease is known may lapse now."""
    now_s, lapses_s = snapshot.mono_s, snapshot.recorded_lapses_mono_s.get(spec.id)
    if (
        lapses_s is None
        and spec.abilities.lease_s is not None
        and spec.id not in snapshot.site.unsafe_to_lapse
    ):
        lapses_s = now_s
    return opened(snapshot.recorded_a.get(spec.id), spec.nameplate_a, now_s, lapses_s)


def _believed(state: ChargerState, spec: ChargerSpec, now_s: float) -> ChargerState | None:
    """Take a state that is fresh and tells numbers (rule 7), without a draw that can be none."""
    limit_a, draws = state.limit_a, state.draws
    told = (limit_a or 0.0) + (state.ceiling_a or 0.0) + (state.power_w or 0.0)
    if (limit_a or 0.0) < 0 or not is_fresh(state.at_mono_s, now_s, spec.abilities.read_ttl_s):
        return None
    if not draws:
        return state if isfinite(told) else None
    if not isfinite(told + sum(draws[-1].currents_a)):
        return None
    return state if is_told(draws, now_s) else replace(state, draws=())


def _opened_case(
    snapshot: Snapshot,
    spec: ChargerSpec,
    state: ChargerState | None,
    memory: ChargerMemory,
    reasons: list[Reason],
) -> Case:
    gone = state is None and spec.id in snapshot.out_of_service
    latest_a = latest_limit_a(memory.promise, None if state is None else state.limit_a)
    return Case(
        spec=spec,
        state=state,
        memory=memory,
        # Behind silence another car may have come: it counts as wired.
        phases=spec.phases if state is None else memory.used_phases or spec.phases,
        promised_a=0.0 if gone else promised_a(memory.promise),
        latest_a=latest_a,
        out_of_service=gone,
        paused=state is not None and state.held.startswith("paused by a person"),
        idle=is_idle(memory, spec, state),
        reasons=reasons,
        limit_a=latest_a,
    )


def _after_answers(memory: ChargerMemory, answers: Mapping[int, Answer], now_s: float) -> ChargerMemory:
    for flight in memory.promise.in_flight:
        answer = answers.get(flight.write)
        if answer is None:
            continue
        is_latest = flight is memory.promise.in_flight[-1]
        lowers = flight.limit_a < memory.promise.settled_a
        memory = replace(memory, promise=answered(memory.promise, answer))
        if is_latest and answer.outcome in (Outcome.REFUSED, Outcome.NOT_SENT):
            memory = replace(memory, told_a=None)  # it was not told: nobody can have changed it
        if answer.outcome is Outcome.REFUSED:
            memory = _failed(memory, now_s, lowers=lowers, wait_s=LONGEST_RETRY_S)
        elif answer.outcome is Outcome.UNKNOWN:
            memory = _failed(memory, now_s, lowers=lowers)
    return memory


def _failed(
    memory: ChargerMemory, now_s: float, *, lowers: bool, wait_s: float | None = None
) -> ChargerMemory:
    """Note that a write failed, and when the next may be tried; without a time it backs off."""
    if wait_s is None:
        wait_s = min(LONGEST_RETRY_S, 2.0 ** min(memory.failures, 5))
    return replace(
        memory,
        failures=memory.failures + 1,
        defies=memory.defies or lowers,
        retry_mono_s=now_s + wait_s,
    )


def _after_state(
    memory: ChargerMemory,
    spec: ChargerSpec,
    state: ChargerState,
    snapshot: Snapshot,
    reasons: list[Reason],
) -> ChargerMemory:
    before = memory.promise
    page = heard(before, state, spec.abilities)
    if page is not before:
        memory = changed(memory, promise=page)
    memory = learned(memory, spec, state, snapshot.timing, was_silent=_was_silent(before, spec, state))
    memory = _judged(memory, before, state, snapshot.mono_s, reasons)
    risen = page.settled_a > before.settled_a and promised_a(page) > promised_a(before)
    if risen and state.draw_a is not None and max(state.draw_a) >= promised_a(page):
        reasons.append(Reason(code=Code.OVERDRAW, by=spec.id, value=max(state.draw_a)))
    return memory


def _was_silent(before: Promise, spec: ChargerSpec, state: ChargerState) -> bool:
    """Tell whether it was silent before this state, so that nobody saw its car come or go."""
    heard_s = before.heard_mono_s
    return heard_s is not None and state.at_mono_s - heard_s > spec.abilities.read_ttl_s


def _judged(
    memory: ChargerMemory, before: Promise, state: ChargerState, now_s: float, reasons: list[Reason]
) -> ChargerMemory:
    """Compare what was read back with what was told: obeyed, ignored, or changed by somebody else (H9)."""
    told_a, read_a = memory.told_a, state.limit_a
    if told_a is None or read_a is None or memory.promise.in_flight:
        return memory
    if is_same(told_a, read_a):
        done = memory.failures == 0
        return memory if done else replace(memory, failures=0, defies=False, retry_mono_s=0.0)
    if before.in_flight:
        return _failed(memory, now_s, lowers=told_a < read_a)
    if not _was_reset(memory):
        reasons.append(Reason(code=Code.OTHER_CONTROLLER, by=state.id, value=read_a, needed=told_a))
    return memory


def _was_reset(memory: ChargerMemory) -> bool:
    """Tell whether a car came since the last limit was sent: plugging in may lift it."""
    plugged_s, changed_s = memory.session_mono_s, memory.changed_mono_s
    return plugged_s is not None and changed_s is not None and plugged_s > changed_s

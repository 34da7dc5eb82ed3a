"""`decide` on anything: total, deterministic, recordable; only what can be told is; the ledger holds."""

from collections.abc import Iterator

import pytest
from hypothesis import Phase, HealthCheck, given, settings
from hypothesis import strategies as st

from controller.codec import decision_json
from controller.domain.decision import decide
from controller.domain.promises import promised_a
from controller.domain.site import ChargerSpec
from controller.domain.snapshot import Memory, Snapshot
from controller.domain.units import ChargerId, CircuitId
from controller.domain.writes import Decision, Kind
from controller.policy_files import load
from tests.properties.snapshots import NOW_S, sites, snapshots

SOME = settings(
    max_examples=1200, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
POLICIES = load(None)


def lived(data: st.DataObject, *, sane: bool) -> Iterator[tuple[Snapshot, Decision]]:
    """Let one site live through a few ticks, each with readings of its own."""
    site, memory, now_s = data.draw(sites()), Memory(), NOW_S
    for _ in range(data.draw(st.integers(1, 4))):
        snapshot = data.draw(snapshots(site, memory, now_s, sane=sane))
        decision = decide(snapshot, POLICIES)
        yield snapshot, decision
        memory = decision.memory
        now_s += data.draw(st.sampled_from([1.0, 5.0, 12.0, 61.0]))


@SOME
@given(st.data())
def test_every_snapshot_leads_to_a_decision_that_can_be_recorded(data: st.DataObject) -> None:
    for _, decision in lived(data, sane=False):
        assert decision_json(decision)


@SOME
@given(st.data())
def test_the_same_snapshot_leads_to_the_same_bytes(data: st.DataObject) -> None:
    for snapshot, decision in lived(data, sane=False):
        assert decision_json(decide(snapshot, POLICIES)) == decision_json(decision)


@SOME
@given(st.data())
def test_every_charger_has_a_verdict_and_every_share_a_reason(data: st.DataObject) -> None:
    for snapshot, decision in lived(data, sane=False):
        assert list(decision.chargers) == [charger.id for charger in snapshot.site.chargers]
        assert all(verdict.reasons for verdict in decision.chargers.values())


def can_be_told(spec: ChargerSpec, limit_a: float) -> bool:
    """Judge 0, or min..max in whole steps."""
    if limit_a == 0:
        return spec.abilities.can_pause
    steps = limit_a / spec.step_a if spec.step_a > 0 else round(limit_a)
    is_whole = spec.step_a == 0 or abs(steps - round(steps)) < 1e-6
    return is_whole and spec.min_a - 1e-6 <= limit_a <= spec.max_a + 1e-6


@SOME
@given(st.data())
def test_a_write_is_nothing_or_within_min_and_max_in_whole_steps(data: st.DataObject) -> None:
    for snapshot, decision in lived(data, sane=False):
        for write in decision.writes:
            assert can_be_told(snapshot.site.charger[write.charger], write.limit_a), write


@SOME
@given(st.data())
def test_nobody_silent_out_of_service_or_paused_by_a_person_is_told_anything(data: st.DataObject) -> None:
    for snapshot, decision in lived(data, sane=False):
        for write in decision.writes:
            assert not decision.chargers[write.charger].silent
            assert snapshot.chargers[write.charger].held != "paused by a person"


@SOME
@given(st.data())
def test_nothing_rises_that_cannot_be_recorded(data: st.DataObject) -> None:
    for snapshot, decision in lived(data, sane=False):
        if not snapshot.recording:
            assert all(write.kind is not Kind.RAISE for write in decision.writes)
            assert all(write.kind is not Kind.RAISE for write in decision.limiter_writes)


def promised_in(snapshot: Snapshot, decision: Decision, circuit: CircuitId, index: int) -> float:
    """Sum promises below a circuit the plain way, each limiter letting through no more than its own."""
    memory, site = decision.memory, snapshot.site
    total_a = 0.0
    for charger in site.chargers:
        if charger.circuit == circuit and index + 1 in counted(decision, charger):
            total_a += decision.chargers[charger.id].promise_a
    gone = snapshot.out_of_service
    total_a += sum(
        ghost.promise_a
        for ghost in site.ghosts
        if ghost.circuit == circuit and ghost.id not in gone and index + 1 in ghost.phases
    )
    for below in site.circuits:
        if below.parent == circuit:
            total_a += promised_in(snapshot, decision, below.id, index)
    pages = memory.circuits[circuit].limiter if circuit in memory.circuits else None
    return total_a if pages is None else min(total_a, promised_a(pages[index]))


def counted(decision: Decision, charger: ChargerSpec) -> tuple[int, ...]:
    used = decision.memory.chargers[charger.id].used_phases
    return charger.phases if used is None or decision.chargers[charger.id].silent else used


def gate_a(snapshot: Snapshot, decision: Decision, circuit: CircuitId, index: int) -> float | None:
    spec = snapshot.site.circuit[circuit]
    if decision.circuits[circuit].blind:
        return None
    memory = decision.memory.circuits.get(circuit)
    if spec.meter is None or memory is None or not memory.seen:
        return None if spec.background_a is None else spec.background_a[index]
    return max(gate[index] for _, _, gate in memory.seen)


@SOME
@given(st.data())
def test_no_raise_leaves_promises_and_background_above_a_limit(data: st.DataObject) -> None:
    for snapshot, decision in lived(data, sane=True):
        for write in decision.writes:
            if write.kind is not Kind.RAISE:
                continue
            charger = snapshot.site.charger[write.charger]
            for circuit in snapshot.site.path[charger.circuit]:
                for phase in counted(decision, charger):
                    carried_a = gate_a(snapshot, decision, circuit, phase - 1)
                    if carried_a is None:
                        continue
                    total_a = carried_a + promised_in(snapshot, decision, circuit, phase - 1)
                    assert total_a <= snapshot.site.circuit[circuit].limit_a[phase - 1] + 1e-6


@SOME
@given(st.data())
def test_no_limiters_raise_leaves_promises_and_background_above_a_limit_above_it(data: st.DataObject) -> None:
    for snapshot, decision in lived(data, sane=True):
        for write in decision.limiter_writes:
            if write.kind is not Kind.RAISE:
                continue
            for circuit in snapshot.site.path[write.circuit][1:]:
                for index in range(3):
                    carried_a = gate_a(snapshot, decision, circuit, index)
                    if carried_a is None or not _rose(snapshot, write.circuit, write.limit_a[index], index):
                        continue
                    total_a = carried_a + promised_in(snapshot, decision, circuit, index)
                    assert total_a <= snapshot.site.circuit[circuit].limit_a[index] + 1e-6


def _rose(snapshot: Snapshot, circuit: CircuitId, limit_a: float, index: int) -> bool:
    reading = snapshot.limiters.get(circuit)
    return reading is not None and limit_a > reading[1][index]


@SOME
@given(st.data())
def test_a_raise_states_the_promise_that_has_to_be_on_record(data: st.DataObject) -> None:
    for _, decision in lived(data, sane=True):
        for write in decision.writes:
            page = decision.memory.chargers[ChargerId(write.charger)].promise
            assert write.promise_a == pytest.approx(promised_a(page))

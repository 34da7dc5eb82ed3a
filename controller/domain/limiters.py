"""Limiters: what circuits' own devices (P1, P2, P3, time to live) hold, under the same ledger rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from controller.domain.cases import LONGEST_RETRY_S
from controller.domain.promises import (
    aged,
    answered,
    answers_of,
    heard,
    latest_limit_a,
    opened,
    promised_a,
    under_way,
)
from controller.domain.readings import Answer, ChargerState, Outcome
from controller.domain.samples import is_fresh
from controller.domain.site import Abilities, Circuit, Limiter
from controller.domain.snapshot import CircuitMemory, Promise, Snapshot
from controller.domain.units import ChargerId, CircuitId, Phases

Pages = tuple[Promise, Promise, Promise]

# By then the longest pause is reached.
_MOST_FAILURES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LimiterCase:
    """One limiter while a tick is made."""

    circuit: Circuit
    limiter: Limiter
    pages: Pages
    read_a: Phases | None
    failures: int
    retry_mono_s: float

    @property
    def latest_a(self) -> Phases:
        """The limit that is or soon will be in force."""
        read_a = (None, None, None) if self.read_a is None else self.read_a
        latest_a = [latest_limit_a(page, told_a) for page, told_a in zip(self.pages, read_a, strict=True)]
        return latest_a[0], latest_a[1], latest_a[2]

    @property
    def waiting(self) -> bool:
        """Whether a write is on its way, or waits to be read back."""
        latest = [under_way(page) for page in self.pages]
        return any(flight is not None and not flight.unanswered for flight in latest)

    def is_lost(self, now_s: float) -> bool:
        """Tell whether the latest write got no answer, and some time has passed: longer with each failure."""
        latest = [flight for page in self.pages if (flight := under_way(page)) is not None]
        wait_s = min(LONGEST_RETRY_S, 2.0**self.failures)
        return any(flight.unanswered and now_s >= flight.sent_mono_s + wait_s for flight in latest)

    @property
    def promised_a(self) -> Phases:
        """What the circuits above count at most."""
        return promised_a(self.pages[0]), promised_a(self.pages[1]), promised_a(self.pages[2])


def limiter_cases(snapshot: Snapshot) -> dict[CircuitId, LimiterCase]:
    """Open the case of every limiter, ledger rules already applied."""
    answers = answers_of(snapshot)
    return {
        circuit.id: _case(snapshot, circuit, circuit.limiter, answers)
        for circuit in snapshot.site.circuits
        if circuit.limiter is not None
    }


def _case(
    snapshot: Snapshot, circuit: Circuit, limiter: Limiter, answers: Mapping[int, Answer]
) -> LimiterCase:
    memory = snapshot.memory.circuits.get(circuit.id)
    reading = snapshot.limiters.get(circuit.id)
    if reading is not None and not _is_usable(reading, snapshot.mono_s, limiter.read_ttl_s):
        reading = None
    pages = memory.limiter if memory is not None else None
    moved = [
        _moved(
            snapshot, circuit.id, limiter, index, None if pages is None else pages[index], reading, answers
        )
        for index in range(3)
    ]
    failures, retry_mono_s = _failures(memory, answers, snapshot.mono_s)
    return LimiterCase(
        circuit=circuit,
        limiter=limiter,
        pages=(moved[0], moved[1], moved[2]),
        read_a=None if reading is None else reading[1],
        failures=failures,
        retry_mono_s=retry_mono_s,
    )


def _failures(memory: CircuitMemory | None, answers: Mapping[int, Answer], now_s: float) -> tuple[int, float]:
    """Count failures in a row, and tell until when to leave one that refused alone: longer each time."""
    if memory is None or memory.limiter is None:
        return 0, 0.0
    failures, retry_mono_s = memory.limiter_failures, memory.limiter_retry_mono_s
    for flight in memory.limiter[0].in_flight:
        answer = answers.get(flight.write)
        if answer is None or answer.outcome is Outcome.NOT_SENT:
            continue
        if answer.outcome is Outcome.REFUSED:
            retry_mono_s = now_s + min(LONGEST_RETRY_S, 2.0**failures)
        failures = 0 if answer.outcome is Outcome.DELIVERED else min(failures + 1, _MOST_FAILURES)
    return failures, retry_mono_s


def _is_usable(reading: tuple[float, Phases], now_s: float, ttl_s: float) -> bool:
    """Tell whether a reading is fresh and its numbers are limits (rule 7)."""
    at_mono_s, limit_a = reading
    return is_fresh(at_mono_s, now_s, ttl_s) and isfinite(sum(limit_a)) and min(limit_a) >= 0


def _moved(
    snapshot: Snapshot,
    circuit: CircuitId,
    limiter: Limiter,
    index: int,
    page: Promise | None,
    reading: tuple[float, Phases] | None,
    answers: Mapping[int, Answer],
) -> Promise:
    abilities = _abilities(limiter, index)
    if page is None:
        page = _opened_page(snapshot, circuit, limiter, index)
    for flight in page.in_flight:
        if flight.write in answers:
            page = answered(page, answers[flight.write])
    if reading is not None:
        state = ChargerState(id=ChargerId(""), at_mono_s=reading[0], limit_a=reading[1][index])
        page = heard(page, state, abilities)
    return aged(page, abilities, snapshot.mono_s, limiter.nameplate_a[index])


def _opened_page(snapshot: Snapshot, circuit: CircuitId, limiter: Limiter, index: int) -> Promise:
    """Open a page after a start, as a charger's."""
    recorded_a = snapshot.recorded_limiters_a.get(circuit)
    lapses_s = snapshot.recorded_limiters_lapse_mono_s.get(circuit)
    if lapses_s is None and limiter.lease_s is not None and circuit in snapshot.site.limiters_to_lapse:
        lapses_s = snapshot.mono_s
    told_a = None if recorded_a is None else recorded_a[index]
    return opened(told_a, limiter.nameplate_a[index], snapshot.mono_s, lapses_s)


def _abilities(limiter: Limiter, index: int) -> Abilities:
    return Abilities(
        follow_s=limiter.follow_s,
        delivery_s=limiter.delivery_s,
        read_ttl_s=limiter.read_ttl_s,
        lease_s=limiter.lease_s,
        lapses_to_a=None if limiter.lapses_to_a is None else limiter.lapses_to_a[index],
    )

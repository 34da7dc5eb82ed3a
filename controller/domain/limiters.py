"""Limiters: circuits whose own device is told (P1, P2, P3, time to live), under the same ledger rules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import floor

from controller.domain.opinions import Opinions
from controller.domain.promises import aged, answered, heard, latest_limit_a, opened, promised_a, sent
from controller.domain.readings import Answer, ChargerState
from controller.domain.samples import is_fresh
from controller.domain.site import Abilities, Circuit, Limiter
from controller.domain.snapshot import CircuitMemory, Promise, Snapshot
from controller.domain.tracking import Background
from controller.domain.units import ChargerId, CircuitId, Phases
from controller.domain.writes import Kind, LimiterWrite

_Pages = tuple[Promise, Promise, Promise]

# Smaller changes of a circuit's limit are not worth a write.
_DEAD_BAND_A = 1.0
# A lease is renewed when this part of it is left.
_RENEW_SHARE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class LimiterCase:
    """One limiter while a tick is made."""

    circuit: Circuit
    limiter: Limiter
    pages: _Pages
    read_a: Phases | None

    @property
    def promised_a(self) -> Phases:
        """What the circuits above count at most."""
        return promised_a(self.pages[0]), promised_a(self.pages[1]), promised_a(self.pages[2])


def limiter_cases(snapshot: Snapshot) -> dict[CircuitId, LimiterCase]:
    """Open the case of every limiter, ledger rules already applied."""
    answers = {answer.write: answer for answer in snapshot.answers}
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
    if reading is not None and not is_fresh(reading[0], snapshot.mono_s, limiter.read_ttl_s):
        reading = None
    pages = memory.limiter if memory is not None else None
    moved = [
        _moved(snapshot, limiter, index, None if pages is None else pages[index], reading, answers)
        for index in range(3)
    ]
    read_a = None if reading is None else reading[1]
    return LimiterCase(circuit=circuit, limiter=limiter, pages=(moved[0], moved[1], moved[2]), read_a=read_a)


def _moved(
    snapshot: Snapshot,
    limiter: Limiter,
    index: int,
    page: Promise | None,
    reading: tuple[float, Phases] | None,
    answers: Mapping[int, Answer],
) -> Promise:
    abilities = _abilities(limiter, index)
    if page is None:
        page = opened(None, limiter.nameplate_a[index], snapshot.mono_s)
    for flight in page.in_flight:
        if flight.write in answers:
            page = answered(page, answers[flight.write])
    if reading is not None:
        state = ChargerState(id=ChargerId(""), at_mono_s=reading[0], limit_a=reading[1][index])
        page = heard(page, state, abilities)
    return aged(page, abilities, snapshot.mono_s)


def _abilities(limiter: Limiter, index: int) -> Abilities:
    return Abilities(
        follow_s=limiter.follow_s,
        delivery_s=limiter.delivery_s,
        read_ttl_s=limiter.read_ttl_s,
        lease_s=limiter.lease_s,
        lapses_to_a=None if limiter.lapses_to_a is None else limiter.lapses_to_a[index],
    )


def limiter_writes(
    snapshot: Snapshot,
    open_cases: Mapping[CircuitId, LimiterCase],
    said: Opinions,
    backgrounds: Mapping[CircuitId, Background | None],
    first: int,
) -> tuple[list[LimiterWrite], dict[CircuitId, _Pages]]:
    """Decide what every limiter is told, numbered from `first`; return the pages after the writes."""
    writes: list[LimiterWrite] = []
    pages: dict[CircuitId, _Pages] = {}
    for circuit, case in open_cases.items():
        target_a = _target_a(case, said, backgrounds[circuit])
        write = _write(snapshot, case, target_a, first + len(writes))
        pages[circuit] = case.pages
        if write is not None:
            writes.append(write)
            pages[circuit] = _told(case.pages, write, snapshot.mono_s)
    return writes, pages


def _told(pages: _Pages, write: LimiterWrite, now_s: float) -> _Pages:
    told = [sent(p, write.number, write.limit_a[i], now_s, write.lease_s) for i, p in enumerate(pages)]
    return told[0], told[1], told[2]


def _target_a(case: LimiterCase, said: Opinions, background: Background | None) -> Phases:
    """Tell what the circuit's chargers may have: what the gate leaves, and no more than a policy wants."""
    limits = list(case.circuit.limit_a)
    for index in range(3):
        limits[index] = 0.0 if background is None else limits[index] - background.gate_a[index]
    for wish in said.limiters:
        if wish.circuit == case.circuit.id:
            limits = [min(limit_a, wish.limit_a[index]) for index, limit_a in enumerate(limits)]
    whole = [float(floor(max(0.0, limit_a))) for limit_a in limits]
    return whole[0], whole[1], whole[2]


def _write(snapshot: Snapshot, case: LimiterCase, target_a: Phases, number: int) -> LimiterWrite | None:
    latest_a = [
        latest_limit_a(page, None if case.read_a is None else case.read_a[index])
        for index, page in enumerate(case.pages)
    ]
    waiting = any(page.in_flight and not page.in_flight[-1].unanswered for page in case.pages)
    lowers = any(latest_a[i] - target_a[i] >= _DEAD_BAND_A for i in range(3))
    raises = any(target_a[i] - latest_a[i] >= _DEAD_BAND_A for i in range(3))
    if case.read_a is None or not (lowers or _due(snapshot, case) or (raises and not waiting)):
        return None
    if waiting and not lowers:
        return None
    lease_s = case.limiter.lease_s if _may_lapse(case) else None
    kind = Kind.CUT if lowers else Kind.RAISE if raises else Kind.REPEAT
    if kind is Kind.RAISE and not snapshot.recording:
        return None
    return LimiterWrite(number=number, circuit=case.circuit.id, limit_a=target_a, kind=kind, lease_s=lease_s)


def _due(snapshot: Snapshot, case: LimiterCase) -> bool:
    lapses_s, lease_s = case.pages[0].lapses_mono_s, case.limiter.lease_s
    return (
        lapses_s is not None and lease_s is not None and lapses_s - snapshot.mono_s <= lease_s * _RENEW_SHARE
    )


def _may_lapse(case: LimiterCase) -> bool:
    """A time to live is used only where what it lapses to fits the circuit at its declared worst (H7)."""
    lapses_a, worst_a = case.limiter.lapses_to_a, case.circuit.worst_background_a
    if lapses_a is None or worst_a is None:
        return False
    return all(worst_a[i] + lapses_a[i] <= case.circuit.limit_a[i] for i in range(3))


def with_pages(memory: CircuitMemory, pages: _Pages) -> CircuitMemory:
    """Keep a limiter's pages in its circuit's memory."""
    return replace(memory, limiter=pages)

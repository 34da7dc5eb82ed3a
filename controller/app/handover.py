"""Handover: what a configuration leaves to the one that follows it, and to itself after a restart."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from controller.board import Board
from controller.domain.promises import promised_a
from controller.domain.site import Ghost, Site
from controller.domain.snapshot import CircuitMemory
from controller.domain.units import ChargerId, CircuitId, MeterId
from controller.ports import Recorded, RecordedLimiter, RecordedPromise
from controller.settings import Settings


def bring_back(board: Board, promises: Iterable[Recorded]) -> None:
    """Let a configuration begin at what was promised before it; who is not known there is budgeted apart."""
    for promise in promises:
        if isinstance(promise, RecordedLimiter):
            board.recorded_limiters_a[promise.circuit] = promise.promise_a
        elif promise.charger in board.site.charger:
            board.recorded_a[promise.charger] = promise.promise_a


def ghosts(site: Site, promises: Iterable[Recorded]) -> tuple[Ghost, ...]:
    """Budget chargers that left the configuration while they may still believe in a promise (rule 4)."""
    return tuple(
        Ghost(
            id=promise.charger,
            circuit=promise.circuit if promise.circuit in site.circuit else site.circuits[0].id,
            phases=tuple(phase for phase in promise.phases if phase in site.phases) or site.phases,
            promise_a=promise.promise_a,
        )
        for promise in promises
        if isinstance(promise, RecordedPromise)
        and promise.charger not in site.charger
        and promise.promise_a > 0
    )


def promises_of(board: Board, at: datetime) -> tuple[Recorded, ...]:
    """Tell what every charger of a configuration was promised last, its ghosts and limiters included."""
    return (*_present(board, at), *_long_gone(board.site, at), *_limiters(board, at))


def _present(board: Board, at: datetime) -> Iterator[RecordedPromise]:
    memory = board.memory.chargers
    for spec in board.site.chargers:
        unread_a = board.recorded_a.get(spec.id, spec.nameplate_a)
        known_a = promised_a(memory[spec.id].promise) if spec.id in memory else unread_a
        yield _promise(spec.id, spec.circuit, spec.phases, known_a, at)


def _long_gone(site: Site, at: datetime) -> Iterator[RecordedPromise]:
    for ghost in site.ghosts:
        yield _promise(ghost.id, ghost.circuit, ghost.phases, ghost.promise_a, at)


def _limiters(board: Board, at: datetime) -> Iterator[RecordedLimiter]:
    """Tell what every limiter was promised, also of one that is configured no longer: it may come back."""
    pages = {c: m.limiter for c, m in board.memory.circuits.items() if m.limiter is not None}
    known_a = {
        c: (promised_a(one), promised_a(two), promised_a(three)) for c, (one, two, three) in pages.items()
    }
    for circuit, promise_a in {**board.recorded_limiters_a, **known_a}.items():
        yield RecordedLimiter(circuit=circuit, promise_a=promise_a, at=at)


def _promise(
    charger: ChargerId, circuit: CircuitId, phases: Sequence[int], promise_a: float, at: datetime
) -> RecordedPromise:
    return RecordedPromise(charger=charger, circuit=circuit, phases=tuple(phases), promise_a=promise_a, at=at)


def hand_over(old: Board, new: Board, before: Settings, after: Settings, mono_s: float) -> None:
    """Give a new configuration what the old one knows; whatever is wired or read otherwise is learned anew.

    Answers of writes that the switch broke off come along, so that the ledger keeps counting them.
    """
    _hand_over_readings(old, new, before, after)
    kept = new.site.charger
    new.memory = replace(
        old.memory,
        chargers={c: memory for c, memory in old.memory.chargers.items() if c in kept},
        circuits={c: m for c, m in _circuits(old, new, mono_s) if c in new.site.circuit},
    )
    new.requests = {c: request for c, request in old.requests.items() if c in kept}
    new.vehicles = {c: vehicle for c, vehicle in old.vehicles.items() if c in kept}
    new.cap, new.prices, new.out_of_service = old.cap, old.prices, old.out_of_service
    for answer in old.take_answers():
        new.answer(answer)


def _hand_over_readings(old: Board, new: Board, before: Settings, after: Settings) -> None:
    same_meters = {one.id for one in after.meters if one in before.meters}
    same_places = {place.id for place in new.places if place in old.places}
    same_chargers = {one.id for one in after.chargers if one in before.chargers}
    new.meters = {m: reading for m, reading in old.meters.items() if m in same_meters & same_places}
    new.chargers = {
        c: state
        for c, state in old.chargers.items()
        if c in same_chargers and old.site.charger[c] == new.site.charger[c]
    }
    new.limiters = {c: read for c, read in old.limiters.items() if c in new.site.circuit}


def _circuits(old: Board, new: Board, mono_s: float) -> Iterator[tuple[CircuitId, CircuitMemory]]:
    """Keep the background of circuits whose meter stayed; with another one its first sample is awaited."""
    for circuit, memory in old.memory.circuits.items():
        if circuit not in new.site.circuit or _metered_alike(old, new, circuit):
            yield circuit, memory
        else:
            yield circuit, replace(memory, seen=(), waiting_mono_s=mono_s)


def _metered_alike(old: Board, new: Board, circuit: CircuitId) -> bool:
    def meter(board: Board) -> MeterId | None:
        return board.site.circuit[circuit].meter

    was, is_now = meter(old), meter(new)
    return was == is_now and (is_now is None or is_now in new.meters or is_now not in old.meters)

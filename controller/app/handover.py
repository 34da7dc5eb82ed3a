"""Handover: what a configuration leaves to the one that follows it, and to itself after a restart."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from controller.board import Board
from controller.domain.promises import opened
from controller.domain.site import ChargerSpec, Ghost, Site
from controller.domain.snapshot import ChargerMemory, CircuitMemory, Promise
from controller.domain.units import CircuitId, MeterId
from controller.journal import Now, limiter_record_of, record_of
from controller.ports import Clock, Recorded, RecordedLimiter, RecordedPromise
from controller.settings import Settings

# Wall time and the monotonic clock drift apart by less than this unless one of them jumps.
_JUMPED_S = 2.0


def bring_back(board: Board, promises: Iterable[Recorded], clock: Clock) -> None:
    """Let a configuration begin at what was promised before it; who is not known there is budgeted apart."""
    for promise in promises:
        lapses_mono_s = _lapses_mono_s(promise, clock)
        if isinstance(promise, RecordedLimiter):
            board.recorded_limiters_a[promise.circuit] = promise.promise_a
            if lapses_mono_s is not None:
                board.recorded_limiters_lapse_mono_s[promise.circuit] = lapses_mono_s
        elif promise.charger in board.site.charger:
            board.recorded_a[promise.charger] = promise.promise_a
            if lapses_mono_s is not None:
                board.recorded_lapses_mono_s[promise.charger] = lapses_mono_s


def _lapses_mono_s(promise: Recorded, clock: Clock) -> float | None:
    """Tell from when on a lease of before may end, by the present monotonic clock.

    Where the host was restarted or wall time jumped since, nobody knows how long it has been: any moment.
    """
    if promise.lapses_mono_s is None or promise.mono_s is None:
        return promise.lapses_mono_s
    by_wall_s = (clock.now() - promise.at).total_seconds()
    by_mono_s = clock.mono_s() - promise.mono_s
    return promise.lapses_mono_s if abs(by_wall_s - by_mono_s) <= _JUMPED_S else clock.mono_s()


def ghosts(site: Site, promises: Iterable[Recorded]) -> tuple[Ghost, ...]:
    """Budget chargers that left the configuration while they may still believe in a promise (rule 4).

    Nobody renews their leases, so that what they go to by themselves counts as well.
    """
    return tuple(_ghost(site, p) for p in promises if isinstance(p, RecordedPromise) and _haunts(site, p))


def _haunts(site: Site, promise: RecordedPromise) -> bool:
    return promise.charger not in site.charger and max(promise.promise_a, promise.silent_a or 0.0) > 0


def _ghost(site: Site, promise: RecordedPromise) -> Ghost:
    return Ghost(
        id=promise.charger,
        circuit=promise.circuit if promise.circuit in site.circuit else site.circuits[0].id,
        phases=tuple(phase for phase in promise.phases if phase in site.phases) or site.phases,
        promise_a=max(promise.promise_a, promise.silent_a or 0.0),
    )


def promises_of(board: Board, clock: Clock) -> tuple[Recorded, ...]:
    """Tell what every charger of a configuration was promised last, its ghosts and limiters included."""
    now = Now(at=clock.now(), mono_s=clock.mono_s())
    return (*_present(board, now), *_long_gone(board.site, now), *_limiters(board, now))


def _present(board: Board, now: Now) -> Iterator[RecordedPromise]:
    for spec in board.site.chargers:
        known = board.memory.chargers.get(spec.id)
        page = _unread(board, spec, now) if known is None else known.promise
        yield record_of(board.site, spec, page, now)


def _unread(board: Board, spec: ChargerSpec, now: Now) -> Promise:
    """Open the page of a charger that no tick has looked at yet."""
    lapses_mono_s = board.recorded_lapses_mono_s.get(spec.id)
    return opened(board.recorded_a.get(spec.id), spec.nameplate_a, now.mono_s, lapses_mono_s)


def _long_gone(site: Site, now: Now) -> Iterator[RecordedPromise]:
    for ghost in site.ghosts:
        yield RecordedPromise(
            charger=ghost.id,
            circuit=ghost.circuit,
            phases=ghost.phases,
            promise_a=ghost.promise_a,
            at=now.at,
            mono_s=now.mono_s,
        )


def _limiters(board: Board, now: Now) -> Iterator[RecordedLimiter]:
    """Tell what every limiter was promised, also of one that is configured no longer: it may come back."""
    for circuit, promise_a in board.recorded_limiters_a.items():
        lapses_mono_s = board.recorded_limiters_lapse_mono_s.get(circuit)
        yield RecordedLimiter(
            circuit=circuit,
            promise_a=promise_a,
            lapses_mono_s=lapses_mono_s,
            at=now.at,
            mono_s=now.mono_s,
        )
    for circuit, memory in board.memory.circuits.items():
        if memory.limiter is not None:
            yield limiter_record_of(circuit, memory.limiter, now)


def hand_over(old: Board, new: Board, before: Settings, after: Settings, mono_s: float) -> None:
    """Give a new configuration what the old one knows; whatever is wired or read otherwise is learned anew.

    Answers of writes that the switch broke off come along, so that the ledger keeps counting them.
    """
    _hand_over_readings(old, new, before, after)
    kept = new.site.charger
    new.memory = replace(
        old.memory,
        chargers={
            c: _as_wired(memory, old.site.charger.get(c), kept[c])
            for c, memory in old.memory.chargers.items()
            if c in kept
        },
        circuits={c: m for c, m in _circuits(old, new, mono_s) if c in new.site.circuit},
    )
    new.requests = {c: request for c, request in old.requests.items() if c in kept}
    new.vehicles = {c: vehicle for c, vehicle in old.vehicles.items() if c in kept}
    new.cap, new.prices, new.out_of_service = old.cap, old.prices, old.out_of_service
    for answer in old.take_answers():
        new.answer(answer)


def _as_wired(memory: ChargerMemory, was: ChargerSpec | None, is_now: ChargerSpec) -> ChargerMemory:
    """Forget which phases a car uses where the charger is wired otherwise than was thought."""
    if was is not None and (was.circuit, was.phases) == (is_now.circuit, is_now.phases):
        return memory
    return replace(memory, used_phases=None, seen_phases=None)


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

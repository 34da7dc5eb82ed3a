"""Promise board: what every recorded promise should be, and which of them are not yet written.

State, not messages: whatever order raises, lower promises and retries come in, the latest word is what gets
written, so a late answer can never put an older promise over a newer one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from controller.domain.promises import promised_a
from controller.domain.snapshot import Snapshot
from controller.domain.units import Phases
from controller.domain.writes import Decision
from controller.ports import Recorded, RecordedLimiter, RecordedPromise

_Holder = tuple[str, str]
"""A kind of device, and its id: a charger and a circuit may have the same."""


class PromiseBoard:
    """The latest promise of every charger and of every circuit's limiter."""

    def __init__(self) -> None:
        self._promises: dict[_Holder, Recorded] = {}
        self._unwritten: set[_Holder] = set()

    @property
    def unwritten(self) -> tuple[Recorded, ...]:
        """Everything whose latest word is not known to be in the database."""
        return tuple(self._promises[holder] for holder in sorted(self._unwritten))

    def put(self, promises: Iterable[Recorded]) -> None:
        """Take promises that have to be on record before a write goes out.

        A raise may have waited for its turn while a later tick saw more: what is there is never lowered here.
        """
        for promise in promises:
            known = self._promises.get(_holder(promise))
            raised = promise if known is None else _raised(known, promise)
            if raised != known:
                self._set(raised)

    def follow(self, snapshot: Snapshot, decision: Decision) -> None:
        """Take over what a tick says of every promise: lower ones after confirmed cuts, mostly."""
        promises: Iterable[Recorded] = chain(_chargers(snapshot, decision), _limiters(snapshot, decision))
        for promise in promises:
            known = self._promises.get(_holder(promise))
            if known is None or replace(known, at=promise.at) != promise:
                self._set(promise)

    def loaded(self, promises: Iterable[Recorded]) -> None:
        """Take what the database already holds."""
        for promise in promises:
            self._promises.setdefault(_holder(promise), promise)

    def written(self, promises: Iterable[Recorded]) -> None:
        """Note what the database took; a newer word that came meanwhile stays unwritten."""
        for promise in promises:
            if self._promises.get(_holder(promise)) is promise:
                self._unwritten.discard(_holder(promise))

    def distrust(self) -> None:
        """Count nothing as written: after an outage the database may be another one."""
        self._unwritten = set(self._promises)

    def _set(self, promise: Recorded) -> None:
        self._promises[_holder(promise)] = promise
        self._unwritten.add(_holder(promise))


def _holder(promise: Recorded) -> _Holder:
    if isinstance(promise, RecordedPromise):
        return "charger", promise.charger
    return "limiter", promise.circuit


def _raised(known: Recorded, promise: Recorded) -> Recorded:
    if isinstance(known, RecordedPromise) and isinstance(promise, RecordedPromise):
        return promise if known.promise_a < promise.promise_a else known
    if isinstance(known, RecordedLimiter) and isinstance(promise, RecordedLimiter):
        one, two, three = (max(pair) for pair in zip(known.promise_a, promise.promise_a, strict=True))
        return (
            known if known.promise_a == (one, two, three) else replace(promise, promise_a=(one, two, three))
        )
    return promise


def _chargers(snapshot: Snapshot, decision: Decision) -> Iterator[RecordedPromise]:
    """Tell every charger's promise; a write of this very tick counts, whether or not the verdict does."""
    site = snapshot.site
    asked_a = {write.charger: write.promise_a for write in decision.writes}
    for charger, verdict in decision.chargers.items():
        if charger in site.charger:
            spec = site.charger[charger]
            yield RecordedPromise(
                charger=charger,
                circuit=spec.circuit,
                phases=spec.phases,
                promise_a=max(verdict.promise_a, asked_a.get(charger, 0.0)),
                at=snapshot.at,
            )


def _limiters(snapshot: Snapshot, decision: Decision) -> Iterator[RecordedLimiter]:
    for circuit in snapshot.site.circuits:
        memory = decision.memory.circuits.get(circuit.id)
        if circuit.limiter is not None and memory is not None and memory.limiter is not None:
            one, two, three = memory.limiter
            promise_a: Phases = promised_a(one), promised_a(two), promised_a(three)
            yield RecordedLimiter(circuit=circuit.id, promise_a=promise_a, at=snapshot.at)

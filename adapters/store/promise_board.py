"""Promise board: what every recorded promise should be, and which of them are not yet written.

State, not messages: whatever order raises, lower promises and retries come in, the latest word is what gets
written, so a late answer can never put an older promise over a newer one.
"""

from collections.abc import Iterable
from dataclasses import replace

from controller.domain.site import Site
from controller.domain.snapshot import Snapshot
from controller.domain.writes import Decision
from controller.journal import Now, limiter_record_of, record_of
from controller.ports import Recorded, RecordedLimiter, RecordedPromise

_Holder = tuple[str, str]
"""A kind of device, and its id: a charger and a circuit may have the same."""


class PromiseBoard:
    """The latest promise of every charger and of every circuit's limiter."""

    def __init__(self) -> None:
        self._promises: dict[_Holder, Recorded] = {}
        self._unwritten: set[_Holder] = set()
        self._site: Site | None = None
        self._pages: dict[_Holder, object] = {}
        """The pages that were followed last: one that rests is the same object, and nothing new."""

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
                self._pages.pop(_holder(promise), None)

    def follow(self, snapshot: Snapshot, decision: Decision) -> None:
        """Take over what a tick says of every page, also of one out of service: it may come back unheard."""
        if snapshot.site is not self._site:
            self._site, self._pages = snapshot.site, {}
        now = Now(at=snapshot.at, mono_s=snapshot.mono_s)
        for spec in snapshot.site.chargers:
            known = decision.memory.chargers.get(spec.id)
            if known is not None and self._is_news(("charger", spec.id), known.promise):
                self._take(record_of(snapshot.site, spec, known.promise, now))
        for circuit in snapshot.site.circuits:
            told = None if circuit.limiter is None else decision.memory.circuits.get(circuit.id)
            if told is not None and told.limiter is not None:
                self._take(limiter_record_of(circuit.id, told.limiter, now))

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

    def _is_news(self, holder: _Holder, page: object) -> bool:
        if self._pages.get(holder) is page:
            return False
        self._pages[holder] = page
        return True

    def _take(self, promise: Recorded) -> None:
        known = self._promises.get(_holder(promise))
        if known is None or replace(known, at=promise.at, mono_s=promise.mono_s) != promise:
            self._set(promise)

    def _set(self, promise: Recorded) -> None:
        self._promises[_holder(promise)] = promise
        self._unwritten.add(_holder(promise))


def _holder(promise: Recorded) -> _Holder:
    if isinstance(promise, RecordedPromise):
        return "charger", promise.charger
    return "limiter", promise.circuit


def _raised(known: Recorded, promise: Recorded) -> Recorded:
    """Take the larger promise, and of two leases the one that ends first."""
    lapses_mono_s = _earlier(known.lapses_mono_s, promise.lapses_mono_s)
    if isinstance(known, RecordedPromise) and isinstance(promise, RecordedPromise):
        larger = promise if known.promise_a < promise.promise_a else known
        return replace(larger, lapses_mono_s=lapses_mono_s)
    if isinstance(known, RecordedLimiter) and isinstance(promise, RecordedLimiter):
        one, two, three = (max(pair) for pair in zip(known.promise_a, promise.promise_a, strict=True))
        latest = known if known.promise_a == (one, two, three) else promise
        return replace(latest, promise_a=(one, two, three), lapses_mono_s=lapses_mono_s)
    return promise


def _earlier(one_s: float | None, other_s: float | None) -> float | None:
    if one_s is None or other_s is None:
        return one_s if other_s is None else other_s
    return min(one_s, other_s)

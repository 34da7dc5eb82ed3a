"""Promise board: what every charger's recorded promise should be, and which of them are not yet written.

State, not messages: whatever order raises, lower promises and retries come in, the latest word is what gets
written, so a late answer can never put an older promise over a newer one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from controller.domain.site import Site
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId, CircuitId
from controller.domain.writes import Decision
from controller.ports import RecordedPromise


class PromiseBoard:
    """The latest promise of every charger."""

    def __init__(self) -> None:
        self._promises: dict[ChargerId, RecordedPromise] = {}
        self._unwritten: set[ChargerId] = set()

    @property
    def unwritten(self) -> tuple[RecordedPromise, ...]:
        """Everything whose latest word is not known to be in the database."""
        return tuple(self._promises[charger] for charger in sorted(self._unwritten))

    def put(self, promises: Iterable[RecordedPromise]) -> None:
        """Take promises that have to be on record before a write goes out.

        A raise may have waited for its turn while a later tick saw more: what is there is never lowered here.
        """
        for promise in promises:
            known = self._promises.get(promise.charger)
            if known is None or known.promise_a < promise.promise_a:
                self._set(promise)

    def follow(self, snapshot: Snapshot, decision: Decision) -> None:
        """Take over what a tick says of every promise: lower ones after confirmed cuts, mostly.

        A write of this very tick counts with its promise, whether or not the verdict already does.
        """
        wired = _wiring(snapshot.site)
        asked_a = {write.charger: write.promise_a for write in decision.writes}
        for charger, verdict in decision.chargers.items():
            if charger in wired:
                promise_a = max(verdict.promise_a, asked_a.get(charger, 0.0))
                self._follow_one(charger, wired[charger], promise_a, snapshot.at)

    def loaded(self, promises: Iterable[RecordedPromise]) -> None:
        """Take what the database already holds."""
        for promise in promises:
            self._promises.setdefault(promise.charger, promise)

    def written(self, promises: Iterable[RecordedPromise]) -> None:
        """Note what the database took; a newer word that came meanwhile stays unwritten."""
        for promise in promises:
            if self._promises.get(promise.charger) is promise:
                self._unwritten.discard(promise.charger)

    def distrust(self) -> None:
        """Count nothing as written: after an outage the database may be another one."""
        self._unwritten = set(self._promises)

    def _follow_one(
        self, charger: ChargerId, wiring: tuple[CircuitId, tuple[int, ...]], promise_a: float, at: datetime
    ) -> None:
        circuit, phases = wiring
        fresh = RecordedPromise(charger=charger, circuit=circuit, phases=phases, promise_a=promise_a, at=at)
        known = self._promises.get(charger)
        if known is None or replace(known, at=at) != fresh:
            self._set(fresh)

    def _set(self, promise: RecordedPromise) -> None:
        self._promises[promise.charger] = promise
        self._unwritten.add(promise.charger)


def _wiring(site: Site) -> Mapping[ChargerId, tuple[CircuitId, tuple[int, ...]]]:
    gone = {ghost.id: (ghost.circuit, ghost.phases) for ghost in site.ghosts}
    return gone | {spec.id: (spec.circuit, spec.phases) for spec in site.chargers}

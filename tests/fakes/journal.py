"""A journal in memory that fails, waits and remembers as a test wants it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from controller.domain.readings import PersonRequest, PriceSlot, SiteCap
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId, CircuitId
from controller.domain.writes import Decision
from controller.errors import RecordError
from controller.ports import KnownPrices, Recorded, RecordedLimiter, RecordedPromise


class FakeJournal:
    """Implements Journal."""

    def __init__(self) -> None:
        self.recording = True
        self.failure = ""
        """Why promises cannot be recorded; empty: they can."""
        self.writes = asyncio.Event()
        """While clear, recording a promise takes its time."""
        self.writes.set()
        self.promises: dict[ChargerId, RecordedPromise] = {}
        self.limiters: dict[CircuitId, RecordedLimiter] = {}
        self.policies: list[Mapping[str, Any]] = []
        self.ticks: list[tuple[Snapshot, Decision]] = []
        self.events: list[tuple[str, str, str]] = []
        self.requests: dict[ChargerId, PersonRequest | None] = {}
        self.cap: SiteCap | None = None
        self.gone: frozenset[ChargerId] = frozenset()
        self.parameters: dict[str, float] = {}

    async def record_promises(self, promises: Sequence[Recorded]) -> None:
        """Remember them, or fail as told."""
        await self.writes.wait()
        if self.failure:
            raise RecordError(self.failure)
        for promise in promises:
            if isinstance(promise, RecordedPromise):
                self.promises[promise.charger] = promise
            else:
                self.limiters[promise.circuit] = promise

    def record_policies(self, document: Mapping[str, Any]) -> None:
        """Remember them."""
        self.policies.append(document)

    def record_tick(self, snapshot: Snapshot, decision: Decision) -> None:
        """Remember it."""
        self.ticks.append((snapshot, decision))

    def record_prices(self, source: str, slots: Sequence[PriceSlot], fetched: datetime) -> None:
        """Forget them."""

    def record_event(self, kind: str, subject: str, detail: str = "") -> None:
        """Remember it."""
        self.events.append((kind, subject, detail))

    def keep_request(self, charger: ChargerId, request: PersonRequest | None) -> None:
        """Remember it."""
        self.requests[charger] = request

    def keep_cap(self, cap: SiteCap | None) -> None:
        """Remember it."""
        self.cap = cap

    def keep_out_of_service(self, chargers: frozenset[ChargerId]) -> None:
        """Remember them."""
        self.gone = chargers

    def keep_parameter(self, name: str, value: float | None) -> None:
        """Remember it."""
        if value is None:
            self.parameters.pop(name, None)
        else:
            self.parameters[name] = value

    async def load_promises(self) -> tuple[RecordedPromise, ...]:
        """Tell them."""
        return tuple(self.promises.values())

    async def load_limiters(self) -> tuple[RecordedLimiter, ...]:
        """Tell them."""
        return tuple(self.limiters.values())

    async def load_requests(self) -> Mapping[ChargerId, PersonRequest]:
        """Tell them."""
        return {charger: request for charger, request in self.requests.items() if request is not None}

    async def load_cap(self) -> SiteCap | None:
        """Tell it."""
        return self.cap

    async def load_out_of_service(self) -> frozenset[ChargerId]:
        """Tell them."""
        return self.gone

    async def load_parameters(self) -> Mapping[str, float]:
        """Tell them."""
        return self.parameters

    async def load_prices(self, source: str) -> KnownPrices:
        """Know none."""
        del source
        return KnownPrices()

    async def prune(self) -> None:
        """Do nothing."""

"""Notebook: the half of the journal that never waits. It turns what happens into entries of the outbox."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from adapters.store import rows, standing
from adapters.store.outbox import Entry, Importance, Outbox
from adapters.store.promise_board import PromiseBoard
from adapters.store.sampling import Sampler
from adapters.store.ticks import PolicyDocument
from adapters.store.writer import Writer
from controller.domain.readings import PersonRequest, PriceSlot, SiteCap
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.domain.writes import Decision, LimiterWrite, Write
from controller.journal import Novelty
from controller.ports import Clock
from controller.sessions import Session, Sessions


class Notebook:
    """Takes notes; whoever has a database empties the outbox."""

    def __init__(self, clock: Clock, writer: Writer, capacity: int) -> None:
        self._clock, self._writer = clock, writer
        self._outbox = Outbox(capacity)
        self._board = PromiseBoard()
        self._novelty, self._sampler, self._sessions = Novelty(), Sampler(), Sessions()
        self._policies: PolicyDocument | None = None

    def record_policies(self, document: PolicyDocument) -> None:
        """Note the policies that the ticks from here on are decided under, so that replay finds them."""
        self._policies = document

    def record_tick(self, snapshot: Snapshot, decision: Decision) -> None:
        """Note everything of a tick that is worth a row."""
        self._board.follow(snapshot, decision)
        if self._novelty.worth_keeping(decision):
            policies = self._policies
            tick = partial(self._writer.write_tick, snapshot=snapshot, decision=decision, policies=policies)
            self._put(Importance.DECISION, tick)
        if minutes := self._sampler.feed(snapshot):
            self._put(Importance.READING, partial(rows.write_minutes, minutes=minutes))
        self._put_sessions(self._sessions.feed(snapshot))
        for answer in snapshot.answers:
            self._put(Importance.WRITE, partial(rows.write_answer, at=snapshot.at, answer=answer))
        writes: tuple[Write | LimiterWrite, ...] = (*decision.writes, *decision.limiter_writes)
        if writes:
            self._put(Importance.WRITE, partial(rows.write_writes, at=decision.at, writes=writes))

    def record_prices(self, source: str, slots: Sequence[PriceSlot], fetched: datetime) -> None:
        """Note prices of a source; a slot that starts at the same instant is replaced."""
        prices = partial(rows.write_prices, source=source, slots=tuple(slots), fetched=fetched)
        self._put(Importance.PRICE, prices)

    def record_event(self, kind: str, subject: str, detail: str = "") -> None:
        """Note that something happened now."""
        event = partial(rows.write_event, at=self._clock.now(), kind=kind, subject=subject, detail=detail)
        self._put(Importance.EVENT, event)

    def keep_request(self, charger: ChargerId, request: PersonRequest | None) -> None:
        """Remember what a person asked for a charger; `None` forgets it."""
        body = None if request is None else standing.REQUESTS.dump_python(request, mode="json")
        self._keep(standing.REQUEST, charger, body)

    def keep_cap(self, cap: SiteCap | None) -> None:
        """Remember the grid operator's cap; `None` forgets it."""
        body = None if cap is None else standing.CAPS.dump_python(cap, mode="json")
        self._keep(standing.CAP, "site", body)

    def keep_parameter(self, name: str, value: float | None) -> None:
        """Remember a tuned policy parameter (`mode/policy/parameter`); `None` forgets it."""
        self._keep(standing.PARAMETER, name, value)

    def keep_out_of_service(self, chargers: frozenset[ChargerId]) -> None:
        """Remember which chargers are declared to be switched off: these and no others."""
        at = self._clock.now()
        kept = partial(rows.replace_standing, kind=standing.OUT_OF_SERVICE, names=chargers, at=at)
        self._put(Importance.PERSON, kept)

    def _put_sessions(self, sessions: Iterable[Session]) -> None:
        for session in sessions:
            self._put(Importance.SESSION, partial(rows.write_session, session=session))

    def _put_unfinished(self) -> None:
        """Put what only the end of the process makes complete."""
        self._put_sessions(self._sessions.open)
        if minutes := self._sampler.flush():
            self._put(Importance.READING, partial(rows.write_minutes, minutes=minutes))

    def _keep(self, kind: str, name: str, body: object) -> None:
        at = self._clock.now()
        self._put(Importance.PERSON, partial(rows.write_standing, kind=kind, name=name, body=body, at=at))

    def _put(self, importance: Importance, apply: Callable[[Connection], None]) -> None:
        self._outbox.put(Entry(importance=importance, apply=apply))

"""Loop: look, decide, act, record, wait.

It acts on every fresh meter sample and at least once a second; it never waits for a device, a database or a
broker. Cuts leave on the tick that sees the need; raises leave once their promises are on record.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from controller.board import Board
from controller.domain.decision import decide
from controller.domain.farewell import farewell, safe_currents
from controller.domain.modes import Policies
from controller.domain.snapshot import Memory, Snapshot
from controller.domain.units import ChargerId, CircuitId
from controller.domain.writes import Decision, Kind, LimiterWrite, Write
from controller.errors import RecordError
from controller.hands import Hand
from controller.journal import Now, limiter_record_of, record_of
from controller.policy_files import document
from controller.ports import Clock, Journal, Recorded

_log = logging.getLogger("phasewise.loop")

# Ticks come at least this often, so that ages and timers are judged without a fresh sample.
LONGEST_WAIT_S = 1.0
# A burst of samples and answers shares a tick: no two are closer than this.
SHORTEST_GAP_S = 0.05
# How long the last cuts get to settle at the end, and how often that is looked at.
FAREWELL_S = 8.0
_LOOK_S = 0.1

Listener = Callable[[Snapshot, Decision], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raises:
    """The raises of one tick, until what they promise is on record."""

    snapshot: Snapshot
    memory: Memory
    chargers: tuple[Write, ...]
    limiters: tuple[LimiterWrite, ...]

    def recorded(self) -> Iterator[Recorded]:
        """Tell what has to be on record before they leave."""
        site, now = self.snapshot.site, Now(at=self.snapshot.at, mono_s=self.snapshot.mono_s)
        for write in self.chargers:
            page = self.memory.chargers[write.charger].promise
            yield record_of(site, site.charger[write.charger], page, now)
        for raised in self.limiters:
            pages = self.memory.circuits[raised.circuit].limiter
            if pages is not None:
                yield limiter_record_of(raised.circuit, pages, now)


class Loop:
    """Owns the rhythm; everything else it is given."""

    def __init__(
        self,
        *,
        board: Board,
        policies: Policies,
        hands: Mapping[ChargerId, Hand[Write]],
        limiter_hands: Mapping[CircuitId, Hand[LimiterWrite]],
        journal: Journal,
        clock: Clock,
    ) -> None:
        self.board = board
        self._hands, self._limiter_hands = hands, limiter_hands
        self._journal, self._clock = journal, clock
        self._raises: asyncio.Queue[_Raises] = asyncio.Queue()
        self._leaving, self._farewell, self._trusted = False, True, True
        self.listeners: list[Listener] = []
        self.latest: tuple[Snapshot, Decision] | None = None
        self.use(policies)

    def use(self, policies: Policies) -> None:
        """Decide by these policies from the next tick on; the journal learns them, or a replay could not."""
        self.policies = policies
        self._journal.record_policies(document(policies))

    def stop(self, *, farewell: bool = True) -> None:
        """Leave after the present tick: lower what is not safe alone, settle, return.

        Without `farewell` nothing is lowered: another configuration takes over at once.
        """
        self._leaving, self._farewell = True, farewell
        self.board.news.set()

    async def run(self) -> None:
        """Tick until stopped; the hands must outlive this.

        A fault in `decide` or a policy writes safe currents and is raised (H14).
        """
        async with asyncio.TaskGroup() as tasks:
            pacemaker = tasks.create_task(self._pace())
            recorder = tasks.create_task(self._record_raises())
            try:
                while not self._leaving:
                    self.tick()
                    await self._clock.sleep(SHORTEST_GAP_S)
                    await self.board.news.wait()
                    self.board.news.clear()
            finally:
                recorder.cancel()
                # What it held back is answered as not sent, so that the farewell does not count it.
                await asyncio.wait([recorder])
                await self._leave()
                pacemaker.cancel()

    async def _pace(self) -> None:
        while True:
            await self._clock.sleep(LONGEST_WAIT_S)
            self.board.news.set()

    def tick(self) -> Decision:
        """Make one tick now."""
        snapshot = self.board.snapshot(recording=self._journal.recording)
        self._trusted = False
        decision = decide(snapshot, self.policies)
        self._trusted = True
        self.board.memory = decision.memory
        self._act(snapshot, decision)
        self.latest = (snapshot, decision)
        self._journal.record_tick(snapshot, decision)
        for listener in self.listeners:
            listener(snapshot, decision)
        return decision

    def _act(self, snapshot: Snapshot, decision: Decision) -> None:
        for write in decision.writes:
            if write.kind is not Kind.RAISE:
                self._hands[write.charger].take(write)
        for limiter_write in decision.limiter_writes:
            if limiter_write.kind is not Kind.RAISE:
                self._limiter_hands[limiter_write.circuit].take(limiter_write)
        raises = _Raises(
            snapshot=snapshot,
            memory=decision.memory,
            chargers=tuple(write for write in decision.writes if write.kind is Kind.RAISE),
            limiters=tuple(write for write in decision.limiter_writes if write.kind is Kind.RAISE),
        )
        if raises.chargers or raises.limiters:
            self._raises.put_nowait(raises)

    async def _record_raises(self) -> None:
        """Write promises down before their raises leave (ledger rule 2)."""
        while True:
            raises = await self._raises.get()
            why: str | None = "the daemon leaves"
            try:
                await self._journal.record_promises(tuple(raises.recorded()))
                why = None
            except RecordError as error:
                why = f"its promise could not be recorded: {error}"
            finally:
                self._let_go(raises, why)

    def _let_go(self, raises: _Raises, why: str | None) -> None:
        """Hand raises over to be sent, or answer why they are not."""
        for write in raises.chargers:
            hand = self._hands[write.charger]
            hand.take(write) if why is None else hand.drop(write, why)
        for raised in raises.limiters:
            limiter_hand = self._limiter_hands[raised.circuit]
            limiter_hand.take(raised) if why is None else limiter_hand.drop(raised, why)

    async def _leave(self) -> None:
        if not self._trusted:
            _log.critical("a fault in the decision: safe currents, then the end", exc_info=True)
        self._withdraw()
        if self._trusted and not self._farewell:
            return
        snapshot = self.board.snapshot(recording=False)
        writes = farewell(snapshot) if self._trusted else safe_currents(snapshot)
        for write in writes:
            self._hands[write.charger].take(write)
        if writes:
            _log.info("leaving: lowered to what is safe without us: %s", _told(writes))
        self._journal.record_event("left", "daemon", _told(writes))
        await self._settle()

    def _withdraw(self) -> None:
        """Take back raises, and before another configuration takes over everything that has not left."""
        why = "the daemon leaves" if self._farewell else "another configuration takes over"
        while not self._raises.empty():
            self._let_go(self._raises.get_nowait(), why)
        kinds = (Kind.RAISE,) if self._farewell or not self._trusted else ()
        for hand in self._every_hand:
            hand.withdraw(why, *kinds)

    async def _settle(self) -> None:
        """Give the last writes a while to arrive."""
        until_s = self._clock.mono_s() + FAREWELL_S
        while self._clock.mono_s() < until_s and not all(hand.idle for hand in self._every_hand):
            await self._clock.sleep(_LOOK_S)

    @property
    def _every_hand(self) -> Iterator[Hand[Write] | Hand[LimiterWrite]]:
        yield from self._hands.values()
        yield from self._limiter_hands.values()


def _told(writes: Sequence[Write]) -> str:
    return ", ".join(f"{write.charger} to {write.limit_a:g} A" for write in writes) or "nothing to lower"

"""Rig: the real board, hands and loop around fake devices, moved by a fake clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from controller.board import Board
from controller.desk import Desk
from controller.domain.modes import Policies
from controller.domain.readings import MeterRole
from controller.domain.site import ChargerSpec, Circuit, Limiter, Site
from controller.domain.snapshot import MeterPlace, Timing
from controller.domain.units import ChargerId, CircuitId, MeterId, Phases
from controller.domain.writes import Decision, LimiterWrite, Write
from controller.hands import Hand, Patience
from controller.loop import Loop
from controller.policy_files import load
from controller.supervision import Watch, keep_running
from tests.fakes.clock import FakeClock
from tests.fakes.devices import FakeCharger, FakeLimiter, FakeMeter
from tests.fakes.journal import FakeJournal

MAIN, GRID = CircuitId("main"), MeterId("grid")
LEFT, RIGHT = ChargerId("left"), ChargerId("right")
PLACES = (MeterPlace(id=GRID, role=MeterRole.CIRCUIT, circuit=MAIN),)


def site_of(*names: str, worst_a: float = 25.0, limiter: Limiter | None = None) -> Site:
    """Wire chargers behind a fuse of 25 A."""
    main = Circuit(id=MAIN, limit_a=(25.0,) * 3, meter=GRID, worst_background_a=(worst_a,) * 3)
    return Site(
        circuits=(replace(main, limiter=limiter),),
        chargers=tuple(ChargerSpec(id=ChargerId(name), circuit=MAIN) for name in names),
    )


class Rig:
    """A house with a grid meter, two chargers, and if wanted a device that limits its circuit."""

    def __init__(
        self, policies: Policies | None = None, worst_a: float = 25.0, limiter: Limiter | None = None
    ) -> None:
        self.clock, self.journal = FakeClock(), FakeJournal()
        self.site = site_of("left", "right", worst_a=worst_a, limiter=limiter)
        self.board = Board(self.clock, self.site, PLACES, Timing())
        self.meter = FakeMeter("grid", self.clock)
        self.chargers = {spec.id: FakeCharger(spec.id, self.clock) for spec in self.site.chargers}
        self.hands = {charger: self._hand(device) for charger, device in self.chargers.items()}
        self.limiter = FakeLimiter(MAIN, self.clock)
        self.limiter_hand = self._limiter_hand(self.limiter)
        self.loop = Loop(
            board=self.board,
            policies=policies or load(None),
            hands=self.hands,
            limiter_hands={MAIN: self.limiter_hand},
            journal=self.journal,
            clock=self.clock,
        )
        self.desk = Desk(self.board, self.loop, self.journal, self.clock)
        self.watches = {name: Watch(name, self.journal.record_event) for name in ("grid", *self.chargers)}
        self.ended: list[BaseException | None] = []
        """How the loop ended, once it did."""

    def _hand(self, device: FakeCharger) -> Hand[Write]:
        async def send(write: Write) -> float:
            return await device.set_limit(write.limit_a, write.lease_s)

        return Hand(device.id, send, self.board.answer, self.clock, Patience.of(device.abilities))

    def _limiter_hand(self, device: FakeLimiter) -> Hand[LimiterWrite]:
        async def send(write: LimiterWrite) -> float:
            return await device.set_limit(write.limit_a, write.lease_s)

        name, patience = f"limiter {device.circuit}", Patience.of(Limiter())
        return Hand(name, send, self.board.answer, self.clock, patience)

    @property
    def left(self) -> FakeCharger:
        """The first charger."""
        return self.chargers[LEFT]

    @property
    def right(self) -> FakeCharger:
        """The second charger."""
        return self.chargers[RIGHT]

    @property
    def decision(self) -> Decision:
        """The latest tick."""
        assert self.loop.latest is not None
        return self.loop.latest[1]

    async def live(self, seconds: float, *amperes: float) -> None:
        """Let seconds pass, with a sample and a word from each charger that is heard at the end of each."""
        for _ in range(round(seconds)):
            await self.clock.advance(1.0)
            for charger in self.chargers.values():
                charger.tell()
            self.limiter.tell()
            self.meter.measure(*(amperes or (0.0,)))
            await self.clock.settle()
        await self.clock.advance(0.1)

    async def charging(self) -> None:
        """Bring both chargers to their share."""
        await self.live(30, 2.0)
        assert self.left.limit_a > 0
        assert self.right.limit_a > 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run everything for as long as the block lasts; the loop may end before."""
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(hand.run()) for hand in self.hands.values()]
            running += [tasks.create_task(self._kept(charger)) for charger in self.chargers.values()]
            running.append(tasks.create_task(self._metered()))
            running.append(tasks.create_task(self.limiter_hand.run()))
            running.append(tasks.create_task(self.limiter.run(self._limited)))
            running.append(tasks.create_task(self._looping()))
            await self.clock.settle()
            try:
                yield
            finally:
                for task in running:
                    task.cancel()
                # Whoever waits for the clock in its farewell is woken.
                await self.clock.advance(30.0)

    def _limited(self, at_mono_s: float, limit_a: Phases) -> None:
        self.board.limiter(MAIN, at_mono_s, limit_a)

    async def _looping(self) -> None:
        try:
            await self.loop.run()
        except ExceptionGroup as fault:
            self.ended.append(fault)
        else:
            self.ended.append(None)

    async def _kept(self, charger: FakeCharger) -> None:
        def publish(state: object) -> None:
            self.watches[charger.id].heard()
            self.board.charger(state)  # type: ignore[arg-type] # what it publishes

        await keep_running(lambda: charger.run(publish), self.watches[charger.id], self.clock)

    async def _metered(self) -> None:
        def publish(reading: object) -> None:
            self.watches["grid"].heard()
            self.board.meter(reading)  # type: ignore[arg-type] # what it publishes

        await keep_running(lambda: self.meter.run(publish), self.watches["grid"], self.clock)

"""Parts: the board, the devices, their hands and the loop of one configuration, put together."""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from controller.app.equipment import Equipment, build_chargers, build_meters
from controller.app.handover import ghosts
from controller.board import Board
from controller.desk import Desk
from controller.domain.readings import ChargerState, MeterReading
from controller.domain.units import ChargerId
from controller.domain.writes import Write
from controller.hands import Hand
from controller.loop import Loop
from controller.ports import Charger, Clock, Journal, Meter, RecordedPromise
from controller.settings import Settings
from controller.supervision import Watch, keep_running

__all__ = ["Parts", "Task", "assemble", "build_chargers", "build_meters"]

# A write that its device has not answered within this is given up; it may arrive yet.
PATIENCE_S = 40.0

Task = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything of one configuration that runs."""

    settings: Settings
    equipment: Equipment
    board: Board
    loop: Loop
    desk: Desk
    watches: dict[str, Watch]
    """By device: `meter grid`, `charger garage`."""
    tasks: tuple[Task, ...]
    """Devices and hands, each under its supervisor; they have to outlive the loop."""

    @property
    def meters(self) -> tuple[Meter, ...]:
        """The meters."""
        return self.equipment.meters

    @property
    def chargers(self) -> tuple[Charger, ...]:
        """The chargers."""
        return self.equipment.chargers


def assemble(
    equipment: Equipment, clock: Clock, journal: Journal, promises: Sequence[RecordedPromise] = ()
) -> Parts:
    """Put a configuration together around the promises that the journal brought back."""
    settings = equipment.settings
    site = replace(settings.site, ghosts=ghosts(settings.site, promises))
    board = Board(clock, site, settings.places, settings.timing)
    board.recorded_a = {p.charger: p.promise_a for p in promises if p.charger in site.charger}
    hands = {charger.id: _hand(charger, board, clock) for charger in equipment.chargers}
    loop = Loop(
        board=board,
        policies=equipment.policies,
        hands=hands,
        limiter_hands={},
        journal=journal,
        clock=clock,
    )
    watches: dict[str, Watch] = {}
    tasks = tuple(_tasks(equipment, hands, board, watches, clock, journal))
    return Parts(
        settings=settings,
        equipment=equipment,
        board=board,
        loop=loop,
        desk=Desk(board, loop, journal, clock),
        watches=watches,
        tasks=tasks,
    )


def _hand(charger: Charger, board: Board, clock: Clock) -> Hand[Write]:
    async def send(write: Write) -> float:
        return await charger.set_limit(write.limit_a, write.lease_s)

    return Hand(f"charger {charger.id}", send, board.answer, clock, PATIENCE_S)


def _tasks(
    equipment: Equipment,
    hands: dict[ChargerId, Hand[Write]],
    board: Board,
    watches: dict[str, Watch],
    clock: Clock,
    journal: Journal,
) -> Iterator[Task]:
    for meter in equipment.meters:
        watch = watches[f"meter {meter.id}"] = Watch(f"meter {meter.id}", journal.record_event)
        yield supervised(_meter_task(meter, board, watch), watch, clock)
    for charger in equipment.chargers:
        watch = watches[f"charger {charger.id}"] = Watch(f"charger {charger.id}", journal.record_event)
        yield supervised(_charger_task(charger, board, watch), watch, clock)
        writing = Watch(f"writing to charger {charger.id}", journal.record_event)
        yield supervised(hands[charger.id].run, writing, clock)


def supervised(run: Task, watch: Watch, clock: Clock, longest_pause_s: float | None = None) -> Task:
    """Put a task under its supervisor."""

    async def kept() -> None:
        if longest_pause_s is None:
            await keep_running(run, watch, clock)
        else:
            await keep_running(run, watch, clock, longest_pause_s=longest_pause_s)

    return kept


def _meter_task(meter: Meter, board: Board, watch: Watch) -> Task:
    def publish(reading: MeterReading) -> None:
        watch.heard()
        board.meter(reading)

    async def run() -> None:
        await meter.run(publish)

    return run


def _charger_task(charger: Charger, board: Board, watch: Watch) -> Task:
    def publish(state: ChargerState) -> None:
        watch.heard()
        board.charger(state)

    async def run() -> None:
        await charger.run(publish)

    return run

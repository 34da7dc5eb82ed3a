"""Parts: builds the board, the devices, their hands and the loop from settings."""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.catalog import CHARGERS, METERS, Surroundings, load
from controller.board import Board
from controller.desk import Desk
from controller.domain.modes import Policies
from controller.domain.promises import promised_a
from controller.domain.readings import ChargerState, MeterReading
from controller.domain.site import Ghost, Site
from controller.domain.units import ChargerId, MeterId
from controller.domain.writes import Write
from controller.hands import Hand
from controller.loop import Loop
from controller.ports import Charger, Clock, Journal, Meter, RecordedPromise
from controller.settings import Settings
from controller.supervision import Watch, keep_running

# A write that its device has not answered within this is given up; it may arrive yet.
PATIENCE_S = 40.0

Task = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything of one configuration that runs."""

    settings: Settings
    board: Board
    loop: Loop
    desk: Desk
    meters: tuple[Meter, ...]
    chargers: tuple[Charger, ...]
    watches: dict[str, Watch]
    """By device: `meter grid`, `charger garage`."""
    tasks: tuple[Task, ...]


def build_meters(settings: Settings, surroundings: Surroundings) -> tuple[Meter, ...]:
    """Build every configured meter; nothing is connected yet."""
    return tuple(
        load(METERS[device.kind].build)(MeterId(device.id), device.settings, surroundings)
        for device in settings.meters
    )


def build_chargers(settings: Settings, surroundings: Surroundings) -> tuple[Charger, ...]:
    """Build every configured charger; nothing is connected yet."""
    return tuple(
        load(CHARGERS[device.kind].build)(ChargerId(device.id), device.settings, surroundings)
        for device in settings.chargers
    )


def assemble(
    settings: Settings,
    policies: Policies,
    clock: Clock,
    journal: Journal,
    *,
    mqtt: Any = None,  # noqa: ANN401 - the shared connection, known to the adapters that use it
    promises: Sequence[RecordedPromise] = (),
) -> Parts:
    """Put a configuration together around the promises that the journal brought back."""
    site = replace(settings.site, ghosts=ghosts(settings.site, promises))
    surroundings = Surroundings(clock=clock, site=site, mqtt=mqtt)
    meters, chargers = build_meters(settings, surroundings), build_chargers(settings, surroundings)
    board = Board(clock, site, settings.places, settings.timing)
    board.recorded_a = {p.charger: p.promise_a for p in promises if p.charger in site.charger}
    hands = {charger.id: _hand(charger, board, clock) for charger in chargers}
    loop = Loop(board=board, policies=policies, hands=hands, limiter_hands={}, journal=journal, clock=clock)
    watches: dict[str, Watch] = {}
    tasks = tuple(_tasks(meters, chargers, hands, board, watches, clock, journal))
    return Parts(
        settings=settings,
        board=board,
        loop=loop,
        desk=Desk(board, loop, journal, clock),
        meters=meters,
        chargers=chargers,
        watches=watches,
        tasks=tasks,
    )


def ghosts(site: Site, promises: Sequence[RecordedPromise]) -> tuple[Ghost, ...]:
    """Budget chargers that left the configuration while they may still believe in a promise (rule 4)."""
    return tuple(
        Ghost(
            id=promise.charger,
            circuit=promise.circuit if promise.circuit in site.circuit else site.circuits[0].id,
            phases=tuple(phase for phase in promise.phases if phase in site.phases) or site.phases,
            promise_a=promise.promise_a,
        )
        for promise in promises
        if promise.charger not in site.charger and promise.promise_a > 0
    )


def _hand(charger: Charger, board: Board, clock: Clock) -> Hand[Write]:
    async def send(write: Write) -> float:
        return await charger.set_limit(write.limit_a, write.lease_s)

    return Hand(f"charger {charger.id}", send, board.answer, clock, PATIENCE_S)


def _tasks(
    meters: Sequence[Meter],
    chargers: Sequence[Charger],
    hands: dict[ChargerId, Hand[Write]],
    board: Board,
    watches: dict[str, Watch],
    clock: Clock,
    journal: Journal,
) -> Iterator[Task]:
    for meter in meters:
        watch = watches[f"meter {meter.id}"] = Watch(f"meter {meter.id}", journal.record_event)
        yield _kept(_meter_task(meter, board, watch), watch, clock)
    for charger in chargers:
        watch = watches[f"charger {charger.id}"] = Watch(f"charger {charger.id}", journal.record_event)
        yield _kept(_charger_task(charger, board, watch), watch, clock)
        yield _kept(hands[charger.id].run, watch, clock)


def _kept(run: Task, watch: Watch, clock: Clock) -> Task:
    async def supervised() -> None:
        await keep_running(run, watch, clock)

    return supervised


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


def carried(old: Board, new: Board) -> None:
    """Hand over to a new configuration what the old one knows; promises of chargers that left stay."""
    kept = new.site.charger
    new.memory = replace(
        old.memory,
        chargers={c: m for c, m in old.memory.chargers.items() if c in kept},
        circuits={c: m for c, m in old.memory.circuits.items() if c in new.site.circuit},
    )
    new.requests = {c: request for c, request in old.requests.items() if c in kept}
    new.cap, new.prices, new.out_of_service = old.cap, old.prices, old.out_of_service
    new.vehicles = {c: v for c, v in old.vehicles.items() if c in kept}
    new.recorded_a = {**old.recorded_a, **new.recorded_a}
    for answer in old.take_answers():
        new.answer(answer)


def left_behind(old: Parts, at: datetime) -> tuple[RecordedPromise, ...]:
    """Tell what every charger of a configuration was promised, for those that the next one leaves out."""
    memory = old.board.memory.chargers
    return tuple(
        RecordedPromise(
            charger=spec.id,
            circuit=spec.circuit,
            phases=spec.phases,
            promise_a=promised_a(memory[spec.id].promise) if spec.id in memory else spec.nameplate_a,
            at=at,
        )
        for spec in old.board.site.chargers
    )

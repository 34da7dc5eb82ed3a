"""Parts: the board, the devices, their hands and the loop of one configuration, put together."""

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from controller.app.equipment import Equipment, build_chargers, build_meters
from controller.app.handover import bring_back, ghosts
from controller.board import Board
from controller.desk import Desk
from controller.domain.readings import ChargerState, MeterReading, VehicleState
from controller.domain.site import Limiter
from controller.domain.units import ChargerId, CircuitId, Phases
from controller.domain.writes import LimiterWrite, Write
from controller.hands import Hand, Patience
from controller.loop import Loop
from controller.ports import (
    Charger,
    CircuitLimiter,
    Clock,
    Journal,
    Meter,
    Recorded,
    TellsUsage,
    TellsVehicle,
    Vehicle,
)
from controller.settings import Settings
from controller.supervision import Watch, keep_running

__all__ = ["Parts", "Task", "assemble", "build_chargers", "build_meters"]

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
    def usages(self) -> dict[str, TellsUsage]:
        """Devices whose calls are counted or billed, named as in `watches`."""
        chargers = {f"charger {one.id}": one for one in self.chargers if isinstance(one, TellsUsage)}
        vehicles = {
            f"vehicle {one.id}": one for one in self.equipment.vehicles if isinstance(one, TellsUsage)
        }
        return {**chargers, **vehicles}

    @property
    def meters(self) -> tuple[Meter, ...]:
        """The meters."""
        return self.equipment.meters

    @property
    def chargers(self) -> tuple[Charger, ...]:
        """The chargers."""
        return self.equipment.chargers


def assemble(
    equipment: Equipment, clock: Clock, journal: Journal, promises: Sequence[Recorded] = ()
) -> Parts:
    """Put a configuration together around the promises that the journal brought back."""
    settings = equipment.settings
    site = replace(settings.site, ghosts=ghosts(settings.site, promises))
    board = Board(clock, site, settings.places, settings.timing)
    bring_back(board, promises, clock)
    hands = {charger.id: _hand(charger, board, clock) for charger in equipment.chargers}
    limiter_hands = {one.circuit: _limiter_hand(one, board, clock) for one in equipment.limiters}
    loop = Loop(
        board=board,
        policies=equipment.policies,
        hands=hands,
        limiter_hands=limiter_hands,
        journal=journal,
        clock=clock,
    )
    desk = Desk(board, loop, journal, clock)
    loop.listeners.append(desk.hear)
    watches: dict[str, Watch] = {}
    tasks = (
        *_tasks(equipment, hands, board, watches, clock, journal),
        *_limiter_tasks(equipment, limiter_hands, board, watches, clock, journal),
        *_vehicle_tasks(equipment, board, watches, clock, journal),
    )
    return Parts(
        settings=settings,
        equipment=equipment,
        board=board,
        loop=loop,
        desk=desk,
        watches=watches,
        tasks=tasks,
    )


def _hand(charger: Charger, board: Board, clock: Clock) -> Hand[Write]:
    async def send(write: Write) -> float:
        return await charger.set_limit(write.limit_a, write.lease_s)

    able = board.site.charger[charger.id].abilities
    return Hand(f"charger {charger.id}", send, board.answer, clock, Patience.of(able))


def _limiter_hand(limiter: CircuitLimiter, board: Board, clock: Clock) -> Hand[LimiterWrite]:
    async def send(write: LimiterWrite) -> float:
        return await limiter.set_limit(write.limit_a, write.lease_s)

    able = board.site.circuit[limiter.circuit].limiter or Limiter()
    return Hand(f"limiter {limiter.circuit}", send, board.answer, clock, Patience.of(able))


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
        capacity_wh = _capacity_wh(equipment.settings, charger.id)
        yield supervised(_charger_task(charger, capacity_wh, board, watch), watch, clock)
        writing = Watch(f"writing to charger {charger.id}", journal.record_event)
        yield supervised(hands[charger.id].run, writing, clock)


def _limiter_tasks(
    equipment: Equipment,
    hands: Mapping[CircuitId, Hand[LimiterWrite]],
    board: Board,
    watches: dict[str, Watch],
    clock: Clock,
    journal: Journal,
) -> Iterator[Task]:
    for limiter in equipment.limiters:
        name = f"limiter {limiter.circuit}"
        watch = watches[name] = Watch(name, journal.record_event)
        yield supervised(_limiter_task(limiter, board, watch), watch, clock)
        writing = Watch(f"writing to {name}", journal.record_event)
        yield supervised(hands[limiter.circuit].run, writing, clock)


def _vehicle_tasks(
    equipment: Equipment, board: Board, watches: dict[str, Watch], clock: Clock, journal: Journal
) -> Iterator[Task]:
    for vehicle in equipment.vehicles:
        name = f"vehicle {vehicle.id}"
        watch = watches[name] = Watch(name, journal.record_event)
        capacity_wh = next(car.capacity_wh for car in equipment.settings.vehicles if car.id == vehicle.id)
        yield supervised(_vehicle_task(vehicle, capacity_wh, board, watch), watch, clock)


def _capacity_wh(settings: Settings, charger: ChargerId) -> float | None:
    """Tell how much the car that usually stands at a charger can hold."""
    return next((car.capacity_wh for car in settings.vehicles if car.charger == charger), None)


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


def _charger_task(charger: Charger, capacity_wh: float | None, board: Board, watch: Watch) -> Task:
    def publish(state: ChargerState) -> None:
        watch.heard()
        board.charger(state)

    if isinstance(charger, TellsVehicle):
        charger.on_vehicle = partial(_hear_of_vehicle, board, capacity_wh, charger.id)

    async def run() -> None:
        await charger.run(publish)

    return run


def _limiter_task(limiter: CircuitLimiter, board: Board, watch: Watch) -> Task:
    def publish(at_mono_s: float, limit_a: Phases) -> None:
        watch.heard()
        board.limiter(limiter.circuit, at_mono_s, limit_a)

    async def run() -> None:
        await limiter.run(publish)

    return run


def _vehicle_task(vehicle: Vehicle, capacity_wh: float | None, board: Board, watch: Watch) -> Task:
    def publish(state: VehicleState) -> None:
        watch.heard()
        _hear_of_vehicle(board, capacity_wh, vehicle.charger, state)

    async def run() -> None:
        await vehicle.run(publish)

    return run


def _hear_of_vehicle(
    board: Board, capacity_wh: float | None, charger: ChargerId, state: VehicleState
) -> None:
    """Put a car on the board; where it does not know its capacity, its owner does."""
    if state.capacity_wh is None:
        state = replace(state, capacity_wh=capacity_wh)
    board.vehicles[charger] = state

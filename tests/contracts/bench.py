"""A bench: an adapter and its twin, with faults in words that every charger shares."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from controller.domain.readings import ChargerState
from controller.domain.site import Abilities, ChargerSpec, Circuit, Site
from controller.domain.units import ChargerId, CircuitId, Phases
from controller.ports import Charger, Clock
from controller.supervision import Watch, keep_running
from controller.system_clock import SystemClock

CHARGER = ChargerId("bay")

ROTATED = (2, 3, 1)
"""The bench's charger is wired so that its own L1 is the grid's L2."""

PATIENCE_S = 60.0
"""Nothing in a contract takes this long unless it is broken, however busy the machine."""


def site(phases: tuple[int, ...] = ROTATED, abilities: Abilities | None = None) -> Site:
    """Wire one charger."""
    circuit = Circuit(id=CircuitId("main"), limit_a=(63.0, 63.0, 63.0), background_a=(0.0, 0.0, 0.0))
    spec = ChargerSpec(
        id=CHARGER, circuit=circuit.id, phases=phases, max_a=32.0, abilities=abilities or Abilities()
    )
    return Site(circuits=(circuit,), chargers=(spec,))


Holds = Callable[[ChargerState], bool]


@dataclass(slots=True)
class Heard:
    """Everything that an adapter published."""

    states: list[ChargerState] = field(default_factory=list)
    _awaited: list[tuple[Holds, asyncio.Future[ChargerState]]] = field(default_factory=list)

    def take(self, state: ChargerState) -> None:
        """Publish; who waits for such a state is given this one, whatever follows it at once."""
        self.states.append(state)
        for holds, found in self._awaited:
            if not found.done() and holds(state):
                found.set_result(state)

    @property
    def latest(self) -> ChargerState:
        """The newest state."""
        return self.states[-1]

    async def until(self, holds: Holds) -> ChargerState:
        """Find a state of which something holds: the newest, or the first that follows."""
        if self.states and holds(self.latest):
            return self.latest
        found: asyncio.Future[ChargerState] = asyncio.get_running_loop().create_future()
        self._awaited.append((holds, found))
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await found
        finally:
            self._awaited.remove((holds, found))

    async def polled_anew(self, polls: int = 2) -> ChargerState:
        """Wait for further states, so that what changed before now has been seen."""
        wanted = len(self.states) + polls
        return await self.until(lambda _: len(self.states) >= wanted)


class Bench(ABC):
    """What the contract asks of an adapter and its twin; currents are in the device's own order."""

    charger: Charger
    lowest_a: float = 0.0
    """The least that it can be told; more than 0 for a charger that knows no pause."""
    pause_survives_raises: bool = False
    """Whether a person's pause holds whatever limit is written, so that none has to be refused."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self.heard = Heard()
        self.lost: list[str] = []
        """Why the device was lost, each time."""
        self._lost = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the adapter as the daemon does, until the block ends."""
        watch = Watch(CHARGER, self._note)

        def take(state: ChargerState) -> None:
            watch.heard()
            self.heard.take(state)

        async with asyncio.TaskGroup() as group:
            task = group.create_task(keep_running(lambda: self.charger.run(take), watch, self.clock))
            try:
                yield
            finally:
                task.cancel()

    async def until_lost(self) -> str:
        """Wait until the device counts as lost and tell why."""
        async with asyncio.timeout(PATIENCE_S):
            await self._lost.wait()
        return self.lost[-1]

    def _note(self, event: str, _: str, detail: str) -> None:
        if event == "lost":
            self.lost.append(detail)
            self._lost.set()

    @abstractmethod
    def plug_in(self) -> None:
        """Connect a car that will draw nothing yet."""

    @abstractmethod
    def unplug(self) -> None:
        """Disconnect it."""

    @abstractmethod
    def draw(self, currents_a: Phases) -> None:
        """Let the car draw."""

    def tells_draw_a(self, currents_a: Phases) -> Phases | None:
        """Tell what the adapter can make of a draw, in grid phases; `None` where it must not guess."""
        return currents_a[2], currents_a[0], currents_a[1]  # its own L1 is the grid's L2

    @abstractmethod
    def hide_draw(self) -> None:
        """Let the device stop telling what the car draws."""

    @abstractmethod
    def holds_a(self) -> float:
        """Tell what the device's own knob really stands at."""

    @abstractmethod
    def offered_a(self) -> float:
        """Tell what the car is offered."""

    @abstractmethod
    def other_writes(self, limit_a: int) -> None:
        """Let a second controller write."""

    @abstractmethod
    def person_pauses(self) -> None:
        """Let a person pause charging at the device."""

    @abstractmethod
    def refuse_limits(self) -> None:
        """Refuse limits from now on."""

    @abstractmethod
    def lose_answers(self) -> None:
        """Obey limits and let the answers get lost."""

    @abstractmethod
    def hang(self) -> None:
        """Answer nothing any more."""

    @abstractmethod
    def hang_on_questions(self) -> None:
        """Answer limits alone."""

    @abstractmethod
    async def until_asked(self) -> None:
        """Wait until the next question has arrived at the device."""

    @abstractmethod
    def answer_late(self, seconds: float) -> None:
        """Answer everything late."""

    @abstractmethod
    def talk_nonsense(self) -> None:
        """Answer everything with bytes that mean nothing."""

    @abstractmethod
    def heal(self) -> None:
        """End every fault."""

    @abstractmethod
    async def vanish(self) -> None:
        """Lose power."""

    @abstractmethod
    async def come_back(self) -> None:
        """Get power back, with whatever a restart loses."""

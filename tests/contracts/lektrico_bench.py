"""The bench of Lektri.co chargers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.catalog import Surroundings
from adapters.chargers.lektrico.charger import LektricoCharger
from adapters.chargers.lektrico.settings import LektricoSettings
from controller.domain.units import Phases
from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.lektrico import LektricoTwin
from simulator.chargers.lektrico_faults import Faults
from tests.contracts.bench import CHARGER, PATIENCE_S, ROTATED, Bench, site

LIMITS = frozenset({"em_current.set", "dynamic_current.set"})
QUESTIONS = frozenset({"charger_info.get", "system_currents.get", "active_errors.get"})

QUICK: dict[str, object] = {
    "poll_s": 0.05,
    "timeout_s": 1.0,
    "give_way_s": 0.05,
    "settle_s": 0.1,
    "resume_s": 0.2,
}


def charger_of(
    twin: LektricoTwin, clock: Clock | None = None, phases: tuple[int, ...] = ROTATED, **own: object
) -> LektricoCharger:
    """Build the adapter of a twin, quick unless told otherwise."""
    settings = LektricoSettings.model_validate(QUICK | {"host": "127.0.0.1", "port": twin.port} | own)
    return LektricoCharger(CHARGER, settings, Surroundings(clock=clock or SystemClock(), site=site(phases)))


class LektricoBench(Bench):
    """A charger on a real socket."""

    def __init__(self, twin: LektricoTwin, charger: LektricoCharger, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.twin, self.charger = twin, charger

    def plug_in(self) -> None:
        """Connect a car."""
        self.twin.plug_in("a car")

    def unplug(self) -> None:
        """Disconnect it."""
        self.twin.unplug()

    def draw(self, currents_a: Phases) -> None:
        """Let it draw."""
        self.twin.set_draw(currents_a, 230.0 * sum(currents_a))

    def hide_draw(self) -> None:
        """Leave out the currents."""
        self.twin.faults.hidden_keys = frozenset({"current", "currents"})

    def holds_a(self) -> float:
        """Look at the twin's knob."""
        return self.twin.device.em_a

    def offered_a(self) -> float:
        """Look at the pilot."""
        return self.twin.offered_a

    def other_writes(self, limit_a: int) -> None:
        """Write past the adapter."""
        self.twin.device.set_em(limit_a)

    def person_pauses(self) -> None:
        """Press pause in the app."""
        self.twin.device.paused = True

    def refuse_limits(self) -> None:
        """Answer -4."""
        self.twin.faults = Faults(only=LIMITS, refuse=-4)

    def lose_answers(self) -> None:
        """Reset the connection after obeying."""
        self.twin.faults = Faults(only=LIMITS, deaf=True)

    def hang(self) -> None:
        """Take requests, answer none."""
        self.twin.faults = Faults(hang=True)

    def hang_on_questions(self) -> None:
        """Answer limits alone."""
        self.twin.faults = Faults(only=QUESTIONS, hang=True)

    async def until_asked(self) -> None:
        """Wait for the next call of any kind."""
        async with asyncio.timeout(PATIENCE_S):
            await self.twin.until_called()

    def answer_late(self, seconds: float) -> None:
        """Answer late."""
        self.twin.faults = Faults(delay_s=seconds)

    def talk_nonsense(self) -> None:
        """Answer a page."""
        self.twin.faults = Faults(body=b"<html>It works!</html>")

    def heal(self) -> None:
        """End every fault."""
        self.twin.faults = Faults()

    async def vanish(self) -> None:
        """Close the port."""
        await self.twin.stop()

    async def come_back(self) -> None:
        """Restart on the same port."""
        await self.twin.restart()


@asynccontextmanager
async def lektrico_bench() -> AsyncIterator[Bench]:
    """Set up a running bench."""
    async with LektricoTwin() as twin:
        bench = LektricoBench(twin, charger_of(twin))
        async with bench.running():
            yield bench

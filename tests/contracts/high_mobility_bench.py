"""The benches of High Mobility Home Chargers, one for each path."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from adapters.catalog import Surroundings
from adapters.chargers.high_mobility.charger import HighMobilityCharger
from adapters.chargers.high_mobility.settings import HighMobilitySettings
from controller.domain.units import Phases
from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.high_mobility_faults import Faults
from tests.contracts.bench import CHARGER, PATIENCE_S, ROTATED, Bench, site

Path = Literal["telematics", "rest"]

QUESTIONS = frozenset({"getState"})
LIMITS = frozenset({"set"})

QUICK: dict[str, object] = {"poll_s": 0.05, "timeout_s": 3.0, "give_way_s": 0.05, "clock_skew_s": 0.02}
"""Only what hangs takes `timeout_s`, and whatever else the machine does, nothing that works does."""


def settings_of(twin: HighMobilityTwin, path: Path = "telematics", **own: object) -> HighMobilitySettings:
    """Make the settings for a twin, quick unless told otherwise."""
    return HighMobilitySettings.model_validate(QUICK | twin.keys(path) | own)


def charger_of(
    twin: HighMobilityTwin,
    clock: Clock | None = None,
    phases: tuple[int, ...] = ROTATED,
    path: Path = "telematics",
    **own: object,
) -> HighMobilityCharger:
    """Build the adapter of a twin."""
    settings = settings_of(twin, path, **own)
    around = Surroundings(clock=clock or SystemClock(), site=site(phases, settings.abilities))
    return HighMobilityCharger(CHARGER, settings, around)


class HighMobilityBench(Bench):
    """A charger behind its cloud, on a real socket."""

    lowest_a = 6.0
    pause_survives_raises = True

    def __init__(
        self, twin: HighMobilityTwin, charger: HighMobilityCharger, clock: Clock | None = None
    ) -> None:
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

    def tells_draw_a(self, currents_a: Phases) -> Phases | None:
        """The charger tells one power for all phases: nobody knows on which it flows."""
        del currents_a
        return None

    def hide_draw(self) -> None:
        """Leave out the power."""
        self.twin.faults.hidden = frozenset({"chargingPower"})

    def holds_a(self) -> float:
        """Look at the twin's knob."""
        return self.twin.device.current_a

    def offered_a(self) -> float:
        """Look at the pilot."""
        return self.twin.offered_a

    def other_writes(self, limit_a: int) -> None:
        """Write past the adapter."""
        self.twin.device.current_a = float(limit_a)

    def person_pauses(self) -> None:
        """Let the permission to charge expire, the nearest thing to a pause."""
        self.twin.device.words["authenticationState"] = "unauthenticated"

    def refuse_limits(self) -> None:
        """Fail as a whole command does."""
        self.twin.faults = Faults(refuse="incorrect_state")

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
        """Wait for the next question."""
        async with asyncio.timeout(PATIENCE_S):
            await self.twin.until_called("getState")

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
async def bench_on(path: Path) -> AsyncIterator[Bench]:
    """Set up a running bench on one path."""
    async with HighMobilityTwin() as twin:
        bench = HighMobilityBench(twin, charger_of(twin, path=path))
        async with bench.running():
            yield bench


@asynccontextmanager
async def high_mobility_telematics_bench() -> AsyncIterator[Bench]:
    """Speak in containers."""
    async with bench_on("telematics") as bench:
        yield bench


@asynccontextmanager
async def high_mobility_rest_bench() -> AsyncIterator[Bench]:
    """Speak REST v5."""
    async with bench_on("rest") as bench:
        yield bench

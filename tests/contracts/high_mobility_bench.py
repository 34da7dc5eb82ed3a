"""The benches of High Mobility Home Chargers, one for each path."""

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
from tests.contracts.bench import CHARGER, ROTATED, Bench, site
from tests.contracts.twin_bench import WebBench

Path = Literal["telematics", "rest"]

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


class HighMobilityBench(WebBench[HighMobilityTwin, Faults]):
    """A charger behind its cloud, on a real socket."""

    faults = Faults
    limits = frozenset({"set"})
    questions = frozenset({"getState"})
    question = "getState"
    lowest_a = 6.0
    pause_survives_raises = True

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

    def other_writes(self, limit_a: int) -> None:
        """Write past the adapter."""
        self.twin.device.current_a = float(limit_a)

    def person_pauses(self) -> None:
        """Let the permission to charge expire, the nearest thing to a pause."""
        self.twin.device.words["authenticationState"] = "unauthenticated"

    def refuse_limits(self) -> None:
        """Fail as a whole command does."""
        self.fail(Faults(refuse="incorrect_state"))


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

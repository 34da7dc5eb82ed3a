"""The bench of Lektri.co chargers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.catalog import Surroundings
from adapters.chargers.lektrico.charger import LektricoCharger
from adapters.chargers.lektrico.settings import LektricoSettings
from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.lektrico import LektricoTwin
from simulator.chargers.lektrico_faults import Faults
from tests.contracts.bench import CHARGER, ROTATED, Bench, site
from tests.contracts.twin_bench import WebBench

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


class LektricoBench(WebBench[LektricoTwin, Faults]):
    """A charger on a real socket."""

    faults = Faults
    limits = frozenset({"em_current.set", "dynamic_current.set"})
    questions = frozenset({"charger_info.get", "system_currents.get", "active_errors.get"})

    def hide_draw(self) -> None:
        """Leave out the currents."""
        self.twin.faults.hidden_keys = frozenset({"current", "currents"})

    def holds_a(self) -> float:
        """Look at the twin's knob."""
        return self.twin.device.em_a

    def other_writes(self, limit_a: int) -> None:
        """Write past the adapter."""
        self.twin.device.set_em(limit_a)

    def person_pauses(self) -> None:
        """Press pause in the app."""
        self.twin.device.paused = True

    def refuse_limits(self) -> None:
        """Answer -4."""
        self.fail(Faults(only=self.limits, refuse=-4))


@asynccontextmanager
async def lektrico_bench() -> AsyncIterator[Bench]:
    """Set up a running bench."""
    async with LektricoTwin() as twin:
        bench = LektricoBench(twin, charger_of(twin))
        async with bench.running():
            yield bench

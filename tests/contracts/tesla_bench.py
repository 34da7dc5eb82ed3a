"""The benches of Teslas, one a dialect."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.catalog import Surroundings
from adapters.chargers.tesla.charger import TeslaCharger
from adapters.chargers.tesla.settings import TeslaSettings
from controller.domain.site import Site
from controller.domain.units import Phases
from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_faults import Faults
from simulator.clock import ScaledClock
from tests.contracts.bench import CHARGER, ROTATED, site
from tests.contracts.twin_bench import WebBench

QUICK: dict[str, object] = {
    "poll_s": 0.05,
    "idle_poll_s": 0.05,
    "timeout_s": 1.0,
    "give_way_s": 0.05,
    "woken_s": 0.05,
    "busy_s": 0.05,
    "repeat_s": 0.05,
    "restart_gap_s": 0.0,
    "confirm_s": 0.3,
    "budget_usd_per_month": 1000.0,
    "data_per_minute": 100_000,
    "commands_per_minute": 100_000,
}


def settings_of(twin: TeslaTwin, **own: object) -> TeslaSettings:
    """Say how a twin is reached, quick unless told otherwise."""
    reached: dict[str, object] = {
        "vehicle": twin.car.vin,
        "dialect": twin.service.dialect,
        "base_url": twin.url,
        "sign_on_url": twin.token_url,
        "access_token": twin.sign_on.grant(),
    }
    return TeslaSettings.model_validate(QUICK | reached | own)


def charger_of(
    twin: TeslaTwin, clock: Clock | None = None, wired: Site | None = None, **own: object
) -> TeslaCharger:
    """Build the adapter of a twin."""
    surroundings = Surroundings(clock=clock or SystemClock(), site=wired or site(ROTATED))
    return TeslaCharger(CHARGER, settings_of(twin, **own), surroundings)


class TeslaBench(WebBench[TeslaTwin, Faults]):
    """A car on a real socket that does not charge by itself when it is plugged in."""

    faults = Faults
    limits = frozenset({"set_charging_amps", "charge_start", "charge_stop"})
    questions = frozenset({"presence", "vehicle_data"})

    def __init__(self, twin: TeslaTwin, charger: TeslaCharger, clock: Clock | None = None) -> None:
        super().__init__(twin, charger, clock)
        self.charger: TeslaCharger = charger
        twin.car.starts_by_itself = False
        twin.car.request_a = 32

    def draw(self, currents_a: Phases) -> None:
        """Let it draw."""
        self.twin.car.enabled = True
        super().draw(currents_a)

    def tells_draw_a(self, currents_a: Phases) -> Phases:
        """Tell one current for all the phases it uses: so does the car."""
        return (max(currents_a),) * 3

    def hide_draw(self) -> None:
        """Leave out the current."""
        self.twin.faults.hidden_keys = frozenset({"charger_actual_current"})

    def holds_a(self) -> float:
        """Look at the cap; a car with a cable may be stopped."""
        car = self.twin.car
        return 0.0 if car.car is not None and not car.enabled else car.request_a

    def other_writes(self, limit_a: int) -> None:
        """Set the cap in the app."""
        self.twin.car.request_a = limit_a

    def person_pauses(self) -> None:
        """Press stop in the app."""
        self.twin.car.stop()

    def refuse_limits(self) -> None:
        """Let the car refuse."""
        self.fail(Faults(only=self.limits, reason="user_not_present"))


@asynccontextmanager
async def tesla_bench(dialect: str) -> AsyncIterator[TeslaBench]:
    """Set up a running bench."""
    own: dict[str, Any] = {}
    clock: Clock = SystemClock()
    if dialect == "ble":
        # Its stamps are whole seconds, and a read-back within the second of the answer proves nothing.
        own = {"confirm_s": 3.0, "poll_s": 0.5, "idle_poll_s": 0.5}
        clock = ScaledClock(clock, speed=10.0)
    async with TeslaTwin(dialect, clock=clock) as twin:
        bench = TeslaBench(twin, charger_of(twin, clock, **own), clock)
        async with bench.running():
            yield bench

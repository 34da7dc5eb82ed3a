"""The benches of Teslas, one a dialect."""

import asyncio
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
from tests.contracts.bench import CHARGER, PATIENCE_S, ROTATED, Bench, site

LIMITS = frozenset({"set_charging_amps", "charge_start", "charge_stop"})
QUESTIONS = frozenset({"presence", "vehicle_data"})

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


class TeslaBench(Bench):
    """A car on a real socket that does not charge by itself when it is plugged in."""

    charger: TeslaCharger

    def __init__(self, twin: TeslaTwin, charger: TeslaCharger, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.twin, self.charger = twin, charger
        twin.car.starts_by_itself = False
        twin.car.request_a = 32

    def plug_in(self) -> None:
        """Connect a cable."""
        self.twin.plug_in("a car")

    def unplug(self) -> None:
        """Disconnect it."""
        self.twin.unplug()

    def draw(self, currents_a: Phases) -> None:
        """Let it draw."""
        self.twin.car.enabled = True
        self.twin.set_draw(currents_a, 230.0 * sum(currents_a))

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

    def offered_a(self) -> float:
        """Look at what the car allows itself."""
        return self.twin.offered_a

    def other_writes(self, limit_a: int) -> None:
        """Set the cap in the app."""
        self.twin.car.request_a = limit_a

    def person_pauses(self) -> None:
        """Press stop in the app."""
        self.twin.car.stop()

    def refuse_limits(self) -> None:
        """Let the car refuse."""
        self.twin.faults = Faults(only=LIMITS, reason="user_not_present")

    def lose_answers(self) -> None:
        """Reset the connection after obeying."""
        self.twin.faults = Faults(only=LIMITS, deaf=True)

    def hang(self) -> None:
        """Take requests, answer none."""
        self.twin.faults = Faults(hang=True)

    def hang_on_questions(self) -> None:
        """Answer commands alone."""
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

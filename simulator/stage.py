"""Stage: a twin for every device of a configuration, on loopback, around one house."""

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Self

from controller.domain.readings import MeterRole
from controller.domain.snapshot import MeterPlace
from controller.domain.units import ChargerId, MaybePhases
from controller.ports import Clock
from controller.settings import Settings
from simulator.casting import Cast, cast_all
from simulator.house.flow import Flow
from simulator.house.house import House
from simulator.house.running import run
from simulator.house.sockets import Gauge, Tap, Wiring, wire
from simulator.meters.quantities import Quantities


class Stage:
    """Twins and house together; `async with` starts the twins, `run` lets them live."""

    def __init__(
        self, settings: Settings, house: House, clock: Clock, watchers: Iterable[Gauge] = ()
    ) -> None:
        """Cast every device; `watchers` are shown what truly flows through the root at every step.

        Raises:
            SettingsError: a device has no twin.
        """
        self.house, self._clock = house, clock
        self.cast: Cast = cast_all(settings, clock)
        places: dict[str, MeterPlace] = {place.id: place for place in settings.places}
        taps = [
            Tap(MeterGauge(gauge, places[name]), _Point(house, places[name]), lag_s=places[name].lag_s)
            for name, gauge in self.cast.gauges.items()
        ]
        taps += [Tap(watcher, lambda: house.root) for watcher in watchers]
        outlets = {ChargerId(name): outlet for name, outlet in self.cast.chargers.items()}
        self._wiring: Wiring = wire(house, outlets, taps, self.cast.vehicles)
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start every twin.

        Raises:
            OSError: a port is taken.
        """
        async with AsyncExitStack() as started:
            for twin in self.cast.servers:
                await started.enter_async_context(twin)
            self._running = started.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop every twin."""
        await self._running.aclose()

    async def run(self, period_s: float = 0.1) -> None:
        """Let the house live until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for speaker in self.cast.speakers:
                tasks.create_task(speaker())
            await run(self._wiring, self._clock, period_s=period_s)


class MeterGauge:
    """Shows a point of the house to a meter's twin, in the meter's own order of phases."""

    def __init__(self, meter: Gauge, place: MeterPlace) -> None:
        self._meter, self._place = meter, place

    def set_quantities(self, quantities: Quantities) -> None:
        """Be told what flows, on the grid's phases."""
        self._meter.set_quantities(
            replace(
                quantities,
                currents_a=self._own(quantities.currents_a),
                powers_w=None if quantities.powers_w is None else self._own(quantities.powers_w),
                voltages_v=self._own(quantities.voltages_v),
            )
        )

    def _own(self, grid: MaybePhases) -> MaybePhases:
        own = [grid[phase - 1] for phase in self._place.phases] + [0.0, 0.0]
        return own[0], own[1], own[2]


class _Point:
    """One point of a house, asked again at every exchange."""

    def __init__(self, house: House, place: MeterPlace) -> None:
        self._house, self._place = house, place

    def __call__(self) -> Flow:
        if self._place.role is MeterRole.SOLAR:
            return self._house.solar_flow
        if self._place.role is MeterRole.BATTERY:
            return self._house.battery_flow
        return self._house.circuits[self._place.circuit]

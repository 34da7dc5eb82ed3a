"""The Modbus meter: any meter that a register map describes, polled at its rhythm."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from adapters.catalog import Surroundings
from adapters.meters.block_reader import Bus, Station
from adapters.meters.decode import Understanding
from adapters.meters.map_file import ModbusMap, SunspecMap
from adapters.meters.modbus_probe import probe_of
from adapters.meters.modbus_session import MeterSession
from adapters.meters.modbus_settings import (
    ModbusMeterSettings,
    endpoint_of,
    load_meter_map,
    manners_of,
    unit_of,
)
from adapters.meters.plausible import most_current_a
from adapters.meters.rhythm import Rhythm
from adapters.meters.watch import Watch
from adapters.wire.modbus import bus_for
from controller.domain.readings import MeterReading
from controller.domain.units import MeterId
from controller.errors import DeviceError
from controller.ports import Clock, Probe

__all__ = ["ModbusMeter", "ModbusMeterSettings", "build"]

# One lost frame is everyday on a serial line; the reading it leaves is a second older.
_TOLERATED_MISSES = 1


class SharedBus(Bus, Protocol):
    """What a meter needs of a `ModbusBus`."""

    @property
    def endpoint(self) -> object:
        """Where it leads, for messages."""

    def in_use(self) -> AbstractContextManager[None]:
        """Keep it open."""


class ModbusMeter:
    """Implements the Meter port."""

    def __init__(
        self,
        *,
        settings: ModbusMeterSettings,
        meter_map: ModbusMap | SunspecMap,
        understanding: Understanding,
        bus: SharedBus,
        clock: Clock,
    ) -> None:
        self.id = understanding.id
        self._settings, self._map, self._understanding = settings, meter_map, understanding
        self._bus, self._clock = bus, clock
        unit_id = unit_of(settings, meter_map, self.id)
        self._where = f"{bus.endpoint} unit {unit_id}"
        self._station = Station(bus, unit_id, manners_of(settings, meter_map))
        self._watch = Watch(settings.frozen_after_s)

    async def run(self, publish: Callable[[MeterReading], None]) -> None:
        """Publish a reading every period; one missed poll is let pass, the second in a row ends the run.

        Raises:
            DeviceUnreachable, DeviceNonsense: as the port says.
        """
        with self._bus.in_use():
            session = await self._open()
            rhythm = Rhythm(self._clock, self._settings.period_s)
            counters_due_mono_s = self._clock.mono_s()
            misses = 0
            while True:
                try:
                    publish(await self._reading(session))
                    if self._clock.mono_s() >= counters_due_mono_s:
                        counters_due_mono_s = self._clock.mono_s() + self._settings.counters_period_s
                        await session.read_counters()
                    misses = 0
                except DeviceError:
                    misses += 1
                    if misses > _TOLERATED_MISSES:
                        raise
                await rhythm.next_beat()

    async def probe(self) -> Probe:
        """Ask once who is there, whether it is set up as its map expects, and what it reads now.

        Raises:
            DeviceUnreachable, DeviceNonsense: as the port says.
        """
        with self._bus.in_use():
            session = await self._open()
            await session.read_counters()
            found = f"{self._map.names[0]} (map {self._settings.map_name}) at {self._where}"
            return await probe_of(session, self._map, found, self._understanding.address_offset)

    async def _open(self) -> MeterSession:
        return await MeterSession.open(self._station, self._map, self._understanding)

    async def _reading(self, session: MeterSession) -> MeterReading:
        reading, raw = await session.reading()
        return self._watch.look(reading, tuple(sorted(raw.items())))


def build(id: str, settings: ModbusMeterSettings, surroundings: Surroundings) -> ModbusMeter:  # noqa: A002 - the catalog's word
    """Build the meter that a configuration names.

    Raises:
        SettingsError: its map is missing or wrong, or a key is missing that the map has no default for.
    """
    meter_map = load_meter_map(settings, id)
    understanding = Understanding(
        id=MeterId(id),
        address_offset=settings.address_offset,
        invert=settings.invert,
        most_a=settings.max_current_a or most_current_a(surroundings.site, id),
        lag_s=settings.lag_s,
    )
    return ModbusMeter(
        settings=settings,
        meter_map=meter_map,
        understanding=understanding,
        bus=bus_for(endpoint_of(settings, meter_map, id), surroundings.clock),
        clock=surroundings.clock,
    )

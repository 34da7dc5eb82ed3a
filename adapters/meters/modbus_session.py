"""Session: one connected meter, from finding its registers to its next reading."""

from collections.abc import Mapping, Sequence
from typing import Self

from adapters.meters.block_reader import BlockReader, Station
from adapters.meters.decode import Sample, Understanding, decode, scaled_values
from adapters.meters.layout import Layout, blocks_for, currents_beside_powers
from adapters.meters.map_file import ModbusMap, SunspecMap
from adapters.meters.modbus_layout import CURRENT_RATIO, fixed_layout
from adapters.meters.registers import Image, Register
from adapters.meters.sunspec import find_model, sunspec_layout
from controller.domain.readings import MeterReading
from controller.errors import DeviceNonsense


class MeterSession:
    """Knows where everything is and reads it; ends with the connection."""

    def __init__(self, station: Station, layout: Layout, understanding: Understanding) -> None:
        self.station, self.layout, self._understanding = station, layout, understanding
        self._control = BlockReader(station, blocks_for(layout, layout.control))
        self._ratios: Image = {}
        self._counters: Mapping[str, float | None] = {}

    @classmethod
    async def open(
        cls, station: Station, meter_map: ModbusMap | SunspecMap, understanding: Understanding
    ) -> Self:
        """Find the registers (SunSpec devices list theirs) and read what never changes."""
        session = cls(station, await _layout(station, meter_map, understanding.address_offset), understanding)
        await session._read_ratios()
        return session

    async def reading(self) -> tuple[MeterReading, Image]:
        """Read once; tell the reading and the raw words that it came from.

        Raises:
            DeviceUnreachable, DeviceNonsense: as the port says.
        """
        image, sent_mono_s = await self._control.read()
        if sent_mono_s is None:
            raise DeviceNonsense("the meter has none of the map's registers")
        sample = Sample(
            image={**image, **self._ratios},
            at_mono_s=sent_mono_s,
            counters=self._counters,
            one_frame=currents_beside_powers(self._control.blocks),
        )
        return decode(self.layout, self._understanding, sample), image

    async def read_counters(self) -> None:
        """Read the energies, for the readings that follow; a meter may lack them."""
        self._counters = await self.values(self.layout.slow)

    async def values(self, registers: Sequence[Register]) -> dict[str, float | None]:
        """Read some registers outside the rhythm; `None` for what the meter does not have."""
        reader = BlockReader(self.station, blocks_for(self.layout, registers), lenient=True)
        image, _ = await reader.read()
        every = scaled_values(self.layout, {**image, **self._ratios})
        return {register.name: every[register.name] for register in registers}

    async def _read_ratios(self) -> None:
        ratios = [
            register for register in self.layout.registers.values() if register.name.startswith("ratio_")
        ]
        if CURRENT_RATIO in self.layout.registers:
            self._ratios, _ = await BlockReader(self.station, blocks_for(self.layout, ratios)).read()


async def _layout(station: Station, meter_map: ModbusMap | SunspecMap, offset: int) -> Layout:
    if isinstance(meter_map, ModbusMap):
        return fixed_layout(meter_map, offset)

    async def read(address: int, count: int) -> Sequence[int]:
        return (await station.read(meter_map.function_code, address, count)).words

    bases = [base + offset for base in meter_map.sunspec.base]
    model = await find_model(read, bases, meter_map.sunspec.models)
    return sunspec_layout(model, meter_map.function_code, meter_map.max_registers_per_read)

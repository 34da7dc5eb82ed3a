"""Twin meter: the registers of one meter, live, and the faults that it can be told to have."""

from dataclasses import dataclass, field
from pathlib import Path

from adapters.meters.layout import MOST_REGISTERS
from adapters.meters.map_file import ModbusMap, SunspecMap, load_built_in, load_map
from controller.domain.units import MaybePhases
from simulator.meters.encode import Memory, encode, fixed_registers
from simulator.meters.quantities import Quantities
from simulator.meters.sunspec_device import sunspec_words

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3


@dataclass(slots=True, kw_only=True)
class MeterFaults:
    """What goes wrong; change it at any time."""

    silent: bool = False
    """Answers nothing."""
    delay_s: float = 0.0
    """Answers late."""
    exception: int | None = None
    """Answers every request with this Modbus exception."""
    frozen: bool = False
    """Keeps its values, like a gateway that has lost its meter."""
    missing: bool = False
    """Sends its markers for "no value", NaN where it sends floats."""
    answers_as: int | None = None
    """Answers under another unit id."""


@dataclass(slots=True, kw_only=True)
class TwinMeter:
    """One meter behind a server, for any Modbus or SunSpec map."""

    meter_map: ModbusMap | SunspecMap
    faults: MeterFaults = field(default_factory=MeterFaults)
    max_registers: int = MOST_REGISTERS
    """Longer requests are answered with "illegal value", as real meters do."""
    model: int | None = None
    """SunSpec model; default: the first that its map names."""
    _memory: Memory = field(default_factory=dict)
    _poked: Memory = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.max_registers = min(self.max_registers, self.meter_map.max_registers_per_read)
        self.set_quantities(Quantities())

    def set_reading(
        self,
        currents_a: MaybePhases,
        *,
        powers_w: MaybePhases | None = None,
        voltages_v: MaybePhases = (230.0, 230.0, 230.0),
        power_w: float | None = None,
        import_wh: float | None = 0.0,
        export_wh: float | None = 0.0,
    ) -> None:
        """Tell what flows now, positive into the site; powers follow from the currents unless given."""
        self.set_quantities(
            Quantities(
                currents_a=currents_a,
                powers_w=powers_w,
                voltages_v=voltages_v,
                power_w=power_w,
                import_wh=import_wh,
                export_wh=export_wh,
            )
        )

    def set_quantities(self, quantities: Quantities) -> None:
        """Tell everything that flows now; a frozen meter does not notice."""
        if not self.faults.frozen or not self._memory:
            self._memory = {**self._encoded(quantities), **self._poked}

    def poke(self, function_code: int, address: int, word: int) -> None:
        """Put one word where it stays, whatever flows."""
        self._poked[function_code, address] = word
        self._memory[function_code, address] = word

    @property
    def addresses(self) -> tuple[int, int]:
        """The lowest and the highest address in use."""
        used = [address for _, address in self._memory]
        return min(used), max(used)

    def answer(self, function_code: int, address: int, count: int) -> list[int] | int:
        """Answer a read request with words, or with a Modbus exception."""
        if self.faults.exception is not None:
            return self.faults.exception
        if not any(code == function_code for code, _ in self._memory):
            return ILLEGAL_FUNCTION
        if count > self.max_registers:
            return ILLEGAL_VALUE
        memory = self._without_values() if self.faults.missing else self._memory
        words = [memory.get((function_code, address + index)) for index in range(count)]
        known = [word for word in words if word is not None]
        return known if len(known) == count else ILLEGAL_ADDRESS

    def _encoded(self, quantities: Quantities, *, missing: bool = False) -> Memory:
        if isinstance(self.meter_map, ModbusMap):
            values = encode(self.meter_map, quantities, missing=missing)
            return _without_holes(self.meter_map, {**values, **fixed_registers(self.meter_map)})
        base, code = self.meter_map.sunspec.base[0], self.meter_map.function_code
        words = sunspec_words(self.model or self.meter_map.sunspec.models[0], quantities, missing=missing)
        return {(code, base + index): word for index, word in enumerate(words)}

    def _without_values(self) -> Memory:
        return {**self._memory, **self._encoded(Quantities(), missing=True)}


def map_of(meter: str | Path | ModbusMap | SunspecMap) -> ModbusMap | SunspecMap:
    """Accept a built-in map's name, a map file or a map.

    Raises:
        SettingsError: there is no such map, or it is wrong.
    """
    if isinstance(meter, ModbusMap | SunspecMap):
        return meter
    found = load_map(meter) if isinstance(meter, Path) else load_built_in(meter)
    if not isinstance(found, ModbusMap | SunspecMap):
        raise TypeError(f"{meter} is not the map of a Modbus meter")
    return found


def _without_holes(modbus_map: ModbusMap, memory: Memory) -> Memory:
    """Fill what the map calls readable at once; a real meter has values of no interest there."""
    for start, count in modbus_map.read_blocks:
        for address in range(start, start + count):
            memory.setdefault((modbus_map.function_code, address), 0)
    return memory

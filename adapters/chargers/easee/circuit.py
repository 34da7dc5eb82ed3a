"""An Easee circuit behind the CircuitLimiter port: `SetDynamicCircuitCurrent`, by its master charger."""

from collections.abc import Callable, Sequence
from typing import Final

from adapters.catalog import Surroundings
from adapters.chargers.easee import observations as ids
from adapters.chargers.easee.client import SET_CIRCUIT
from adapters.chargers.easee.device import EaseeDevice
from adapters.chargers.easee.knob import Values
from adapters.chargers.easee.settings import EaseeCircuitSettings, ttl_min
from adapters.chargers.easee.state import is_master
from controller.domain.units import CircuitId, Phases
from controller.errors import BadRequest, DeviceRefused

_MOST_A: Final = 80.0


class EaseeCircuit:
    """Writes the circuit's dynamic limit, per phase; never the one that is kept in flash."""

    def __init__(
        self, circuit: CircuitId, settings: EaseeCircuitSettings, surroundings: Surroundings
    ) -> None:
        self.circuit = circuit
        self._phases, self._clock = settings.phases, surroundings.clock
        self._device = EaseeDevice(
            f"circuit {circuit}",
            settings,
            surroundings.clock,
            command=SET_CIRCUIT,
            knob_ids=ids.DYNAMIC_CIRCUIT,
            taken=self._take,
        )
        self._publish: Callable[[float, Phases], None] = _nobody

    async def run(self, publish: Callable[[float, Phases], None]) -> None:
        """Publish (instant, limits in grid phases) at once and in a steady beat, until cancelled.

        Raises:
            DeviceUnreachable, DeviceNonsense, CredentialsError: as for `EaseeDevice.run`.
        """
        self._publish = publish
        try:
            await self._device.run(self._tell)
        finally:
            self._publish = _nobody

    async def set_limit(self, limit_a: Phases, lease_s: float | None = None) -> float:
        """Write the limits, rounded down to whole amperes, with a time to live if `lease_s` is given.

        Raises:
            DeviceRefused: out of range, not a master, or refused by it.
            DeviceUnreachable, DeviceNonsense: it may have been taken.
        """
        if not all(0.0 <= value <= _MOST_A for value in limit_a):
            raise BadRequest(f"{limit_a} A: expected 0 to {_MOST_A:g} on each phase")
        if is_master(self._device.latest) is False:
            raise DeviceRefused(f"{self._device.serial} is no master: its circuit's limits are set elsewhere")
        self._device.give_way()
        async with self._device.writing:
            own = self._own(limit_a)
            answered_mono_s = await self._device.write(own, self._arguments(own, lease_s))
            self._tell_now()
            return answered_mono_s

    def _arguments(self, own: Values, lease_s: float | None) -> Sequence[float]:
        minutes = ttl_min(lease_s)
        return own if minutes is None else (*own, minutes)

    def _own(self, grid_a: Phases) -> Values:
        """Put grid phases in the master's order; the charger itself rounds down, so we do."""
        return tuple(float(int(grid_a[phase - 1])) for phase in self._phases)

    def _take(self, id_: int) -> None:
        if id_ in ids.DYNAMIC_CIRCUIT:
            self._tell_now()

    def _tell_now(self) -> None:
        if self._device.can_tell:
            self._tell()

    def _tell(self) -> None:
        as_of_s = self._device.as_of
        own = self._device.knob.stands_at(self._clock.mono_s())
        if as_of_s is None or own is None or is_master(self._device.latest) is False:
            return
        grid_a = [0.0, 0.0, 0.0]
        for phase, value in zip(self._phases, own, strict=True):
            grid_a[phase - 1] = value
        self._publish(as_of_s, (grid_a[0], grid_a[1], grid_a[2]))


def _nobody(_: float, __: Phases) -> None:
    """Hear a limit while nobody runs the circuit."""

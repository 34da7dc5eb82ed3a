"""Which knob sets the current, and how it is turned and read."""

import logging

from adapters.chargers.lektrico.answers import ChargerInfo, SystemCurrents
from adapters.chargers.lektrico.client import LektricoClient
from adapters.chargers.lektrico.errors import ABSENT
from adapters.chargers.lektrico.settings import Knob, LektricoSettings
from adapters.wire.jsonrpc import ConnectionBrokenError

_log = logging.getLogger("phasewise.devices")


class KnobDriver:
    """Writes `EM_current`, or `dynamic_current` where the charger knows no other or keeps no other."""

    def __init__(self, name: str, client: LektricoClient, settings: LektricoSettings) -> None:
        self.knob = settings.first_knob
        self._name, self._client = name, client
        self._may_switch = settings.knob == "auto"

    async def write(self, limit_a: int) -> None:
        """Write a limit; a broken connection is tried once more, as the value is the same."""
        try:
            await self._write(limit_a)
        except ConnectionBrokenError:
            await self._write(limit_a)
        except ABSENT as error:
            if not self.switch(f"EM_current.Set: {error}"):
                raise
            await self._write(limit_a)

    async def read(self, *, urgent: bool = False) -> float | None:
        """Read back what the knob stands at."""
        if self.knob is Knob.DYNAMIC:
            return (await self._client.dynamic_current_get(urgent=urgent)).dynamic_a
        try:
            return await self._client.em_current_get(urgent=urgent)
        except ABSENT as error:
            if not self.switch(f"EM_current.Get: {error}"):
                raise
            return (await self._client.dynamic_current_get(urgent=urgent)).dynamic_a

    async def found_in(self, info: ChargerInfo, currents: SystemCurrents) -> float | None:
        """Take the read-back from a poll's answers, or ask for it where they lack it."""
        polled_a = currents.em_a if self.knob is Knob.EM else info.dynamic_a
        return await self.read() if polled_a is None else polled_a

    def switch(self, why: str) -> bool:
        """Change to `dynamic_current` for good, where the settings leave the choice; tell whether it did."""
        if self.knob is Knob.DYNAMIC or not self._may_switch:
            return False
        self.knob = Knob.DYNAMIC
        _log.warning("%s: limits go through dynamic_current from now on (%s)", self._name, why)
        return True

    async def _write(self, limit_a: int) -> None:
        if self.knob is Knob.EM:
            await self._client.em_current_set(limit_a, urgent=True)
            return
        await self._client.dynamic_current_set(limit_a, urgent=True)

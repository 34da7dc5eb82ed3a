"""Looking: when a car is asked what it knows. It is never woken for that."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from adapters.chargers.tesla.answers import Presence, VehicleData
from adapters.chargers.tesla.client import TeslaClient
from adapters.chargers.tesla.replies import AsleepError
from adapters.chargers.tesla.settings import TeslaAccess
from adapters.chargers.tesla.state import Home
from controller.ports import Clock

_PLAIN: Final = ("charge_state",)
_PLACED: Final = ("charge_state", "drive_state", "location_data")
_PERSONS: Final = ("charge_state", "vehicle_state", "drive_state")
_MS_FROM: Final = 1e11


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look brought."""

    at_mono_s: float
    """When it was true."""
    presence: Presence
    vehicle: VehicleData | None = None
    """`None`: the car could not be asked."""


class Looker:
    """Asks whether the car is awake, which is free, and what it knows only when that is worth the price."""

    def __init__(self, client: TeslaClient, access: TeslaAccess, clock: Clock) -> None:
        self._client, self._access, self._clock = client, access, clock
        self.presence = Presence.UNKNOWN
        """As of the latest look."""
        self._read_mono_s = -math.inf

    async def look(self, *, eager: bool) -> Look | None:
        """Look once; `None`: it is awake, and there is no need to ask more.

        A car that just woke is asked at once: somebody may have plugged it in.
        """
        at_mono_s, before = self._clock.mono_s(), self.presence
        self.presence = await self._client.presence()
        if self.presence is not Presence.ONLINE:
            return Look(at_mono_s=at_mono_s, presence=self.presence)
        is_due = at_mono_s >= self._read_mono_s + self._access.idle_poll_s
        if not (eager or is_due or before is not Presence.ONLINE):
            return None
        try:
            return await self.read()
        except AsleepError:
            self.presence = Presence.ASLEEP
            return Look(at_mono_s=at_mono_s, presence=self.presence)

    async def read(self, *, urgent: bool = False) -> Look:
        """Ask the car; `urgent` is part of a limit: it goes first and does not look at the budget."""
        placed = self._access.latitude_deg is not None
        at_mono_s, at = self._clock.mono_s(), self._clock.now()
        vehicle = await self._client.vehicle_data(_PLACED if placed else _PLAIN, urgent=urgent, safety=urgent)
        self._read_mono_s, self.presence = at_mono_s, Presence.ONLINE
        age_s = _age_s(vehicle.charge.stamp, at) if self._access.manner.remembers else 0.0
        return Look(at_mono_s=at_mono_s - age_s, presence=Presence.ONLINE, vehicle=vehicle)


async def known_now(client: TeslaClient, home: Home) -> tuple[Presence, VehicleData | None]:
    """Ask once whether it is awake and, if so, what it knows."""
    presence = await client.presence()
    if presence is not Presence.ONLINE:
        return presence, None
    placed = ("location_data",) if home.latitude_deg is not None else ()
    try:
        return presence, await client.vehicle_data((*_PERSONS, *placed))
    except AsleepError:
        return Presence.ASLEEP, None


def _age_s(stamp: float | None, at: datetime) -> float:
    """Tell how old an answer was when it was asked for; a proxy may answer from memory."""
    if stamp is None:
        return 0.0
    seconds = stamp / 1000.0 if stamp > _MS_FROM else stamp
    try:
        told = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return 0.0
    return max(0.0, (at - told).total_seconds())

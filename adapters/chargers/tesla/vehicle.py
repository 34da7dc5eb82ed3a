"""A Tesla behind the Vehicle port: it hangs on a charger that somebody else limits, and tells its charge."""

from collections.abc import Callable, Mapping

from adapters.catalog import Surroundings
from adapters.chargers.tesla.answers import Presence
from adapters.chargers.tesla.car import client_of
from adapters.chargers.tesla.commands import commands
from adapters.chargers.tesla.looking import Look, Looker
from adapters.chargers.tesla.probe import vehicle_probe_of
from adapters.chargers.tesla.settings import TeslaAccess
from adapters.chargers.tesla.state import ACTIVE, Heard, Home, is_here
from controller.domain.readings import Plug, VehicleState
from controller.domain.units import ChargerId, Grid, VehicleId
from controller.ports import Command, Probe, Usage


class TeslaVehicle:
    """Looks at the car as often as a charger does while it charges here, else seldom; it never wakes it."""

    def __init__(
        self, vehicle: VehicleId, access: TeslaAccess, surroundings: Surroundings, charger: ChargerId
    ) -> None:
        self.id, self.charger = vehicle, charger
        self._access, self._clock = access, surroundings.clock
        self._home = Home(
            grid=Grid.TN,
            phases=(1, 2, 3),
            latitude_deg=access.latitude_deg,
            longitude_deg=access.longitude_deg,
            radius_m=access.radius_m,
        )
        self._client = client_of(vehicle, access, self._clock)
        self._looker = Looker(self._client, access, self._clock)
        self.commands: Mapping[str, Command] = commands(self._client, self._home, limits_itself=False)
        self._heard: Heard | None = None
        """The latest look that the car itself answered."""
        self._told_soc = False

    async def run(self, publish: Callable[[VehicleState], None]) -> None:
        """Publish its state of charge while it is plugged in here, until cancelled."""
        self._client.exchange.kept = True
        try:
            while True:
                look = await self._looker.look(eager=self._charges_here and not self._is_short)
                if look is not None:
                    self._take(look, publish)
                await self._clock.sleep(self._access.interval_s)
        finally:
            await self._client.exchange.close()

    async def probe(self) -> Probe:
        """Ask whether it is awake and, if so, how full it is."""
        return await vehicle_probe_of(self._client, self._access, self._home)

    def usage(self) -> Usage:
        """Tell what its calls cost this month."""
        return self._client.exchange.budget.usage

    @property
    def _charges_here(self) -> bool:
        """Whether its charge moves, which is worth the price of a look."""
        heard = self._heard
        return heard is not None and heard.is_here and heard.charge.charging_state in ACTIVE

    @property
    def _is_short(self) -> bool:
        return self._client.exchange.budget.is_short

    def _take(self, look: Look, publish: Callable[[VehicleState], None]) -> None:
        if look.vehicle is not None:
            here = is_here(look.vehicle, self._home)
            before = Plug.UNKNOWN if self._heard is None else self._heard.plug
            self._heard = Heard(
                at_mono_s=look.at_mono_s, vehicle=look.vehicle, is_here=here, plug_before=before
            )
        heard = self._heard
        soc_pct = heard.charge.soc_pct if heard is not None and heard.plug.car else None
        is_sure = look.presence is not Presence.OFFLINE
        # What left takes its charge along, so that nobody plans with it for the next car.
        if (soc_pct is not None and is_sure) or (soc_pct is None and self._told_soc):
            publish(VehicleState(at_mono_s=look.at_mono_s, soc_pct=soc_pct))
            self._told_soc = soc_pct is not None

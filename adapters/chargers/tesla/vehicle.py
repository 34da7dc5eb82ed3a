"""A Tesla behind the Vehicle port: it hangs on a charger that somebody else limits, and tells its charge."""

from collections.abc import Callable

from adapters.catalog import Surroundings
from adapters.chargers.tesla.answers import Presence
from adapters.chargers.tesla.car import client_of
from adapters.chargers.tesla.looking import Look, Looker
from adapters.chargers.tesla.replies import AsleepError
from adapters.chargers.tesla.settings import TeslaAccess
from adapters.chargers.tesla.state import Heard, Home, is_here
from controller.domain.readings import VehicleState
from controller.domain.units import ChargerId, Grid
from controller.ports import Probe


class TeslaVehicle:
    """Looks at the car as rarely as when idle, and at once when it wakes; it never wakes or commands it."""

    def __init__(self, charger: ChargerId, access: TeslaAccess, surroundings: Surroundings) -> None:
        self.charger = charger
        self._access, self._clock = access, surroundings.clock
        self._home = Home(
            grid=Grid.TN,
            phases=(1, 2, 3),
            latitude_deg=access.latitude_deg,
            longitude_deg=access.longitude_deg,
            radius_m=access.radius_m,
        )
        self._client = client_of(f"car at {charger}", access, self._clock)
        self._looker = Looker(self._client, access, self._clock)
        self._soc_pct: float | None = None
        """While it is plugged in here."""

    async def run(self, publish: Callable[[VehicleState], None]) -> None:
        """Publish its state of charge while it is plugged in here, until cancelled."""
        self._client.exchange.kept = True
        try:
            while True:
                look = await self._looker.look(eager=False)
                if look is not None:
                    self._take(look, publish)
                await self._clock.sleep(self._access.interval_s)
        finally:
            await self._client.exchange.close()

    async def probe(self) -> Probe:
        """Ask whether it is awake and, if so, how full it is."""
        presence, soc_pct = await self._client.presence(), None
        if presence is Presence.ONLINE:
            try:
                soc_pct = (await self._client.vehicle_data()).charge.soc_pct
            except AsleepError:
                presence = Presence.ASLEEP
        return Probe(
            found=f"Tesla {self._access.vehicle[-6:]}, {presence.value}",
            control_path="none: it only tells its state of charge",
            without_us="is not controlled",
            values={"soc_pct": soc_pct, "budget": self._client.exchange.budget.told()},
        )

    def _take(self, look: Look, publish: Callable[[VehicleState], None]) -> None:
        if look.vehicle is not None:
            here = is_here(look.vehicle, self._home)
            heard = Heard(at_mono_s=look.at_mono_s, vehicle=look.vehicle, is_here=here)
            self._soc_pct = heard.charge.soc_pct if heard.plug.car else None
        if self._soc_pct is not None and look.presence is not Presence.OFFLINE:
            publish(VehicleState(at_mono_s=look.at_mono_s, soc_pct=self._soc_pct))

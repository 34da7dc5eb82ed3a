"""The price that holds now, from the site's own tariff."""

from datetime import timedelta
from typing import Final

from controller.errors import BadRequest
from controller.ports import Clock, Tariff

_AHEAD: Final = timedelta(hours=1)


async def price_now(tariff: Tariff | None, clock: Clock) -> float:
    """Ask the site's tariff for the price of a kWh now.

    Raises:
        BadRequest: there is no tariff, or it tells no price for now; nothing was sent to the charger.
        DeviceUnreachable, DeviceNonsense: the tariff's source does not answer.
    """
    if tariff is None:
        raise BadRequest("no [tariff] is configured: say per_kwh")
    now = clock.now()
    for slot in await tariff.prices(now, now + _AHEAD):
        if slot.starts <= now < slot.ends:
            return slot.import_per_kwh
    raise BadRequest("the tariff tells no price for now: say per_kwh")

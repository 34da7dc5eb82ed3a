"""Casting of Teslas."""

from urllib.parse import urlsplit

from adapters.chargers.tesla.settings import TeslaAccess, TeslaSettings
from controller.domain.units import ChargerId
from controller.settings import Device
from simulator.casting import Cast, plays_at_home
from simulator.chargers.tesla import TeslaTwin


def tesla(device: Device, cast: Cast) -> None:
    """Let a twin play a car that limits itself, in the dialect that is configured; any token opens it."""
    own = device.settings
    if not isinstance(own, TeslaSettings):
        return
    twin = twin_of(own, cast)
    spec = cast.settings.site.charger[ChargerId(device.id)]
    # What the socket offers, as the operator says.
    twin.car.pilot_a = twin.car.request_max_a = int(spec.nameplate_a)
    twin.car.request_a = min(twin.car.request_a, twin.car.request_max_a)
    cast.chargers[device.id] = twin
    cast.servers.append(twin)
    cast.addresses[device.id] = lambda: twin.url
    if not _is_home(own):
        cast.moves[device.id] = lambda: {"base_url": twin.url, "sign_on_url": twin.token_url}


def twin_of(own: TeslaAccess, cast: Cast) -> TeslaTwin:
    """Build the twin of a car that can be reached as configured."""
    port = urlsplit(own.base_url or "").port if _is_home(own) else None
    twin = TeslaTwin(dialect=own.dialect.value, port=port or 0, clock=cast.clock)
    if own.vehicle.isdecimal():
        twin.car.number = int(own.vehicle)
    else:
        twin.car.vin = own.vehicle
    twin.sign_on.required, twin.sign_on.takes_any = False, True
    if own.latitude_deg is not None and own.longitude_deg is not None:
        twin.car.latitude_deg, twin.car.longitude_deg = own.latitude_deg, own.longitude_deg
    return twin


def _is_home(own: TeslaAccess) -> bool:
    """Tell whether everything configured is on loopback already, sign-on included."""
    places = [own.base_url] if own.token_file is None else [own.base_url, own.sign_on_url]
    return all(_on_loopback(place) for place in places)


def _on_loopback(url: str | None) -> bool:
    address = urlsplit(url or "")
    return address.scheme == "http" and plays_at_home(address.hostname or "")

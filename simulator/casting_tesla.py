"""Casting of Teslas: cars that limit themselves, and cars that hang on a charger and tell their charge."""

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
    twin = _placed(device.id, own, cast)
    spec = cast.settings.site.charger[ChargerId(device.id)]
    # What the socket offers, as the operator says.
    twin.car.pilot_a = twin.car.request_max_a = int(spec.nameplate_a)
    twin.car.request_a = min(twin.car.request_a, twin.car.request_max_a)
    cast.chargers[device.id] = twin


def tesla_vehicle(device: Device, charger: ChargerId, cast: Cast) -> None:
    """Let a twin play a car at somebody else's charger."""
    own = device.settings
    if isinstance(own, TeslaAccess):
        twin = _placed(device.id, own, cast)
        cast.vehicles.setdefault(charger, {})[device.id] = twin


def _placed(name: str, own: TeslaAccess, cast: Cast) -> TeslaTwin:
    """Put a car's twin where it is configured, beside the others that are reached there."""
    key = ("tesla", own.url, own.dialect)
    at_home = _is_home(own)
    host: TeslaTwin | None = cast.shared.get(key)
    port = urlsplit(own.url).port if at_home else None
    twin = TeslaTwin(dialect=own.dialect.value, port=port or 0, clock=cast.clock, host=host)
    if host is None:
        cast.shared[key] = twin
        cast.servers.append(twin)
    _describe(twin, own)
    cast.addresses[name] = lambda: twin.url
    if not at_home:
        cast.moves[name] = lambda: {"base_url": twin.url, "sign_on_url": twin.token_url}
    return twin


def _describe(twin: TeslaTwin, own: TeslaAccess) -> None:
    if own.vehicle.isdecimal():
        twin.car.number = int(own.vehicle)
    else:
        twin.car.vin = own.vehicle
    twin.sign_on.required, twin.sign_on.takes_any = False, True
    if own.latitude_deg is not None and own.longitude_deg is not None:
        twin.car.latitude_deg, twin.car.longitude_deg = own.latitude_deg, own.longitude_deg


def _is_home(own: TeslaAccess) -> bool:
    """Tell whether everything configured is on loopback already, sign-on included."""
    places = [own.base_url] if own.token_file is None else [own.base_url, own.sign_on_url]
    return all(_on_loopback(place) for place in places)


def _on_loopback(url: str | None) -> bool:
    address = urlsplit(url or "")
    return address.scheme == "http" and plays_at_home(address.hostname or "")

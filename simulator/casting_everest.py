"""Casting of chargers run by EVerest."""

from adapters.chargers.everest.channel import broker_of
from adapters.chargers.everest.dialect import version_of
from adapters.chargers.everest.settings import EverestSettings
from controller.domain.units import ChargerId
from controller.errors import SettingsError
from controller.settings import Device
from simulator.casting import Cast, plays_at_home
from simulator.chargers.everest import EverestTwin
from simulator.chargers.everest_profile import Profile


def everest(device: Device, cast: Cast) -> None:
    """Let a twin on the configured broker play EVerest.

    Raises:
        SettingsError: the broker is not on this machine; a real EVerest may be there.
    """
    own = device.settings
    if not isinstance(own, EverestSettings):
        return
    if not plays_at_home(own.host):
        where = f"chargers[{device.id}].host"
        raise SettingsError(
            str(cast.settings.path), where, own.host, "expected 127.0.0.1: the twin needs a broker"
        )
    twin = EverestTwin(broker_of(own), _profile(own), cast.clock)
    twin.station.hardware_a = cast.settings.site.charger[ChargerId(device.id)].nameplate_a
    cast.chargers[device.id] = twin
    cast.servers.append(twin)
    cast.addresses[device.id] = lambda: f"MQTT {own.host}:{own.port} {own.prefix}/{own.evse}"


def _profile(own: EverestSettings) -> Profile:
    return Profile(
        version=version_of(own.version),
        interface=own.interface,
        prefix=own.prefix,
        api=own.api,
        evse=own.evse,
        evse_impl=own.evse_implementation,
        node=own.node or "node",
        node_impl=own.node_implementation,
    )

"""Casting of High Mobility Home Chargers: a twin that knows the configured app by its key and its token."""

from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from adapters.chargers.high_mobility.settings import HighMobilitySettings
from adapters.wire.autoapi.certificates import client_certificate
from adapters.wire.autoapi.crypto import private_key
from controller.domain.units import ChargerId
from controller.errors import SettingsError
from controller.settings import Device
from simulator.casting import Cast, plays_at_home
from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.high_mobility_keys import App

_LARGEST_A: Final = 32.0


def high_mobility(device: Device, cast: Cast) -> None:
    """Let a twin play a charger and its cloud.

    Raises:
        SettingsError: there is no access token, by which a twin could know the app.
        CredentialsError: the key or the certificate is none.
    """
    own = device.settings
    if not isinstance(own, HighMobilitySettings):
        raise TypeError(f"{device.id}: settings of another kind")
    where = urlsplit(own.url)
    at_home = plays_at_home(where.hostname or "") and where.port is not None
    twin = HighMobilityTwin(_app(device, own, cast), port=where.port or 0 if at_home else 0, clock=cast.clock)
    # What the operator says that the electrician set.
    nameplate_a = cast.settings.site.charger[ChargerId(device.id)].nameplate_a
    twin.device.maximum_a = min(_LARGEST_A, nameplate_a)
    cast.chargers[device.id] = twin
    cast.servers.append(twin)
    cast.addresses[device.id] = lambda: twin.url(own.path)
    if not at_home:
        cast.moves[device.id] = lambda: {"url": twin.url(own.path), "sign_on_url": twin.sign_on_url}


def _app(device: Device, own: HighMobilitySettings, cast: Cast) -> App:
    if own.access_token is None and own.refresh_token is None:
        key = f"chargers[{device.id}].access_token_env"
        raise SettingsError(str(cast.settings.path), key, None, "a twin lets in by tokens alone")
    certificate = own.client_certificate
    serial = bytes.fromhex(own.client_serial) if certificate is None else _serial(certificate)
    return App(
        public=private_key(own.private_key.get_secret_value()).public_key(),
        serial=serial,
        access_token=_text(own.access_token),
        refresh_token=_text(own.refresh_token),
        uri=own.app_uri,
    )


def _text(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value().strip()


def _serial(certificate: SecretStr) -> bytes:
    return client_certificate(certificate.get_secret_value()).serial

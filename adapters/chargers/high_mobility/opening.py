"""From settings to the transport that they describe."""

from typing import TYPE_CHECKING, Final

from adapters.chargers.high_mobility import rest, telematics
from adapters.chargers.high_mobility.cloud import Cloud
from adapters.chargers.high_mobility.settings import HighMobilitySettings
from adapters.chargers.high_mobility.tokens import Tokens
from adapters.chargers.high_mobility.transport import Transport
from adapters.wire.autoapi.certificates import client_certificate
from adapters.wire.autoapi.crypto import private_key
from adapters.wire.oauth import Grant, TokenKeeper
from adapters.wire.token_file import TokenFile
from controller.ports import Clock

if TYPE_CHECKING:
    from pydantic import SecretStr

_SIGN_ON: Final = "/access_tokens"


def open_transport(settings: HighMobilitySettings, clock: Clock) -> Transport:
    """Make the transport; nothing is sent yet.

    Raises:
        CredentialsError: the key or the certificate is none.
    """
    return _rest(settings, clock) if settings.path == "rest" else _telematics(settings, clock)


def _telematics(settings: HighMobilitySettings, clock: Clock) -> Transport:
    identity = telematics.Identity(
        certificate=client_certificate(_text(settings.client_certificate)),
        key=private_key(_text(settings.private_key)),
        access_certificate=_text(settings.access_certificate),
    )
    cloud = _cloud(settings, identity.url)
    tokens = _tokens(settings, cloud, clock, identity.url)
    return telematics.Telematics(cloud, identity, tokens, clock)


def _rest(settings: HighMobilitySettings, clock: Clock) -> Transport:
    app = rest.App(
        key=private_key(_text(settings.private_key)),
        client_serial=settings.client_serial,
        app_uri=settings.app_uri,
    )
    cloud = _cloud(settings, rest.SANDBOX if settings.sandbox else rest.PRODUCTION)
    signs_on = telematics.SANDBOX if settings.sandbox else telematics.PRODUCTION
    return rest.Rest(cloud, app, _tokens(settings, cloud, clock, signs_on), clock)


def _cloud(settings: HighMobilitySettings, url: str) -> Cloud:
    secrets = (settings.access_token, settings.refresh_token, settings.client_secret, settings.private_key)
    shown = tuple(_text(secret) for secret in secrets)
    return Cloud(settings.url.rstrip("/") or url, settings.timeout_s, settings.give_way_s, shown)


def _tokens(settings: HighMobilitySettings, cloud: Cloud, clock: Clock, url: str) -> Tokens:
    grant = Grant(
        url=settings.sign_on_url or url + _SIGN_ON,
        client_id=settings.client_id,
        client_secret=_text(settings.client_secret),
        refresh=_text(settings.refresh_token),
        access=_text(settings.access_token),
        as_json=True,
        timeout_s=settings.timeout_s,
    )
    file = TokenFile(settings.token_file) if settings.token_file else None
    renews = settings.refresh_token is not None
    return Tokens(TokenKeeper(grant, file, clock), cloud, renews=renews)


def _text(secret: "SecretStr | None") -> str:
    return "" if secret is None else secret.get_secret_value().strip()

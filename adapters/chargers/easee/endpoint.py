"""Endpoint: where an operator's stream is, and who we are on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.chargers.easee.cloud import account_of
from adapters.chargers.easee.rest import Account, text
from adapters.chargers.easee.settings import EaseeConnection
from adapters.wire.amqp_broker import Broker
from controller.errors import DeviceNonsense

_LAST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Which stream, and who we are on it; chargers that agree on all of this share one connection."""

    broker: Broker | None
    """`None`: the cloud tells."""
    account: Account | None
    operator: str
    skew_s: float


def broker_in(content: Mapping[str, Any]) -> Broker:
    """Read where the operator's stream is, and its password.

    Raises:
        DeviceNonsense: the cloud's answer does not tell.
    """
    try:
        return Broker(
            host=text(content, "server"),
            port=_port(content.get("port", 5671)),
            tls=content.get("useSsl") is not False,
            virtual_host=str(content.get("virtualHost") or "/"),
            queue=text(content, "queueName"),
            exchange=text(content, "exchangeName"),
            user=text(content, "username"),
            password=text(content, "password"),
        )
    except ValueError as error:
        raise DeviceNonsense("the cloud does not tell where its stream is") from error


def _port(raw: object) -> int:
    """Read a port; a ValueError says that it is none."""
    port = int(raw) if isinstance(raw, int | str) and not isinstance(raw, bool) else 0
    if not 0 < port <= _LAST_PORT:
        raise ValueError(raw)
    return port


def endpoint_of(settings: EaseeConnection) -> Endpoint:
    """Take the stream out of settings."""
    broker = None
    if settings.host:
        broker = Broker(
            host=settings.host,
            port=settings.port,
            tls=settings.tls,
            ca_file=settings.ca_file,
            virtual_host=settings.virtual_host,
            queue=settings.queue,
            exchange=settings.exchange,
            user=settings.user,
            password="" if settings.password is None else settings.password.get_secret_value(),
        )
    account = account_of(settings)
    return Endpoint(broker=broker, account=account, operator=settings.operator, skew_s=settings.skew_s)

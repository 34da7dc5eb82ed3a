"""Broker: where the MQTT broker is, who we are to it, and the client that speaks to it."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from controller.errors import SettingsError

SHORTEST_RETRY_S, LONGEST_RETRY_S = 1, 30

MOST_UNWRITTEN = 200
"""So many publications wait inside paho for the socket or for the broker; the rest waits in the outbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where the broker is, and who we are to it."""

    host: str
    port: int = 1883
    client_id: str = ""
    """A fixed one lets the broker replace our lost session, so that its last will cannot come late; without
    one, each connection makes up its own and keeps it."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    """Encrypt, and check the broker's certificate and name."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's."""
    keepalive_s: int = 15

    def __str__(self) -> str:
        return f"MQTT broker {self.host}:{self.port}"


def client_for(broker: Broker) -> Client:
    """Prepare a client that is not connected yet.

    Raises:
        SettingsError: the certificates to trust cannot be read.
    """
    # A clean session: the broker keeps nothing for us, and takes nothing of ours that it has not taken yet.
    client = Client(CallbackAPIVersion.VERSION2, client_id=broker.client_id, clean_session=True)
    client.reconnect_delay_set(SHORTEST_RETRY_S, LONGEST_RETRY_S)
    client.max_queued_messages_set(MOST_UNWRITTEN)
    if broker.username is not None:
        client.username_pw_set(broker.username, broker.password)
    if broker.tls:
        client.tls_set_context(_trust(broker.ca_file))
    return client


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(str(ca_file), "", None, "expected readable certificates (PEM)") from error

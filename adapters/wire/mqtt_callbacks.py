"""Callbacks: what paho-mqtt calls in its own thread; they only count, queue and wake the loop."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from adapters.wire.mqtt_messages import call_in

LARGEST_MESSAGE = 65_536
"""No device that we listen to says more at once."""


class Hears(Protocol):
    """Who is told in the loop; `hear`, `refuse` and `wants_room` are called in paho's thread."""

    def hear(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Take in a message."""

    def refuse(self) -> None:
        """Count a message whose topic is not text, or that is too large."""

    def wants_room(self) -> bool:
        """Tell whether publications wait."""

    def is_up(self) -> None:
        """Learn that the broker has accepted us."""

    def is_down(self, why: str) -> None:
        """Learn that the connection has ended."""

    def has_trouble(self, kind: str, says: str) -> None:
        """Learn what the broker or the network does not let us do."""

    def is_acknowledged(self, mid: int) -> None:
        """Learn that the broker listens for us to what was asked for in this message."""

    def has_written(self) -> None:
        """Learn that there is room for more publications."""


class Callbacks:
    """The callbacks of one client.

    They know who hears them, but hold no client: whoever drops the client breaks every circle, and its
    sockets close with its thread instead of at some collection of garbage.
    """

    def __init__(self, hears: Hears) -> None:
        self.written = 0
        """How many publications have gone into the socket; above QoS 0, have been acknowledged."""
        self.leaving = False
        """We have said goodbye: a connection that still comes about is ended at once."""
        self.over = False
        """The client was dropped: nobody wants to hear of it any more."""
        self._hears = hears
        self._loop: asyncio.AbstractEventLoop | None = None

    def wire(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        """Let a client call us, and tell everything in a loop."""
        self._loop = loop
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish

    def _tell(self, callback: Callable[[], None]) -> None:
        if self._loop is not None:
            call_in(self._loop, lambda: None if self.over else callback())

    def _on_connect(
        self,
        client: Client,
        _userdata: Any,  # noqa: ANN401 - paho's signature
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        client.drop_out_messages()  # Before paho says again what was for an earlier connection.
        if self.leaving:
            client.disconnect()
        elif reason.is_failure:
            self._tell(lambda: self._hears.has_trouble("refused", f"refuses us: {reason}"))
        else:
            self._tell(self._hears.is_up)

    def _on_connect_fail(self, _client: Client, _userdata: Any) -> None:  # noqa: ANN401 - paho's signature
        self._tell(lambda: self._hears.has_trouble("away", "cannot be reached; trying again"))

    def _on_disconnect(
        self,
        client: Client,
        _userdata: Any,  # noqa: ANN401 - paho's signature
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        client.drop_out_messages()
        self._tell(lambda: self._hears.is_down(str(reason)))

    def _on_subscribe(
        self,
        _client: Client,
        _userdata: Any,  # noqa: ANN401 - paho's signature
        mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        self._tell(lambda: self._hears.is_acknowledged(mid))
        if any(reason.is_failure for reason in reasons):
            self._tell(lambda: self._hears.has_trouble("deaf", "does not let us listen to every topic"))

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:  # noqa: ANN401 - paho's
        try:
            topic = message.topic
        except UnicodeDecodeError:
            self._hears.refuse()
            return
        if len(message.payload) > LARGEST_MESSAGE:
            self._hears.refuse()
            return
        self._hears.hear(topic, bytes(message.payload), retained=message.retain)

    def _on_publish(
        self,
        _client: Client,
        _userdata: Any,  # noqa: ANN401 - paho's signature
        _mid: int,
        _reason: ReasonCode,
        _properties: Properties,
    ) -> None:
        self.written += 1
        if self._hears.wants_room():
            self._tell(self._hears.has_written)

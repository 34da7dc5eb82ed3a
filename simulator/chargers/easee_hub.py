"""The SignalR hub of Easee's cloud, on the cloud's own port, with everything that can go wrong there."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from adapters.wire.together import together
from controller.ports import Clock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_observed import Value
from simulator.chargers.easee_words import Sent, stamp
from simulator.chargers.web import WebReply, WebRequest, json_reply
from simulator.chargers.websocket import WebSocket

PATH: Final = "/hubs/chargers"
_END: Final = "\x1e"
_INVOCATION, _COMPLETION, _PING, _CLOSE = 1, 3, 6, 7
_PROTOCOL: Final = {"protocol": "json", "version": 1}


@dataclass(slots=True, kw_only=True)
class HubFaults:
    """What a hub may do wrong; change any field while it runs."""

    status: int | None = None
    """Answers negotiations with this."""
    negotiation: bytes | None = None
    """Answers negotiations with these bytes."""
    mute: bool = False
    """Takes connections and calls, and says nothing."""
    slow_s: float = 0.0
    """Waits so long before every message."""
    twice: bool = False
    """Says everything twice."""
    denied: frozenset[str] = frozenset()
    """Chargers that nobody may subscribe to."""
    loses: frozenset[str] = frozenset()
    """What it never tells: `ProductUpdate`, `CommandResponse`."""
    completes: bool = True
    """Tells when a subscription is complete."""
    keepalive_s: float = 15.0


class EaseeHubTwin:
    """Tells subscribers what chargers observe and say to commands."""

    def __init__(
        self, chargers: Mapping[str, EaseeTwin], is_known: Callable[[WebRequest], bool], clock: Clock
    ) -> None:
        self._chargers, self._is_known, self.clock = chargers, is_known, clock
        self.faults = HubFaults()
        self.negotiations = 0
        self.subscriptions: list[str] = []
        """Every subscription that was asked for, latest last."""
        self._talks: set[_Talk] = set()
        self._asked = asyncio.Event()

    @property
    def talks(self) -> int:
        """How many conversations are open."""
        return len(self._talks)

    def drop(self) -> None:
        """Break every conversation off."""
        for talk in tuple(self._talks):
            talk.socket.reset()

    def say(self, message: str | bytes) -> None:
        """Say anything to everybody."""
        for talk in tuple(self._talks):
            talk.say(message)

    def close(self, error: str | None = None) -> None:
        """Say to everybody that the conversation is over."""
        self.say(_record({"type": _CLOSE} | ({} if error is None else {"error": error})))

    async def until_subscribed(self) -> None:
        """Wait for the next subscription."""
        self._asked.clear()
        await self._asked.wait()

    def negotiate(self, request: WebRequest) -> WebReply:
        """Answer the request that goes before a conversation."""
        self.negotiations += 1
        if self.faults.negotiation is not None:
            return WebReply(body=self.faults.negotiation, headers={"Content-Type": "application/json"})
        if self.faults.status is not None:
            return json_reply(None, self.faults.status)
        if not self._is_known(request):
            return json_reply(None, HTTPStatus.UNAUTHORIZED)
        offers = [{"transport": "WebSockets", "transferFormats": ["Text", "Binary"]}]
        number = f"talk-{self.negotiations}"
        return json_reply({"connectionId": number, "negotiateVersion": 0, "availableTransports": offers})

    async def converse(
        self, request: WebRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Hold one conversation."""
        socket = WebSocket(reader, writer)
        if self.faults.status is not None or not self._is_known(request):
            writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        if not await socket.accept(request):
            return
        talk = _Talk(socket, self)
        self._talks.add(talk)
        try:
            await together(talk.listen(), talk.speak(), talk.keep_alive())
        except _GoneError:
            await socket.close()
        finally:
            self._talks.discard(talk)

    async def observation(self, twin: EaseeTwin, id_: int, value: Value, at: datetime) -> None:
        """Tell an observation to whoever follows the charger."""
        self._tell(twin, "ProductUpdate", _update(twin.device.serial, id_, value, at))

    async def response(self, twin: EaseeTwin, sent: Sent, at: datetime, *, accepted: bool) -> None:
        """Tell a response to whoever follows the charger."""
        self._tell(twin, "CommandResponse", response(twin, sent, at, accepted=accepted))

    def _tell(self, twin: EaseeTwin, target: str, content: Mapping[str, Any]) -> None:
        record = twin.faults.body or _record({"type": _INVOCATION, "target": target, "arguments": [content]})
        for talk in () if target in self.faults.loses else tuple(self._talks):
            if twin.device.serial in talk.followed:
                talk.say(record)

    def take(self, talk: "_Talk", call: Mapping[str, Any]) -> None:
        """Carry out what a client calls."""
        arguments = call.get("arguments") or [""]
        serial = str(arguments[0])
        if call.get("target") == "SubscribeWithCurrentState":
            self._subscribe(talk, serial, call.get("invocationId"))
        elif call.get("target") == "Unsubscribe":
            talk.followed.discard(serial)
            talk.complete(call.get("invocationId"))
        else:
            talk.complete(call.get("invocationId"), "Unknown hub method")

    def _subscribe(self, talk: "_Talk", serial: str, invocation: str | None) -> None:
        self.subscriptions.append(serial)
        self._asked.set()
        twin = self._chargers.get(serial)
        if twin is None or serial in self.faults.denied:
            talk.complete(invocation, "HubException: no access")
            return
        talk.followed.add(serial)
        for id_, (value, at) in twin.known.items():
            content = _update(serial, id_, value, at)
            talk.say(_record({"type": _INVOCATION, "target": "ProductUpdate", "arguments": [content]}))
        if self.faults.completes:
            talk.complete(invocation)


class _GoneError(Exception):
    """The client went away, or asked for something else than this protocol."""


class _Talk:
    """One conversation: what is heard, and what waits to be said."""

    def __init__(self, socket: WebSocket, hub: EaseeHubTwin) -> None:
        self.socket, self._hub = socket, hub
        self.followed: set[str] = set()
        self._waiting: asyncio.Queue[str | bytes] = asyncio.Queue()

    def say(self, message: str | bytes) -> None:
        """Let a message wait for its turn."""
        faults = self._hub.faults
        if faults.mute:
            return
        for _ in range(2 if faults.twice else 1):
            self._waiting.put_nowait(message)

    def complete(self, invocation: str | None, error: str | None = None) -> None:
        """Say how a call ended, to a client that wants to know."""
        if invocation is not None:
            failed = {} if error is None else {"error": error}
            self.say(_record({"type": _COMPLETION, "invocationId": invocation, "result": None, **failed}))

    async def listen(self) -> None:
        """Shake hands, then take calls."""
        is_shaken = False
        while (message := await self.socket.receive()) is not None:
            for record in filter(None, message.split(_END)):
                content = json.loads(record)
                if not is_shaken:
                    is_shaken = content == _PROTOCOL
                    self.say(_record({} if is_shaken else {"error": "Requested protocol is not available."}))
                elif content.get("type") == _INVOCATION:
                    self._hub.take(self, content)
        raise _GoneError

    async def speak(self) -> None:
        """Say what waits, in turn."""
        while True:
            message = await self._waiting.get()
            if self._hub.faults.slow_s:
                await self._hub.clock.sleep(self._hub.faults.slow_s)
            await self.socket.send(message)

    async def keep_alive(self) -> None:
        """Say something in a steady beat."""
        while True:
            await self._hub.clock.sleep(self._hub.faults.keepalive_s)
            self.say(_record({"type": _PING}))


def response(twin: EaseeTwin, sent: Sent, at: datetime, *, accepted: bool) -> dict[str, Any]:
    """Write a response as hub and REST tell it."""
    return {
        "serialNumber": twin.device.serial,
        "id": sent.id,
        "timestamp": stamp(sent.made),
        "deliveredAt": stamp(at),
        "wasAccepted": accepted,
        "resultCode": None,
        "comment": None,
        "ticks": sent.ticks,
    }


def data_type(value: Value) -> int:
    """Tell the number by which the cloud names a value's type."""
    return {bool: 2, float: 3, int: 4, str: 6}[type(value)]


def text(value: Value) -> str:
    """Write a value as text, as the cloud does."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def _update(serial: str, id_: int, value: Value, at: datetime) -> dict[str, Any]:
    return {
        "mid": serial,
        "dataType": data_type(value),
        "id": id_,
        "timestamp": stamp(at),
        "value": text(value),
    }


def _record(content: Mapping[str, Any]) -> str:
    return json.dumps(content) + _END

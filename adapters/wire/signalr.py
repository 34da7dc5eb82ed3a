"""SignalR: one conversation with a hub over a websocket, from its token to its end, whoever ends it.

The JSON protocol of hubs is four kinds of record; a client library of its own would bring three times the
code to hold in check: it connects again by itself with the token of the first time, and closes late.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, NoReturn

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from adapters.wire.signalr_door import Door, find_door
from adapters.wire.together import together
from controller.errors import DeviceNonsense, DeviceUnreachable
from controller.ports import Clock

# What goes wrong reaches the log in our words, once; theirs hold headers, and with them the token.
_silent = logging.getLogger("phasewise.wire.signalr")
_silent.setLevel(logging.CRITICAL)

CONNECT_S: Final = 10.0
SILENCE_S: Final = 60.0
"""A hub pings every 15 s; one that says nothing for so long is gone, whatever its socket says."""
PING_S: Final = 15.0
"""A hub ends conversations in which it hears nothing for 30 s."""
GOODBYE_S: Final = 1.0
LARGEST_BYTES: Final = 1_048_576

_END: Final = "\x1e"
_INVOCATION, _COMPLETION, _PING, _CLOSE = 1, 3, 6, 7
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """Whom a conversation tells what."""

    calls: Mapping[str, Callable[[Sequence[object]], None]]
    """What the hub may call here by name, with its arguments."""
    refused: Callable[[str], None]
    """Something came that makes no sense; why."""
    opened: Callable[["Talk"], Awaitable[None]]
    """The hub listens; what is to be asked first is asked here."""


class Talk:
    """An open conversation."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._waiting: dict[str, Callable[[str | None], None]] = {}

    async def invoke(
        self, target: str, arguments: Sequence[object], done: Callable[[str | None], None]
    ) -> None:
        """Call something at the hub; `done` is told why it failed, or `None` when it did not.

        Raises:
            DeviceUnreachable: the conversation is over.
        """
        number = str(next(self._numbers))
        self._waiting[number] = done
        called = {"type": _INVOCATION, "invocationId": number, "target": target, "arguments": list(arguments)}
        await self.say(called)

    async def say(self, record: Mapping[str, object]) -> None:
        """Send one record; errors as for `invoke`."""
        try:
            await self._socket.send(json.dumps(record) + _END)
        except (WebSocketException, OSError) as error:
            raise DeviceUnreachable(f"the hub did not take a record: {type(error).__name__}") from error

    def settle(self, number: str, error: str | None) -> None:
        """Tell whoever called how it ended."""
        done = self._waiting.pop(number, None)
        if done is not None:
            done(error)


async def converse(url: str, token: str, ears: Ears, clock: Clock) -> NoReturn:
    """Talk to a hub until that ends; the connection ends with it.

    Raises:
        DeviceUnreachable, DeviceNonsense: nobody there, no hub, or the conversation is over.
        CredentialsError: not with this token.
    """
    try:
        async with asyncio.timeout(CONNECT_S) as deadline:
            door = await find_door(url, token, CONNECT_S)
            async with _connection(door) as socket:
                await _hold(socket, ears, deadline, clock)
    except TimeoutError as error:
        raise DeviceUnreachable(f"{url}: silent") from error
    except (WebSocketException, OSError) as error:
        # Neither words nor address of the library: they may hold the token.
        raise DeviceUnreachable(f"{url}: {type(error).__name__}") from error
    raise DeviceUnreachable(f"{url}: ended the conversation")


class _Straight(connect):
    """A connection that goes where it was told and nowhere else: the token is for that host alone."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow none."""
        return exc


def _connection(door: Door) -> _Straight:
    return _Straight(
        door.url,
        additional_headers={"Authorization": f"Bearer {door.token}"},
        ssl=door.trust,
        close_timeout=GOODBYE_S,
        max_size=LARGEST_BYTES,
        logger=_silent,
    )


async def _hold(socket: ClientConnection, ears: Ears, deadline: asyncio.Timeout, clock: Clock) -> None:
    talk = Talk(socket)
    await talk.say({"protocol": "json", "version": 1})
    first, _, rest = _text(await socket.recv()).partition(_END)
    _check_handshake(first)
    _put_off(deadline)
    await ears.opened(talk)
    take_records(rest, talk, ears)

    async def listen() -> None:
        async for message in socket:
            _put_off(deadline)
            take_records(_text(message), talk, ears)
        raise DeviceUnreachable("the hub closed the connection")

    await together(listen(), _keep_alive(talk, clock))


def _put_off(deadline: asyncio.Timeout) -> None:
    if not deadline.expired():
        deadline.reschedule(asyncio.get_running_loop().time() + SILENCE_S)


async def _keep_alive(talk: Talk, clock: Clock) -> None:
    while True:
        await clock.sleep(PING_S)
        await talk.say({"type": _PING})


def _check_handshake(record: str) -> None:
    content = _content(record)
    if content is None or content.get("error"):
        raise DeviceNonsense(f"the hub does not shake hands: {record[:_SHOWN]!r}")


def take_records(text: str, talk: Talk, ears: Ears) -> None:
    """Act on every record that makes sense; the others are refused one by one.

    Raises:
        DeviceUnreachable: one of them says that the conversation is over.
    """
    for record in filter(None, text.split(_END)):
        for why in _taken(record, talk, ears):
            ears.refused(why)


def _taken(record: str, talk: Talk, ears: Ears) -> Iterator[str]:
    content = _content(record) or {}
    kind = content.get("type")
    if kind == _INVOCATION and isinstance(content.get("arguments"), list):
        call = ears.calls.get(str(content.get("target")))
        if call is not None:
            call(content["arguments"])
            return
    if kind == _COMPLETION and isinstance(content.get("invocationId"), str):
        error = content.get("error")
        talk.settle(content["invocationId"], str(error)[:_SHOWN] if error else None)
    elif kind == _CLOSE:
        raise DeviceUnreachable("the hub ended the conversation")
    elif kind != _PING:
        yield f"a record of no use: {record[:_SHOWN]!r}"


def _content(record: str) -> dict[str, Any] | None:
    try:
        content = json.loads(record)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _text(message: str | bytes) -> str:
    return message.decode(errors="replace") if isinstance(message, bytes) else message

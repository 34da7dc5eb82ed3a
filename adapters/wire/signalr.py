"""SignalR: one conversation with a hub, from its token to its end, whoever ends it.

pysignalr connects again by itself, with the token of the first time. So each conversation gets a client of
its own, which ends with its connection; whoever wants another one asks again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, NoReturn

import aiohttp
from pysignalr import exceptions
from pysignalr.client import SignalRClient
from pysignalr.messages import (
    CloseMessage,
    CompletionMessage,
    HandshakeResponseMessage,
    InvocationMessage,
    Message,
    PingMessage,
)
from pysignalr.protocol.json import JSONProtocol
from websockets.exceptions import WebSocketException

from controller.errors import CredentialsError, DeviceNonsense, DeviceUnreachable

# What goes wrong reaches the log in our words, once; theirs hold headers, and with them the token.
logging.getLogger("pysignalr").setLevel(logging.CRITICAL)

CONNECT_S: Final = 10.0
SILENCE_S: Final = 60.0
"""A hub pings every 15 s; one that says nothing for so long is gone, whatever its socket says."""
LARGEST_BYTES: Final = 1_048_576
_SHOWN: Final = 80

_TROUBLE = (
    exceptions.HubError,
    aiohttp.ClientError,
    WebSocketException,
    OSError,
    # What the library raises at an answer of another shape than it expects.
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    RuntimeError,
    NotImplementedError,
)


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

    def __init__(self, client: SignalRClient) -> None:
        self._client = client

    async def invoke(self, target: str, arguments: Sequence[Any], done: Callable[[str | None], None]) -> None:
        """Call something at the hub; `done` is told why it failed, or `None` when it did not.

        Raises:
            DeviceUnreachable: the conversation is over.
        """

        async def completed(message: Any) -> None:  # noqa: ANN401 - the library's word for a message
            done(message.error)

        try:
            await self._client.send(target, list(arguments), completed)
        except (WebSocketException, OSError, RuntimeError) as error:
            raise DeviceUnreachable(f"the hub did not take {target}: {type(error).__name__}") from error


async def converse(url: str, token: str, ears: Ears) -> NoReturn:
    """Talk to a hub until that ends.

    Raises:
        DeviceUnreachable: nobody there, or the conversation is over.
        CredentialsError: not with this token.
    """
    try:
        async with asyncio.timeout(CONNECT_S) as deadline:
            await _client(url, token, ears, deadline).run()
    except TimeoutError as error:
        raise DeviceUnreachable(f"{url}: silent") from error
    except _TROUBLE as error:
        raise _in_our_words(url, error) from error
    raise DeviceUnreachable(f"{url}: ended the conversation")


def _client(url: str, token: str, ears: Ears, deadline: asyncio.Timeout) -> SignalRClient:
    loop = asyncio.get_running_loop()

    def heard() -> None:
        deadline.reschedule(loop.time() + SILENCE_S)

    client = SignalRClient(
        url,
        protocol=_Records(ears.refused, heard),
        headers={"Authorization": f"Bearer {token}"},
        connection_timeout=int(CONNECT_S),
        max_size=LARGEST_BYTES,
        retry_count=1,
    )

    _attend(client, url, ears)
    return client


def _attend(client: SignalRClient, url: str, ears: Ears) -> None:
    is_open = False

    async def opened() -> None:
        nonlocal is_open
        is_open = True
        await ears.opened(Talk(client))

    async def closed() -> None:
        if is_open:  # Ends the client with its connection, so that the library opens no other one.
            raise DeviceUnreachable(f"{url}: closed the connection")

    client.on_open(opened)
    client.on_close(closed)
    client.on_error(_ignore)
    for name, call in ears.calls.items():
        client.on(name, _called(call))


def _called(call: Callable[[Sequence[object]], None]) -> Callable[[Any], Awaitable[None]]:
    async def called(arguments: Sequence[object]) -> None:
        call(arguments)

    return called


async def _ignore(_: object) -> None:
    """Whoever invoked hears of a failure."""


class _Records(JSONProtocol):
    """The JSON protocol, of which no record can end the conversation by making no sense."""

    def __init__(self, refused: Callable[[str], None], heard: Callable[[], None]) -> None:
        super().__init__()
        self._refused, self._heard = refused, heard

    def decode(self, raw_message: str | bytes) -> list[Message]:
        """Read every record that makes sense; the others are refused one by one."""
        self._heard()
        text = raw_message.decode(errors="replace") if isinstance(raw_message, bytes) else raw_message
        read = (self._read(record) for record in text.split(self.record_separator) if record)
        return [message for message in read if message is not None]

    def decode_handshake(
        self, raw_message: str | bytes
    ) -> tuple[HandshakeResponseMessage, Iterable[Message]]:
        """Read the first record, and what may follow it in the same frame."""
        text = raw_message.decode(errors="replace") if isinstance(raw_message, bytes) else raw_message
        first, separator, rest = text.partition(self.record_separator)
        handshake, _ = super().decode_handshake(first + (separator or self.record_separator))
        return handshake, self.decode(rest)

    def _read(self, record: str) -> Message | None:
        try:
            message = next(iter(super().decode(record)), None)
        except (*_TROUBLE, RecursionError) as error:
            self._refused(f"no record: {record[:_SHOWN]!r} ({type(error).__name__})")
            return None
        if message is None or _makes_sense(message):
            return message
        self._refused(f"a record of no use: {record[:_SHOWN]!r}")
        return None


def _makes_sense(message: Message) -> bool:
    """Tell whether the client can act on a record, which it does not look at twice."""
    if isinstance(message, InvocationMessage):
        is_call = isinstance(message.target, str) and isinstance(message.arguments, list)
        return is_call and isinstance(message.invocation_id, str | None)
    if isinstance(message, CompletionMessage):
        return isinstance(message.invocation_id, str)
    return isinstance(message, PingMessage | CloseMessage)


def _in_our_words(url: str, error: Exception) -> Exception:
    """Name what went wrong; the library's own words may quote headers."""
    status = _status(error)
    if isinstance(error, exceptions.AuthorizationError) or status == HTTPStatus.UNAUTHORIZED:
        return CredentialsError(f"{url}: does not accept the token")
    if status is not None:
        return DeviceUnreachable(f"{url}: HTTP {status}")
    if isinstance(error, DeviceNonsense | DeviceUnreachable):
        return error
    return DeviceUnreachable(f"{url}: {type(error).__name__}")


def _status(error: Exception) -> int | None:
    cause = error.__cause__ if isinstance(error, exceptions.NegotiationFailure) else error
    status = getattr(cause, "status", None)
    if status is None:
        status = getattr(getattr(cause, "response", None), "status_code", None)
    return status if isinstance(status, int) else None

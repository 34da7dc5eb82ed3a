"""Web: an HTTP server for twins, on a real socket, that can also break off, hang and vanish."""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

_CHUNK_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRequest:
    """One request, taken apart."""

    verb: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes

    @property
    def content(self) -> Any:  # noqa: ANN401 - JSON
        """The body as JSON; `None` when it is none."""
        return _parsed(self.body)

    @property
    def members(self) -> Mapping[str, Any]:
        """The members of a body that is a JSON object; any other has none."""
        content = self.content
        return content if isinstance(content, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebReply:
    """One answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> Any:  # noqa: ANN401 - JSON
        """The body as JSON; `None` when it is none."""
        return _parsed(self.body)


def _parsed(body: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(body)
    except ValueError:
        return None


Answer = Callable[[WebRequest], Awaitable[WebReply | None]]
"""`None` resets the connection instead of answering."""

Upgrade = Callable[[WebRequest, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Takes a connection over that is to be a websocket; it ends with the call."""


def json_reply(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> WebReply:
    """Answer with JSON."""
    told = {"Content-Type": "application/json", **(headers or {})}
    return WebReply(status=status, body=json.dumps(content).encode(), headers=told)


class WebServer:
    """Serves on loopback; a stop ends every connection, a later start takes the same port."""

    def __init__(
        self,
        answer: Answer,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        upgrade: Upgrade | None = None,
    ) -> None:
        self.port = port
        """0 until started, unless it was given."""
        self.opened = 0
        """How many connections were opened to it."""
        self._answer, self._tls, self._upgrade = answer, tls, upgrade
        self._server: asyncio.Server | None = None
        self._conversations: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Begin to serve."""
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Vanish."""
        if self._server is not None:
            self._server.close()
        talks = tuple(self._conversations)
        for talk in talks:
            talk.cancel()
        if talks:
            await asyncio.wait(talks)
        self._server = None

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._conversations.add(task)
        self.opened += 1
        try:
            await self._serve(_Conversation(reader, writer))
        except (OSError, h11.ProtocolError, asyncio.CancelledError):
            writer.transport.abort()  # A twin that is stopped, or spoken to wrongly, just goes away.
        finally:
            writer.close()
            self._conversations.discard(task)

    async def _serve(self, talk: "_Conversation") -> None:
        while (request := await talk.request()) is not None:
            if self._upgrade is not None and request.headers.get("upgrade", "").lower() == "websocket":
                await self._upgrade(request, *talk.streams)
                return
            reply = await self._answer(request)
            if reply is None:
                talk.reset()
                return
            await talk.answer(reply)


class _Conversation:
    """One HTTP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.streams = self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.SERVER)

    async def request(self) -> WebRequest | None:
        """Wait for the next request and its body; `None` once the other side went away."""
        head, body = None, b""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(_CHUNK_BYTES))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return _request(head, body)
            else:
                return None

    async def answer(self, reply: WebReply) -> None:
        """Send an answer and be ready for the next request."""
        told = [(name, str(value)) for name, value in reply.headers.items()]
        told.append(("Content-Length", str(len(reply.body))))
        events = (
            h11.Response(status_code=reply.status, headers=told),
            h11.Data(data=reply.body),
            h11.EndOfMessage(),
        )
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        await self._writer.drain()
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        wire = self._writer.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


def _request(head: h11.Request, body: bytes) -> WebRequest:
    address = urlsplit(head.target.decode())
    return WebRequest(
        verb=head.method.decode(),
        path=unquote(address.path),
        query=dict(parse_qsl(address.query, keep_blank_values=True)),
        headers={name.decode().lower(): value.decode() for name, value in head.headers},
        body=body,
    )

"""HTTP on a real socket for a simulated service: requests in, JSON out, resets on demand."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import h11

_CHUNK_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request."""

    verb: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Mapping[str, object]:
        """Read its body; what is no object is empty."""
        try:
            content = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back."""

    status: int = 200
    content: object = None
    raw: bytes | None = None
    """Instead of JSON."""

    @property
    def body(self) -> bytes:
        """Its bytes."""
        return json.dumps(self.content).encode() if self.raw is None else self.raw


Answer = Callable[[Request], Awaitable[Reply | None]]
"""Answers a request; `None` resets the connection."""


class HttpServer:
    """Serves one function on loopback."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self.port = port
        """0 until started, unless it was given; a restart keeps it."""
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._conversations: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to serve."""
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Vanish: the port closes and every connection ends."""
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
        try:
            await self._serve(reader, writer)
        except (OSError, h11.ProtocolError, asyncio.CancelledError):
            writer.transport.abort()  # A twin that is stopped, or spoken to wrongly, just goes away.
        finally:
            writer.close()
            self._conversations.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER)
        while (request := await _request(http, reader)) is not None:
            reply = await self._answer(request)
            if reply is None:
                _reset(writer)
                return
            await _send(http, writer, reply)
            if http.our_state is not h11.DONE or http.their_state is not h11.DONE:
                return
            http.start_next_cycle()


async def _request(http: h11.Connection, reader: asyncio.StreamReader) -> Request | None:
    """Wait for the next request and its body; `None` once the other side went away."""
    head, body = None, b""
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(await reader.read(_CHUNK_BYTES))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _told(head, body)
        else:
            return None


def _told(head: h11.Request, body: bytes) -> Request:
    address = urlsplit(head.target.decode())
    return Request(
        verb=head.method.decode(),
        path=address.path,
        query=dict(parse_qsl(address.query)),
        headers={name.decode().lower(): value.decode() for name, value in head.headers},
        body=body,
    )


async def _send(http: h11.Connection, writer: asyncio.StreamWriter, reply: Reply) -> None:
    body = reply.body
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    events = (
        h11.Response(status_code=reply.status, headers=headers),
        h11.Data(data=body),
        h11.EndOfMessage(),
    )
    writer.write(b"".join(http.send(event) or b"" for event in events))
    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with a TCP reset."""
    wire = writer.get_extra_info("socket")
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

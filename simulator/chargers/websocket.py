"""A websocket's server end for twins, framed by the websockets library, that can also break off."""

import asyncio
import logging
import socket
import struct
from typing import Final

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from simulator.chargers.web import WebRequest

# The library tells every connection at level INFO.
logging.getLogger("websockets.server").setLevel(logging.WARNING)

_CHUNK_BYTES: Final = 65_536
_TEXTS: Final = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})


class WebSocket:
    """One connection, open from `accept` on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._protocol = ServerProtocol()
        self._parts: list[bytes] = []
        self._whole: list[str] = []

    async def accept(self, request: WebRequest) -> bool:
        """Answer the handshake; tell whether it was one."""
        lines = [
            f"GET {request.path} HTTP/1.1",
            *(f"{name}: {told}" for name, told in request.headers.items()),
        ]
        self._protocol.receive_data("\r\n".join((*lines, "", "")).encode())
        for asked in self._protocol.events_received():
            if isinstance(asked, Request):
                self._protocol.send_response(self._protocol.accept(asked))
        await self._flush()
        return self._protocol.state is State.OPEN

    async def receive(self) -> str | None:
        """Wait for the next message; `None` once the other side went away."""
        while not self._whole:
            received = await self._reader.read(_CHUNK_BYTES)
            if received:
                self._protocol.receive_data(received)
            else:
                self._protocol.receive_eof()
            for event in self._protocol.events_received():
                self._take(event)
            await self._flush()
            if not received:
                return None
        return self._whole.pop(0)

    async def send(self, message: str | bytes) -> None:
        """Send a message, as text or as bytes."""
        if self._protocol.state is not State.OPEN:
            return
        if isinstance(message, str):
            self._protocol.send_text(message.encode())
        else:
            self._protocol.send_binary(message)
        await self._flush()

    async def close(self) -> None:
        """Say goodbye."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(1001)
            await self._flush()

    def reset(self) -> None:
        """Break off with a TCP reset."""
        wire = self._writer.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def _take(self, event: object) -> None:
        if not isinstance(event, Frame) or event.opcode not in _TEXTS:
            return
        self._parts.append(bytes(event.data))
        if event.fin:
            self._whole.append(b"".join(self._parts).decode(errors="replace"))
            self._parts.clear()

    async def _flush(self) -> None:
        for chunk in self._protocol.data_to_send():
            if chunk:
                self._writer.write(chunk)
        await self._writer.drain()

"""A Lektri.co charger on a real socket, for tests, demos and whole simulated houses."""

import asyncio
import socket
import struct
from collections import deque
from types import TracebackType
from typing import Self

import h11

from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.lektrico_device import LektricoDevice
from simulator.chargers.lektrico_faults import Faults
from simulator.chargers.lektrico_login import accepts, challenge
from simulator.chargers.lektrico_wire import NOWHERE_REPLY, Call, Reply, call_of, replied

_CHUNK_BYTES = 4096
_CALLS_KEPT = 1000


class LektricoTwin:
    """Serves one `device` on loopback; `faults` says what it does wrong.

    The house around it calls `plug_in`, `unplug` and `set_draw`, and reads `offered_a`.
    """

    def __init__(self, model: str = "3p22k", port: int = 0, clock: Clock | None = None) -> None:
        self.port = port
        """0 until started, unless it was given; a restart keeps it."""
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=_CALLS_KEPT)
        """What it was asked, latest last."""
        self.connections = 0
        """How many were opened to it."""
        self._clock: Clock = clock or SystemClock()
        self.device = LektricoDevice(clock=self._clock, model=model)
        self._server: asyncio.Server | None = None
        self._called = asyncio.Event()
        self._conversations: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        await self.stop()

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

    async def restart(self) -> None:
        """Lose power and come back on the same port, with volatile limits lost."""
        await self.stop()
        self.device.reboot()
        await self.start()

    async def until_called(self, method: str = "") -> Call:
        """Wait for the next call, of a method if one is named."""
        while True:
            self._called.clear()
            await self._called.wait()
            if method.lower() in ("", self.calls[-1].method.lower()):
                return self.calls[-1]

    def plug_in(self, car: object) -> None:
        """Connect a car."""
        self.device.plug_in(car)

    def unplug(self) -> None:
        """Disconnect the car."""
        self.device.unplug()

    @property
    def offered_a(self) -> float:
        """What the control pilot offers the car, 0 while paused."""
        return self.device.offered_a

    @property
    def relay_mode(self) -> int:
        """How many phases its relays connect: 1 or 3."""
        return self.device.relay_mode

    def set_draw(self, currents_a: tuple[float, float, float], power_w: float) -> None:
        """Say what the car draws, in the charger's own L1, L2, L3."""
        self.device.set_draw(currents_a, power_w)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._conversations.add(task)
        self.connections += 1
        try:
            await self._serve(_Conversation(reader, writer))
        except (OSError, h11.ProtocolError, asyncio.CancelledError):
            writer.transport.abort()  # A twin that is stopped, or spoken to wrongly, just goes away.
        finally:
            writer.close()
            self._conversations.discard(task)

    async def _serve(self, talk: "_Conversation") -> None:
        while (heard := await talk.request()) is not None:
            request, body = heard
            verb, target = request.method.decode(), request.target.decode()
            if self._is_stranger(request, verb):
                await talk.refuse_stranger(self.faults.login[2] if self.faults.login else "basic")
                continue
            call = call_of(verb, target, body)
            if call is None:
                await talk.answer(NOWHERE_REPLY, close=False)
            elif not await self._answered(talk, call):
                return

    def _is_stranger(self, request: h11.Request, verb: str) -> bool:
        if self.faults.login is None:
            return False
        headers = {name.decode(): value.decode() for name, value in request.headers}
        return not accepts(self.faults.login, headers.get("authorization", ""), verb)

    async def _answered(self, talk: "_Conversation", call: Call) -> bool:
        """Answer, or misbehave; tell whether the conversation goes on."""
        self.calls.append(call)
        self._called.set()
        faults, struck = self.faults, self.faults.strikes(call.method)
        if struck and (faults.reset or faults.resets_left):
            faults.resets_left = max(0, faults.resets_left - 1)
            talk.reset()
            return False
        if struck and faults.delay_s:
            await self._clock.sleep(faults.delay_s)
        if (struck and faults.hang) or (call.form == "frame" and not call.number):
            await asyncio.Event().wait()
        reply = replied(call, self.device, faults)
        if struck and faults.deaf:
            talk.reset()
            return False
        await talk.answer(reply, close=faults.close_each)
        return not faults.close_each


class _Conversation:
    """One HTTP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.SERVER)

    async def request(self) -> tuple[h11.Request, bytes] | None:
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
                return head, body
            else:
                return None

    async def answer(self, reply: Reply, *, close: bool, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Send an answer."""
        told = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(reply.body))),
            ("Connection", "close" if close else "keep-alive"),
            *headers,
        ]
        events = (
            h11.Response(status_code=reply.status, headers=told),
            h11.Data(data=reply.body),
            h11.EndOfMessage(),
        )
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        await self._writer.drain()
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()

    async def refuse_stranger(self, scheme: str) -> None:
        """Ask who is there."""
        await self.answer(
            Reply(status=401, body=b"null"), close=False, headers=(("WWW-Authenticate", challenge(scheme)),)
        )

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        wire = self._writer.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

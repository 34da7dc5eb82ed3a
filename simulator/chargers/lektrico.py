"""A Lektri.co charger on a real socket, for tests, demos and whole simulated houses."""

import asyncio
from dataclasses import replace

from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.lektrico_device import LektricoDevice
from simulator.chargers.lektrico_faults import Faults
from simulator.chargers.lektrico_login import accepts, challenge
from simulator.chargers.lektrico_wire import NOWHERE_REPLY, Call, call_of, replied
from simulator.chargers.web import WebReply, WebRequest, WebServer
from simulator.twin import Calls, Twin


class LektricoTwin(Twin):
    """Serves one `device` on loopback; `faults` says what it does wrong.

    The house around it calls `plug_in`, `unplug` and `set_draw`, and reads `offered_a`.
    """

    def __init__(self, model: str = "3p22k", port: int = 0, clock: Clock | None = None) -> None:
        self.faults = Faults()
        self.calls = Calls[Call]()
        self._clock: Clock = clock or SystemClock()
        self.device = LektricoDevice(clock=self._clock, model=model)
        self._web = WebServer(self._answer, port)

    @property
    def port(self) -> int:
        """0 until started, unless it was given; a restart keeps it."""
        return self._web.port

    @property
    def connections(self) -> int:
        """How many were opened to it."""
        return self._web.opened

    async def start(self) -> None:
        """Begin to serve."""
        await self._web.start()

    async def stop(self) -> None:
        """Vanish: the port closes and every connection ends."""
        await self._web.stop()

    async def restart(self) -> None:
        """Lose power and come back on the same port, with volatile limits lost."""
        await self.stop()
        self.device.reboot()
        await self.start()

    async def until_called(self, method: str = "") -> Call:
        """Wait for the next call, of a method if one is named."""
        while True:
            call = await self.calls.upcoming()
            if method.lower() in ("", call.method.lower()):
                return call

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

    async def _answer(self, request: WebRequest) -> WebReply | None:
        login = self.faults.login
        if login is not None and not accepts(login, request.headers.get("authorization", ""), request.verb):
            return WebReply(status=401, body=b"null", headers={"WWW-Authenticate": challenge(login[2])})
        call = call_of(request)
        return NOWHERE_REPLY if call is None else await self._answered(call)

    async def _answered(self, call: Call) -> WebReply | None:
        """Answer, or misbehave."""
        self.calls.note(call)
        faults, struck = self.faults, self.faults.strikes(call.method)
        if struck and (faults.reset or faults.resets_left):
            faults.resets_left = max(0, faults.resets_left - 1)
            return None
        if struck and faults.delay_s:
            await self._clock.sleep(faults.delay_s)
        if (struck and faults.hang) or (call.form == "frame" and not call.number):
            await asyncio.Event().wait()
        reply = replied(call, self.device, faults)
        if struck and faults.deaf:
            return None
        return (
            replace(reply, headers={**reply.headers, "Connection": "close"}) if faults.close_each else reply
        )

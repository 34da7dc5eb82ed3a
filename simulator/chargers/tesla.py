"""A Tesla behind its cloud or a proxy on a real socket, for tests, demos and whole simulated houses."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.domain.units import Phases
from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.tesla_account import TeslaAccount
from simulator.chargers.tesla_car import TeslaCar
from simulator.chargers.tesla_faults import Faults
from simulator.chargers.tesla_service import TOKEN_PATH, TeslaService, struck
from simulator.chargers.tesla_sign_on import SignOn
from simulator.chargers.web import WebReply, WebRequest, WebServer
from simulator.twin import Calls, Twin


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that arrived."""

    name: str
    verb: str
    path: str
    body: Any
    query: Mapping[str, str] = field(default_factory=dict)


class TeslaTwin(Twin):
    """Serves one `car` in one dialect on loopback; `faults` says what goes wrong.

    The house around it calls `plug_in`, `unplug` and `set_draw`, and reads `offered_a`; where the car hangs
    on a charger, `set_pilot` tells what that offers. Several cars of one account share the address of a
    `host`, the first of them.
    """

    def __init__(
        self,
        dialect: str = "fleet",
        port: int = 0,
        clock: Clock | None = None,
        tls: ssl.SSLContext | None = None,
        host: "TeslaTwin | None" = None,
    ) -> None:
        self._clock: Clock = clock or SystemClock()
        self._host, self._guests = host, [self]
        self.car = TeslaCar(clock=self._clock)
        self.sign_on: SignOn = SignOn(clock=self._clock) if host is None else host.sign_on
        account = TeslaAccount() if host is None else host.service.account
        account.cars.append(self.car)
        if host is not None:
            host._guests.append(self)  # noqa: SLF001 - of its own kind
        self.service: TeslaService = TeslaService(
            dialect=dialect, car=self.car, sign_on=self.sign_on, account=account
        )
        self.calls = Calls[Call]()
        self._web: WebServer = WebServer(self._routed, port, tls) if host is None else host._web  # noqa: SLF001 - as above

    @property
    def faults(self) -> Faults:
        """What goes wrong now."""
        return self.service.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.service.faults = faults

    @property
    def port(self) -> int:
        """0 until started, unless it was given."""
        return self._web.port

    @property
    def url(self) -> str:
        """Where it is."""
        return self._web.url

    @property
    def token_url(self) -> str:
        """Where its tokens are exchanged."""
        return f"{self._web.url}{TOKEN_PATH}"

    @property
    def offered_a(self) -> float:
        """What the car allows itself, 0 while it does not charge."""
        return self.car.offered_a

    async def start(self) -> None:
        """Begin to serve, unless the host does."""
        if self._host is None:
            await self._web.start()
            self.service.account.url = self.url

    async def stop(self) -> None:
        """Vanish."""
        if self._host is None:
            await self._web.stop()

    async def restart(self) -> None:
        """Come back on the same port, with a car whose cap was reset."""
        await self.stop()
        self.car.reboot()
        await self.start()

    async def until_called(self, name: str = "") -> Call:
        """Wait for the next call, of a name if one is given."""
        while True:
            call = await self.calls.upcoming()
            if name in ("", call.name):
                return call

    def named(self, *names: str) -> list[Call]:
        """List the calls of some names."""
        return [call for call in self.calls if call.name in names]

    def plug_in(self, car: object) -> None:
        """Connect the cable."""
        self.car.plug_in(car)

    def unplug(self) -> None:
        """Disconnect the cable."""
        self.car.unplug()

    def set_pilot(self, offered_a: float) -> None:
        """Say what the charger offers that the car hangs on."""
        self.car.set_pilot(offered_a)

    def set_draw(self, currents_a: Phases, power_w: float) -> None:
        """Say what the car draws, in the socket's own L1, L2, L3."""
        self.car.set_draw(currents_a, power_w)

    async def _routed(self, request: WebRequest) -> WebReply | None:
        """Let the car answer that a call is about."""
        guest = next((guest for guest in self._guests if guest.service.knows(request)), self)
        return await guest._answer(request)  # noqa: SLF001 - of its own kind

    async def _answer(self, request: WebRequest) -> WebReply | None:
        """Answer, or misbehave."""
        name, faults = self.service.name_of(request), self.faults
        call = Call(
            name=name, verb=request.verb, path=request.path, body=request.content, query=request.query
        )
        self.calls.note(call)
        if not faults.strikes(name):
            return self.service.reply(request)
        if faults.reset:
            return None
        if faults.delay_s:
            await self._clock.sleep(faults.delay_s)
        if faults.hang:
            await asyncio.Event().wait()
        reply = struck(faults) or self.service.reply(request)
        if faults.obeyed_delay_s:
            await self._clock.sleep(faults.obeyed_delay_s)
        return None if faults.deaf else reply

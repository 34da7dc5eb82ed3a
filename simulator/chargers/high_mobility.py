"""A High Mobility Home Charger and its cloud on a real socket, for tests, demos and simulated houses."""

import asyncio
from typing import Final, Literal

from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.high_mobility_device import HomeChargerDevice
from simulator.chargers.high_mobility_faults import Faults
from simulator.chargers.high_mobility_keys import App, made_up_app
from simulator.chargers.high_mobility_rest import RestService
from simulator.chargers.high_mobility_telematics import TelematicsService
from simulator.chargers.web import WebReply, WebRequest, WebServer, json_reply
from simulator.twin import Calls, Twin

_REST: Final = "/v5/"


class HighMobilityTwin(Twin):
    """Serves one `device` on loopback, over both paths; `faults` says what goes wrong.

    The house around it calls `plug_in`, `unplug` and `set_draw`, and reads `offered_a`.
    """

    def __init__(self, app: App | None = None, port: int = 0, clock: Clock | None = None) -> None:
        """Take the app that may control it; without one it is made up, and `keys` tells it."""
        self.faults = Faults()
        self.calls = Calls[str]()
        """As `Faults.only` names them."""
        self._clock: Clock = clock or SystemClock()
        self.device = HomeChargerDevice(clock=self._clock)
        self._own = made_up_app()
        self.app = app or self._own.app
        self.telematics = TelematicsService(self.device, self.app, self._clock)
        self.rest = RestService(self.device, self.app, self._clock)
        self._web = WebServer(self._answer, port)

    @property
    def port(self) -> int:
        """0 until started, unless it was given; a restart keeps it."""
        return self._web.port

    def url(self, path: Literal["telematics", "rest"]) -> str:
        """Where a path's service is."""
        return f"http://127.0.0.1:{self.port}/{'v5' if path == 'rest' else 'v1'}"

    @property
    def sign_on_url(self) -> str:
        """Where tokens are renewed."""
        return f"{self.url('telematics')}/access_tokens"

    def keys(self, path: Literal["telematics", "rest"] = "telematics") -> dict[str, str]:
        """Tell the keys of the configuration that the made-up app needs."""
        common = {
            "path": path,
            "url": self.url(path),
            "private_key": self._own.private,
            "access_token": self.app.access_token,
        }
        if path == "rest":
            return common | {"client_serial": self.app.serial.hex().upper(), "app_uri": self.app.uri}
        return common | {"client_certificate": self._own.certificate}

    async def start(self) -> None:
        """Begin to serve."""
        await self._web.start()

    async def stop(self) -> None:
        """Vanish: the port closes and every connection ends."""
        await self._web.stop()

    async def restart(self) -> None:
        """Lose power and come back on the same port, with the limit lost."""
        await self.stop()
        self.device.reboot()
        await self.start()

    async def until_called(self, name: str = "") -> str:
        """Wait for the next call, of a name if one is given."""
        while True:
            call = await self.calls.upcoming()
            if name in ("", call):
                return call

    def plug_in(self, car: object) -> None:
        """Connect a car."""
        self.device.plug_in(car)

    def unplug(self) -> None:
        """Disconnect the car."""
        self.device.unplug()

    @property
    def offered_a(self) -> float:
        """What the control pilot offers the car."""
        return self.device.offered_a

    def set_draw(self, currents_a: tuple[float, float, float], power_w: float) -> None:
        """Say what the car draws, in the charger's own L1, L2, L3."""
        self.device.set_draw(currents_a, power_w)

    async def _answer(self, request: WebRequest) -> WebReply | None:
        """Answer, or misbehave."""
        service = self.rest if request.path.startswith(_REST) else self.telematics
        name = service.name_of(request)
        self.calls.note(name)
        faults = self.faults
        if not faults.strikes(name):
            return service.answer(request, faults)
        if faults.delay_s:
            await self._clock.sleep(faults.delay_s)
        if faults.hang:
            await asyncio.Event().wait()
        if faults.body is not None:
            return WebReply(body=faults.body)
        if faults.status is not None:
            return json_reply({"errors": [{"title": "Made up by the twin"}]}, faults.status)
        reply = service.answer(request, faults)
        return None if faults.deaf else reply

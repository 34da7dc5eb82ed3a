"""An EVerest with one EVSE on a real MQTT broker, for tests, demos and whole simulated houses."""

import asyncio
import json
from collections import deque
from typing import Any, Final

from adapters.wire.mqtt import Broker, Connection
from adapters.wire.mqtt_messages import Message, Subscription
from controller.errors import DeviceUnreachable
from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.everest_commands import obeyed
from simulator.chargers.everest_faults import Faults
from simulator.chargers.everest_profile import Call, Profile, Publication
from simulator.chargers.everest_station import Station
from simulator.chargers.everest_vars import beat, capabilities, event, once, powermeter, session_info
from simulator.twin import Twin

_KEPT: Final = 1000


class EverestTwin(Twin):
    """Speaks one `profile` through a broker; `faults` says what it does wrong.

    The house around it calls `plug_in`, `unplug` and `set_draw`, and reads `offered_a`. A malformed command
    ends it, as it ends the real one: `crashed` then tells why.
    """

    def __init__(
        self, broker: Broker, profile: Profile | None = None, clock: Clock | None = None, cycle_s: float = 1.0
    ) -> None:
        self.broker, self.profile = broker, profile or Profile()
        self.cycle_s = cycle_s
        self.patience_s = 10.0
        """How long a start waits for the broker."""
        self.faults = Faults()
        self.crashed: str | None = None
        self.calls: deque[Call] = deque(maxlen=_KEPT)
        """What it was asked, latest last."""
        self.said: deque[Publication] = deque(maxlen=_KEPT)
        """What it published, latest last."""
        self._clock: Clock = clock or SystemClock()
        version = self.profile.version
        self.station = Station(
            clock=self._clock,
            walks=version >= (2024, 4, 0) and self.profile.interface != "api",
            sells_export=version < (2023, 10, 0),
            reasons=version >= (2026, 2, 0),
            spares_when_paused=version < (2023, 12, 0),
        )
        self._mqtt = Connection(broker, self._clock)
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._group: asyncio.TaskGroup | None = None
        self._heard: Subscription | None = None
        self._ticked = asyncio.Event()
        self._count = 0
        self._latest: dict[str, Any] = {}

    async def start(self) -> None:
        """Connect, say that everything is ready, and begin the cycles.

        Raises:
            DeviceUnreachable: there is no broker.
        """
        group = self._group = asyncio.TaskGroup()
        await group.__aenter__()
        self._heard = heard = self._mqtt.subscribe(*self.profile.commands, qos=self.profile.qos_heard)
        self._mqtt.open()
        self._tasks = (group.create_task(self._mqtt.tend()), group.create_task(self._obey(heard)))
        await self._until_connected()
        if self.faults.says_ready and self.profile.interface == "internal":
            self._say(self.profile.ready())
        for name, value in once(self.profile, self.station):
            self.tell(name, value)
        self._tasks += (group.create_task(self._cycle()),)

    async def _until_connected(self) -> None:
        try:
            async with asyncio.timeout(self.patience_s):
                await self._mqtt.until_listening()
        except TimeoutError as error:
            await self.stop()
            where = f"{self.broker.host}:{self.broker.port}"
            raise DeviceUnreachable(
                f"no MQTT broker at {where}, through which a simulated EVerest speaks: start one first"
            ) from error

    async def stop(self) -> None:
        """Vanish from the broker."""
        for task in self._tasks:
            task.cancel()
        self._tasks = ()
        if self._heard is not None:
            self._heard.close()
        if self._group is not None:
            await self._group.__aexit__(None, None, None)
            await self._mqtt.close()
        self._group = None

    async def restart(self) -> None:
        """Restart EVerest: external limits are lost."""
        await self.stop()
        self.station.reboot()
        self.crashed, self._count = None, 0
        await self.start()

    async def until_cycle(self) -> None:
        """Wait until the next cycle, whether it says anything or not."""
        await self._ticked.wait()

    def plug_in(self, car: object) -> None:
        """Connect a car."""
        self.station.plug_in(car)
        self._say_events()

    def unplug(self) -> None:
        """Disconnect it."""
        self.station.unplug()
        self._say_events()

    @property
    def offered_a(self) -> float:
        """What the control pilot offers the car."""
        return self.station.offered_a

    @property
    def relay_mode(self) -> int:
        """How many phases its relays connect."""
        return self.station.phases

    def set_draw(self, currents_a: tuple[float, float, float], power_w: float) -> None:
        """Say what the car draws, on the EVSE's own L1, L2, L3; its meter notices at once."""
        self.station.set_draw(currents_a, power_w)
        if self.station.events and not self._is_mute:
            hidden = self.faults.hides_currents
            self.tell("powermeter", powermeter(self.station, hides_currents=hidden))
        self._say_events()

    def tell(self, name: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Publish a variable."""
        self._latest[name] = value
        self._say(self.profile.variable(name, value))

    def raise_error(self, kind: str, *, active: bool = True) -> None:
        """Raise or clear an error like `evse_manager/Inoperative`."""
        self._say(self.profile.error(kind, active=active))

    @property
    def _is_mute(self) -> bool:
        return self.faults.hang or self.faults.mute or self.crashed is not None

    async def _cycle(self) -> None:
        while True:
            self._ticked.set()
            self._ticked = asyncio.Event()
            self.station.cycle()
            if not self._is_mute:
                self._say_events()
                self._beat()
            await self._clock.sleep(self.cycle_s)

    def _beat(self) -> None:
        self._count += 1
        for name, value in beat(self.profile, self.station, self.faults):
            self.tell(name, value)
        if self.profile.interface == "api_v1":
            for base in self.profile.api_v1.values():
                self._say((f"{base}/e2m/heartbeat", b"%d" % self._count))

    def _say_events(self) -> None:
        if self._is_mute:
            return
        told, self.station.events = self.station.events, []
        if self.profile.interface != "api":
            for each in told:
                self.tell("session_event", event(self.profile, self.station, each))
        if told and self.profile.interface == "api_v1":
            self.tell("session_info", session_info(self.profile, self.station))

    def _say(self, publication: Publication) -> None:
        topic, payload = publication
        told = payload if self.faults.body is None else self.faults.body
        self.said.append((topic, told))
        self._mqtt.publish(topic, told, qos=self.profile.qos_said)

    async def _obey(self, heard: Subscription) -> None:
        async for message in heard:
            if self.faults.hang or self.crashed:
                continue
            if self.faults.delay_s:
                await self._clock.sleep(self.faults.delay_s)
            try:
                self._take(message)
            except (json.JSONDecodeError, UnicodeDecodeError):
                continue  # The real one only logs what is no JSON.
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                self.crashed = f"{message.topic}: {type(error).__name__}: {error}"

    def _take(self, message: Message) -> None:
        call = self.profile.call(message.topic, message.payload)
        if call is None:
            return
        self.calls.append(call)
        if self.faults.refuse is not None:
            self._answer(call, None, self.faults.refuse)
            return
        is_limit = call.name == "set_external_limits" or call.name.startswith("set_limit")
        lost = is_limit and self.faults.ignores_limits
        result: Any = None if lost else self._obeyed(call)
        self._answer(call, result)
        self._say_events()

    def _obeyed(self, call: Call) -> Any:  # noqa: ANN401 - any result
        if self.profile.interface == "api_v1" and call.name.endswith("/get"):
            latest = self._latest | {
                "session_info": session_info(self.profile, self.station),
                "capabilities": capabilities(self.station),
            }
            return latest.get(call.name.removesuffix("/get"))
        return obeyed(call, self.profile, self.station)

    def _answer(self, call: Call, value: Any, failure: str | None = None) -> None:  # noqa: ANN401 - any result
        if call.reply and not self.faults.deaf:
            self._say(self.profile.answer(call, value, failure))

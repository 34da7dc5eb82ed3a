"""A charger run by EVerest behind the Charger port."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping

from adapters.catalog import Surroundings
from adapters.chargers.everest.calls import Line
from adapters.chargers.everest.channel import broker_of, channel_of
from adapters.chargers.everest.knob import CYCLES, Knob
from adapters.chargers.everest.listener import Listener
from adapters.chargers.everest.looking import look
from adapters.chargers.everest.own_commands import commands_of
from adapters.chargers.everest.picture import Picture
from adapters.chargers.everest.probe import probe_of
from adapters.chargers.everest.settings import EverestSettings
from adapters.chargers.everest.skew import clock_complaint
from adapters.chargers.everest.standing import Standing
from adapters.wire.mqtt_messages import EXACTLY_ONCE, Subscription
from adapters.wire.mqtt_shared import shared_connection
from controller.domain.readings import ChargerState, VehicleState
from controller.domain.site import ChargerSpec
from controller.domain.units import ChargerId
from controller.ports import Command, Probe

_log = logging.getLogger("phasewise.devices")


class EverestCharger:
    """Listens to what the EVSE publishes, writes limits, and writes them again when EVerest lost them.

    What is enforced proves a limit from above only (see `Standing`). Before the first limit of ours, what is
    enforced is written as one, so that nothing can rise above it unseen.
    """

    def __init__(self, charger: ChargerId, settings: EverestSettings, surroundings: Surroundings) -> None:
        self.id = charger
        self._settings, self._clock = settings, surroundings.clock
        self._spec: ChargerSpec = surroundings.site.charger[charger]
        self._grid = surroundings.site.grid
        self.abilities = self._spec.abilities
        self.link = shared_connection(broker_of(settings), surroundings.clock)
        self.line = Line(self.link, settings.answer_s)
        self._channel = channel_of(settings, self.line)
        self._picture = self._blank()
        self._listener = self._listener_of(self._picture)
        self._knob = Knob(
            spec=self._spec,
            settings=settings,
            channel=self._channel,
            picture=self._picture,
            clock=surroundings.clock,
            standing=Standing(settle_s=settings.settle_s),
        )
        self.commands: Mapping[str, Command] = commands_of(
            self._channel, settings, self._knob.turn_past, self._look
        )
        self._sessions = 0
        self._has_asked = False
        self._clock_is_off = False
        self._told_mono_s = float("-inf")
        self._publish: Callable[[ChargerState], None] = _nobody
        self.on_vehicle: Callable[[VehicleState], None] = _nobody
        if self.abilities.lease_s is not None and not settings.can_lapse:
            _log.warning("%s: lease_s has no effect: this EVerest enforces no later entry", charger)
        if not settings.can_lapse:
            _log.warning(
                "%s: EVerest %s keeps the last limit when the controller dies: only its own fuse limit "
                "protects the site then",
                charger,
                settings.version,
            )

    async def run(self, publish: Callable[[ChargerState], None]) -> None:
        """Listen until cancelled.

        Raises:
            DeviceUnreachable: EVerest or its broker is silent.
            DeviceNonsense: what it says makes no sense.
        """
        self._publish = publish
        try:
            async with self.link.kept() as mqtt:
                with mqtt.subscribe(*self._channel.filters, qos=EXACTLY_ONCE) as messages:
                    await self._listen(messages)
                raise self._listener.silence(connected=mqtt.connected)
        finally:
            self._publish = _nobody
            self._doubt()  # A restart may go unheard until the next run.

    async def set_limit(self, limit_a: float, lease_s: float | None = None) -> float:
        """Write a limit, with a later safe entry where there is a time to live.

        Raises:
            DeviceRefused: no limit of this charger, refused by EVerest, or a raise over a person's pause.
            DeviceUnreachable, DeviceNonsense: it may have been taken.
        """
        return await self._knob.turn(limit_a, lease_s)

    async def probe(self) -> Probe:
        """Listen for whole cycles of what it says.

        Raises:
            DeviceUnreachable, DeviceNonsense: it does not.
        """
        heard = await self._heard()
        return probe_of(self._settings, self._spec, heard.picture, self._channel.path, self._clock)

    def _listener_of(self, picture: Picture) -> Listener:
        return Listener(self.id, self._channel, picture, self._settings)

    def _blank(self) -> Picture:
        return Picture(
            charger=self.id,
            grid=self._grid,
            spec=self._spec,
            meter_ttl_s=self._settings.meter_ttl_s,
            waits_for_energy=self._settings.dialect.waits_for_energy,
            resume_s=self._settings.resume_s,
        )

    # What is heard.

    async def _listen(self, messages: Subscription) -> None:
        """Follow the messages until silence ends them."""
        async with asyncio.TaskGroup() as group:
            beside = [
                group.create_task(self._listener.close_when_silent(messages, self._clock)),
                group.create_task(self._knob.keep()),
                group.create_task(self._say_that_we_are_there()),
            ]
            async for message in messages:
                self._follow(self._listener.take(message), message.at_mono_s)
            for task in beside:
                task.cancel()

    def _follow(self, name: str, mono_s: float) -> None:
        """Do what a message asks for."""
        if name == "restarted":
            _log.warning("%s: EVerest was restarted: its limit is written again", self.id)
            self._doubt()
            self._knob.judge(mono_s)
        elif name == "session_event":
            self._tell(mono_s)
        elif name == "session_info" and self._settings.can_lapse:
            self._mind_clock()
        elif name == "ev_info":
            self.on_vehicle(self._picture.vehicle(mono_s))
        elif name == self._channel.life_sign:
            self._alive(self._listener.enforced_a, mono_s)

    def _mind_clock(self) -> None:
        """Say once when its clock is off, and once when it is right again."""
        complaint = clock_complaint(self._picture, self._clock.now())
        if bool(complaint) is not self._clock_is_off:
            self._clock_is_off = bool(complaint)
            _log.warning("%s: %s", self.id, complaint or "its clock is right again")

    def _doubt(self) -> None:
        """Forget what only holds while EVerest runs on and is heard."""
        self._has_asked = False
        self._picture.forget_state()
        self._knob.doubt()

    def _alive(self, enforced_a: float | None, mono_s: float) -> None:
        sessions = self.link.connection.sessions
        if self._sessions not in (0, sessions):
            self._doubt()  # The broker was lost: events may have been missed, and EVerest ends with it.
        self._sessions = sessions
        if not self._has_asked:
            self._has_asked = True
            self._publish_all(self._channel.questions())
        if enforced_a is None:  # Not told in amperes: the limit is unknown, the rest is not.
            self._knob.standing.forgets_enforced()
            self._tell(mono_s)
            return
        self._knob.hears(enforced_a, mono_s)
        if self._knob.is_known:  # Else what is enforced is pinned first.
            self._tell(mono_s)
        self._knob.judge(mono_s)

    def _tell(self, mono_s: float) -> None:
        # An answer may be read before a variable that arrived earlier.
        self._told_mono_s = max(mono_s, self._told_mono_s)
        in_force_a = self._knob.standing.in_force_a(self._told_mono_s)
        self._publish(self._picture.state(self._told_mono_s, in_force_a))

    async def _say_that_we_are_there(self) -> None:
        while True:
            self._publish_all(self._channel.heartbeats())
            await self._clock.sleep(CYCLES)

    def _publish_all(self, publications: Iterator[tuple[str, bytes]]) -> None:
        for topic, payload in publications:
            self.link.connection.publish(topic, payload, qos=EXACTLY_ONCE, within_s=self._settings.answer_s)

    async def _look(self) -> dict[str, object]:
        """Listen anew; tell everything that was heard."""
        return (await self._heard()).told()

    async def _heard(self) -> Listener:
        """Listen for whole cycles, beside whatever else goes on."""
        listener = self._listener_of(self._blank())
        async with self.link.kept() as mqtt:
            if not await look(mqtt, self._channel, listener, self._clock, self._settings.silent_s):
                raise listener.silence(connected=mqtt.connected)
        return listener


def _nobody(_: object) -> None:
    """Take what is told while nobody listens."""

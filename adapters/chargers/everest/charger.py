"""A charger run by EVerest behind the Charger port."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from adapters.catalog import Surroundings
from adapters.chargers.everest.calls import Line, NotConnectedError
from adapters.chargers.everest.channel import Wanted, broker_of, channel_of
from adapters.chargers.everest.limits import Lapse
from adapters.chargers.everest.listener import Listener
from adapters.chargers.everest.looking import look
from adapters.chargers.everest.own_commands import commands_of
from adapters.chargers.everest.picture import PAUSED_BY_PERSON, Picture
from adapters.chargers.everest.probe import probe_of
from adapters.chargers.everest.settings import EverestSettings
from adapters.chargers.everest.signs import Signs
from adapters.chargers.everest.standing import TOLERANCE_A, Order, Standing
from adapters.wire.mqtt_messages import Subscription
from adapters.wire.mqtt_shared import shared_connection
from controller.domain.readings import ChargerState
from controller.domain.site import ChargerSpec
from controller.domain.units import ChargerId
from controller.errors import DeviceError, DeviceRefused, DeviceUnreachable
from controller.ports import Command, Probe

_log = logging.getLogger("phasewise.devices")

CYCLES = 2
"""A limit is enforced in the second cycle after it was stored at the latest."""
REPEAT_S = 5.0
"""EVerest wants so long between two limits; a limit that was lost is not repeated faster."""


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
        self._line = Line(self.link, settings.answer_s)
        self._channel = channel_of(settings, self._line)
        self._standing = Standing(settle_s=settings.settle_s)
        self._picture = self._blank()
        self._listener = self._listener_of(self._picture)
        self.commands: Mapping[str, Command] = commands_of(self._channel, settings, self._written, self._look)
        self._signs = Signs()
        self._writing = asyncio.Lock()
        self._repeat_due = asyncio.Event()
        self._rewrites = False
        """Whether the latest limit has to be written again."""
        self._pin_failed = False
        self._sessions = 0
        self._told_mono_s = float("-inf")
        self._publish: Callable[[ChargerState], None] = _nobody
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
        self._picture.forget_state()
        self._standing.forgets_enforced()
        try:
            async with self.link.kept() as mqtt:
                with mqtt.subscribe(*self._channel.filters) as messages:
                    await self._listen(messages)
                raise self._listener.silence(connected=mqtt.connected)
        finally:
            self._publish = _nobody

    async def set_limit(self, limit_a: float, lease_s: float | None = None) -> float:
        """Write a limit, with a later safe entry where there is a time to live.

        Raises:
            DeviceRefused: no limit of this charger, refused by EVerest, or a raise over a person's pause.
            DeviceUnreachable, DeviceNonsense: it may have been taken.
        """
        self._check(limit_a)
        async with self._writing:
            self._respect_pause(limit_a)
            return await self._write(self._order(limit_a, lease_s))

    async def probe(self) -> Probe:
        """Listen for whole cycles of what it says.

        Raises:
            DeviceUnreachable, DeviceNonsense: it does not.
        """
        heard = await self._heard()
        return probe_of(self._settings, self._spec, heard.picture, self._channel.path, self._clock.mono_s())

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
                group.create_task(self._repeat_when_due()),
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
            self._picture.forget_state()
            self._rewrites = True
            self._repeat_due.set()
        elif name == "session_event":
            self._tell(mono_s)
        elif name == self._channel.life_sign and self._listener.enforced_a is not None:
            self._standing.hears(self._listener.enforced_a)
            if self._standing.is_known or self._pin_failed:  # Else what is enforced is pinned first.
                self._tell(mono_s)
            self._signs.beat()
            self._judge(mono_s)

    def _judge(self, mono_s: float) -> None:
        """Have the limit written again when it was lost or may have been; before the first, pin."""
        sessions = self.link.connection.sessions
        missed, self._sessions = self._sessions not in (0, sessions), sessions
        if missed or self._standing.is_lost(mono_s):
            self._rewrites = True
        if self._rewrites or self._standing.wanted is None:
            self._repeat_due.set()

    def _tell(self, mono_s: float) -> None:
        # An answer may be read before a variable that arrived earlier.
        self._told_mono_s = max(mono_s, self._told_mono_s)
        in_force_a = self._standing.in_force_a(self._told_mono_s)
        self._publish(self._picture.state(self._told_mono_s, in_force_a))

    # What is written.

    def _check(self, limit_a: float) -> None:
        spec = self._spec
        if limit_a != 0.0 and not spec.min_a <= limit_a <= spec.nameplate_a:
            raise DeviceRefused(f"{limit_a} A: expected 0, or {spec.min_a:g} to {spec.nameplate_a:g} A")
        if spec.step_a and abs(limit_a / spec.step_a - round(limit_a / spec.step_a)) > 1e-6:  # noqa: PLR2004 - rounding
            raise DeviceRefused(f"{limit_a} A: expected a multiple of {spec.step_a:g} A")

    def _respect_pause(self, limit_a: float) -> None:
        wanted, now_mono_s = self._standing.wanted, self._clock.mono_s()
        is_raise = wanted is None or limit_a > wanted.at_a(now_mono_s)
        if is_raise and self._picture.held(now_mono_s) == PAUSED_BY_PERSON:
            raise DeviceRefused(f"paused by a person: {limit_a:g} A is not for now")

    def _order(self, limit_a: float, lease_s: float | None) -> Order:
        if lease_s is None or not self._settings.can_lapse:
            return Order(limit_a=limit_a)
        return Order(
            limit_a=limit_a,
            lapses_mono_s=self._clock.mono_s() + lease_s,
            lapses_to_a=self.abilities.lapses_to_a or 0.0,
        )

    async def _write(self, order: Order) -> float:
        self._standing.sends(order, self._clock.mono_s())
        try:
            answered_mono_s = await self._channel.write(self._wanted(order))
            if answered_mono_s is None:
                answered_mono_s = await self._until_enforced(order)
        except (DeviceRefused, NotConnectedError):
            self._standing.refused(order)
            raise
        self._standing.taken(order, answered_mono_s)
        return answered_mono_s

    def _wanted(self, order: Order) -> Wanted:
        now, now_mono_s = self._clock.now(), self._clock.mono_s()
        lapse = None
        if order.lapses_mono_s is not None and now_mono_s < order.lapses_mono_s:
            lapse = Lapse(
                at=now + timedelta(seconds=order.lapses_mono_s - now_mono_s), limit_a=order.lapses_to_a
            )
        return Wanted(limit_a=order.at_a(now_mono_s), now=now, lapse=lapse, phases=self._settings.use_phases)

    async def _until_enforced(self, order: Order) -> float:
        """Wait until no more than the limit is enforced: where nothing answers, that has to do."""

        def holds() -> bool:
            enforced_a = self._standing.enforced_a
            return enforced_a is not None and enforced_a <= order.limit_a + TOLERANCE_A

        try:
            async with asyncio.timeout(self._settings.answer_s):
                await self._signs.until(holds, CYCLES)
        except TimeoutError as error:
            raise DeviceUnreachable(f"{order.limit_a:g} A was not seen to be enforced") from error
        return self._clock.mono_s()

    async def _written(self, limit_a: float, phases: int | None) -> None:
        """Write past the controller, for a person's command."""
        await self._channel.write(Wanted(limit_a=limit_a, now=self._clock.now(), lapse=None, phases=phases))

    # What goes on beside.

    async def _repeat_when_due(self) -> None:
        while True:
            await self._repeat_due.wait()
            self._repeat_due.clear()
            await self._repeat()
            await self._clock.sleep(min(REPEAT_S, self._settings.settle_s))

    async def _repeat(self) -> None:
        """Write the latest limit again, or pin what is enforced when there is none yet."""
        async with self._writing:
            order = self._standing.wanted
            if order is None:
                order = self._pin()
            elif not self._rewrites:
                return
            if order is None:
                return
            try:
                await self._write(replace(order))
                self._rewrites = False
            except DeviceError as error:
                self._pin_failed = self._rewrites = True
                _log.info("%s: its limit could not be written: %s", self.id, error)
                self._repeat_due.set()

    def _pin(self) -> Order | None:
        enforced_a = self._standing.enforced_a
        if enforced_a is None:
            return None
        limit_a = min(enforced_a + TOLERANCE_A, self._spec.nameplate_a)
        if self._spec.step_a:
            limit_a = limit_a // self._spec.step_a * self._spec.step_a
        return Order(limit_a=limit_a if limit_a >= self._spec.min_a else 0.0)

    async def _say_that_we_are_there(self) -> None:
        while True:
            for topic, payload in self._channel.heartbeats():
                self.link.connection.publish(topic, payload)
            await self._clock.sleep(CYCLES)

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


def _nobody(_: ChargerState) -> None:
    """Take states while nobody listens."""

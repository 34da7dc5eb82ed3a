"""A High Mobility Home Charger behind the Charger port."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from adapters.catalog import Surroundings
from adapters.chargers.high_mobility.client import HomeCharger
from adapters.chargers.high_mobility.commands import commands
from adapters.chargers.high_mobility.failures import BusyError, PendingError, backs_off
from adapters.chargers.high_mobility.home_charger import CHARGE_CURRENT
from adapters.chargers.high_mobility.limits import Bounds, checked_limit_a
from adapters.chargers.high_mobility.opening import open_transport
from adapters.chargers.high_mobility.pace import LONGEST_S, Pace, slowest_s
from adapters.chargers.high_mobility.pricing import price_now
from adapters.chargers.high_mobility.probe import Findings, probe_of
from adapters.chargers.high_mobility.settings import HighMobilitySettings
from adapters.chargers.high_mobility.state import (
    ESSENTIAL,
    POLLED,
    Heard,
    Timeliness,
    Wiring,
    heard,
    limit_of,
    state_of,
)
from adapters.wire.autoapi.messages import Message
from adapters.wire.line import GaveWayError
from controller.domain.readings import ChargerState
from controller.domain.site import ChargerSpec, Site
from controller.domain.units import ChargerId
from controller.errors import CredentialsError, DeviceError, DeviceNonsense, DeviceRefused
from controller.ports import Command, Probe

_log = logging.getLogger("phasewise.devices")

_POLLS_CARRIED: Final = 2
"""After so many missed polls a read-back no longer carries the plug and the draw along."""


class HighMobilityCharger:
    """Polls the charger through the cloud, writes limits between the polls, and reads each back.

    A current keeps its value until it is written again. There is no pause: 0 A is refused unless somebody
    found out that this charger takes it and set `can_pause`.
    """

    def __init__(
        self, charger: ChargerId, settings: HighMobilitySettings, surroundings: Surroundings
    ) -> None:
        self.id = charger
        self._settings, self._clock = settings, surroundings.clock
        site: Site = surroundings.site
        self._spec: ChargerSpec = site.charger[charger]
        self.abilities = self._spec.abilities
        self._where = Wiring(
            grid=site.grid,
            voltage_v=site.voltage_v,
            phases=self._spec.phases,
            drawn_phases=settings.drawn_phases,
        )
        self._client = HomeCharger(open_transport(settings, self._clock))
        self.commands: Mapping[str, Command] = commands(
            self._client, partial(price_now, surroundings.tariff, self._clock)
        )
        self._pace = Pace(poll_s=settings.poll_s)
        self._bounds = Bounds(min_a=self._spec.min_a, step_a=self._spec.step_a)
        self._told_a: float | None = None
        """The limit that the charger last said it took; `None` while that is uncertain."""
        self._told_at: datetime | None = None
        self._known: ChargerState | None = None
        self._polled_mono_s = 0.0
        self._session_id: str | None = None
        self._introduced = False
        self._complaint = ""
        """Why it last did not tell how often it may be asked."""
        self._said: set[int] = set()
        self._writing = asyncio.Lock()
        self._publish: Callable[[ChargerState], None] = _nobody

    async def run(self, publish: Callable[[ChargerState], None]) -> None:
        """Poll until cancelled, as often as the charger bears it."""
        self._publish, self._client.transport.kept = publish, True
        self._introduced = False  # While it was away it may have learned another pace.
        try:
            while True:
                await self._round()
        finally:
            self._publish = _nobody
            await self._client.transport.close()

    async def set_limit(self, limit_a: float, lease_s: float | None = None) -> float:
        """Write a limit; its read-back is published before this returns.

        `lease_s` has no meaning here: the charger knows no time to live.

        Raises:
            DeviceRefused: none that this charger can be told, or refused by it.
            DeviceUnreachable, DeviceNonsense: it may have been taken.
        """
        del lease_s
        checked_a = checked_limit_a(self._spec, limit_a)
        async with self._writing:
            present_a = None if self._known is None else self._known.limit_a
            return await self._write(self._bounds.within(checked_a, present_a))

    async def probe(self) -> Probe:
        """Ask everything once."""
        asked, asked_mono_s = self._clock.now(), self._clock.mono_s()
        message = await self._client.get_state()
        slowest = slowest_s(await self._availability())
        return probe_of(
            Findings(
                message=message,
                heard=heard(message, asked_mono_s, self._timeliness(asked)),
                path=self._client.transport.name,
                slowest_s=slowest,
                settings=self._settings,
                spec=self._spec,
            )
        )

    async def _introduce(self) -> None:
        """Find out how often it may be asked; a charger that does not tell is asked as configured."""
        told = await self._availability()
        if told is not None:
            self._take_pace(slowest_s(told))
        self._introduced = True

    def _take_pace(self, told_s: float | None) -> None:
        """Keep to its pace; one that slows it down is said once."""
        known_s, self._pace.slowest_s = self._pace.slowest_s, told_s
        if told_s is None or told_s == known_s or told_s <= self._settings.poll_s:
            return
        if told_s <= LONGEST_S:
            _log.info("%s: may be asked only every %g s", self.id, told_s)
            return
        _log.warning(
            "%s: its own limit would be slower, a question every %g s: it is asked every %g s",
            self.id,
            told_s,
            self._pace.interval_s,
        )

    async def _availability(self) -> Message | None:
        try:
            return await self._client.get_availability(POLLED)
        except (DeviceRefused, DeviceNonsense, PendingError) as error:
            if str(error) != self._complaint:
                _log.info("%s: does not tell how often it may be asked: %s", self.id, error)
            self._complaint = str(error)
            return None

    async def _round(self) -> None:
        """Poll once and wait for the next time."""
        began_mono_s = self._clock.mono_s()
        try:
            if not self._introduced:
                await self._introduce()
            is_had = await self._poll(self._clock.mono_s())
        except GaveWayError:
            return  # A limit went first; what it changed is worth asking anew at once.
        except BusyError as error:
            _log.info("%s: %s", self.id, error)
            is_had = False
        self._pace.went(is_had=is_had)
        await self._clock.sleep(max(0.0, began_mono_s + self._pace.interval_s - self._clock.mono_s()))

    async def _poll(self, asked_mono_s: float) -> bool:
        """Ask once; tell whether everything was to be had."""
        asked = self._clock.now()
        message = await self._client.get_state(POLLED)
        self._note_unknown(message)
        busy = {part.name for part in message.properties if backs_off(part.failure)}
        is_news = self._known is None or asked_mono_s >= self._known.at_mono_s
        if is_news and busy.isdisjoint(ESSENTIAL):
            told = heard(message, asked_mono_s, self._timeliness(asked))
            self._polled_mono_s = asked_mono_s
            self._look_at_bounds(told)
            self._tell(state_of(self.id, told, self._where, self._session(told)))
        return not busy

    def _look_at_bounds(self, told: Heard) -> None:
        """Take note of what the charger allows itself; a minimum above ours is said once."""
        known_a = self._bounds.minimum_a
        self._bounds.look(told.minimum_a, told.maximum_a)
        minimum_a = self._bounds.minimum_a
        if minimum_a is not None and minimum_a > self._spec.min_a and minimum_a != known_a:
            _log.warning(
                "%s: takes no less than %g A, min_a is %g: set it to that",
                self.id,
                minimum_a,
                self._spec.min_a,
            )

    def _note_unknown(self, message: Message) -> None:
        news = set(message.unknown) - self._said
        if news:
            self._said |= news
            ids = ", ".join(f"{number:02x}" for number in sorted(news))
            _log.info("%s: tells properties that are unknown here: %s", self.id, ids)

    def _session(self, told: Heard) -> str | None:
        """Name a session by its arrival; one that was there before us has no name."""
        if not told.plug.car:
            self._session_id = None
        elif self._known is not None and not self._known.plug.car:
            self._session_id = self._clock.now().isoformat()
        return self._session_id

    def _timeliness(self, asked: datetime) -> Timeliness:
        return Timeliness(
            asked=asked,
            fresh=timedelta(seconds=self._settings.fresh_s),
            skew=timedelta(seconds=self._settings.clock_skew_s),
            told_a=self._told_a,
            told=self._told_at,
        )

    async def _write(self, limit_a: float) -> float:
        before_a, before_at = self._told_a, self._told_at
        self._told_a, self._told_at = None, self._clock.now()
        try:
            await self._client.set_charge_current(limit_a)
        except (DeviceRefused, CredentialsError) as error:
            self._told_a, self._told_at = before_a, before_at  # Certain that nothing changed.
            if isinstance(error, DeviceRefused):
                raise
            raise DeviceRefused(f"not taken: {error}") from error
        self._told_a, self._told_at = limit_a, self._clock.now()
        answered_mono_s = self._clock.mono_s()
        await self._confirm(answered_mono_s)
        return answered_mono_s

    async def _confirm(self, answered_mono_s: float) -> None:
        """Read back at once; if that fails the next poll will tell."""
        asked = self._clock.now()
        try:
            message = await self._client.get_state((CHARGE_CURRENT,), urgent=True)
        except (DeviceError, CredentialsError) as error:
            _log.info("%s: no read-back: %s", self.id, error)
            return
        limit_a = limit_of(message, self._timeliness(asked))
        if limit_a is not None:
            carried = self._carried(answered_mono_s)
            self._tell(replace(carried, at_mono_s=answered_mono_s, limit_a=limit_a))

    def _carried(self, now_mono_s: float) -> ChargerState:
        """What a read-back leaves as it was polled, as long as that was lately and is still believed."""
        lately_s = _POLLS_CARRIED * self._pace.interval_s + self._settings.timeout_s
        lately_s = min(lately_s, self.abilities.read_ttl_s)
        if self._known is None or now_mono_s > self._polled_mono_s + lately_s:
            return ChargerState(id=self.id, at_mono_s=now_mono_s)
        return self._known

    def _tell(self, state: ChargerState) -> None:
        self._known = state
        self._publish(state)


def _nobody(_: ChargerState) -> None:
    """Hear a state while nobody runs the charger."""

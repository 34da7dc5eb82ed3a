"""A Tesla behind the Charger port: a car that limits itself."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from adapters.catalog import Surroundings
from adapters.chargers.tesla.answers import Presence
from adapters.chargers.tesla.car import client_of
from adapters.chargers.tesla.commands import commands
from adapters.chargers.tesla.drive import TeslaDrive, has_to_start
from adapters.chargers.tesla.looking import Look, Looker
from adapters.chargers.tesla.picture import Picture, nobody
from adapters.chargers.tesla.probe import probe_of
from adapters.chargers.tesla.replies import AsleepError, LimitedError
from adapters.chargers.tesla.settings import TeslaSettings
from adapters.chargers.tesla.state import Heard, Home, limit_in_force_a
from adapters.wire.line import GaveWayError
from controller.domain.readings import ChargerState, Plug, VehicleState
from controller.domain.site import ChargerSpec
from controller.domain.units import ChargerId
from controller.errors import BadRequest, CredentialsError, DeviceError, DeviceRefused, DeviceUnreachable
from controller.ports import Command, Probe, Usage

_log = logging.getLogger("phasewise.devices")

T = TypeVar("T")


class TeslaCharger:
    """Looks at the car seldom, writes its cap, starts and stops it, and reads back at once.

    Nothing here has a time to live: cap and stop stay in the car until somebody changes them.
    """

    def __init__(self, charger: ChargerId, settings: TeslaSettings, surroundings: Surroundings) -> None:
        self.id = charger
        self._settings, self._clock = settings, surroundings.clock
        self._spec: ChargerSpec = surroundings.site.charger[charger]
        self.abilities = self._spec.abilities
        self._home = home = Home(
            grid=surroundings.site.grid,
            phases=self._spec.phases,
            latitude_deg=settings.latitude_deg,
            longitude_deg=settings.longitude_deg,
            radius_m=settings.radius_m,
        )
        self._client = client_of(charger, settings, self._clock)
        self.commands: Mapping[str, Command] = commands(self._client, home)
        self._drive = TeslaDrive(self._client, settings, self._clock)
        self._looker = Looker(self._client, settings, self._clock)
        self._picture = Picture(charger, home, self._clock, grace_s=settings.confirm_s)
        self._told_day = self._clock.now().date()
        self._writing = asyncio.Lock()

    @property
    def on_vehicle(self) -> Callable[[VehicleState], None]:
        """Who hears of the car's state of charge."""
        return self._picture.on_vehicle

    @on_vehicle.setter
    def on_vehicle(self, listener: Callable[[VehicleState], None]) -> None:
        self._picture.on_vehicle = listener

    async def run(self, publish: Callable[[ChargerState], None]) -> None:
        """Look until cancelled."""
        self._picture.publish, self._client.exchange.kept = publish, True
        try:
            while True:
                await self._clock.sleep(await self._round())
        finally:
            self._picture.publish = nobody
            await self._client.exchange.close()

    async def set_limit(self, limit_a: float, lease_s: float | None = None) -> float:
        """Write a limit; its read-back is published before this returns, if the car can be asked.

        `lease_s` has no meaning here: the car knows no time to live. A car that sleeps is woken to be allowed
        more, never to be lowered.

        Raises:
            DeviceRefused: certain that nothing changed: no whole number within min..max, asleep, away,
                out of budget, refused, or a raise over a person's stop.
            DeviceUnreachable, DeviceNonsense: it may have been taken, or only in part.
        """
        del lease_s
        whole_a = self._checked(limit_a)
        async with self._writing:
            self._respect_person(whole_a)
            orders = self._picture.orders
            before_a = orders.ordered_a
            orders.uncertain()
            try:
                answered_mono_s = await (self._allow(whole_a, before_a) if whole_a else self._pause())
            except DeviceRefused:
                orders.ordered_a = before_a
                raise
            return answered_mono_s

    async def probe(self) -> Probe:
        """Ask whether it is awake and, if so, what it knows."""
        return await probe_of(self._client, self._settings, self._spec, self._home)

    def usage(self) -> Usage:
        """Tell what its calls cost this month."""
        return self._client.exchange.budget.usage

    async def _round(self) -> float:
        """Look once; tell how long the next look has time."""
        began_mono_s = self._clock.mono_s()
        self._tell_cost()
        is_eager = self._picture.is_to_charge and not self._client.exchange.budget.is_short
        try:
            look = await self._looker.look(eager=is_eager)
        except GaveWayError:
            return 0.0  # A limit went first.
        if look is not None:
            self._picture.take(look)
        return max(0.0, began_mono_s + self._settings.interval_s - self._clock.mono_s())

    async def _pause(self) -> float:
        """Stop the car; one that is away or has no cable gets at most a low cap for the next plug-in."""
        if self._picture.plug is Plug.A:
            return await self._leave()
        self._refuse_asleep()
        answered_mono_s = await _unless_unsent(self._drive.stop())
        self._picture.ordered(0.0, answered_mono_s)
        await self._confirm(lambda heard: limit_in_force_a(heard) == 0.0, answered_mono_s)
        return answered_mono_s

    async def _leave(self) -> float:
        look = await _unless_unsent(self._looked_again())
        if look is not None:
            self._picture.take(look)
        if self._picture.plug is not Plug.A:
            raise DeviceRefused("it was just plugged in")
        least_a = int(self._spec.min_a)
        is_here = look is not None and self._picture.is_here
        if is_here and (self._picture.limit_a or 0.0) > least_a:
            await _unless_unsent(self._drive.cap(least_a, safety=True))
        now_mono_s = self._clock.mono_s()
        self._picture.ordered(0.0, now_mono_s)
        self._picture.left(now_mono_s)
        return now_mono_s

    async def _looked_again(self) -> Look | None:
        """Ask the car itself whether a cable is in; `None`: it cannot be asked, so nobody plugged it in."""
        if await self._client.presence(urgent=True) is not Presence.ONLINE:
            return None
        try:
            return await self._looker.read(urgent=True)
        except AsleepError:
            return None

    async def _allow(self, limit_a: int, before_a: float | None) -> float:
        """Set the cap, and start the car if it stands still for no reason of its own."""
        if not self._picture.is_here:
            raise DeviceRefused("the car is not here")
        present_a = self._picture.limit_a
        is_cut = present_a is not None and limit_a <= present_a
        if is_cut:
            self._refuse_asleep()
        else:
            await _unless_unsent(self._woken())
        answered_mono_s = await _unless_unsent(self._drive.cap(limit_a, safety=is_cut))
        await self._confirm(lambda heard: _is_capped(heard, limit_a), answered_mono_s)
        is_persons = before_a is not None and before_a > 0.0
        heard = self._picture.heard
        if heard is not None and not is_persons and has_to_start(heard):
            answered_mono_s = await self._started(limit_a) or answered_mono_s
        self._picture.ordered(float(limit_a), answered_mono_s)
        return answered_mono_s

    async def _started(self, limit_a: int) -> float | None:
        started_mono_s = await self._drive.start()
        if started_mono_s is not None:
            await self._confirm(
                lambda heard: limit_in_force_a(heard) != 0.0 and _is_capped(heard, limit_a), started_mono_s
            )
        return started_mono_s

    async def _woken(self) -> None:
        try:
            await self._drive.awake()
        except LimitedError:
            raise
        except DeviceUnreachable as error:
            _log.info("%s: cannot be asked whether it is awake: %s", self.id, error)

    def _refuse_asleep(self) -> None:
        presence, known = self._looker.presence, self._picture.known
        may_charge = known is not None and known.plug is Plug.C
        if presence is Presence.ASLEEP or (presence is Presence.OFFLINE and not may_charge):
            raise DeviceRefused("asleep, and not woken to be lowered: it draws nothing")

    async def _confirm(self, holds: Callable[[Heard], bool], answered_mono_s: float) -> None:
        """Read back until the car shows what it was told; if it does not in time, the next look will tell."""
        self._picture.orders.answered_mono_s = answered_mono_s
        until_s = answered_mono_s + self._settings.confirm_s
        try:
            while True:
                look = await self._looker.read(urgent=True)
                self._picture.take(look)
                heard = self._picture.heard
                if heard is not None and heard.at_mono_s >= answered_mono_s and holds(heard):
                    return
                if self._clock.mono_s() >= until_s:
                    return
                await self._clock.sleep(self._settings.confirm_s / 4.0)
        except (DeviceError, CredentialsError) as error:
            _log.info("%s: no read-back: %s", self.id, error)

    def _checked(self, limit_a: float) -> int:
        spec = self._spec
        is_whole = isinstance(limit_a, bool) is False and (
            limit_a == 0 or spec.min_a <= limit_a <= spec.max_a
        )
        if not is_whole or not float(limit_a).is_integer():
            raise BadRequest(
                f"{limit_a} A: expected 0 or a whole number from {spec.min_a:g} to {spec.max_a:g}"
            )
        return int(limit_a)

    def _respect_person(self, limit_a: int) -> None:
        if self._picture.orders.held_by_person and limit_a:
            raise DeviceRefused(f"paused by a person: {limit_a} A would need a start")

    def _tell_cost(self) -> None:
        today = self._clock.now().date()
        if today != self._told_day:
            self._told_day = today
            _log.info("%s: %s", self.id, self._client.exchange.budget.told())


def _is_capped(heard: Heard, limit_a: int) -> bool:
    """Tell whether the car took a cap; it goes no higher than what it knows of socket and cable."""
    told_a, most_a = heard.charge.request_a, heard.charge.request_max_a
    is_at_most = told_a is not None and told_a == most_a and told_a < limit_a
    return told_a == limit_a or is_at_most


async def _unless_unsent(step: Awaitable[T]) -> T:
    """Carry a step out; what certainly never reached the car is a refusal."""
    try:
        return await step
    except (LimitedError, CredentialsError) as error:
        raise DeviceRefused(f"not sent: {error}") from error

"""Drive: turns a limit into commands, and how they ended into what the core may believe."""

import logging
import math
from collections.abc import Awaitable, Callable
from typing import Final

from adapters.chargers.tesla.answers import Presence
from adapters.chargers.tesla.client import TeslaClient
from adapters.chargers.tesla.outcomes import CommandOutcome, CommandResult
from adapters.chargers.tesla.replies import error_of
from adapters.chargers.tesla.settings import TeslaSettings
from adapters.chargers.tesla.state import ACTIVE, Heard, is_stopped
from controller.errors import DeviceRefused, DeviceUnreachable
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

_TRIES: Final = 3
_QUIRK_BELOW_A: Final = 5
_LOOK_S: Final = 2.0


_Command = Callable[[], Awaitable[CommandResult]]


class TeslaDrive:
    """Writes one car's limit; every method either did what it says or raises."""

    def __init__(self, client: TeslaClient, settings: TeslaSettings, clock: Clock) -> None:
        self._client, self._settings, self._clock = client, settings, clock
        self._woken_mono_s = self._stopped_mono_s = -math.inf

    async def awake(self) -> None:
        """Return once the car is awake, waking it if that was not tried lately.

        Raises:
            DeviceRefused: not yet; nothing was changed.
            DeviceUnreachable, CredentialsError: it could not be asked.
        """
        if await self._client.presence(urgent=True) is Presence.ONLINE:
            return
        if self._clock.mono_s() >= self._woken_mono_s + self._settings.wake_gap_s:
            self._woken_mono_s = self._clock.mono_s()
            _log.info("%s: woken to start charging", self._client.exchange.name)
            await self._until_awake(await self._client.wake_up())
        else:
            await self._until_awake(Presence.UNKNOWN)
        await self._clock.sleep(self._settings.woken_s)

    async def _until_awake(self, presence: Presence) -> None:
        if presence is Presence.ONLINE:
            return
        until_s = self._clock.mono_s() + self._settings.wake_wait_s
        while self._clock.mono_s() < until_s:
            await self._clock.sleep(min(_LOOK_S, self._settings.wake_wait_s))
            if await self._client.presence(urgent=True) is Presence.ONLINE:
                return
        raise DeviceRefused("the car sleeps on; it is tried again without waking it anew")

    async def cap(self, limit_a: int, *, safety: bool) -> float:
        """Set the most that it draws; tell when it was taken.

        Raises:
            DeviceRefused: certain that nothing changed.
            DeviceUnreachable: it may have been taken.
        """
        for _ in range(2 if limit_a < _QUIRK_BELOW_A else 1):
            result = await self._patient(lambda: self._client.set_charging_amps(limit_a, safety=safety))
            _raise_unless_good(result)
            taken_mono_s = self._clock.mono_s()
            if limit_a < _QUIRK_BELOW_A:
                await self._clock.sleep(self._settings.repeat_s)
        return taken_mono_s

    async def stop(self) -> float:
        """Stop charging; tell when that was taken. A car without a cable has stopped already."""
        result = await self._patient(lambda: self._client.charge_stop(safety=True))
        if result.outcome is not CommandOutcome.NOT_CONNECTED:
            _raise_unless_good(result)
        self._stopped_mono_s = self._clock.mono_s()
        return self._stopped_mono_s

    async def start(self) -> float | None:
        """Start charging; tell when that was taken. `None`: without cable, power or need it cannot."""
        wait_s = self._stopped_mono_s + self._settings.restart_gap_s - self._clock.mono_s()
        if wait_s > 0.0:
            raise DeviceUnreachable(
                f"its cap is set; it starts in {wait_s:.0f} s, cars resent quick restarts"
            )
        result = await self._patient(self._client.charge_start)
        if result.outcome in (
            CommandOutcome.NOT_CONNECTED,
            CommandOutcome.NO_POWER,
            CommandOutcome.SATISFIED,
        ):
            return None
        if not result.outcome.is_good:
            raise DeviceUnreachable(
                f"its cap is set, but it was not started: {result.outcome}: {result.reason}"
            )
        return self._clock.mono_s()

    async def _patient(self, command: _Command) -> CommandResult:
        """Repeat a command while the car is busy."""
        result = await command()
        for _ in range(_TRIES - 1):
            if result.outcome is not CommandOutcome.BUSY:
                return result
            await self._clock.sleep(self._settings.busy_s)
            result = await command()
        return result


def has_to_start(heard: Heard) -> bool:
    """Tell whether a car with a cable stands still for no reason of its own."""
    charge = heard.charge
    if not heard.plug.car or charge.charging_state in ACTIVE or charge.scheduled:
        return False
    return is_stopped(charge) or charge.charging_state == "NoPower"


def _raise_unless_good(result: CommandResult) -> None:
    if result.outcome.is_good:
        return
    if result.outcome is CommandOutcome.TROUBLE:
        raise error_of(result)
    raise DeviceRefused(f"{result.outcome}: {result.reason}")

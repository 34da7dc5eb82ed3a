"""Hub: one SignalR conversation for all chargers of an account, opened again for as long as it takes.

Whoever serves keeps it open: one leads, the others wait in its place, so that no task outlives its owner.
What a hub tells after a subscription is the present state with the instants at which it came to be.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.chargers.easee.cloud import EaseeCloud
from adapters.wire.signalr import Ears, Talk, converse
from controller.errors import CredentialsError, DeviceError, DeviceUnreachable
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 60.0
REPLAY_S: Final = 5.0
"""A subscription whose end nobody tells is over after so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubEars:
    """Whom the hub tells what; each call has one argument that may be anything."""

    update: Callable[[object], None]
    response: Callable[[object], None]
    refused: Callable[[str], None]


@dataclass(slots=True)
class _Subscription:
    """A charger that is followed; the hub knows of it only while `asked_mono_s` is not `None`."""

    asked_mono_s: float | None = None
    is_told: bool = False
    """Its present state was told completely."""
    is_denied: bool = False


class EaseeHub:
    """Keeps chargers subscribed; pauses between attempts grow to a minute and never end."""

    def __init__(self, url: str, cloud: EaseeCloud, ears: HubEars, clock: Clock) -> None:
        self._url, self._cloud, self._clock = url, cloud, clock
        self._ears = Ears(
            calls={
                "ProductUpdate": _each(ears.update),
                "CommandResponse": _each(ears.response),
                "ChargerUpdate": lambda _: None,
            },
            refused=ears.refused,
            opened=self._opened,
        )
        self._talk: Talk | None = None
        self._leading = asyncio.Lock()
        self._followed: dict[str, _Subscription] = {}
        self._changed = asyncio.Event()
        self._is_reported = False
        self.connections = 0
        """How many conversations were opened."""

    @property
    def up(self) -> bool:
        """Whether the hub listens."""
        return self._talk is not None

    def tells(self, serial: str) -> bool:
        """Tell whether the hub tells everything about a charger."""
        known = self._followed.get(serial)
        return self.up and known is not None and known.asked_mono_s is not None and not known.is_denied

    def has_told(self, serial: str) -> bool:
        """Tell whether the present state of a charger has come in completely."""
        known = self._followed.get(serial)
        if known is None or known.asked_mono_s is None or not self.tells(serial):
            return False
        return known.is_told or self._clock.mono_s() >= known.asked_mono_s + REPLAY_S

    async def until_changed(self) -> None:
        """Wait until the conversation begins or ends, or the hub denies a charger."""
        self._changed.clear()
        await self._changed.wait()

    async def follow(self, serial: str) -> None:
        """Subscribe to a charger, now and after every loss of the connection."""
        self._followed[serial] = _Subscription()
        if self._talk is not None:
            try:
                await self._subscribe(self._talk, serial)
            except DeviceUnreachable:
                return  # The next conversation begins with it.

    def leave(self, serial: str) -> None:
        """Follow a charger no more; the hub forgets it with the conversation."""
        self._followed.pop(serial, None)

    async def serve(self) -> None:
        """Keep the conversation open until cancelled; a hub that is away is only said."""
        async with self._leading:
            pause_s = FIRST_PAUSE_S
            while True:
                began_mono_s = self._clock.mono_s()
                await self._once()
                if self._clock.mono_s() - began_mono_s > LONGEST_PAUSE_S:
                    pause_s = FIRST_PAUSE_S
                await self._clock.sleep(pause_s)
                pause_s = min(2.0 * pause_s, LONGEST_PAUSE_S)

    async def look(self) -> None:
        """Open a conversation and leave it at once; nothing is subscribed.

        Raises:
            DeviceUnreachable, CredentialsError: it does not open.
        """
        if self.up:
            return

        async def opened(_: Talk) -> None:
            raise _OpenedError

        token = await self._cloud.token()
        try:
            ears = Ears(calls={}, refused=lambda _: None, opened=opened)
            await converse(self._url, token, ears, self._clock)
        except _OpenedError:
            return

    async def _once(self) -> None:
        try:
            token = await self._cloud.token()
            try:
                await converse(self._url, token, self._ears, self._clock)
            except CredentialsError:
                self._cloud.forget_token(token)
                raise
        except (DeviceError, CredentialsError) as error:
            self._report(error)
        finally:
            self._note_end()

    async def _opened(self, talk: Talk) -> None:
        self._talk = talk
        self.connections += 1
        for serial in tuple(self._followed):
            await self._subscribe(talk, serial)
        if self._is_reported:
            self._is_reported = False
            _log.info("%s: back", self._url)
        self._changed.set()

    async def _subscribe(self, talk: Talk, serial: str) -> None:
        known = self._followed[serial] = _Subscription(self._clock.mono_s())

        def done(why_not: str | None) -> None:
            known.is_told = True
            if why_not:
                known.is_denied = True
                _log.warning("%s: does not let us follow %s", self._url, serial)
                self._changed.set()

        await talk.invoke("SubscribeWithCurrentState", (serial, True), done)

    def _note_end(self) -> None:
        self._talk = None
        for serial in self._followed:
            self._followed[serial] = _Subscription()
        self._changed.set()

    def _report(self, error: Exception) -> None:
        if not self._is_reported:
            self._is_reported = True
            _log.warning("%s; the state of its chargers is asked for until it is back", error)


class _OpenedError(Exception):
    """A conversation that is only to be looked at has begun."""


def _each(take: Callable[[object], None]) -> Callable[[Sequence[object]], None]:
    def called(arguments: Sequence[object]) -> None:
        for argument in arguments:
            take(argument)

    return called

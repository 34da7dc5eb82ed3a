"""Owner: chargers of an ordinary account, commanded over REST, heard over SignalR or else by asking."""

import asyncio
import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from weakref import WeakValueDictionary

from adapters.chargers.easee.cloud import EaseeCloud, account_of, cloud_for
from adapters.chargers.easee.correlation import Correlation, Key, Waiting
from adapters.chargers.easee.equivalents import Place, Request, needs_place, place_of, remark, request_for
from adapters.chargers.easee.hub import EaseeHub, HubEars
from adapters.chargers.easee.messages import Observed, Response
from adapters.chargers.easee.path import Argument, Listener, Manner
from adapters.chargers.easee.replies import Already, Denied, Taken, refusal
from adapters.chargers.easee.rest import Account
from adapters.chargers.easee.settings import EaseeConnection
from adapters.chargers.easee.updates import command_response, product_update, status_of
from adapters.wire.together import together
from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

GRACE_S: Final = 10.0
"""A hub that went away may come back for so long before its chargers are asked for."""
ALREADY_S: Final = 3.0
"""A command of which the cloud says that it stands already may yet be answered by the charger."""
FIRST_LOOK_S: Final = 0.5
"""A person waits for the answer: the first looks come sooner."""
LOOK_S: Final = 2.0
"""How often the cloud is asked how a command ended, while the hub does not tell."""
_SECONDS_ROUNDED: Final = 2.0
"""Observations carry whole seconds of the device's own clock."""


class OwnerPath:
    """One account: its hub for all chargers, and REST for everything that is said to them."""

    def __init__(self, account: Account, hub_url: str, poll_s: float, skew_s: float, clock: Clock) -> None:
        self._cloud: EaseeCloud = cloud_for(account, clock)
        self._poll_s, self._skew_s, self._clock = poll_s, skew_s, clock
        ears = HubEars(update=self._hear_update, response=self._hear_response, refused=self._refuse)
        self.hub = EaseeHub(hub_url, self._cloud, ears, clock)
        self._correlation = Correlation(skew_s)
        self._listeners: dict[str, list[Listener]] = {}
        self._places: dict[str, Place] = {}
        self._as_of: dict[str, float] = {}
        self._orphans: dict[Key, float] = {}
        self.says = "REST, state over SignalR"
        self.refused = self.strangers = 0
        """Messages that make no sense, and of serials that nobody follows."""

    @property
    def has_account(self) -> bool:
        """Nothing works without one."""
        return True

    @property
    def up(self) -> bool:
        """REST has no connection that could be down."""
        return True

    @property
    def served(self) -> bool:
        """Whether anybody follows a charger."""
        return bool(self._listeners)

    async def until_up(self) -> None:
        """Return at once."""

    def tells(self, serial: str) -> bool:
        """Tell whether the hub does."""
        return self.hub.tells(serial)

    def as_of(self, serial: str) -> float | None:
        """Tell now while the hub tells everything, else when it was last asked for."""
        now_s = self._clock.mono_s()
        if self.hub.has_told(serial):
            self._as_of[serial] = now_s
        known_s = self._as_of.get(serial)
        is_fresh = known_s is not None and now_s - known_s <= self._poll_s + GRACE_S
        return known_s if is_fresh else None

    async def serve(self, serial: str, listener: Listener) -> None:
        """Follow a charger by the hub, and ask for it while the hub is away.

        Raises:
            DeviceUnreachable, DeviceRefused, DeviceNonsense, CredentialsError: neither hub nor cloud tell it.
        """
        listeners = self._listeners.setdefault(serial, [])
        listeners.append(listener)
        try:
            if len(listeners) == 1:
                await self.hub.follow(serial)
            await together(self.hub.serve(), self._polls(serial, listener))
        finally:
            listeners.remove(listener)
            if not listeners:
                del self._listeners[serial]
                self.hub.leave(serial)

    async def ask(self, serial: str) -> Sequence[Observed]:
        """Ask for everything that the cloud knows of a charger; errors as for `EaseeCloud.observations`."""
        asked_mono_s = self._clock.mono_s()
        told = await self._cloud.observations(serial)
        self._as_of[serial] = max(self._as_of.get(serial, -math.inf), asked_mono_s)
        return told

    async def call(self, serial: str, id_: int, arguments: Sequence[Argument], how: Manner) -> Response:
        """Send a command once and wait for what the charger says to it.

        Raises:
            DeviceUnreachable, DeviceNonsense: it may arrive, or have arrived.
            DeviceRefused: it certainly did not.
            CredentialsError: not with this account.
        """
        key = (serial, id_)
        try:
            async with asyncio.timeout(how.answer_s):
                request = await self._request(serial, id_, arguments)
                waiting = self._correlation.expect(key, self._clock.now())
                try:
                    answer = await self._answered(key, request, waiting)
                    return replace(answer, comment=answer.comment or remark(id_))
                finally:
                    self._correlation.forget(key, waiting)
        except TimeoutError as error:
            raise DeviceUnreachable(f"{serial}: command {id_} unanswered for {how.answer_s:g} s") from error

    async def call_aside(
        self, serial: str, id_: int, arguments: Sequence[Argument], how: Manner
    ) -> Response | None:
        """Send a command; the cloud is asked how it ended. Errors as for `call`."""
        return await self.call(serial, id_, arguments, how)

    async def look(self) -> Sequence[str]:
        """Try the hub."""
        try:
            await self.hub.look()
        except DeviceUnreachable as error:
            return (f"{error}: without it the state is asked for every {self._poll_s:g} s",)
        return ()

    async def _polls(self, serial: str, listener: Listener) -> None:
        while True:
            await self._clock.sleep(min(GRACE_S, self._poll_s))
            while self.tells(serial):
                await self.hub.until_changed()
                if not self.tells(serial):
                    await self._clock.sleep(min(GRACE_S, self._poll_s))
            listener.known(await self.ask(serial), is_last_word=not self.tells(serial))
            await self._clock.sleep(max(0.0, self._poll_s - GRACE_S))

    async def _request(self, serial: str, id_: int, arguments: Sequence[Argument]) -> Request:
        if not needs_place(id_):
            return request_for(serial, id_, arguments)
        if serial not in self._places:
            self._places[serial] = place_of(serial, await self._cloud.ask(f"/api/chargers/{serial}/site"))
        return request_for(serial, id_, arguments, self._places[serial])

    async def _answered(self, key: Key, request: Request, waiting: Waiting) -> Response:
        reply = await self._cloud.tell(request.path, request.content)
        if isinstance(reply, Taken):
            waiting.ticks = reply.ticks
            return await self._outcome(key, reply, waiting)
        if isinstance(reply, Already):
            return await self._perhaps(key, waiting)
        if isinstance(reply, Denied):
            self._places.pop(key[0], None)  # It may hang elsewhere by now.
        raise refusal(f"{key[0]}: command {key[1]}", reply)

    async def _outcome(self, key: Key, reply: Taken, waiting: Waiting) -> Response:
        """Wait for the response over the hub; ask for it while there is none to come that way."""
        looks_s = FIRST_LOOK_S
        patience_s = ALREADY_S if self.tells(key[0]) else looks_s
        while not (await asyncio.wait({waiting.answer}, timeout=patience_s))[0]:
            looks_s = patience_s = min(2.0 * looks_s, LOOK_S)
            told = status_of(key[1], await self._status(key[0], reply))
            if told is not None:
                return told
        return waiting.answer.result()

    async def _status(self, serial: str, reply: Taken) -> object:
        try:
            return await self._cloud.ask(f"/api/commands/{serial}/{reply.id}/{reply.ticks}")
        except (DeviceRefused, DeviceUnreachable, DeviceNonsense):
            return None  # 404 until the cloud has stored it; whatever else, the next look may tell.

    async def _perhaps(self, key: Key, waiting: Waiting) -> Response:
        """Wait a little for a response that does not have to come."""
        if self.tells(key[0]) and (await asyncio.wait({waiting.answer}, timeout=ALREADY_S))[0]:
            return waiting.answer.result()
        self._orphans[key] = self._clock.mono_s() + GRACE_S
        return Response(id=key[1], accepted=True, delivered=False)

    def _hear_update(self, raw: object) -> None:
        try:
            serial, news = product_update(raw)
        except DeviceNonsense as error:
            self._refuse(str(error))
            return
        listeners = tuple(self._listeners.get(serial, ()))
        self.strangers += not listeners
        for listener in listeners:
            try:
                listener.observed(news, self._age_s(news))
            except DeviceNonsense as error:
                self._count(f"{serial}: {error}")
                listener.garbled(error)

    def _hear_response(self, raw: object) -> None:
        try:
            serial, news = command_response(raw)
        except DeviceNonsense as error:
            self._refuse(str(error))
            return
        if self._correlation.settle((serial, news.id), news):
            return
        for listener in tuple(self._listeners.get(serial, ())):
            self._unasked(serial, news, listener)

    def _unasked(self, serial: str, news: Response, listener: Listener) -> None:
        if self._orphans.get((serial, news.id), -math.inf) >= self._clock.mono_s():
            listener.answered()
        else:
            listener.foreign(news)

    def _age_s(self, news: Observed) -> float:
        """Tell how old an observation is: after a subscription the present state comes with old instants."""
        if news.at is None:
            return 0.0
        age_s = (self._clock.now() - news.at).total_seconds()
        return age_s if age_s > self._skew_s + _SECONDS_ROUNDED else 0.0

    def _refuse(self, why: str) -> None:
        """Refuse what nobody knows whom it is about."""
        self._count(why)
        for listeners in tuple(self._listeners.values()):
            for listener in tuple(listeners):
                listener.garbled(DeviceNonsense(why))

    def _count(self, why: str) -> None:
        self.refused += 1
        if self.refused in (1, 10) or self.refused % 1000 == 0:
            _log.warning("easee: refused a message of the hub (%d so far): %s", self.refused, why)


_owners: WeakValueDictionary[tuple[object, ...], OwnerPath] = WeakValueDictionary()


def owner_for(settings: EaseeConnection, clock: Clock) -> OwnerPath:
    """Hand out the one path of an account and hub; it lives for as long as one of its users."""
    account = account_of(settings)
    if account is None:
        raise DeviceUnreachable("no account is configured")
    key = (clock, account, settings.hub_url, settings.poll_s, settings.skew_s)
    path = _owners.get(key)
    if path is None:
        path = _owners[key] = OwnerPath(account, settings.hub_url, settings.poll_s, settings.skew_s, clock)
    return path

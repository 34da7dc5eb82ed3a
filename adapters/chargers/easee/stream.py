"""The operator's stream: one queue that many chargers share, and the commands that leave for each of them."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from adapters.chargers.easee.aside import send_aside
from adapters.chargers.easee.clocks import Clocks
from adapters.chargers.easee.cloud import EaseeCloud, cloud_for
from adapters.chargers.easee.correlation import Correlation
from adapters.chargers.easee.endpoint import Endpoint, broker_in, endpoint_of
from adapters.chargers.easee.messages import (
    Observed,
    Response,
    Route,
    arrival,
    command,
    encoded,
    observed,
    response,
    route,
)
from adapters.chargers.easee.path import Argument, Listener, Manner
from adapters.chargers.easee.settings import EaseeConnection
from adapters.wire.amqp import AmqpLink, Delivery
from adapters.wire.amqp_broker import Broker, converse
from controller.errors import DeviceNonsense, DeviceUnreachable
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

_MOST_NAMED: Final = 100
"""So many different strangers are said; the rest is counted."""
_NO_ACCOUNT: Final = (
    "no account is configured: after a start nothing is known until the charger reports a change"
)
_ARRIVAL: Final = "ArrivalTime"


class EaseeStream:
    """Hands every message of the queue to whoever follows its serial, and responses to who waits for them."""

    def __init__(self, endpoint: Endpoint, clock: Clock) -> None:
        self._endpoint, self._clock = endpoint, clock
        self._cloud: EaseeCloud | None = None
        if endpoint.account is not None:
            self._cloud = cloud_for(endpoint.account, clock)
        self.link = AmqpLink(self.broker, self._hear, clock)
        self._correlation, self._clocks = Correlation(endpoint.skew_s), Clocks(endpoint.skew_s)
        self._listeners: dict[str, list[Listener]] = {}
        self._named: set[str] = set()
        self.says = "AMQP"
        self.refused = self.strangers = self.heard = 0
        """Messages that make no sense, of serials that nobody follows, and of serials that somebody does."""

    @property
    def has_account(self) -> bool:
        """Whether the state of a charger can be asked for."""
        return self._cloud is not None

    @property
    def up(self) -> bool:
        """Whether the broker is there and the queue is being consumed."""
        return self.link.up

    @property
    def served(self) -> bool:
        """Whether anybody here keeps the queue consumed, or tries to."""
        return self.link.served

    def tells(self, serial: str) -> bool:
        """Tell whether the queue is consumed: it carries every charger."""
        del serial
        return self.link.up

    def as_of(self, serial: str) -> float | None:
        """Tell now: changes are told as they come, but for what waits in the queue."""
        del serial
        return self._clock.mono_s() if self.link.live else None

    async def until_up(self) -> None:
        """Wait until the queue is consumed."""
        await self.link.until_up()

    async def serve(self, serial: str, listener: Listener) -> None:
        """Hand everything about a charger to a listener until cancelled.

        Raises:
            DeviceUnreachable, DeviceNonsense, CredentialsError: as for `AmqpLink.serve`.
        """
        with self._followed(serial, listener):
            await self.link.serve()

    async def ask(self, serial: str) -> Sequence[Observed]:
        """Ask the cloud, if there is an account; errors as for `EaseeCloud.observations`."""
        return () if self._cloud is None else await self._cloud.observations(serial)

    async def look(self) -> Sequence[str]:
        """Look the queue up without consuming it; our own daemon in this process is nobody else.

        Raises:
            DeviceUnreachable, CredentialsError: there is no queue for us.
        """
        listeners = 0 if self.served else await self._listening()
        crowd = f"{listeners} programs consume the queue: each message reaches only one of them"
        return (*([crowd] if listeners > 1 else []), *([] if self.has_account else [_NO_ACCOUNT]))

    async def call_aside(
        self, serial: str, id_: int, arguments: Sequence[Argument], how: Manner
    ) -> Response | None:
        """Send a command while nobody here consumes; `None` where somebody else does, who hears the response.

        Raises:
            DeviceUnreachable, DeviceRefused, DeviceNonsense, CredentialsError: as for `call`.
        """
        now = self._clock.now()
        body = _body(id_, arguments, how, now)
        return await send_aside(await self.broker(), f"{serial}.C.{id_}", body, self.origin, how.answer_s)

    @property
    def origin(self) -> str:
        """Who we say that we are."""
        return f"{self._endpoint.operator}.Easee"

    async def broker(self) -> Broker:
        """Tell where the stream is; asked afresh for each connection, as its password may change."""
        if self._endpoint.broker is not None:
            return self._endpoint.broker
        if self._cloud is None:
            raise DeviceUnreachable("neither a broker nor an account is configured")
        return broker_in(await self._cloud.ask("/api/streams/amqp/v2"))

    async def _listening(self) -> int:
        session = await converse(await self.broker(), prefetch=1, lost=lambda: None)
        await session.close()
        return session.listeners

    @contextmanager
    def _followed(self, serial: str, listener: Listener) -> Iterator[None]:
        """Hand everything about a serial to a listener until the block ends."""
        self._listeners.setdefault(serial, []).append(listener)
        try:
            yield
        finally:
            listeners = self._listeners[serial]
            listeners.remove(listener)
            if not listeners:
                del self._listeners[serial]

    async def call(self, serial: str, id_: int, arguments: Sequence[Argument], how: Manner) -> Response:
        """Send a command once and wait for its response.

        Raises:
            DeviceUnreachable: no broker, or no response before it expired.
            DeviceRefused: the broker knows nobody by that serial.
            DeviceNonsense: a response that makes no sense.
        """
        made = self._clock.now()
        key = (serial, id_)
        waiting = self._correlation.expect(key, made)
        body = _body(id_, arguments, how, made)
        headers = {"OriginApplication": self.origin}
        try:
            async with asyncio.timeout(how.answer_s):
                await self.link.publish(f"{serial}.C.{id_}", body, headers=headers, expires_s=how.answer_s)
                return await waiting.answer
        except TimeoutError as error:
            raise DeviceUnreachable(f"{serial}: command {id_} unanswered for {how.answer_s:g} s") from error
        finally:
            self._correlation.forget(key, waiting)

    def _hear(self, message: Delivery) -> None:
        where = route(message.key)
        if where is None:
            self._refuse(f"routing key {message.key!r:.80}")
            return
        listeners = self._listeners.get(where.serial)
        if listeners is None and where.kind == "O":
            self.strangers += 1
            self._say_once(where.serial, "%s: nobody here follows this charger of the operator", where.serial)
            return
        self.heard += 1
        arrived = arrival(message.headers.get(_ARRIVAL))
        if arrived is not None and self.link.live:
            self._clocks.hear(arrived, self._clock.now(), self._clock.mono_s())
        with suppress(DeviceNonsense):
            self._tell(where, message, listeners or ())

    def _tell(self, where: Route, message: Delivery, listeners: Sequence[Listener]) -> None:
        try:
            if where.kind == "O":
                news = observed(where, message.body)
                age_s = 0.0 if self.link.live else self._age_s(news, message)
                for listener in listeners:
                    listener.observed(news, age_s)
            elif where.kind == "CR":
                self._settle(where, response(where, message.body), listeners)
            elif where.kind != "C":
                self._say_once(where.kind, "messages of kind %s are not understood", where.kind)
        except DeviceNonsense as error:
            self._refuse(f"{where.serial}: {error}")
            if where.kind == "CR":
                self._correlation.spoil((where.serial, where.id), error)
            for listener in listeners:
                listener.garbled(error)
            raise

    def _settle(self, where: Route, news: Response, listeners: Sequence[Listener]) -> None:
        key = (where.serial, where.id)
        early_s = self._correlation.early_s(key, news)
        if self._correlation.settle(key, news, self._clocks.ahead):
            return
        is_unclear = early_s is not None and not self._clocks.is_known
        if early_s is not None and is_unclear:
            self._clocks.doubt(f"{where.serial}: a response to command {where.id}", early_s)
        for listener in listeners:
            if is_unclear:
                listener.unclear()
            else:
                listener.foreign(news)

    def _age_s(self, news: Observed, message: Delivery) -> float:
        """Tell how old a message of the backlog is, by the cloud's clock or else the device's."""
        at = arrival(message.headers.get(_ARRIVAL)) or news.at
        return 0.0 if at is None else max(0.0, (self._clock.now() - at).total_seconds())

    def _refuse(self, why: str) -> None:
        self.refused += 1
        if self.refused in (1, 10) or self.refused % 1000 == 0:
            _log.warning("easee: refused a message (%d so far): %s", self.refused, why)

    def _say_once(self, what: str, says: str, *values: str) -> None:
        if what not in self._named and len(self._named) < _MOST_NAMED:
            self._named.add(what)
            _log.info(says, *values)


def _body(id_: int, arguments: Sequence[Argument], how: Manner, made: datetime) -> bytes:
    texts = [encoded(value, words=how.words) for value in arguments]
    return command(id_, texts, made + timedelta(seconds=how.answer_s), made if how.stamped else None)


_streams: WeakValueDictionary[tuple[Clock, Endpoint], EaseeStream] = WeakValueDictionary()


def stream_for(settings: EaseeConnection, clock: Clock) -> EaseeStream:
    """Hand out the one stream of an endpoint; it lives for as long as one of its users."""
    endpoint = endpoint_of(settings)
    stream = _streams.get((clock, endpoint))
    if stream is None:
        stream = _streams[clock, endpoint] = EaseeStream(endpoint, clock)
    return stream

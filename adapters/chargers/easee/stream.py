"""The operator's stream: one queue that many chargers share, and the commands that leave for each of them."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol
from weakref import WeakValueDictionary

from adapters.chargers.easee.cloud import Account, EaseeCloud, cloud_for
from adapters.chargers.easee.correlation import Correlation
from adapters.chargers.easee.messages import (
    Observed,
    Response,
    Route,
    command,
    encoded,
    instant,
    observed,
    response,
    route,
)
from adapters.chargers.easee.settings import EaseeConnection
from adapters.wire.amqp import AmqpLink, Delivery
from adapters.wire.amqp_broker import Broker
from controller.errors import DeviceNonsense, DeviceUnreachable
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

_MOST_NAMED: Final = 100
"""So many different strangers are said; the rest is counted."""
_ARRIVAL: Final = "ArrivalTime"


class Listener(Protocol):
    """Whoever follows one serial."""

    def observed(self, news: Observed, age_s: float) -> None:
        """Take an observation; `age_s` is how old it was when it came out of a backlog, 0 while live."""

    def foreign(self, news: Response) -> None:
        """Take a response to a command that is not ours: somebody else changed something."""

    def garbled(self, error: DeviceNonsense) -> None:
        """Be told that something arrived that makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Which stream, and who we are on it; chargers that agree on all of this share one connection."""

    broker: Broker | None
    """`None`: the cloud tells."""
    account: Account | None
    operator: str
    skew_s: float


class EaseeStream:
    """Hands every message of the queue to whoever follows its serial, and responses to who waits for them."""

    def __init__(self, endpoint: Endpoint, clock: Clock) -> None:
        self._endpoint, self._clock = endpoint, clock
        self.cloud: EaseeCloud | None = None
        if endpoint.account is not None:
            self.cloud = cloud_for(endpoint.account, clock)
        self.link = AmqpLink(self.broker, self._hear, clock)
        self._correlation = Correlation(endpoint.skew_s)
        self._listeners: dict[str, list[Listener]] = {}
        self._named: set[str] = set()
        self.refused = self.strangers = self.heard = 0
        """Messages that make no sense, of serials that nobody follows, and of serials that somebody does."""

    @property
    def origin(self) -> str:
        """Who we say that we are."""
        return f"{self._endpoint.operator}.Easee"

    async def broker(self) -> Broker:
        """Tell where the stream is; asked afresh for each connection, as its password may change."""
        if self._endpoint.broker is not None:
            return self._endpoint.broker
        if self.cloud is None:
            raise DeviceUnreachable("neither a broker nor an account is configured")
        return await self.cloud.stream()

    @contextmanager
    def followed(self, serial: str, listener: Listener) -> Iterator[None]:
        """Hand everything about a serial to a listener until the block ends."""
        self._listeners.setdefault(serial, []).append(listener)
        try:
            yield
        finally:
            listeners = self._listeners[serial]
            listeners.remove(listener)
            if not listeners:
                del self._listeners[serial]

    async def call(
        self, serial: str, id_: int, arguments: Sequence[bool | float | str], how: "Manner"
    ) -> Response:
        """Send a command once and wait for its response.

        Raises:
            DeviceUnreachable: no broker, or no response before it expired.
            DeviceRefused: the broker knows nobody by that serial.
            DeviceNonsense: a response that makes no sense.
        """
        made = self._clock.now()
        key = (serial, id_)
        waiting = self._correlation.expect(key, made)
        texts = [encoded(value, words=how.words) for value in arguments]
        expires = made + timedelta(seconds=how.answer_s)
        body = command(id_, texts, expires, made if how.stamped else None)
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
        if self._correlation.settle((where.serial, where.id), news):
            return
        for listener in listeners:
            listener.foreign(news)

    def _age_s(self, news: Observed, message: Delivery) -> float:
        """Tell how old a message of the backlog is, by the cloud's clock or else the device's."""
        raw = message.headers.get(_ARRIVAL)
        at = instant(raw) or news.at
        return 0.0 if at is None else max(0.0, (self._clock.now() - at).total_seconds())

    def _refuse(self, why: str) -> None:
        self.refused += 1
        if self.refused in (1, 10) or self.refused % 1000 == 0:
            _log.warning("easee: refused a message (%d so far): %s", self.refused, why)

    def _say_once(self, what: str, says: str, *values: str) -> None:
        if what not in self._named and len(self._named) < _MOST_NAMED:
            self._named.add(what)
            _log.info(says, *values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How commands are put and how long they are waited for."""

    answer_s: float
    words: bool = False
    """Truth is spelled out."""
    stamped: bool = False
    """The body tells when it was made."""


def manner_of(settings: EaseeConnection) -> Manner:
    """Take the manner out of settings."""
    return Manner(answer_s=settings.answer_s, words=settings.boolean_words, stamped=settings.body_timestamp)


def endpoint_of(settings: EaseeConnection) -> Endpoint:
    """Take the stream out of settings."""
    broker = account = None
    if settings.host:
        broker = Broker(
            host=settings.host,
            port=settings.port,
            tls=settings.tls,
            ca_file=settings.ca_file,
            virtual_host=settings.virtual_host,
            queue=settings.queue,
            exchange=settings.exchange,
            user=settings.user,
            password="" if settings.password is None else settings.password.get_secret_value(),
        )
    if settings.account_password is not None:
        account = Account(
            url=settings.api_url,
            user=settings.account_user,
            password=settings.account_password.get_secret_value(),
            timeout_s=settings.rest_timeout_s,
        )
    return Endpoint(broker=broker, account=account, operator=settings.operator, skew_s=settings.skew_s)


_streams: WeakValueDictionary[tuple[Clock, Endpoint], EaseeStream] = WeakValueDictionary()


def stream_for(settings: EaseeConnection, clock: Clock) -> EaseeStream:
    """Hand out the one stream of an endpoint; it lives for as long as one of its users."""
    endpoint = endpoint_of(settings)
    stream = _streams.get((clock, endpoint))
    if stream is None:
        stream = _streams[clock, endpoint] = EaseeStream(endpoint, clock)
    return stream

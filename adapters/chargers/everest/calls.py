"""Calls: commands to EVerest and the answers to them, over the internal messages and the EVerest API."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from adapters.wire.everest import Envelopes, Failure, Json, Kind, Place, packed, unpacked
from adapters.wire.mqtt_messages import EXACTLY_ONCE, Message
from adapters.wire.mqtt_shared import SharedConnection
from controller.errors import DeviceError, DeviceNonsense, DeviceRefused, DeviceUnreachable

_NOTHING_DONE: Final = frozenset(
    {"MessageParsingError", "MessageParsingFailed", "MessageParsing"}
    | {"SchemaValidationError", "SchemaValidationFailed", "SchemaValidation", "NotReady"}
)
"""Failures that come before the command's handler does anything, under the names of every framework."""
_NOT_ANSWERED: Final = frozenset({"CmdTimeout", "Timeout", "Shutdown"})
"""What a handler did until then, nobody knows."""


class NotConnectedError(DeviceUnreachable):
    """The broker is not there: nothing left the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a call was answered with, and when."""

    value: Json
    at_mono_s: float


class Line:
    """Sends to the broker and waits for one answer; works beside `run` and without it.

    Everything goes exactly once, and what the broker does not take within `answer_s` is not sent any more.
    """

    def __init__(self, link: SharedConnection, answer_s: float) -> None:
        self.link, self.answer_s = link, answer_s

    async def tell(self, topic: str, payload: bytes) -> float:
        """Publish something that nobody answers; tell when the broker handed it out.

        To us, that is, and so to everybody who listens there; what may not be published comes back to nobody.

        Raises:
            NotConnectedError: it was not published.
            DeviceUnreachable: it was not handed out in time; it may be yet.
        """

        def echo(message: Message) -> Answered | None:
            return Answered(value=None, at_mono_s=message.at_mono_s) if message.payload == payload else None

        return (await self.ask(topic, payload, topic, echo)).at_mono_s

    async def ask(
        self, topic: str, payload: bytes, listens: str, find: Callable[[Message], Answered | None]
    ) -> Answered:
        """Publish, and wait until `find` takes a message of what `listens` hears for the answer.

        Raises:
            NotConnectedError: it was not published.
            DeviceUnreachable: no answer in time; it may have been taken.
        """
        async with self.link.kept() as mqtt:
            await self._connected()
            try:
                async with asyncio.timeout(self.answer_s):
                    with mqtt.subscribe(listens, qos=EXACTLY_ONCE) as messages:
                        mqtt.publish(topic, payload, qos=EXACTLY_ONCE, within_s=self.answer_s)
                        async for message in messages:
                            if not message.retained and (answer := find(message)) is not None:
                                return answer
            except TimeoutError as error:
                raise DeviceUnreachable(f"no answer on {listens} within {self.answer_s:g} s") from error
        raise DeviceUnreachable(f"no answer on {listens}")

    async def _connected(self) -> None:
        try:
            async with asyncio.timeout(self.answer_s):
                await self.link.connection.until_connected()
        except TimeoutError as error:
            raise NotConnectedError(f"{self.link.broker}: not connected") from error


class Calls:
    """Calls of internal commands."""

    def __init__(self, line: Line, envelopes: Envelopes) -> None:
        self._line, self._envelopes = line, envelopes

    async def call(self, place: Place, command: str, args: Mapping[str, Json]) -> Answered:
        """Call a command with exactly its declared arguments; anything else would end EVerest.

        Raises:
            DeviceRefused: certain that nothing was done.
            DeviceUnreachable, DeviceNonsense: it may have been.
        """
        call_id = str(uuid4())
        topic, payload = self._envelopes.call(place, command, args, call_id)
        nonsense: list[DeviceNonsense] = []

        def find(message: Message) -> Answered | None:
            try:
                spoken = self._envelopes.opened(message.topic, message.payload)
            except DeviceNonsense as error:
                if call_id.encode() in message.payload:
                    raise
                nonsense[:] = [error]  # Others speak there too: the answer may follow.
                return None
            if spoken.kind is not Kind.RESULT or spoken.call_id != call_id:
                return None
            if spoken.failure is not None:
                raise failed(command, spoken.failure)
            return Answered(value=spoken.value, at_mono_s=message.at_mono_s)

        try:
            return await self._line.ask(topic, payload, self._envelopes.answers(place, command), find)
        except DeviceUnreachable as error:
            if nonsense:
                raise nonsense[0] from error
            raise


class Requests:
    """Requests of the EVerest API: the answer comes bare, on a topic of our own."""

    def __init__(self, line: Line, base: str, reply_base: str) -> None:
        self._line, self._base, self._reply_base = line, base, reply_base

    async def ask(self, command: str, payload: Json = None) -> Answered:
        """Ask and wait for the answer.

        Raises:
            DeviceUnreachable, DeviceNonsense: it may have been done.
        """
        reply = f"{self._reply_base}/{uuid4()}"
        request: dict[str, Json] = {"headers": {"replyTo": reply}}
        if payload is not None:
            request["payload"] = payload
        return await self._line.ask(f"{self._base}/m2e/{command}", packed(request), reply, _bare)


def _bare(message: Message) -> Answered:
    return Answered(value=unpacked(message.payload), at_mono_s=message.at_mono_s)


def failed(command: str, failure: Failure) -> DeviceError:
    """Make the error of a call that EVerest says has failed."""
    shown = f"{command}: {failure.kind} {failure.says}".rstrip()
    if failure.kind in _NOTHING_DONE:
        return DeviceRefused(shown)
    if failure.kind in _NOT_ANSWERED:
        return DeviceUnreachable(shown)
    return DeviceNonsense(shown)

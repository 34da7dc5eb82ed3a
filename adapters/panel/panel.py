"""Panel: shows every tick on MQTT and takes commands from there."""

import asyncio
import logging
from collections.abc import Callable

from adapters.panel.incoming import COMMAND_FILTERS, parse_command
from adapters.panel.outgoing import STATE_FILTERS, Extras, state_topics
from adapters.wire.mqtt_messages import Message, Mqtt
from controller.commands import Command, Known, Refusal
from controller.domain.snapshot import Snapshot
from controller.domain.writes import Decision
from controller.errors import PhasewiseError
from controller.ports import Clock

_log = logging.getLogger(__name__)

MOST_COMMANDS = 100
"""So many commands wait; a flood drops the oldest."""
MOST_LEFTOVERS = 20_000
SWEEP_S = 10.0
"""How long the broker has, once it talks, to tell what it kept of earlier."""


class Panel:
    """The site on MQTT: state goes out when it changes, commands come in.

    `handle` gets every valid command and answers `None` when it took it, or the reason why it did not.
    Refusals are answered on `.../error`, not retained; commands that arrive retained are ignored.
    """

    def __init__(
        self,
        mqtt: Mqtt,
        *,
        prefix: str,
        clock: Clock,
        known: Callable[[], Known],
        handle: Callable[[Command], str | None],
        period_s: float = 1.0,
    ) -> None:
        self.accepted = self.refused = self.ignored = 0
        self._mqtt, self._prefix, self._clock = mqtt, prefix, clock
        self._known, self._handle, self._period_s = known, handle, period_s
        self._latest: tuple[Decision, Snapshot, Extras] | None = None
        self._news = asyncio.Event()
        self._shows = asyncio.Event()
        self._shown: dict[str, bytes] = {}

    def show(self, decision: Decision, snapshot: Snapshot, extras: Extras) -> None:
        """Take note of a tick; what changed is published soon, at most once a period. Returns at once."""
        self._latest = decision, snapshot, extras
        self._news.set()

    async def run(self) -> None:
        """Publish and listen until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._publish())
            group.create_task(self._listen())
            group.create_task(self._sweep())

    async def _publish(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            self._publish_changes()
            await self._clock.sleep(self._period_s)

    def _publish_changes(self) -> None:
        if self._latest is None:
            return
        topics = state_topics(*self._latest)
        gone = {topic: b"" for topic in self._shown if topic not in topics}
        for topic, payload in (topics | gone).items():
            if self._shown.get(topic) != payload:
                self._mqtt.publish(f"{self._prefix}/{topic}", payload, retain=True)
        self._shown = topics
        self._shows.set()

    async def _listen(self) -> None:
        filters = [f"{self._prefix}/{wanted}" for wanted in COMMAND_FILTERS]
        with self._mqtt.subscribe(*filters, bound=MOST_COMMANDS) as messages:
            async for message in messages:
                self._take(message)

    async def _sweep(self) -> None:
        """Take off the broker what an earlier run left there: of chargers that are gone, of old names."""
        await self._shows.wait()
        filters = [f"{self._prefix}/{wanted}" for wanted in STATE_FILTERS]
        with self._mqtt.subscribe(*filters, bound=MOST_LEFTOVERS) as messages:
            ends_mono_s: float | None = None
            async for message in messages:
                ends_mono_s = ends_mono_s or message.at_mono_s + SWEEP_S
                if message.at_mono_s > ends_mono_s:
                    return
                self._remove_leftover(message)

    def _remove_leftover(self, message: Message) -> None:
        if message.retained and message.topic.removeprefix(f"{self._prefix}/") not in self._shown:
            self._mqtt.publish(message.topic, b"", retain=True)

    def _take(self, message: Message) -> None:
        topic = message.topic.removeprefix(f"{self._prefix}/")
        outcome = parse_command(topic, message.payload, message.retained, self._known())
        if isinstance(outcome, Refusal) and outcome.quiet:
            self._ignore(topic, outcome)
            return
        reason = outcome.reason if isinstance(outcome, Refusal) else self._answer_to(outcome)
        if reason is None:
            self.accepted += 1
            return
        self.refused += 1
        self._mqtt.publish(f"{message.topic.removesuffix('/set')}/error", reason)

    def _answer_to(self, command: Command) -> str | None:
        try:
            return self._handle(command)
        except PhasewiseError as error:
            return str(error)

    def _ignore(self, topic: str, refusal: Refusal) -> None:
        if not self.ignored:
            _log.warning("ignored a command on %s: %s", topic, refusal.reason)
        self.ignored += 1

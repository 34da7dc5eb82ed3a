"""Correlation: which command a response answers.

Over REST the ticks of a command are told, and its response bears them, mostly. An AMQP publisher never learns
them. So a response without ticks that we know belongs to the oldest command of its id that still waits; one
made before that command was sent, or that nobody waits for, is somebody else's. The cloud's clock says when
it was made, ours when the command was sent: whoever knows that ours is ahead says by how much.
"""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.chargers.easee.messages import Response, ticks_of

Key = tuple[str, int]
"""Serial and command id."""


@dataclass(slots=True, kw_only=True, eq=False)
class Waiting:
    """A command that was sent and may be answered."""

    made: datetime
    ticks: int
    """By which its response is known, as far as anybody can tell."""
    answer: asyncio.Future[Response] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Correlation:
    """Keeps what waits for a response, by serial and command."""

    def __init__(self, skew_s: float) -> None:
        self._skew = timedelta(seconds=skew_s)
        self._waiting: dict[Key, deque[Waiting]] = defaultdict(deque)

    def expect(self, key: Key, made: datetime) -> Waiting:
        """Note a command that is about to be sent."""
        waiting = Waiting(made=made, ticks=ticks_of(made))
        self._waiting[key].append(waiting)
        return waiting

    def forget(self, key: Key, waiting: Waiting) -> None:
        """Stop waiting."""
        queue = self._waiting.get(key)
        if queue is None:
            return
        if waiting in queue:
            queue.remove(waiting)
        if not queue:
            del self._waiting[key]

    def settle(self, key: Key, response: Response, ahead: timedelta = timedelta(0)) -> bool:
        """Hand a response to whom it answers; tell whether anybody waited for it.

        `ahead` is how far our clock is known to be ahead of the cloud's, 0 while nobody knows.
        """
        waiting = self._match(key, response, ahead)
        if waiting is None:
            return False
        self.forget(key, waiting)
        waiting.answer.set_result(response)
        return True

    def early_s(self, key: Key, response: Response) -> float | None:
        """Tell how long before the command that waits a response was made; `None`: it was not."""
        queue = self._open(key)
        if not queue or response.at is None or response.at >= queue[0].made:
            return None
        return (queue[0].made - response.at).total_seconds()

    def spoil(self, key: Key, error: Exception) -> bool:
        """Tell whoever waits longest that its answer came and made no sense."""
        queue = self._waiting.get(key)
        waiting = next((one for one in queue or () if not one.answer.done()), None)
        if waiting is None:
            return False
        self.forget(key, waiting)
        waiting.answer.set_exception(error)
        return True

    def _open(self, key: Key) -> list[Waiting]:
        return [one for one in self._waiting.get(key, ()) if not one.answer.done()]

    def _match(self, key: Key, response: Response, ahead: timedelta) -> Waiting | None:
        queue = self._open(key)
        exact = next((one for one in queue if response.ticks == one.ticks), None)
        if exact is not None or not queue:
            return exact
        is_late = response.at is not None and response.at < queue[0].made - ahead - self._skew
        return None if is_late else queue[0]

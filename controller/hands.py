"""Hands: one task a device that sends the latest write and tells how it ended.

A newer write replaces one that has not left yet. Cuts leave at once; a raise is handed over only after its
promise is on record, and never overtakes a newer word. A cut waits for no raise: one that is under way is
broken off and counts as given up, since it may still arrive.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from controller.domain.readings import Answer, Outcome
from controller.domain.site import Abilities, Limiter
from controller.domain.writes import Kind, LimiterWrite, Write
from controller.errors import CredentialsError, DeviceError, DeviceRefused
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

_W = TypeVar("_W", Write, LimiterWrite)

Sender = Callable[[_W], Awaitable[float]]

# Adapters know how long their devices take, and give up by themselves; this is for one that hangs.
_LEAST_PATIENCE_S = 40.0
# Beyond the usual time to an answer, as the core judges it too (`urgent.py`).
_SLACK_S = 1.0

_LOWERS = (Kind.URGENT, Kind.CUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a write under way is waited for."""

    alone_s: float
    """While nothing newer waits: what cannot arrive any more needs no answer."""
    cut_s: float
    """While a newer cut waits behind a cut: its usual time. Anything else makes way for a cut at once."""

    @classmethod
    def of(cls, able: Abilities | Limiter) -> "Patience":
        """Derive it from what a device can do; of a limiter no usual time is known but that to its effect."""
        usual_s = able.latency_s if isinstance(able, Abilities) else able.follow_s
        return cls(alone_s=max(_LEAST_PATIENCE_S, able.delivery_s), cut_s=usual_s + _SLACK_S)


class Hand(Generic[_W]):
    """Sends writes to one device, one at a time, the latest only."""

    def __init__(
        self,
        name: str,
        send: Sender[_W],
        answer: Callable[[Answer], None],
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._name, self._answer, self._clock = name, answer, clock
        self._send: Sender[_W] = send
        self._patience = patience
        self._next: _W | None = None
        self._newest = 0
        self._wake = asyncio.Event()
        self._under_way: _UnderWay | None = None

    def take(self, write: _W) -> None:
        """Take a write to send; whatever waited before it, or is older, is answered as not sent."""
        if write.number < self._newest:
            self._tell(write, Outcome.NOT_SENT, "overtaken by a newer write")
            return
        if self._next is not None:
            self._tell(self._next, Outcome.NOT_SENT, "replaced by a newer write")
        self._next, self._newest = write, write.number
        self._wake.set()
        if self._under_way is not None and write.kind in _LOWERS:
            self._under_way.make_way(self._patience.cut_s)

    def drop(self, write: _W, why: str) -> None:
        """Answer a write that must not leave the house."""
        self._tell(write, Outcome.NOT_SENT, why)

    def withdraw(self, why: str, *kinds: Kind) -> None:
        """Take back what has not left yet, if it is of these kinds (default: any)."""
        waiting = self._next
        if waiting is not None and (not kinds or waiting.kind in kinds):
            self._next = None
            self._tell(waiting, Outcome.NOT_SENT, why)

    @property
    def idle(self) -> bool:
        """Whether nothing waits or is under way."""
        return self._next is None and self._under_way is None

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            write, self._next = self._next, None
            if write is None:
                continue
            try:
                await self._deliver(write)
            finally:
                self._under_way = None

    async def _deliver(self, write: _W) -> None:
        self._under_way = under_way = _UnderWay(write.kind, self._patience.alone_s)
        try:
            async with under_way.limit:
                at_s = await self._send(write)
        except DeviceRefused as error:
            self._tell(write, Outcome.REFUSED, str(error))
        except (DeviceError, CredentialsError, TimeoutError) as error:
            self._tell(write, Outcome.UNKNOWN, str(error) or under_way.why)
        except BaseException as error:
            # A bug or the end of a configuration: nobody knows whether it arrived.
            broken_off = isinstance(error, asyncio.CancelledError)
            self._tell(write, Outcome.UNKNOWN, "broken off" if broken_off else type(error).__name__)
            raise
        else:
            self._answer(Answer(write=write.number, outcome=Outcome.DELIVERED, at_mono_s=at_s))

    def _tell(self, write: _W, outcome: Outcome, detail: str) -> None:
        if outcome is not Outcome.NOT_SENT:
            _log.info("%s: %s %s: %s", self._name, write.kind, outcome, detail)
        now_s = self._clock.mono_s()
        self._answer(Answer(write=write.number, outcome=outcome, at_mono_s=now_s, detail=detail))


class _UnderWay:
    """The write that a device is being told now."""

    def __init__(self, kind: Kind, alone_s: float) -> None:
        self._lowers, self._began_s = kind in _LOWERS, asyncio.get_running_loop().time()
        self.limit = asyncio.timeout_at(self._began_s + alone_s)
        self.why = "no answer in time"

    def make_way(self, cut_s: float) -> None:
        """Let a cut go first: at once, or behind another cut after the time that one usually takes."""
        until_s = self._began_s + cut_s if self._lowers else self._began_s
        due_s = self.limit.when()
        if not self.limit.expired() and due_s is not None and until_s < due_s:
            self.limit.reschedule(until_s)
            self.why = "made way for a cut"

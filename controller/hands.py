"""Hands: one task a device that sends the latest write and tells how it ended.

A newer write replaces one that has not left yet. Cuts leave at once; a raise is handed over only after its
promise is on record, and never overtakes a newer word.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from controller.domain.readings import Answer, Outcome
from controller.domain.writes import Kind, LimiterWrite, Write
from controller.errors import CredentialsError, DeviceError, DeviceRefused
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

_W = TypeVar("_W", Write, LimiterWrite)

Sender = Callable[[_W], Awaitable[float]]


class Hand(Generic[_W]):
    """Sends writes to one device, one at a time, the latest only."""

    def __init__(
        self, name: str, send: Sender[_W], answer: Callable[[Answer], None], clock: Clock, patience_s: float
    ) -> None:
        self._name, self._answer, self._clock = name, answer, clock
        self._send: Sender[_W] = send
        self._patience_s = patience_s
        self._next: _W | None = None
        self._newest = 0
        self._wake = asyncio.Event()
        self.busy = False

    def take(self, write: _W) -> None:
        """Take a write to send; whatever waited before it, or is older, is answered as not sent."""
        if write.number < self._newest:
            self._tell(write, Outcome.NOT_SENT, "overtaken by a newer write")
            return
        if self._next is not None:
            self._tell(self._next, Outcome.NOT_SENT, "replaced by a newer write")
        self._next, self._newest = write, write.number
        self._wake.set()

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
        return self._next is None and not self.busy

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            write, self._next = self._next, None
            if write is None:
                continue
            self.busy = True
            try:
                await self._deliver(write)
            finally:
                self.busy = False

    async def _deliver(self, write: _W) -> None:
        try:
            async with asyncio.timeout(self._patience_s):
                at_s = await self._send(write)
        except DeviceRefused as error:
            self._tell(write, Outcome.REFUSED, str(error))
        except (DeviceError, CredentialsError, TimeoutError) as error:
            self._tell(write, Outcome.UNKNOWN, str(error) or "no answer in time")
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

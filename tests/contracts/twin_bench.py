"""Benches whose twin takes a dataclass of faults, and those of them that are asked over HTTP."""

import asyncio
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from controller.domain.units import Phases
from controller.ports import Charger, Clock
from simulator.house.sockets import Outlet
from tests.contracts.bench import PATIENCE_S, Bench


class FailingTwin(Outlet, Protocol):
    """A twin that misbehaves, vanishes and comes back."""

    faults: Any
    """What goes wrong, in the words of its kind."""

    async def stop(self) -> None:
        """Vanish."""

    async def restart(self) -> None:
        """Come back."""


class AskedTwin(FailingTwin, Protocol):
    """A twin that notes what it is asked."""

    async def until_called(self, name: str = "", /) -> object:
        """Wait for the next call, of a name or of any."""


_Twin = TypeVar("_Twin", bound=FailingTwin)
_Asked = TypeVar("_Asked", bound=AskedTwin)
_Faults = TypeVar("_Faults")


class TwinBench(Bench, Generic[_Twin, _Faults]):
    """An adapter and the twin of its device."""

    faults: Callable[..., _Faults]
    """What its twin calls its faults."""

    def __init__(self, twin: _Twin, charger: Charger, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.twin, self.charger = twin, charger

    def fail(self, faults: _Faults) -> None:
        """Let the twin misbehave in this way alone."""
        self.twin.faults = faults

    def plug_in(self) -> None:
        """Connect a car."""
        self.twin.plug_in("a car")

    def unplug(self) -> None:
        """Disconnect it."""
        self.twin.unplug()

    def draw(self, currents_a: Phases) -> None:
        """Let it draw."""
        self.twin.set_draw(currents_a, 230.0 * sum(currents_a))

    def offered_a(self) -> float:
        """Look at the pilot."""
        return self.twin.offered_a

    def hang(self) -> None:
        """Take everything, answer nothing."""
        self.fail(self.faults(hang=True))

    def answer_late(self, seconds: float) -> None:
        """Answer late."""
        self.fail(self.faults(delay_s=seconds))

    def talk_nonsense(self) -> None:
        """Say a page, whatever is wanted."""
        self.fail(self.faults(body=b"<html>It works!</html>"))

    def heal(self) -> None:
        """End every fault."""
        self.fail(self.faults())

    async def vanish(self) -> None:
        """Serve nobody any more."""
        await self.twin.stop()

    async def come_back(self) -> None:
        """Restart where it was."""
        await self.twin.restart()


class WebBench(TwinBench[_Asked, _Faults]):
    """An adapter that asks its twin over HTTP; faults may strike some calls alone."""

    limits: frozenset[str]
    """The calls that change a limit."""
    questions: frozenset[str]
    """The calls by which the adapter looks."""
    question: str = ""
    """The call that begins a look; any, where none is named."""

    def lose_answers(self) -> None:
        """Reset the connection after obeying."""
        self.fail(self.faults(only=self.limits, deaf=True))

    def hang_on_questions(self) -> None:
        """Answer limits alone."""
        self.fail(self.faults(only=self.questions, hang=True))

    async def until_asked(self) -> None:
        """Wait for the next question."""
        async with asyncio.timeout(PATIENCE_S):
            await self.twin.until_called(self.question)

"""A Modbus bus without wires: answers from a dictionary, at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.wire.modbus import Manners, Request, Words
from controller.errors import DeviceRefused
from tests.fakes.clock import FakeClock


class FakeBus:
    """Implements what a meter needs of a bus; `asked` keeps every request."""

    endpoint = "fake"

    def __init__(self, words: dict[tuple[int, int], int], clock: FakeClock | None = None) -> None:
        self.words = words
        self.asked: list[Request] = []
        self.users = 0
        self.takes_s = 0.0
        self.most_registers = 125
        self.errors: list[Exception] = []
        self._clock = clock or FakeClock()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Count who keeps it open."""
        self.users += 1
        try:
            yield
        finally:
            self.users -= 1

    async def read(self, request: Request, manners: Manners) -> Words:  # noqa: ARG002 - no line to be gentle to
        """Answer as a meter would: exception 3 for long requests, exception 2 for unknown registers."""
        self.asked.append(request)
        sent_mono_s = self._clock.mono_s()
        if self.takes_s:
            await self._clock.sleep(self.takes_s)
        if self.errors:
            raise self.errors.pop(0)
        if request.count > self.most_registers:
            raise DeviceRefused("too long", 3)
        places = [(request.function_code, request.address + index) for index in range(request.count)]
        if any(place not in self.words for place in places):
            raise DeviceRefused("no such register", 2)
        return Words(words=tuple(self.words[place] for place in places), sent_mono_s=sent_mono_s)

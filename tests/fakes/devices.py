"""Devices that do what a test says: a meter and a charger behind their ports."""

import asyncio
from collections.abc import Callable, Mapping

from controller.domain.readings import ChargerState, Draw, MeterReading, Plug
from controller.domain.site import Abilities
from controller.domain.units import ChargerId, CircuitId, MeterId, Phases
from controller.errors import DeviceUnreachable
from controller.ports import Clock, Command, Probe


class FakeMeter:
    """Implements Meter: publishes what a test measures, and fails when told."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.id = MeterId(name)
        self.runs = 0
        self._clock = clock
        self._waiting: asyncio.Queue[MeterReading | Exception] = asyncio.Queue()

    def measure(self, l1_a: float, l2_a: float | None = None, l3_a: float | None = None) -> None:
        """Tell a sample that is true now; the phases that are not given are like the first."""
        currents_a = (l1_a, l1_a if l2_a is None else l2_a, l1_a if l3_a is None else l3_a)
        power_w = 230.0 * sum(currents_a)
        self._waiting.put_nowait(
            MeterReading(id=self.id, at_mono_s=self._clock.mono_s(), currents_a=currents_a, power_w=power_w)
        )

    def fail(self, error: Exception) -> None:
        """End the run."""
        self._waiting.put_nowait(error)

    async def run(self, publish: Callable[[MeterReading], None]) -> None:
        """Publish until a failure comes."""
        self.runs += 1
        while True:
            said = await self._waiting.get()
            if isinstance(said, Exception):
                raise said
            publish(said)

    async def probe(self) -> Probe:
        """Tell nothing."""
        return Probe(found="fake")


class FakeCharger:
    """Implements Charger: obeys at once, and tells its state when it was written to or a test wants it."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.id = ChargerId(name)
        self.abilities = Abilities(latency_s=0.3)
        self.commands: Mapping[str, Command] = {}
        self.told_a: list[float] = []
        """Every limit that reached it."""
        self.limit_a = 0.0
        self.plug = Plug.C
        self.draw_a = 0.0
        self.answers = asyncio.Event()
        """While clear it takes a limit and does not answer."""
        self.answers.set()
        self.refuses: Exception | None = None
        self.runs = 0
        self._clock = clock
        self._publish: Callable[[ChargerState], None] | None = None
        self._failure: asyncio.Queue[Exception] = asyncio.Queue()

    async def run(self, publish: Callable[[ChargerState], None]) -> None:
        """Publish when there is something to tell, until a failure comes."""
        self.runs += 1
        self._publish = publish
        self.tell()
        try:
            raise await self._failure.get()
        finally:
            self._publish = None

    def tell(self) -> None:
        """Publish the present state."""
        if self._publish is not None:
            now_s = self._clock.mono_s()
            draws = (Draw(at_mono_s=now_s, currents_a=(self.draw_a,) * 3),)
            self._publish(
                ChargerState(id=self.id, at_mono_s=now_s, plug=self.plug, limit_a=self.limit_a, draws=draws)
            )

    def fail(self, error: Exception | None = None) -> None:
        """End the run."""
        self._failure.put_nowait(error or DeviceUnreachable("gone"))

    async def set_limit(self, limit_a: float, lease_s: float | None = None) -> float:
        """Obey, unless told otherwise."""
        del lease_s
        self.told_a.append(limit_a)
        await self.answers.wait()
        if self.refuses is not None:
            raise self.refuses
        self.limit_a = limit_a
        self.tell()
        return self._clock.mono_s()

    async def probe(self) -> Probe:
        """Tell nothing."""
        return Probe(found="fake")


class FakeLimiter:
    """Implements CircuitLimiter: obeys at once, and tells what it holds when it is written to or asked."""

    def __init__(self, circuit: CircuitId, clock: Clock) -> None:
        self.circuit = circuit
        self.told_a: list[Phases] = []
        """Every limit that reached it."""
        self.limit_a: Phases = (6.0, 6.0, 6.0)
        self.answers = asyncio.Event()
        """While clear it takes a limit and does not answer."""
        self.answers.set()
        self._clock = clock
        self._publish: Callable[[float, Phases], None] | None = None

    async def run(self, publish: Callable[[float, Phases], None]) -> None:
        """Publish when there is something to tell."""
        self._publish = publish
        self.tell()
        await asyncio.Event().wait()

    def tell(self) -> None:
        """Publish what it holds."""
        if self._publish is not None:
            self._publish(self._clock.mono_s(), self.limit_a)

    async def set_limit(self, limit_a: Phases, lease_s: float | None) -> float:
        """Obey."""
        del lease_s
        self.told_a.append(limit_a)
        await self.answers.wait()
        self.limit_a = limit_a
        self.tell()
        return self._clock.mono_s()

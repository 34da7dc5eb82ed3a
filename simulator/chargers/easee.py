"""An Easee charger behind its maker's cloud, for tests and whole simulated houses."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self

from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.easee_circuit import EaseeCircuitModel
from simulator.chargers.easee_commands import NotUnderstoodError, obey
from simulator.chargers.easee_device import EaseeDevice
from simulator.chargers.easee_faults import EaseeFaults
from simulator.chargers.easee_observed import DEAD_BANDS, HEARTBEAT, Value, observed
from simulator.chargers.easee_words import Sent

if TYPE_CHECKING:
    from simulator.chargers.easee_amqp import EaseeStreamTwin
    from simulator.chargers.easee_operator import Operator

_LIMITS: Final = frozenset({48, 22})
_KEPT: Final = 1000
_HEARTBEAT_S: Final = 900.0


class Ear(Protocol):
    """A part of the cloud that hears what a charger tells."""

    async def observation(self, twin: "EaseeTwin", id_: int, value: Value, at: datetime) -> None:
        """Hear an observation."""

    async def response(self, twin: "EaseeTwin", sent: Sent, at: datetime, *, accepted: bool) -> None:
        """Hear what it says to a command."""


class EaseeTwin:
    """Consumes a charger's commands and publishes what it observes; `faults` says what goes wrong.

    The house around it calls `plug_in`, `unplug` and `set_draw`, and reads `offered_a`.
    """

    def __init__(
        self,
        operator: "Operator | None" = None,
        device: EaseeDevice | None = None,
        clock: Clock | None = None,
        *,
        heartbeat_s: float = _HEARTBEAT_S,
        heartbeat: tuple[int, ...] | None = HEARTBEAT,
    ) -> None:
        """`heartbeat` lists what is repeated though nothing changed; `None`: everything.

        Without an operator no broker is needed: only the ears of its cloud hear it.
        """
        self.clock: Clock = clock or SystemClock()
        self.device = device or EaseeDevice(clock=self.clock, circuit=EaseeCircuitModel(clock=self.clock))
        self.faults = EaseeFaults()
        self.commands: deque[Sent] = deque(maxlen=_KEPT)
        """What it was told, latest last."""
        self.look_s = 0.02
        """How often it looks whether something changed."""
        self.known: dict[int, tuple[Value, datetime]] = {}
        """What the cloud has heard of it, and of when that is."""
        self.ears: list[Ear] = []
        self._stream = None if operator is None else _stream(self, operator)
        self._heartbeat_s, self._heartbeat = heartbeat_s, heartbeat
        self._powered = True
        self._told: dict[int, Value] = {}
        self._held: list[Sent] = []
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._running = AsyncExitStack()
        self._beat_mono_s = self.clock.mono_s()
        self._commanded = asyncio.Event()
        self._telling = asyncio.Lock()
        self._inbox: asyncio.Queue[Sent] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        await self.stop()

    async def start(self) -> None:
        """Connect to the broker if there is one, tell everything once, and begin to obey.

        Raises:
            DeviceUnreachable: there is no broker.
        """
        if self._stream is not None:
            await self._stream.open()
        await self._tell_changes()
        tasks = await self._running.enter_async_context(asyncio.TaskGroup())
        runs = [self._keep_looking(), self._keep_obeying()]
        if self._stream is not None:
            runs.append(self._stream.keep(self._told.clear))
        self._tasks = tuple(tasks.create_task(run) for run in runs)

    async def stop(self) -> None:
        """Leave the broker."""
        for task in self._tasks:
            task.cancel()
        self._tasks = ()
        await self._running.aclose()
        if self._stream is not None:
            await self._stream.close()

    @property
    def reached(self) -> bool:
        """Whether commands reach it."""
        return self._stream is None or self._stream.up

    async def restart(self) -> None:
        """Come back with volatile limits lost; commands that have not expired meanwhile arrive now."""
        self.device.reboot()
        await self.come_back()

    async def come_back(self) -> None:
        """Find the way to the cloud again, limits as they were; commands that have not expired arrive now."""
        self._powered = True
        self._note_way()
        self._told.clear()
        held, self._held = self._held, []
        for sent in held:
            await self._act(sent)
        await self._tell_changes()

    @property
    def powered(self) -> bool:
        """Whether it has power and the way to the cloud."""
        return self._powered

    def vanish(self) -> None:
        """Lose power, or the way to the cloud: nothing is told and commands wait.

        A master then keeps its circuit to the offline fallback (50 to 52, command 21). How long it takes to
        is not documented: here no time.
        """
        self._powered = False
        self._note_way()

    async def until_commanded(self) -> Sent:
        """Wait for the next command."""
        self._commanded.clear()
        await self._commanded.wait()
        return self.commands[-1]

    def plug_in(self, car: object) -> None:
        """Connect a car."""
        self.device.plug_in(car)

    def unplug(self) -> None:
        """Disconnect the car."""
        self.device.unplug()

    @property
    def offered_a(self) -> float:
        """What the control pilot offers the car."""
        return self.device.offered_a

    def set_draw(self, currents_a: tuple[float, float, float], power_w: float) -> None:
        """Say what the car draws, in the charger's own L1, L2, L3."""
        self.device.set_draw(currents_a, power_w)

    def now(self) -> datetime:
        """Tell the time by the device's own clock."""
        return self.clock.now() + timedelta(seconds=self.faults.skew_s)

    async def tell(self, id_: int, value: Value, at: datetime | None = None) -> None:
        """Tell one observation, whatever is true; its time has whole seconds."""
        told = (at or self.now()).replace(microsecond=0)
        before = self.known.get(id_)
        if self.faults.body is None and (before is None or before[1] <= told):
            self.known[id_] = value, told
        for ear in tuple(self.ears):
            for _ in range(self._times):
                await ear.observation(self, id_, value, told)

    async def respond(self, sent: Sent, *, accepted: bool) -> None:
        """Respond, also to a command that nobody here sent."""
        for ear in tuple(self.ears):
            for _ in range(self._times):
                await ear.response(self, sent, self.now(), accepted=accepted)

    async def publish_raw(self, key: str, body: bytes) -> None:
        """Publish anything on the operator's stream."""
        if self._stream is not None:
            await self._stream.publish(key, body)

    def take(self, sent: Sent) -> None:
        """Take a command, whichever way it came; one after another."""
        self.commands.append(sent)
        self._commanded.set()
        if self._powered:
            self._inbox.put_nowait(sent)
        else:
            self._held.append(sent)

    def _note_way(self) -> None:
        if self.device.is_master:
            self.device.circuit.is_offline = not self._powered

    @property
    def _times(self) -> int:
        return 2 if self.faults.twice else 1

    async def _keep_obeying(self) -> None:
        while True:
            await self._act(await self._inbox.get())

    async def _act(self, sent: Sent) -> None:
        faults = self.faults
        if faults.deaf or faults.hang:
            return
        if faults.delay_s:
            await self.clock.sleep(faults.delay_s)
        if self.clock.now() > sent.expires:
            return  # Dropped without a word.
        accepted = self._obeyed(sent)
        if accepted is None:
            return

        async def respond() -> None:
            if not faults.lose_responses:
                await self.respond(sent, accepted=accepted)

        steps: list[Callable[[], Awaitable[None]]] = [self._tell_changes, respond]
        for step in reversed(steps) if faults.response_first else steps:
            await step()

    def _obeyed(self, sent: Sent) -> bool | None:
        """Carry a command out; `None` leaves it unanswered."""
        if self.faults.refuse and sent.id in _LIMITS:
            return False
        is_secondary = not self.device.is_master and sent.id in (21, 22, 24)
        if is_secondary and self.faults.ignore_secondary:
            return None
        try:
            return obey(self.device, sent.id, sent.arguments)
        except NotUnderstoodError:
            return False

    async def _keep_looking(self) -> None:
        while True:
            await self.clock.sleep(self.look_s)
            self.device.age()
            if not self._powered or self.faults.hang or self.faults.mute:
                continue
            if self.clock.mono_s() >= self._beat_mono_s + self._heartbeat_s:
                self._beat_mono_s = self.clock.mono_s()
                self._forget_told()
            await self._tell_changes()

    def _forget_told(self) -> None:
        if self._heartbeat is None:
            self._told.clear()
            return
        for id_ in self._heartbeat:
            self._told.pop(id_, None)

    async def _tell_changes(self) -> None:
        if self.faults.mute or not self._powered:
            return
        async with self._telling:  # What was looked at first is told first.
            for id_, value in observed(self.device).items():
                if not _is_news(id_, value, self._told.get(id_)):
                    continue
                self._told[id_] = value
                if id_ not in self.faults.lose_observations:
                    await self.tell(id_, value)


def _stream(twin: EaseeTwin, operator: "Operator") -> "EaseeStreamTwin":
    from simulator.chargers.easee_amqp import EaseeStreamTwin  # noqa: PLC0415 - loads aio-pika

    stream = EaseeStreamTwin(twin, operator)
    twin.ears.append(stream)
    return stream


def _is_news(id_: int, value: Value, before: Value | None) -> bool:
    if before is None or isinstance(value, str | bool) or not isinstance(before, int | float):
        return value != before
    return abs(value - before) >= DEAD_BANDS.get(id_, 0.0) and value != before

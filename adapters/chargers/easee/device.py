"""Device: one serial and the one limit of it that we write, a charger's or a circuit's, over either path."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from adapters.chargers.easee.follower import Follower
from adapters.chargers.easee.knob import Knob, Values
from adapters.chargers.easee.messages import Response
from adapters.chargers.easee.observations import REBOOT_REASON
from adapters.chargers.easee.path import manner_of, path_for
from adapters.chargers.easee.settings import EaseeConnection
from adapters.chargers.easee.state import is_offline
from adapters.wire.together import together
from controller.errors import DeviceError, DeviceRefused, DeviceUnreachable
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

ATTEMPTS: Final = 2
"""An unanswered command is repeated once, with a new deadline."""


class EaseeDevice:
    """Follows a serial, writes its limit, and knows what that stands at."""

    def __init__(
        self,
        name: str,
        settings: EaseeConnection,
        clock: Clock,
        *,
        command: int,
        knob_ids: tuple[int, ...],
        taken: Callable[[int], None],
        lifted: Values | None = None,
    ) -> None:
        """`command` sets the limit; `knob_ids` are the observations that it shows in.

        `lifted` is the most that a reboot lifts it to, as far as that is known.
        """
        self.name, self.serial, self._settings, self.clock = name, settings.serial, settings, clock
        self._command, self._knob_ids, self._taken, self._lifted = command, knob_ids, taken, lifted
        self.path, self.manner = path_for(settings, clock), manner_of(settings)
        self.knob = Knob(confirm_s=settings.confirm_s)
        self._tell: Callable[[], None] = _tell_nobody
        self._refresh, self._rebooted = asyncio.Event(), asyncio.Event()
        self.follower = Follower(
            name,
            clock,
            settings.silence_s,
            self._take,
            self._refresh.set,
            self._tell_what_holds,
            self._doubt_since_reboot,
        )
        self.latest = self.follower.latest
        self.writing = asyncio.Lock()
        self._one_repeat = asyncio.Lock()
        self._repeating: asyncio.Timeout | None = None
        self._was_alive = False
        self._sent: Sequence[float] = ()

    @property
    def can_tell(self) -> bool:
        """Whether what is known of it may be told as true now."""
        return self.as_of is not None and self.follower.is_alive and self.follower.is_settled

    @property
    def as_of(self) -> float | None:
        """The monotonic instant at which what is known of it was last true."""
        return self.path.as_of(self.serial)

    async def run(self, tell: Callable[[], None]) -> None:
        """Follow the serial and `tell` in a steady beat for as long as it lives, until cancelled.

        Raises:
            DeviceUnreachable, DeviceNonsense: it was lost; so was the broker, perhaps.
            CredentialsError: the broker or the cloud does not accept us.
        """
        self.follower.begin()
        self._was_alive = False
        self.knob.doubt()
        self._tell = tell
        await together(
            self.path.serve(self.serial, self.follower),
            self._beat(),
            self._refreshes(),
            self._outlives_reboots(),
        )

    async def write(self, values: Values, arguments: Sequence[float]) -> float:
        """Send the limit, once more if it is not answered; return the instant of the response.

        Whoever calls this holds `writing`.

        Raises:
            DeviceRefused: nothing changed.
            DeviceUnreachable, DeviceNonsense: it may have been taken.
        """
        self.knob.begin(values, self.clock.now())
        self.follower.told = dict(zip(self._knob_ids, values, strict=True))
        is_certain = False
        try:
            await self._tell_it(values, arguments)
            is_certain = True
        except DeviceRefused:
            is_certain = True
            self.knob.refuse()
            self.follower.told = dict(zip(self._knob_ids, self.knob.told or values, strict=True))
            raise
        finally:
            if not is_certain:
                self.knob.lose()
        answered_mono_s = self.clock.mono_s()
        self.knob.accept(values, answered_mono_s)
        self._sent = arguments
        if not self.path.tells(self.serial):
            self._refresh.set()  # Nobody tells that it took effect.
        return answered_mono_s

    async def command(self, id_: int, arguments: Sequence[bool | float | str], attempts: int = 1) -> Response:
        """Send a command and wait for its response.

        Raises:
            DeviceRefused: the charger said no.
            DeviceUnreachable, DeviceNonsense: it may have acted.
        """
        await self.until_up()
        unanswered: DeviceUnreachable | None = None
        for left in range(attempts - 1, -1, -1):
            try:
                answer = await self.path.call(self.serial, id_, arguments, self.manner)
            except DeviceUnreachable as error:
                unanswered = error
                if left and self.path.up:
                    continue
                self.follower.is_silent = attempts > 1
                raise
            except DeviceRefused as error:
                raise _as_far_as_known(error, unanswered) from error
            self.follower.answered()
            if not answer.accepted:
                refused = f"{self.serial}: refused command {id_} {answer.comment}".strip()
                raise _as_far_as_known(DeviceRefused(refused, answer.code), unanswered)
            return answer
        raise DeviceUnreachable(f"{self.serial}: not asked")

    def give_way(self) -> None:
        """Break off a repeat of our own, because something newer has to go out."""
        if self._repeating is not None:
            self._repeating.reschedule(asyncio.get_running_loop().time())

    async def repeat(self, arguments: Callable[[Values], Sequence[float] | None]) -> None:
        """Write what was told last once more; a newer limit breaks it off."""
        async with self._one_repeat:
            await self._repeat(arguments)

    async def _repeat(self, arguments: Callable[[Values], Sequence[float] | None]) -> None:
        try:
            async with asyncio.timeout(None) as self._repeating, self.writing:
                told = self.knob.told
                sent = None if told is None else arguments(told)
                if told is not None and sent is not None:
                    await self.write(told, sent)
        except TimeoutError:
            _log.debug("%s: a newer limit went first", self.name)
        except DeviceError as error:
            _log.warning("%s: its limit could not be repeated: %s", self.name, error)
        finally:
            self._repeating = None

    async def until_up(self) -> None:
        """Wait for the broker.

        Raises:
            DeviceUnreachable: it did not come in time.
        """
        try:
            async with asyncio.timeout(self._settings.answer_s):
                await self.path.until_up()
        except TimeoutError as error:
            raise DeviceUnreachable("no connection to the broker") from error

    async def _tell_it(self, values: Values, arguments: Sequence[float]) -> None:
        """Send the limit; where a cloud believes that it stands already, make it send another one first.

        What it believes may be wrong since a reset, and what it keeps to itself renews no time to live.
        """
        answer = await self.command(self._command, arguments, attempts=ATTEMPTS)
        lasting = arguments[len(values) :]
        if answer.delivered or (not lasting and await self._stands_at(values)):
            return
        try:
            lower = [one - 1 if one >= 1 else one + 1 for one in arguments[: len(values)]]
            await self.command(self._command, (*lower, *lasting))
            answer = await self.command(self._command, arguments)
        except DeviceRefused as error:
            raise DeviceUnreachable(f"{error}; a lower limit went before it") from error
        if not answer.delivered and not await self._stands_at(values):
            raise DeviceUnreachable(f"{self.serial}: the cloud keeps the limit to itself")

    async def _stands_at(self, values: Values) -> bool:
        if self.latest.numbers(self._knob_ids) != values:
            await self._bootstrap()
        return self.latest.numbers(self._knob_ids) == values

    async def _beat(self) -> None:
        await self.path.until_up()
        await self._bootstrap()
        while True:
            self._tell_what_holds()
            self._raise_if_lost()
            await self.clock.sleep(self._settings.beat_s)

    def _raise_if_lost(self) -> None:
        """Raise once; a charger that is away already when we begin is waited for."""
        why = None if self.can_tell else self.follower.why_lost()
        waits = is_offline(self.latest) and not self._was_alive
        if why is not None and not waits:
            raise why

    async def _refreshes(self) -> None:
        """Ask the cloud when somebody else changed something: no observation may come of it."""
        while True:
            await self._refresh.wait()
            self._refresh.clear()
            await self._bootstrap()

    async def _bootstrap(self) -> None:
        """Ask for what is otherwise told only when it changes."""
        try:
            told = await self.path.ask(self.serial)
        except DeviceError as error:
            _log.warning("%s: the cloud does not tell its state: %s", self.name, error)
            return
        self.follower.known(told, is_last_word=not self.path.tells(self.serial))

    def _take(self, id_: int) -> None:
        self._was_alive = self._was_alive or self.can_tell
        if id_ in self._knob_ids:
            self._observe(id_)
        self._taken(id_)

    def _observe(self, id_: int) -> None:
        values, seen = self.latest.numbers(self._knob_ids), self.latest.seen(id_)
        if values is not None and seen is not None:
            self.knob.observe(values, self._knob_ids.index(id_), seen.at)

    def _tell_what_holds(self) -> None:
        if self.can_tell:
            self._was_alive = True
            self._tell()

    def _doubt_since_reboot(self, told_since: frozenset[int]) -> None:
        """Believe of the limit only what is told since the reboot; the order in which it is told varies."""
        reboot = self.latest.seen(REBOOT_REASON)
        self.knob.restart(None if reboot is None else reboot.at)
        for id_ in self._knob_ids:
            if id_ in told_since:
                self._observe(id_)
        self._rebooted.set()

    async def _outlives_reboots(self) -> None:
        """Find out what a reboot made of the limit where nothing tells: write it once more, once a reboot."""
        while True:
            await self._rebooted.wait()
            self._rebooted.clear()
            if self.knob.is_gone:
                await self._bootstrap()
                await self.clock.sleep(self._settings.confirm_s)
            if self.knob.is_gone:
                await self._bootstrap()
                await self.repeat(lambda _: self._sent if self.knob.is_gone else None)
            if self.knob.is_gone and self._lifted is not None:
                self.knob.suppose(self._lifted)
            self._tell_what_holds()


def _tell_nobody() -> None:
    """Tell a state before anybody runs the device."""


def _as_far_as_known(error: DeviceRefused, unanswered: DeviceUnreachable | None) -> DeviceError:
    """Say a no; it is none about a command that went before it and may have been taken."""
    return error if unanswered is None else DeviceUnreachable(f"{unanswered}; then {error}")

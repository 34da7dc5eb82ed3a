"""Knob: the limit of one EVSE, written, written again when it was lost, and pinned before the first."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from adapters.chargers.everest.calls import NotConnectedError
from adapters.chargers.everest.channel import Channel, Wanted
from adapters.chargers.everest.limits import Lapse
from adapters.chargers.everest.picture import PAUSED_BY_PERSON, Picture
from adapters.chargers.everest.settings import EverestSettings
from adapters.chargers.everest.signs import Signs
from adapters.chargers.everest.standing import TOLERANCE_A, Order, Standing
from controller.domain.site import ChargerSpec
from controller.errors import BadRequest, DeviceError, DeviceRefused, DeviceUnreachable
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

CYCLES: Final = 2
"""A limit is enforced in the second cycle after it was stored at the latest."""
_ROUNDING: Final = 1e-6


@dataclass(slots=True, kw_only=True)
class Knob:
    """What enforces less proves nothing, what enforces more is taken as it is (see `Standing`).

    Where EVerest answers, its answer proves a limit. Where it does not, that takes both: the broker handed
    the limit out, to us as to EVerest, and afterwards whole cycles enforce no more. What was enforced before
    is no part of it: a car that pauses is given little whatever the limit.
    """

    spec: ChargerSpec
    settings: EverestSettings
    channel: Channel
    picture: Picture
    clock: Clock
    standing: Standing
    _signs: Signs = field(default_factory=Signs)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _due: asyncio.Event = field(default_factory=asyncio.Event)
    _rewrites: bool = False
    """Whether the latest limit has to be written again."""
    _pin_failed: bool = False
    _repeating: asyncio.Timeout | None = None

    async def turn(self, limit_a: float, lease_s: float | None) -> float:
        """Write a limit; errors as for `set_limit`."""
        self._check(limit_a)
        if self._repeating is not None and self._repeating.when() is None:
            self._repeating.reschedule(
                asyncio.get_running_loop().time()
            )  # Nothing waits for what it replaces.
        async with self._writing:
            self._respect_pause(limit_a)
            answered_mono_s = await self._write(self._order(limit_a, lease_s))
            self._rewrites = False
            return answered_mono_s

    async def turn_past(self, limit_a: float, phases: int | None) -> None:
        """Write past the controller, for a person's command."""
        wanted = Wanted(limit_a=limit_a, now=self.clock.now(), lapse=None, phases=phases)
        await self.channel.write(wanted)

    async def keep(self) -> None:
        """Write the limit again whenever that is due, until cancelled; never faster than EVerest wants it."""
        while True:
            await self._due.wait()
            self._due.clear()
            await self._repeat()
            await self.clock.sleep(max(self.settings.settle_s, self.spec.abilities.write_gap_s))

    def hears(self, enforced_a: float, mono_s: float) -> None:
        """Take what is enforced at an instant, as a sign of life."""
        self.standing.hears(enforced_a)
        self._signs.beat(mono_s)

    @property
    def is_known(self) -> bool:
        """Whether a limit of ours is known to stand, or cannot be written."""
        return self.standing.is_known or self._pin_failed

    def doubt(self) -> None:
        """Take the limit for lost: EVerest may have been restarted."""
        self.standing.forgets_enforced()
        self._rewrites = self.standing.wanted is not None

    def judge(self, mono_s: float) -> None:
        """Have the limit written again when it was lost or may have been; before the first, pin."""
        self._rewrites = self._rewrites or self.standing.is_lost(mono_s)
        if self._rewrites or self.standing.wanted is None:
            self._due.set()

    def _check(self, limit_a: float) -> None:
        spec = self.spec
        if limit_a != 0.0 and not spec.min_a <= limit_a <= spec.nameplate_a:
            raise BadRequest(f"{limit_a} A: expected 0, or {spec.min_a:g} to {spec.nameplate_a:g} A")
        if spec.step_a and abs(limit_a / spec.step_a - round(limit_a / spec.step_a)) > _ROUNDING:
            raise BadRequest(f"{limit_a} A: expected a multiple of {spec.step_a:g} A")

    def _respect_pause(self, limit_a: float) -> None:
        wanted, now_mono_s = self.standing.wanted, self.clock.mono_s()
        is_raise = wanted is None or limit_a > wanted.at_a(now_mono_s)
        if is_raise and self.picture.held(now_mono_s) == PAUSED_BY_PERSON:
            raise DeviceRefused(f"paused by a person: {limit_a:g} A is not for now")

    def _order(self, limit_a: float, lease_s: float | None) -> Order:
        if lease_s is None or not self.settings.can_lapse:
            return Order(limit_a=limit_a)
        return Order(
            limit_a=limit_a,
            lapses_mono_s=self.clock.mono_s() + lease_s,
            lapses_to_a=self.spec.abilities.lapses_to_a or 0.0,
        )

    async def _write(self, order: Order) -> float:
        self.standing.sends(order, self.clock.mono_s())
        try:
            answered_mono_s = await self.channel.write(self._wanted(order))
            if not self.channel.answers:
                answered_mono_s = await self._until_enforced(order, answered_mono_s)
        except (DeviceRefused, NotConnectedError):
            self.standing.refused(order)
            raise
        self.standing.taken(order, answered_mono_s)
        return answered_mono_s

    def _wanted(self, order: Order) -> Wanted:
        now, now_mono_s = self.clock.now(), self.clock.mono_s()
        lapse = None
        if order.lapses_mono_s is not None and now_mono_s < order.lapses_mono_s:
            at = now + timedelta(seconds=order.lapses_mono_s - now_mono_s)
            lapse = Lapse(at=at, limit_a=order.lapses_to_a)
        return Wanted(limit_a=order.at_a(now_mono_s), now=now, lapse=lapse, phases=self.settings.use_phases)

    async def _until_enforced(self, order: Order, handed_out_mono_s: float) -> float:
        """Wait for the cycles that follow its way out of the broker, until they enforce no more."""

        def holds() -> bool:
            enforced_a = self.standing.enforced_a
            return enforced_a is not None and enforced_a <= order.limit_a + TOLERANCE_A

        try:
            async with asyncio.timeout(self.settings.answer_s):
                await self._signs.until(holds, CYCLES, handed_out_mono_s)
        except TimeoutError as error:
            raise DeviceUnreachable(f"{order.limit_a:g} A was not seen to be enforced") from error
        return self.clock.mono_s()

    async def _repeat(self) -> None:
        """Write the latest limit again, or pin what is enforced when there is none yet."""
        async with self._writing:
            wanted = self.standing.wanted
            order = self._pin() if wanted is None else wanted
            if order is None or (wanted is not None and not self._rewrites):
                return
            try:
                async with asyncio.timeout(None) as self._repeating:
                    await self._write(replace(order))
                self._rewrites = False
            except (DeviceError, TimeoutError) as error:
                self._pin_failed = self._rewrites = True
                _log.info(
                    "%s: its limit could not be written: %s", self.spec.id, error or "another goes first"
                )
                self._due.set()
            finally:
                self._repeating = None

    def _pin(self) -> Order | None:
        enforced_a = self.standing.enforced_a
        if enforced_a is None:
            return None
        limit_a = min(enforced_a + TOLERANCE_A, self.spec.nameplate_a)
        if self.spec.step_a:
            limit_a = limit_a // self.spec.step_a * self.spec.step_a
        return Order(limit_a=limit_a if limit_a >= self.spec.min_a else 0.0)

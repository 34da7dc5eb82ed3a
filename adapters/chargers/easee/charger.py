"""An Easee charger behind the Charger port."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from adapters.catalog import Surroundings
from adapters.chargers.easee import observations as ids
from adapters.chargers.easee.client import SET_CHARGER
from adapters.chargers.easee.commands import commands
from adapters.chargers.easee.device import EaseeDevice
from adapters.chargers.easee.knob import Values
from adapters.chargers.easee.probe import probe
from adapters.chargers.easee.session import Session
from adapters.chargers.easee.settings import EaseeSettings, ttl_min
from adapters.chargers.easee.state import Beyond, Wiring, state_of
from adapters.wire.together import together
from controller.domain.readings import ChargerState
from controller.domain.site import ChargerSpec
from controller.domain.units import MIN_CURRENT_A, ChargerId
from controller.errors import BadRequest, DeviceRefused
from controller.ports import Command, Probe

_log = logging.getLogger("phasewise.devices")

_ALLOWED_A: Final = frozenset({0, *range(6, 33)})
"""Limits that can be written: the command takes whole amperes, IEC 61851-1 nothing between 0 and 6."""

_RESET_S: Final = 60.0
"""A limit that rises so soon after a car came was reset by its coming, not by somebody."""

_SOON: Final = frozenset(
    {ids.DYNAMIC_CHARGER, ids.OP_MODE, ids.NO_CURRENT, ids.OUTPUT_CURRENT, ids.ERROR_CODE, ids.CONNECTED}
    | {*ids.IN_CURRENT}
)
"""Observations that are told at once, not at the next beat."""


class EaseeCharger:
    """Writes `SetDynamicChargerCurrent` and never anything that is kept in flash.

    Values come on change only, so a state is told again in a steady beat for as long as the broker is there
    and the charger is known to live. Plugging in resets the limit: it is repeated at once.
    """

    def __init__(self, charger: ChargerId, settings: EaseeSettings, surroundings: Surroundings) -> None:
        self.id = charger
        self._settings, self._clock = settings, surroundings.clock
        self._spec: ChargerSpec = surroundings.site.charger[charger]
        self.abilities = self._spec.abilities
        self._wiring = Wiring(
            charger=charger,
            grid=surroundings.site.grid,
            phases=self._spec.phases,
            draw_ttl_s=settings.draw_ttl_s,
        )
        self._device = EaseeDevice(
            charger,
            settings,
            surroundings.clock,
            command=SET_CHARGER,
            knob_ids=(ids.DYNAMIC_CHARGER,),
            taken=self._take,
            lifted=(self._spec.nameplate_a,),
        )
        self.commands: Mapping[str, Command] = commands(self._device)
        self._session = Session(self._clock)
        self._reset_seen = asyncio.Event()
        self._paused_by_person = False
        self._lease_s: float | None = None
        self._publish: Callable[[ChargerState], None] = _nobody

    async def run(self, publish: Callable[[ChargerState], None]) -> None:
        """Publish every state that may matter at once, and all that holds in a steady beat.

        Raises:
            DeviceUnreachable, DeviceNonsense, CredentialsError: as for `EaseeDevice.run`.
        """
        self._publish = publish
        try:
            await together(self._device.run(self._tell), self._repeats())
        finally:
            self._publish = _nobody

    async def set_limit(self, limit_a: float, lease_s: float | None = None) -> float:
        """Write a limit, with a time to live if `lease_s` is given.

        Raises:
            DeviceRefused: not 0 or 6 to 32 whole amperes, refused by the charger, or a raise over a
                person's pause.
            DeviceUnreachable, DeviceNonsense: it may have been taken.
        """
        if isinstance(limit_a, bool) or limit_a not in _ALLOWED_A:
            raise BadRequest(f"{limit_a} A: expected 0 or a whole number from 6 to 32")
        self._device.give_way()
        async with self._device.writing:
            self._respect_pause(limit_a)
            self._lease_s = lease_s
            answered_mono_s = await self._device.write((float(limit_a),), self._arguments((limit_a,)))
            self._tell_now()
            return answered_mono_s

    async def probe(self) -> Probe:
        """Ask the broker and, with an account, the cloud; the queue is never consumed for it."""
        return await probe(self._device, self._spec, "SetDynamicChargerCurrent (48)")

    def _arguments(self, values: Values) -> Sequence[float]:
        minutes = ttl_min(self._lease_s)
        return (int(values[0]),) if minutes is None else (int(values[0]), minutes)

    def _respect_pause(self, limit_a: float) -> None:
        if self._paused_by_person and limit_a >= MIN_CURRENT_A and not self._settings.write_over_pause:
            raise DeviceRefused(f"paused by a person: {limit_a:g} A would end the pause")

    async def _repeats(self) -> None:
        while True:
            await self._reset_seen.wait()
            self._reset_seen.clear()
            await self._device.repeat(lambda told: self._arguments(told) if self._was_reset() else None)
            self._tell_now()

    def _take(self, id_: int) -> None:
        if id_ in (ids.OP_MODE, ids.SESSION_START):
            self._session.look(self._device.latest)
        if id_ in (ids.DYNAMIC_CHARGER, ids.OP_MODE):
            self._look_for_pause()
            if self._was_reset():
                self._reset_seen.set()
        if id_ in _SOON:
            self._tell_now()

    def _was_reset(self) -> bool:
        """Tell whether a car that has just come lifted the limit above what was told."""
        told, present_a = self._device.knob.told, self._device.latest.number(ids.DYNAMIC_CHARGER)
        is_new = self._clock.mono_s() - self._session.came_mono_s <= _RESET_S
        return is_new and told is not None and present_a is not None and present_a > told[0]

    def _look_for_pause(self) -> None:
        """A limit of 0 that is not ours is a person's pause: it ends when it is lifted or the car leaves."""
        knob, present_a = self._device.knob, self._device.latest.number(ids.DYNAMIC_CHARGER)
        if not self._session.has_car or present_a is None or present_a >= MIN_CURRENT_A:
            self._paused_by_person = False
        elif knob.seen and knob.told is not None and knob.told[0] >= MIN_CURRENT_A:
            self._paused_by_person = self._paused_by_person or not self._device.writing.locked()

    def _tell_now(self) -> None:
        if self._device.can_tell:
            self._tell()

    def _tell(self) -> None:
        as_of_s = self._device.as_of
        if as_of_s is None:
            return
        stands_at = self._device.knob.stands_at(self._clock.mono_s())
        beyond = Beyond(
            mono_s=as_of_s,
            limit_a=None if stands_at is None else stands_at[0],
            session_id=self._session.id,
            paused_by_person=self._paused_by_person,
        )
        self._publish(state_of(self._device.latest, self._wiring, beyond))


def _nobody(_: ChargerState) -> None:
    """Hear a state while nobody runs the charger."""

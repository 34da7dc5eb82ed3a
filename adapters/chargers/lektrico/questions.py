"""The questions of a poll, asked with patience and without what the firmware does not know."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from adapters.chargers.lektrico.answers import (
    AppConfig,
    ChargerInfo,
    DeviceInfo,
    LimitReason,
    SoftwareVersion,
    SystemCurrents,
)
from adapters.chargers.lektrico.client import LektricoClient
from adapters.chargers.lektrico.errors import ABSENT
from adapters.chargers.lektrico.knob import KnobDriver
from adapters.chargers.lektrico.state import PLUGS, SILENT_ON_PLUG, Heard, extended_state
from adapters.wire.line import GaveWayError
from controller.errors import DeviceUnreachable
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

T = TypeVar("T")


class Questions:
    """Asks one charger; transport errors are asked again once, unknown methods never again."""

    def __init__(self, name: str, client: LektricoClient, driver: KnobDriver, clock: Clock) -> None:
        self._name, self._client, self._driver, self._clock = name, client, driver, clock
        self._absent: set[str] = set()
        self._logged: set[str] = set()
        self._errors: tuple[str, ...] | None = None
        """The flags of the errors that hold, once they were asked; `None` while there are none."""

    async def device(self) -> DeviceInfo:
        """Ask who it is, in the interface's way or in the one that most programs use."""
        told = await self._unless_absent(self._client.device_info_get)
        if told is not None and told.device_id:
            return told
        device_id = await self._unless_absent(self._client.device_id_get)
        phase = None if told is None else told.connected_phase
        return DeviceInfo(device_id=device_id, connected_phase=phase)

    async def version(self) -> SoftwareVersion:
        """Ask for the firmware."""
        return await self._unless_absent(self._client.sw_version_get) or SoftwareVersion()

    async def config(self) -> AppConfig:
        """Ask for the configuration."""
        return await self._unless_absent(self._client.app_config_get) or AppConfig()

    async def em_offline(self) -> bool | None:
        """Ask whether the charger counts us as offline."""
        return await self._unless_absent(self._client.em_status_get)

    async def poll(self, *, em_offline: bool) -> Heard:
        """Ask for everything that a state is made of; the limit is the last that is asked."""
        at_mono_s = self._clock.mono_s()
        info = await self._again(self._client.charger_info_get)
        self._log_strange(info)
        errors = await self._active_errors(info)
        currents = await self._unless_absent(self._client.system_currents_get) or SystemCurrents()
        limit_a = await self._again(lambda: self._driver.found_in(info, currents))
        return Heard(
            at_mono_s=at_mono_s,
            info=info,
            currents=currents,
            limit_a=limit_a,
            knob=self._driver.knob,
            em_offline=em_offline or info.current_limit_reason == LimitReason.EM_OFFLINE,
            errors=errors,
        )

    async def _active_errors(self, info: ChargerInfo) -> tuple[str, ...]:
        if not info.has_active_errors:
            self._errors = None
            return ()
        if self._errors is None:
            told = await self._unless_absent(self._client.active_errors_get)
            self._errors = () if told is None else told.raised
        return self._errors

    async def _unless_absent(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        name = ask.__name__
        if name in self._absent:
            return None
        try:
            return await self._again(ask)
        except ABSENT as error:
            self._absent.add(name)
            _log.info("%s: this firmware has no %s (%s)", self._name, name, error)
            return None

    async def _again(self, ask: Callable[[], Awaitable[T]]) -> T:
        try:
            return await ask()
        except GaveWayError:
            raise
        except DeviceUnreachable:
            return await ask()

    def _log_strange(self, info: ChargerInfo) -> None:
        state = extended_state(info)
        known = state in PLUGS or state in SILENT_ON_PLUG
        for strange in (*info.rest, *(() if known else (f"state {state}",))):
            if strange not in self._logged:
                self._logged.add(strange)
                _log.info("%s: tells %s, which this version does not know", self._name, strange)

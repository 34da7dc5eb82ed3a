"""Every command of the Lektri.co interface, typed; values are checked before they are sent."""

from collections.abc import Sequence

from adapters.chargers.lektrico.answers import (
    AppConfig,
    ChargerInfo,
    Counters,
    DeviceInfo,
    DynamicCurrent,
    ErrorFlags,
    SoftwareVersion,
    SystemCurrents,
    WifiStatus,
    error_flags,
)
from adapters.chargers.lektrico.errors import RangeError, WrongTypeError
from adapters.chargers.lektrico.keys import Value, app_key, checked_password, whole_limit_a
from adapters.chargers.lektrico.schedule import Schedule, ScheduleInterval, schedule
from adapters.chargers.lektrico.values import answer, flag, normal, number, text
from adapters.wire.jsonrpc import JsonRpc, Params
from adapters.wire.jsonrpc_reply import Json
from controller.errors import DeviceNonsense


class LektricoClient:
    """The commands in the order of the interface document, then those known from the field.

    All raise what `JsonRpc.call` raises, refusals by the types of `lektrico.errors`. Commands that change
    something return once the charger answered `true`.
    """

    def __init__(self, rpc: JsonRpc) -> None:
        self.rpc = rpc

    async def charge_start(self, tag: str | None = None) -> None:
        """Start charging remotely, with a tag's name if there is one."""
        await self._do("Charge.Start", None if tag is None else {"tag": tag})

    async def charge_stop(self) -> None:
        """Stop charging remotely."""
        await self._do("Charge.Stop")

    async def app_config_get(self) -> AppConfig:
        """Ask for every configuration key."""
        return answer(AppConfig, await self.rpc.call("App_config.Get"))

    async def app_config_set(self, key: str, value: Value) -> None:
        """Set one configuration key, in its own type or, where firmware insists, as text."""
        sent = app_key(key).checked(key, value)
        try:
            await self._do("App_config.Set", {"config_key": key, "config_value": sent})
        except WrongTypeError:
            if isinstance(sent, str):
                raise
            worded = str(sent).lower() if isinstance(sent, bool) else str(sent)
            await self._do("App_config.Set", {"config_key": key, "config_value": worded})

    async def charger_info_get(self) -> ChargerInfo:
        """Ask for the state."""
        return answer(ChargerInfo, await self.rpc.call("Charger_info.Get"))

    async def sw_version_get(self) -> SoftwareVersion:
        """Ask for the firmware."""
        return answer(SoftwareVersion, await self.rpc.call("Sw_version.Get"))

    async def device_reset(self) -> None:
        """Restart it, once the session has ended."""
        await self._do("Device.Reset")

    async def logged_errors_get(self) -> ErrorFlags:
        """Ask for the errors since they were last reset."""
        return error_flags(await self.rpc.call("Logged_errors.Get"))

    async def logged_errors_reset(self) -> None:
        """Forget the logged errors."""
        await self._do("Logged_errors.Reset")

    async def active_errors_get(self) -> ErrorFlags:
        """Ask for the errors that hold now."""
        return error_flags(await self.rpc.call("Active_errors.Get"))

    async def wifi_status_get(self) -> WifiStatus:
        """Ask for its network."""
        return answer(WifiStatus, await self.rpc.call("Wifi_status.Get"))

    async def system_currents_get(self) -> SystemCurrents:
        """Ask for every limit."""
        return answer(SystemCurrents, await self.rpc.call("System_currents.Get"))

    async def counters_config_get(self) -> Counters:
        """Ask for the counters."""
        return answer(Counters, await self.rpc.call("Counters_config.Get"))

    async def ota_verify(self) -> None:
        """Look for new firmware and install it."""
        await self._do("Ota.Verify")

    async def factory_reset(self) -> None:
        """Reset everything to factory settings."""
        await self._do("Factory.Reset")

    async def ap_password_set(self, password: str) -> None:
        """Set the password of its access point; empty removes it."""
        await self._do("Ap_password.Set", {"password": checked_password(password)})

    async def charge_pause(self) -> None:
        """Pause charging."""
        await self._do("Charge.Pause")

    async def charge_resume(self) -> None:
        """Resume after a pause."""
        await self._do("Charge.Resume")

    async def device_info_get(self) -> DeviceInfo:
        """Ask who it is."""
        return answer(DeviceInfo, await self.rpc.call("Device_info.Get"))

    async def charging_schedule_set(self, intervals: Sequence[ScheduleInterval]) -> None:
        """Set the weekly schedule."""
        sent: list[Json] = [interval.on_wire() for interval in intervals]
        await self._do("Charging_schedule.Set", {"charging_schedule": sent})

    async def charging_schedule_get(self) -> Schedule:
        """Ask for the weekly schedule."""
        return schedule(await self.rpc.call("Charging_schedule.Get"))

    async def charging_schedule_override(self) -> None:
        """Ignore the schedule until the car leaves."""
        await self._do("Charging_schedule.Override")

    async def em_current_set(self, limit_a: float, *, urgent: bool = False) -> None:
        """Set the energy manager's limit: 0 pauses, 6 to 32 limits and resumes."""
        await self._do("EM_current.Set", {"EM_current": whole_limit_a(limit_a)}, urgent=urgent)

    async def em_current_get(self, *, urgent: bool = False) -> float | None:
        """Ask for the energy manager's limit."""
        return number(normal(await self.rpc.call("EM_current.Get", urgent=urgent)).get("em_current"))

    async def em_status_get(self) -> bool | None:
        """Ask whether the energy manager counts as offline."""
        return flag(normal(await self.rpc.call("EM_status.Get")).get("em_offline"))

    async def dynamic_current_set(
        self, limit_a: float, relay_mode: int | None = None, *, urgent: bool = False
    ) -> None:
        """Set the dynamic limit and, on a 3P22K, how many phases its relays connect (1 or 3)."""
        params: dict[str, Json] = {"dynamic_current": whole_limit_a(limit_a)}
        if relay_mode is not None:
            if relay_mode not in (1, 3):
                raise RangeError(f"relay_mode = {relay_mode}: expected 1 or 3", -4)
            params["relay_mode"] = relay_mode
        await self._do("dynamic_current.set", params, urgent=urgent)

    async def dynamic_current_get(self, *, urgent: bool = False) -> DynamicCurrent:
        """Ask for the dynamic limit."""
        return answer(DynamicCurrent, await self.rpc.call("dynamic_current.get", urgent=urgent))

    async def device_id_get(self) -> str | None:
        """Ask for its type and serial number, as most programs do."""
        return text(normal(await self.rpc.call("Device_id.Get")).get("device_id"))

    async def _do(self, method: str, params: Params | None = None, *, urgent: bool = False) -> None:
        """Send a command that is answered by `true`."""
        result = await self.rpc.call(method, params, urgent=urgent)
        if result is not True:
            raise DeviceNonsense(f"{method}: expected true, was answered {str(result)[:80]!r}")

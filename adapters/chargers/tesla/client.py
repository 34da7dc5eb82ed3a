"""Every command of the interface document, typed; values are checked before they are sent."""

from typing import Any, Final
from urllib.parse import quote

from adapters.chargers.tesla.answers import (
    FleetStatus,
    Presence,
    VehicleData,
    fleet_status,
    presence,
    vehicle_data,
)
from adapters.chargers.tesla.budget import Kind
from adapters.chargers.tesla.dialects import Manner
from adapters.chargers.tesla.exchange import Call, Exchange
from adapters.chargers.tesla.outcomes import CommandOutcome, CommandResult
from adapters.chargers.tesla.replies import AsleepError, command_result, payload
from adapters.chargers.tesla.values import Json
from controller.errors import BadRequest

_PERCENT: Final = (50, 100)
_AMPS: Final = (0, 80)
_MINUTE: Final = (0, 1439)
_DEPARTURE_MINUTE: Final = (0, 1440)


class TeslaClient:
    """The ten commands in the order of the interface document, then what is known from the field.

    Commands return how they ended; nothing but a good outcome means that anything changed. All raise what
    `Exchange.send` raises.
    """

    def __init__(self, exchange: Exchange, vehicle: str, manner: Manner) -> None:
        self.exchange = exchange
        self._vehicle, self._manner = vehicle, manner
        self._path = f"/api/1/vehicles/{quote(vehicle, safe='')}"
        self._waiting = "?wait=true" if manner.waits else ""

    async def charge_port_door_open(self) -> CommandResult:
        """Open the charge port, or unlatch the cable."""
        return await self._command("charge_port_door_open")

    async def charge_port_door_close(self) -> CommandResult:
        """Close a charge port that has a motor."""
        return await self._command("charge_port_door_close")

    async def charge_start(self, *, safety: bool = False) -> CommandResult:
        """Start charging a car that is plugged in."""
        return await self._command("charge_start", safety=safety)

    async def charge_stop(self, *, safety: bool = False) -> CommandResult:
        """Stop charging."""
        return await self._command("charge_stop", safety=safety)

    async def charge_standard(self) -> CommandResult:
        """Set the charge limit to the car's own standard: 80 or 90 %."""
        return await self._command("charge_standard")

    async def charge_max_range(self) -> CommandResult:
        """Set the charge limit to 100 %."""
        return await self._command("charge_max_range")

    async def set_charge_limit(self, percent: int) -> CommandResult:
        """Set the charge limit; cars clamp silently, so 50 to 100 alone is sent."""
        return await self._command("set_charge_limit", {"percent": _within("percent", percent, _PERCENT)})

    async def set_charging_amps(self, charging_amps: int, *, safety: bool = False) -> CommandResult:
        """Set the most that it draws on each phase, in A."""
        body = {"charging_amps": _within("charging_amps", charging_amps, _AMPS)}
        return await self._command("set_charging_amps", body, safety=safety)

    async def set_scheduled_charging(self, *, enable: bool, time: int | None = None) -> CommandResult:
        """Set the start of charging, in minutes after local midnight; newer cars may add another schedule."""
        if enable and time is None:
            raise BadRequest("time: expected minutes after midnight, to enable it")
        body: dict[str, Json] = {"enable": enable}
        if time is not None:
            body["time"] = _within("time", time, _MINUTE)
        return await self._command("set_scheduled_charging", body)

    async def set_scheduled_departure(
        self,
        *,
        departure_time: int,
        enable: bool | None = None,
        preconditioning_enabled: bool = False,
        preconditioning_weekdays_only: bool = False,
        off_peak_charging_enabled: bool = False,
        off_peak_charging_weekdays_only: bool = False,
        end_off_peak_time: int = 0,
    ) -> CommandResult:
        """Set when to be ready, in minutes after local midnight; left out, `enable` follows from the rest."""
        wanted = preconditioning_enabled or off_peak_charging_enabled
        body: dict[str, Json] = {
            "enable": wanted if enable is None else enable,
            "departure_time": _within("departure_time", departure_time, _DEPARTURE_MINUTE),
            "preconditioning_enabled": preconditioning_enabled,
            # Weekdays alone win even where their part is off.
            "preconditioning_weekdays_only": preconditioning_enabled and preconditioning_weekdays_only,
            "off_peak_charging_enabled": off_peak_charging_enabled,
            "off_peak_charging_weekdays_only": off_peak_charging_enabled and off_peak_charging_weekdays_only,
            "end_off_peak_time": _within("end_off_peak_time", end_off_peak_time, _DEPARTURE_MINUTE),
        }
        return await self._command("set_scheduled_departure", body)

    async def wake_up(self) -> Presence:
        """Wake the car; it may take minutes, so the answer is whether it is awake by now."""
        path = f"{self._path}/{self._manner.wake_path}{self._waiting}"
        reply = await self.exchange.send(Call(verb="POST", path=path, kind=Kind.WAKE, urgent=True))
        if self._manner.waits:
            woken = command_result(reply, "wake_up").outcome.is_good
            return Presence.ONLINE if woken else Presence.UNKNOWN
        return presence(payload(reply, nested=False))

    async def presence(self, *, urgent: bool = False) -> Presence:
        """Ask whether the car is awake; this never wakes it and is not billed.

        A car that Bluetooth cannot find is offline: it is away, or as good as.
        """
        try:
            return presence(await self.vehicle(urgent=urgent))
        except AsleepError:
            return Presence.OFFLINE

    async def vehicle_data(
        self, endpoints: tuple[str, ...] = ("charge_state",), *, urgent: bool = False, safety: bool = False
    ) -> VehicleData:
        """Ask the car for some of what it knows; a sleeping one is not woken."""
        return vehicle_data(await self.raw_vehicle_data(endpoints, urgent=urgent, safety=safety))

    async def raw_vehicle_data(
        self, endpoints: tuple[str, ...] = ("charge_state",), *, urgent: bool = False, safety: bool = False
    ) -> Json:
        """Ask as for `vehicle_data` and leave the answer as it is."""
        known = [
            name for name in endpoints if not self._manner.nested or name in ("charge_state", "climate_state")
        ]
        path = f"{self._path}/vehicle_data?endpoints={quote(';'.join(known), safe='')}"
        call = Call(verb="GET", path=path, kind=Kind.DATA, urgent=urgent, free_of_budget=safety)
        return payload(await self.exchange.send(call), nested=self._manner.nested)

    async def vehicle(self, *, urgent: bool = False) -> Json:
        """Ask the cloud, or the Bluetooth proxy, what it knows without waking the car."""
        path = f"{self._path}/body_controller_state" if self._manner.nested else self._path
        reply = await self.exchange.send(Call(verb="GET", path=path, kind=Kind.FREE, urgent=urgent))
        return payload(reply, nested=self._manner.nested)

    async def fleet_status(self) -> FleetStatus:
        """Ask the cloud for the car's firmware and whether the key is on it; this wakes nobody."""
        call = Call(
            verb="POST",
            path="/api/1/vehicles/fleet_status",
            kind=Kind.DATA,  # Nobody says that it is free.
            body={"vins": [self._vehicle]},
        )
        return fleet_status(payload(await self.exchange.send(call), nested=False), self._vehicle)

    async def _command(self, name: str, body: Any = None, *, safety: bool = False) -> CommandResult:  # noqa: ANN401 - JSON
        known = self._manner.commands
        if known is not None and name not in known:
            return CommandResult(
                outcome=CommandOutcome.UNSUPPORTED, reason=f"{name} is not known over Bluetooth"
            )
        call = Call(
            verb="POST",
            path=f"{self._path}/command/{name}{self._waiting}",
            kind=Kind.COMMAND,
            body={} if body is None else body,
            urgent=True,
            free_of_budget=safety,
        )
        return command_result(await self.exchange.send(call), name)


def _within(name: str, value: object, bounds: tuple[int, int]) -> int:
    """Hand a whole number back if the car will take it: proxies insist on real JSON types."""
    low, high = bounds
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadRequest(f"{name} = {value!r}: expected a whole number from {low} to {high}")
    return value

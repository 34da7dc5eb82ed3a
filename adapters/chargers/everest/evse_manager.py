"""Every command of `evse_manager` as a typed method, over EVerest's internal messages.

Which of them a version has stands in `commands`; a method takes what its version wants.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.chargers.everest import requests
from adapters.chargers.everest.calls import Answered, Calls
from adapters.chargers.everest.dialect import Version
from adapters.wire.everest import Json, Place, shown
from controller.errors import DeviceNonsense

_NO_ARGUMENTS: Final[Mapping[str, Json]] = {}
_FORCE_UNLOCK_NAMES_CONNECTOR: Final = (2023, 9, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvseManager:
    """One EVSE."""

    calls: Calls
    place: Place
    version: Version

    async def get_id(self) -> int:
        """Ask for the connector's number (until 2023.8)."""
        return _whole(await self._value("get_id"))

    async def get_evse(self) -> Json:
        """Ask for the numbers of the EVSE and its connectors (from 2023.9)."""
        return await self._value("get_evse")

    async def enable(self, connector_id: int = 0) -> bool:
        """Make it available (until 2024.4); tells whether that changed anything."""
        return _truth(await self._value("enable", self._connector(connector_id)))

    async def disable(self, connector_id: int = 0) -> bool:
        """Take it out of use at once, even while charging (until 2024.4)."""
        return _truth(await self._value("disable", self._connector(connector_id)))

    async def enable_disable(self, connector_id: int, source: str, state: str, priority: int) -> bool:
        """Set one source's word (from 2024.5); tells whether the EVSE is enabled now."""
        args = {
            "connector_id": requests.whole_number("connector_id", connector_id),
            "cmd_source": requests.enable_source(source, state, priority),
        }
        return _truth(await self._value("enable_disable", args))

    async def authorize_response(self, id_token: str, status: str, authorization_type: str = "RFID") -> None:
        """Report the result of an authorisation."""
        args = requests.authorization(self.version, id_token, status, authorization_type)
        _nothing(await self._value("authorize_response", args))

    async def withdraw_authorization(self) -> None:
        """Say that no transaction may be started any more."""
        _nothing(await self._value("withdraw_authorization"))

    async def reserve(self, reservation_id: int) -> bool:
        """Reserve it; tells whether it accepted."""
        return _truth(await self._value("reserve", requests.reservation(self.version, reservation_id)))

    async def cancel_reservation(self) -> None:
        """End the reservation."""
        _nothing(await self._value("cancel_reservation"))

    async def set_faulted(self) -> None:
        """Put it out of order (until 2025.8)."""
        _nothing(await self._value("set_faulted"))

    async def pause_charging(self) -> bool:
        """Pause; false means that it was not charging, not that anything went wrong."""
        return _truth(await self._value("pause_charging"))

    async def resume_charging(self) -> bool:
        """End a pause of the EVSE; a car's own pause stays."""
        return _truth(await self._value("resume_charging"))

    async def stop_transaction(self, reason: str = "Local", id_tag: str | None = None) -> bool:
        """Stop the transaction; charging needs a replug afterwards."""
        request = requests.stop_request(self.version, reason, id_tag)
        return _truth(await self._value("stop_transaction", {"request": request}))

    async def force_unlock(self, connector_id: int = 1) -> bool:
        """Unlock the connector now."""
        return _truth(await self._value("force_unlock", self._connector(connector_id)))

    async def set_external_limits(self, limits: Mapping[str, Json], place: Place) -> Answered:
        """Set limits, here or at an EnergyNode; the answer says that they were stored."""
        answer = await self.calls.call(place, "set_external_limits", {"value": limits})
        _nothing(answer.value)
        return answer

    async def switch_three_phases_while_charging(self, *, three_phases: bool) -> str:
        """Switch between one and three phases (until 2024.6); 2023 says `Error_NotSupported` in any case."""
        return _text(await self._value("switch_three_phases_while_charging", {"three_phases": three_phases}))

    async def get_signed_meter_value(self) -> str:
        """Ask for a signed meter value (until 2023.8)."""
        return _text(await self._value("get_signed_meter_value"))

    async def set_get_certificate_response(
        self, status: str, action: str, exi_response: str | None = None
    ) -> None:
        """Answer a car's request for a contract certificate (until 2025.1)."""
        args = requests.certificate(self.version, status, action, exi_response)
        _nothing(await self._value("set_get_certificate_response", args))

    async def external_ready_to_start_charging(self) -> bool:
        """Let an EVSE start that waits for it (from 2023.12)."""
        return _truth(await self._value("external_ready_to_start_charging"))

    async def set_plug_and_charge_configuration(
        self,
        *,
        pnc_enabled: bool | None = None,
        central_contract_validation_allowed: bool | None = None,
        contract_certificate_installation_enabled: bool | None = None,
    ) -> None:
        """Set what of plug and charge is allowed (from 2025.10)."""
        told = {
            "pnc_enabled": pnc_enabled,
            "central_contract_validation_allowed": central_contract_validation_allowed,
            "contract_certificate_installation_enabled": contract_certificate_installation_enabled,
        }
        args = {"plug_and_charge_configuration": requests.plug_and_charge(told)}
        _nothing(await self._value("set_plug_and_charge_configuration", args))

    async def update_allowed_energy_transfer_modes(self, modes: str) -> str:
        """Set which ways of energy transfer a car may choose (from 2025.10)."""
        args = {"allowed_energy_transfer_modes": requests.transfer_modes(self.version, modes)}
        return _text(await self._value("update_allowed_energy_transfer_modes", args))

    async def set_der_available(self, *, available: bool) -> str:
        """Say whether this is a distributed energy resource (after 2026.02)."""
        return _text(await self._value("set_der_available", {"available": available}))

    def _connector(self, connector_id: int) -> Mapping[str, Json]:
        if self.version < _FORCE_UNLOCK_NAMES_CONNECTOR:
            return _NO_ARGUMENTS
        return {"connector_id": requests.whole_number("connector_id", connector_id)}

    async def _value(self, command: str, args: Mapping[str, Json] = _NO_ARGUMENTS) -> Json:
        return (await self.calls.call(self.place, command, args)).value


def _truth(value: Json) -> bool:
    if not isinstance(value, bool):
        raise DeviceNonsense(f"expected true or false, was answered {shown(value)}")
    return value


def _whole(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise DeviceNonsense(f"expected a whole number, was answered {shown(value)}")
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise DeviceNonsense(f"expected a text, was answered {shown(value)}")
    return value


def _nothing(value: Json) -> None:
    if value is not None:
        raise DeviceNonsense(f"expected null, was answered {shown(value)}")

"""Every command of `evse_manager` for `phasewise device ID COMMAND KEY=VALUE`, as the version has them."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.chargers.everest.dialect import MAIN, OLDEST, Dialect, Version
from adapters.chargers.everest.evse_manager import EvseManager
from controller.ports import Argument, Command

Call = Callable[..., Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A command and the versions that have it."""

    says: str
    arguments: tuple[Argument, ...] = ()
    since: Version = OLDEST
    until: Version = (MAIN[0] + 1, 0, 0)
    """The first version without it."""
    dangerous: bool = False

    def is_in(self, version: Version) -> bool:
        """Tell whether a version has it."""
        return self.since <= version < self.until


def _argument(name: str, kind: type, says: str, *, required: bool = True) -> Argument:
    return Argument(name=name, kind=kind, says=says, required=required)


CONNECTOR: Final = _argument("connector_id", int, "the connector; from 2023.9 on", required=False)
REASON: Final = _argument("reason", str, "Local, Remote, EmergencyStop, ...; default Local", required=False)
ENABLING: Final = (
    _argument("connector_id", int, "0 is the whole EVSE"),
    _argument("source", str, "who says so: LocalAPI, MobileApp, CSMS, ..."),
    _argument("state", str, "Enable, Disable or Unassigned"),
    _argument("priority", int, "0 (highest) to 10000"),
)

OFFERS: Final[Mapping[str, Offer]] = {
    "get_id": Offer(says="number of the connector", until=(2023, 9, 0)),
    "get_evse": Offer(says="numbers of the EVSE and its connectors", since=(2023, 9, 0)),
    "enable": Offer(
        says="make it available; false: it was not disabled", arguments=(CONNECTOR,), until=(2024, 5, 0)
    ),
    "disable": Offer(
        says="take it out of use at once, even while charging",
        arguments=(CONNECTOR,),
        until=(2024, 5, 0),
        dangerous=True,
    ),
    "enable_disable": Offer(
        says="set what one source says; the highest priority decides",
        arguments=ENABLING,
        since=(2024, 5, 0),
        dangerous=True,
    ),
    "authorize_response": Offer(
        says="report the result of an authorisation",
        arguments=(
            _argument("id_token", str, "the token that asked, 1 to 36 characters"),
            _argument("status", str, "Accepted, Blocked, Expired, Invalid, ..."),
            _argument("authorization_type", str, "OCPP, RFID, Autocharge or PlugAndCharge", required=False),
        ),
        dangerous=True,
    ),
    "withdraw_authorization": Offer(says="no transaction may be started any more"),
    "reserve": Offer(
        says="show that it is reserved",
        arguments=(_argument("reservation_id", int, "number of the reservation"),),
    ),
    "cancel_reservation": Offer(says="end the reservation"),
    "set_faulted": Offer(says="put it out of order", until=(2025, 9, 0), dangerous=True),
    "pause_charging": Offer(says="pause as a person does; false: it was not charging"),
    "resume_charging": Offer(says="end such a pause; false: there was none"),
    "stop_transaction": Offer(
        says="stop the transaction; charging needs a replug afterwards",
        arguments=(REASON, _argument("id_tag", str, "token of who stops it", required=False)),
        dangerous=True,
    ),
    "force_unlock": Offer(says="unlock the connector now", arguments=(CONNECTOR,), dangerous=True),
    "switch_three_phases_while_charging": Offer(
        says="switch phases; 2023 always answers Error_NotSupported: look at the currents",
        arguments=(_argument("three_phases", bool, "false: one phase"),),
        until=(2024, 7, 0),
        dangerous=True,
    ),
    "get_signed_meter_value": Offer(says="signed meter value", until=(2023, 9, 0)),
    "set_get_certificate_response": Offer(
        says="answer a car's request for a contract certificate",
        arguments=(
            _argument("status", str, "Accepted or Failed"),
            _argument("action", str, "Install or Update"),
            _argument("exi_response", str, "the answer as base64", required=False),
        ),
        until=(2025, 2, 0),
        dangerous=True,
    ),
    "external_ready_to_start_charging": Offer(
        says="let an EVSE start that waits for it", since=(2023, 12, 0)
    ),
    "set_plug_and_charge_configuration": Offer(
        says="set what of plug and charge is allowed",
        arguments=(
            _argument("pnc_enabled", bool, "plug and charge at all", required=False),
            _argument("central_contract_validation_allowed", bool, "ask a backend", required=False),
            _argument("contract_certificate_installation_enabled", bool, "install", required=False),
        ),
        since=(2025, 10, 0),
        dangerous=True,
    ),
    "update_allowed_energy_transfer_modes": Offer(
        says="set which ways of energy transfer a car may choose",
        arguments=(_argument("modes", str, "AC_three_phase_core, DC_extended, ... with commas"),),
        since=(2025, 10, 0),
        dangerous=True,
    ),
    "set_der_available": Offer(
        says="say whether this is a distributed energy resource",
        arguments=(_argument("available", bool, "whether it is"),),
        since=(2026, 3, 0),
    ),
}


def internal_commands(manager: EvseManager, dialect: Dialect) -> Iterator[Command]:
    """List the commands that a version's `evse_manager` has."""
    for name, offer in OFFERS.items():
        if offer.is_in(dialect.version):
            yield command(name, offer, getattr(manager, name))


def command(name: str, offer: Offer, call: Call) -> Command:
    """Make a command of an offer."""

    async def shown(**arguments: Any) -> object:  # noqa: ANN401 - the command line has checked their types
        answer = await call(**arguments)
        return True if answer is None else answer

    return Command(
        name=name, says=offer.says, call=shown, arguments=offer.arguments, dangerous=offer.dangerous
    )

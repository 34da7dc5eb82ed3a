"""The commands that EVerest's two external interfaces have, for `phasewise device`."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from adapters.chargers.everest import requests
from adapters.chargers.everest.calls import Requests
from adapters.chargers.everest.channel import ModuleApi
from adapters.chargers.everest.commands import CONNECTOR, OFFERS, REASON, Offer, command
from adapters.chargers.everest.dialect import Dialect
from adapters.wire.everest import Json, packed
from controller.ports import Argument, Command

_STOP = Offer(
    says="stop the transaction; charging needs a replug afterwards", arguments=(REASON,), dangerous=True
)
_UNLOCK = Offer(says="unlock the connector now", arguments=(CONNECTOR,), dangerous=True)
_END = Offer(says="end the transaction and unlock the connector", arguments=(CONNECTOR,), dangerous=True)


def api_v1_commands(evse: Requests, node: Requests, dialect: Dialect) -> Iterator[Command]:
    """List the commands of the EVerest API v1, and its latest values."""
    reasons = requests.known(requests.STOP_REASONS, dialect.version)

    async def enable_disable(connector_id: int, source: str, state: str, priority: int) -> Json:
        told = {
            "connector_id": requests.whole_number("connector_id", connector_id),
            "source": requests.enable_source(source, state, priority),
        }
        return (await evse.ask("enable_disable", told)).value

    async def stop_transaction(reason: str = "Local") -> Json:
        told = {"reason": requests.one_of("reason", reason, reasons)}
        return (await evse.ask("stop_transaction", told)).value

    async def force_unlock(connector_id: int = 1) -> Json:
        return (await evse.ask("force_unlock", requests.whole_number("connector_id", connector_id))).value

    def plain(name: str) -> Callable[[], Awaitable[Json]]:
        async def ask() -> Json:
            return (await evse.ask(name)).value

        return ask

    for name in ("get_evse", "pause_charging", "resume_charging"):
        yield command(name, OFFERS[name], plain(name))
    yield command("enable_disable", OFFERS["enable_disable"], enable_disable)
    yield command("stop_transaction", _STOP, stop_transaction)
    yield command("force_unlock", _UNLOCK, force_unlock)
    if dialect.latches:
        yield _latest(evse, node)


def _latest(evse: Requests, node: Requests) -> Command:
    async def latest(variable: str) -> Json:
        name = requests.one_of("variable", variable, LATCHED)
        asked = node if name == OF_NODE else evse
        return (await asked.ask(f"{name}/get")).value

    which = Argument(name="variable", kind=str, says=", ".join(LATCHED))
    return command("latest", Offer(says="latest value of a variable", arguments=(which,)), latest)


OF_NODE = "capabilities"
LATCHED = (
    *("ac_nr_of_phases_available", "ac_pp_ampacity", OF_NODE, "enforced_limits", "ev_info", "evse_id"),
    *("hlc_session_failed", "hw_capabilities", "powermeter", "powermeter_public_key_ocmf"),
    *("selected_protocol", "session_event", "session_info", "supported_energy_transfer_modes"),
)


def module_api_commands(api: ModuleApi, dialect: Dialect) -> Iterator[Command]:
    """List the commands of the module API; it answers nothing, so `true` means sent."""
    for name in ("pause_charging", "resume_charging"):
        yield command(name, OFFERS[name], partial(api.tell, name))
    version = dialect.version
    if (2023, 12, 0) <= version < (2024, 5, 0):
        for name in ("enable", "disable"):
            yield command(name, OFFERS[name], partial(_numbered, api, name))
    if version >= (2024, 5, 0):
        yield command("enable_disable", OFFERS["enable_disable"], partial(_enable_disable, api))
    if version >= (2025, 6, 0):
        stop = Offer(says=_STOP.says, dangerous=True)
        yield command("stop_charging", stop, partial(api.tell, "stop_charging"))
    if version >= (2023, 9, 0):
        yield command("force_unlock", _END, partial(_numbered, api, "force_unlock"))


async def _enable_disable(api: ModuleApi, connector_id: int, source: str, state: str, priority: int) -> None:
    told = requests.enable_source(source, state, priority)
    content = {
        "connector_id": requests.whole_number("connector_id", connector_id),
        "source": told["enable_source"],
        "state": told["enable_state"],
        "priority": told["enable_priority"],
    }
    await api.tell("enable_disable", packed(content))


async def _numbered(api: ModuleApi, name: str, connector_id: int = 1) -> None:
    await api.tell(name, packed(requests.whole_number("connector_id", connector_id)))

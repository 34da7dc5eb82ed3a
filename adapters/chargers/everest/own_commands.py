"""All commands of one charger: its interface's, and limits and variables, which every interface has."""

from collections.abc import Awaitable, Callable, Iterator

from adapters.chargers.everest.api_commands import api_v1_commands, module_api_commands
from adapters.chargers.everest.calls import Requests
from adapters.chargers.everest.channel import AnyChannel, ApiV1, Internal
from adapters.chargers.everest.commands import Offer, command, internal_commands
from adapters.chargers.everest.limits import FULL_A
from adapters.chargers.everest.settings import EverestSettings
from controller.errors import BadRequest
from controller.ports import Argument, Command

Write = Callable[[float, int | None], Awaitable[None]]
Look = Callable[[], Awaitable[dict[str, object]]]

_LEAST_A = 6.0


def commands_of(
    channel: AnyChannel, settings: EverestSettings, write: Write, look: Look
) -> dict[str, Command]:
    """List them by name."""
    listed = [*_of_interface(channel, settings), _set_external_limits(settings, write), _variables(look)]
    return {each.name: each for each in sorted(listed, key=lambda each: each.name)}


def _of_interface(channel: AnyChannel, settings: EverestSettings) -> Iterator[Command]:
    if isinstance(channel, Internal):
        return internal_commands(channel.manager, settings.dialect)
    if isinstance(channel, ApiV1):
        evse, node = (Requests(channel.line, base, channel.reply) for base in (channel.evse, channel.node))
        return api_v1_commands(evse, node, settings.dialect)
    return module_api_commands(channel, settings.dialect)


def _set_external_limits(settings: EverestSettings, write: Write) -> Command:
    async def set_external_limits(limit_a: float, phases: int | None = None) -> None:
        if limit_a != 0.0 and not _LEAST_A <= limit_a <= FULL_A:
            raise BadRequest(f"limit_a = {limit_a}: expected 0, or {_LEAST_A:g} to {FULL_A:g} A")
        if phases is not None and (phases not in (1, 3) or not settings.can_switch):
            raise BadRequest(f"phases = {phases}: expected 1 or 3, and a version that can switch")
        await write(limit_a, phases)

    limit = Argument(name="limit_a", kind=float, says="0 pauses; 6 to 80")
    phases = Argument(name="phases", kind=int, says="have it use 1 or 3 (from 2024.7)", required=False)
    says = "set the external limit; past the controller, which will write its own again"
    offer = Offer(says=says, arguments=(limit, phases), dangerous=True)
    return command("set_external_limits", offer, set_external_limits)


def _variables(look: Look) -> Command:
    return command("variables", Offer(says="what it publishes: every variable's latest"), look)

"""How a command ended: one closed list for every dialect, from codes and reasons that differ in each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CommandOutcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    ALREADY = "already"
    """It was so before."""
    PENDING = "pending"
    """The car will, and is not to be asked again."""
    SATISFIED = "satisfied"
    """It is charged up to its own limit."""
    NOT_CONNECTED = "not connected"
    NO_POWER = "no power"
    ASLEEP = "asleep"
    BUSY = "busy"
    """To be repeated in some seconds."""
    LIMITED = "rate limited"
    """Not before a given time."""
    SIGN_ON = "sign-on"
    """The token is not accepted."""
    CONFIGURE = "configure"
    """A person has to put something right: pairing, remote access, scopes, a bill."""
    UNSUPPORTED = "unsupported"
    """Not by this dialect, or not by this car."""
    REJECTED = "rejected"
    TROUBLE = "trouble"
    """The service failed; the command may have been carried out."""
    REGION = "region"
    """Another host is responsible."""

    @property
    def is_good(self) -> bool:
        """Whether what was asked for holds or will."""
        return self in _GOOD


_GOOD: Final = frozenset(
    {CommandOutcome.DONE, CommandOutcome.ALREADY, CommandOutcome.PENDING, CommandOutcome.SATISFIED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """An outcome and why."""

    outcome: CommandOutcome
    reason: str = ""
    """The car's own word, freed of what proxies put before it."""
    retry_after_s: float | None = None


_BY_REASON: Final[Mapping[str, Mapping[str, CommandOutcome]]] = {
    "charge_start": {
        "is_charging": CommandOutcome.ALREADY,
        "charging": CommandOutcome.ALREADY,
        "already_started": CommandOutcome.ALREADY,
        "requested": CommandOutcome.PENDING,
        "complete": CommandOutcome.SATISFIED,
        "disconnected": CommandOutcome.NOT_CONNECTED,
        "no_power": CommandOutcome.NO_POWER,
    },
    "charge_stop": {
        "not_charging": CommandOutcome.ALREADY,
        "disconnected": CommandOutcome.NOT_CONNECTED,  # No report of it; without a cable nothing is drawn.
    },
    "set_charge_limit": {"already_set": CommandOutcome.ALREADY},
    "charge_standard": {"already_standard": CommandOutcome.ALREADY},
    "charge_max_range": {"already_max_range": CommandOutcome.ALREADY},
}
"""By the command that a reason answers: after any other command the same word is a refusal."""
_BY_PART: Final[Mapping[str, CommandOutcome]] = {
    "offline or asleep": CommandOutcome.ASLEEP,
    "vehicle unavailable": CommandOutcome.ASLEEP,
    "vehicle is sleeping": CommandOutcome.ASLEEP,
    "sleep status unknown": CommandOutcome.ASLEEP,
    "not in range": CommandOutcome.ASLEEP,
    "could_not_wake_buses": CommandOutcome.BUSY,
    "messagefault_error_busy": CommandOutcome.BUSY,
    "vehicle busy": CommandOutcome.BUSY,
    "finishing wake-up": CommandOutcome.BUSY,
    "not been paired": CommandOutcome.CONFIGURE,
    "blecontrol is not initialized": CommandOutcome.CONFIGURE,
    "mobile_access_disabled": CommandOutcome.CONFIGURE,
    "mobile-access-disabled": CommandOutcome.CONFIGURE,
    "login_required": CommandOutcome.SIGN_ON,
    "vehicle command protocol required": CommandOutcome.UNSUPPORTED,
    "invalid_command": CommandOutcome.UNSUPPORTED,
}
_BY_STATUS: Final[Mapping[int, CommandOutcome]] = {
    401: CommandOutcome.SIGN_ON,
    402: CommandOutcome.CONFIGURE,
    403: CommandOutcome.CONFIGURE,
    408: CommandOutcome.ASLEEP,
    421: CommandOutcome.REGION,
    422: CommandOutcome.UNSUPPORTED,
    423: CommandOutcome.CONFIGURE,
    429: CommandOutcome.LIMITED,
    451: CommandOutcome.CONFIGURE,
    499: CommandOutcome.TROUBLE,
}
_THE_CARS: Final = "car could not execute command"
"""What proxies put before the word of the car itself."""
_FAILS_FROM: Final = 500
_REFUSES_FROM: Final = 400


def plain_reason(said: str) -> str:
    """Free a reason of the prefixes that proxies put before it.

    >>> plain_reason("failed to start charge: car could not execute command: Complete")
    'complete'
    """
    return said.rsplit(": ", 1)[-1].strip().lower()


def by_reason(said: str, command: str) -> CommandOutcome | None:
    """Tell what a reason means after this command in every dialect; `None`: nothing that is known.

    >>> by_reason("complete", "charge_start"), by_reason("complete", "set_charging_amps")
    (<CommandOutcome.SATISFIED: 'satisfied'>, None)
    """
    known = _BY_REASON.get(command, {}).get(plain_reason(said))
    if known is not None:
        return known
    low = said.lower()
    return next((outcome for part, outcome in _BY_PART.items() if part in low), None)


def by_refusal(said: str, status: int, command: str) -> CommandOutcome:
    """Tell what a verdict of `false` means: the car's own no, or a proxy that lost track of a command."""
    known = by_reason(said, command)
    if known is not None:
        return known
    is_proxys = status >= _FAILS_FROM and _THE_CARS not in said.lower()
    return CommandOutcome.TROUBLE if is_proxys else CommandOutcome.REJECTED


def by_status(status: int) -> CommandOutcome | None:
    """Tell what an HTTP code means where the text says nothing; `None`: it is fine."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= _FAILS_FROM:
        return CommandOutcome.TROUBLE
    return CommandOutcome.REJECTED if status >= _REFUSES_FROM else None

"""Failures that the service and the charger name, as our errors."""

from typing import Final

from adapters.wire.autoapi.kinds import Json
from adapters.wire.autoapi.messages import FAILURE_MESSAGE, Message
from adapters.wire.autoapi.properties import Failure, Property
from controller.errors import CredentialsError, DeviceNonsense, DeviceRefused, DeviceUnreachable

_LONGEST: Final = 200


class BusyError(DeviceRefused):
    """Asked too often: nothing was done, and less often is asked from now on."""


class PendingError(DeviceUnreachable):
    """Taken for later: it may arrive yet."""


REFUSALS: Final = frozenset(
    {"unsupported_capability", "incorrect_state", "invalid_command", "format_error", "privacy_mode_active"}
)
STRANGERS: Final = frozenset({"unauthorised", "auth_header_missing", "auth_header_invalid"})
LATER: Final = frozenset(
    {"pending", "execution_timeout", "request_timeout", "vehicle_asleep", "charger_asleep"}
)
UNCERTAIN: Final = frozenset({"oem_error", "unknown"})
"""What may stand for a limit that arrived after all."""


def is_known(reason: str) -> bool:
    """Tell whether a reason is one that the documents name."""
    return reason == "rate_limit" or any(reason in kind for kind in (REFUSALS, STRANGERS, LATER, UNCERTAIN))


def failed(reason: str, description: str = "") -> Exception:
    """Turn a named reason into the error that says who can do something about it.

    What is uncertain, and what nobody knows, may stand for a limit that arrived after all.
    """
    words = reason.replace("_", " ")
    said = f"{words}: {clipped(description)}" if description else words
    if reason == "rate_limit":
        return BusyError(said)
    if reason in STRANGERS:
        return CredentialsError(said)
    if reason in REFUSALS:
        return DeviceRefused(said)
    return PendingError(said) if reason in LATER else DeviceNonsense(said)


def clipped(text: Json) -> str:
    """Take what somebody else wrote, one short printable line of it."""
    line = " ".join(str(text).split())[:_LONGEST]
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def checked(message: Message) -> Message:
    """Let a reply through unless the whole command failed.

    Raises:
        DeviceError, CredentialsError: it did; which one, its reason tells.
    """
    if message.capability is not FAILURE_MESSAGE:
        return message
    raise failed(_text(message.first("failureReason")), _text(message.first("failureDescription")))


def check_property(message: Message, name: str) -> None:
    """Raise if a reply says that this property was not set."""
    for part in message.all(name):
        if part.failure is not None:
            raise failed(part.failure.reason, part.failure.description)


def backs_off(failure: Failure | None) -> bool:
    """Tell whether a property is only not to be had now."""
    return failure is not None and failure.reason in ("rate_limit", "pending")


def _text(found: Property | None) -> str:
    return found.value if found is not None and isinstance(found.value, str) else ""

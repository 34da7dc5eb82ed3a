"""The error codes of the Lektri.co interface as types."""

from collections.abc import Mapping
from typing import Final

from adapters.wire.jsonrpc_reply import NoSuchMethodError
from controller.errors import BadRequest, DeviceRefused


class GeneralError(DeviceRefused):
    """-1: it failed, no details."""


class RequestFormatError(BadRequest):
    """-2: not all keys were found."""


class LengthError(BadRequest):
    """-3: a string has the wrong length."""


class RangeError(BadRequest):
    """-4: an integer is out of range."""


class WrongTypeError(BadRequest):
    """-5: the value has the wrong type for its key."""


class UnknownKeyError(BadRequest):
    """-6: the key is unknown; for a method without keys, the method."""


class ProhibitedError(DeviceRefused):
    """-7: the action is prohibited (newer firmware)."""


ERRORS: Final[Mapping[int, type[DeviceRefused]]] = {
    -1: GeneralError,
    -2: RequestFormatError,
    -3: LengthError,
    -4: RangeError,
    -5: WrongTypeError,
    -6: UnknownKeyError,
    -7: ProhibitedError,
}

ABSENT: Final = (NoSuchMethodError, UnknownKeyError)
"""How firmware says that it does not have a method."""

"""Every command of the operator's interface, typed; values are checked before they are sent."""

import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from adapters.chargers.easee.messages import Response
from controller.errors import BadRequest, DeviceRefused

REBOOT: Final = 1
UPGRADE_FIRMWARE: Final = 4
SET_SMART_CHARGING: Final = 11
SET_OFFLINE_FALLBACK: Final = 21
SET_CIRCUIT: Final = 22
SET_MAX_CIRCUIT: Final = 24
AUTHORIZE: Final = 25
DEAUTHORIZE: Final = 26
SET_ENABLED: Final = 29
SET_LOCK: Final = 30
SET_MAX_CHARGER: Final = 47
SET_CHARGER: Final = 48

KEPT_IN_FLASH: Final = frozenset(
    {SET_OFFLINE_FALLBACK, SET_MAX_CIRCUIT, SET_MAX_CHARGER, SET_ENABLED, SET_LOCK}
)
"""Never sent but by a person: flash wears, and a person has to know that it stays."""

_MOST_A: Final = 80
_MOST_MIN: Final = 14_400
_TOKEN_CHARS: Final = range(1, 65)

_NOT_SENT: Final = "the cloud believes that it is so already, and sent nothing"

Argument = bool | float | str
Sender = Callable[[int, Sequence[Argument]], Awaitable[Response | None]]
Result = dict[str, object]


class EaseeClient:
    """The twelve commands; argument ids count from 1 in the order of the document.

    All return what was answered, and raise what the sender raises; a *no* of the charger is DeviceRefused.
    """

    def __init__(self, send: Sender) -> None:
        """`send` returns `None` where somebody else will hear the answer."""
        self._send = send

    async def reboot(self) -> Result:
        """Restart it; every dynamic limit is lost."""
        return await self._told(REBOOT)

    async def upgrade_firmware(self) -> Result:
        """Install the latest firmware."""
        return await self._told(UPGRADE_FIRMWARE)

    async def set_smart_charging(self, smart_charging: bool) -> Result:  # noqa: FBT001 - the command's one argument
        """Show whether it charges smartly."""
        return await self._told(SET_SMART_CHARGING, smart_charging)

    async def set_dynamic_current_offline_fallback(self, p1_a: int, p2_a: int, p3_a: int) -> Result:
        """Set what the circuit may carry while it is offline; kept in flash."""
        return await self._told(SET_OFFLINE_FALLBACK, *(_whole_a(value) for value in (p1_a, p2_a, p3_a)))

    async def set_dynamic_circuit_current(
        self, p1_a: float, p2_a: float, p3_a: float, ttl_min: int | None = None
    ) -> Result:
        """Set what the circuit may carry, by its master; 0 on all phases pauses."""
        limits = [_any_a(value) for value in (p1_a, p2_a, p3_a)]
        return await self._told(SET_CIRCUIT, *limits, *_ttl(ttl_min))

    async def set_max_circuit_current(self, p1_a: int, p2_a: int, p3_a: int) -> Result:
        """Set the most that the circuit ever carries; kept in flash."""
        return await self._told(SET_MAX_CIRCUIT, *(_whole_a(value) for value in (p1_a, p2_a, p3_a)))

    async def authorize_charging(self, id_token: str, status: int) -> Result:
        """Tell the result of an authorisation."""
        return await self._told(AUTHORIZE, _token(id_token), status)

    async def deauthorize_charging(self, id_token: str, status: int) -> Result:
        """Take an authorisation back."""
        return await self._told(DEAUTHORIZE, _token(id_token), status)

    async def set_enabled(self, is_enabled: bool) -> Result:  # noqa: FBT001 - the command's one argument
        """Enable or disable it."""
        return await self._told(SET_ENABLED, is_enabled)

    async def set_lock_cable_permanently(self, locked: bool) -> Result:  # noqa: FBT001 - the command's one argument
        """Lock the cable for good, or let it go."""
        return await self._told(SET_LOCK, locked)

    async def set_max_charger_current(self, limit_a: int) -> Result:
        """Set the most that the charger ever offers; kept in flash."""
        return await self._told(SET_MAX_CHARGER, _whole_a(limit_a))

    async def set_dynamic_charger_current(self, limit_a: int, ttl_min: int | None = None) -> Result:
        """Set what the charger offers; 0 pauses."""
        return await self._told(SET_CHARGER, _whole_a(limit_a), *_ttl(ttl_min))

    async def _told(self, id_: int, *arguments: Argument) -> Result:
        response = await self._send(id_, arguments)
        if response is None:
            return {"sent": True, "answer": "goes to whoever consumes the operator's queue"}
        if not response.accepted:
            raise DeviceRefused(
                f"refused command {id_}: {response.comment or 'no reason told'}", response.code
            )
        comment = response.comment or (None if response.delivered else _NOT_SENT)
        return {"accepted": True, "comment": comment, "result_code": response.code}


def _whole_a(value: float) -> int:
    if (
        isinstance(value, bool)
        or not math.isfinite(value)
        or value != int(value)
        or not 0 <= value <= _MOST_A
    ):
        raise BadRequest(f"{value} A: expected a whole number from 0 to {_MOST_A}")
    return int(value)


def _any_a(value: float) -> float:
    if isinstance(value, bool) or not 0 <= value <= _MOST_A:
        raise BadRequest(f"{value} A: expected 0 to {_MOST_A}")
    return float(value)


def _ttl(minutes: int | None) -> tuple[int, ...]:
    if minutes is None:
        return ()
    if not 0 <= minutes <= _MOST_MIN:
        raise BadRequest(f"ttl_min = {minutes}: expected 0 (for ever) to {_MOST_MIN}")
    return (int(minutes),)


def _token(id_token: str) -> str:
    if len(id_token) not in _TOKEN_CHARS:
        raise BadRequest("id_token: expected 1 to 64 characters")
    return id_token

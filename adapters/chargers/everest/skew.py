"""Skew: how far EVerest's clock is off, which decides when a limit walks into its safe entry; pure."""

from datetime import UTC, datetime
from typing import Final

from adapters.chargers.everest.picture import Picture
from adapters.chargers.everest.variables import SessionInfo

TOLERATED_S: Final = 5.0
"""Less may be the way of the message."""


def clock_complaint(picture: Picture, now: datetime) -> str:
    """Say what is wrong with EVerest's clock, right after it told its session; empty: nothing."""
    info = picture.told.get("session_info")
    ahead_s = _ahead_s(info.at, now) if isinstance(info, SessionInfo) else None
    if ahead_s is None or abs(ahead_s) <= TOLERATED_S:
        return ""
    if ahead_s > 0.0:
        return f"its clock is {ahead_s:.0f} s ahead of ours: limits lapse so much too early"
    return f"its clock is {-ahead_s:.0f} s behind ours: limits lapse so much too late"


def _ahead_s(told: str | None, now: datetime) -> float | None:
    try:
        at = datetime.fromisoformat(told or "")
    except ValueError:
        return None
    return ((at if at.tzinfo is not None else at.replace(tzinfo=UTC)) - now).total_seconds()

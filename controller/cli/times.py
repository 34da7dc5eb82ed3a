"""Times: what people write on a command line becomes an instant."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from controller.errors import SettingsError
from controller.system_clock import SystemClock

Since = Annotated[
    str | None, typer.Option("--from", help="From when on: RFC 3339, 18:30 or -2h.", show_default=False)
]
Until = Annotated[
    str | None, typer.Option("--to", help="Until when, exclusive; written alike.", show_default=False)
]

_AGO = re.compile(r"-(?P<count>\d+(\.\d+)?)(?P<unit>[smhd])")
_CLOCK = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def instant_in(text: str, option: str) -> datetime:
    """Understand RFC 3339, a time of the clock, or how long ago; without an offset it is local time.

    Raises:
        SettingsError: it is none of them.
    """
    found = parsed(text, SystemClock().now().astimezone())
    if found is None:
        raise SettingsError("command line", option, text, "expected RFC 3339, HH:MM or -2h")
    return found


def parsed(text: str, now: datetime) -> datetime | None:
    """Understand a time as seen at `now`, in its zone; `HH:MM` is the last time that the clock showed it.

    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    >>> parsed("-2h", noon).hour, parsed("18:30", noon).day, parsed("2026-05-01T00:00Z", noon).month
    (10, 31, 5)
    """
    if ago := _AGO.fullmatch(text):
        return now.astimezone(UTC) - timedelta(**{_UNITS[ago["unit"]]: float(ago["count"])})
    if clock := _CLOCK.fullmatch(text):
        return _last_shown(int(clock["hour"]), int(clock["minute"]), now)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or now.tzinfo).astimezone(UTC)


def _last_shown(hour: int, minute: int, now: datetime) -> datetime | None:
    if hour > 23 or minute > 59:  # noqa: PLR2004 - a day's hours, an hour's minutes
        return None
    today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    shown = today if today <= now else today - timedelta(days=1)
    return shown.astimezone(UTC)

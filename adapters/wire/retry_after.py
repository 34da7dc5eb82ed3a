"""Retry-After: how long a service wants to be left alone, in seconds or until a date."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_S: Final = 86_400.0
"""Nobody is left alone for longer than a day, whatever is told: the longest block that was seen."""

_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Tell how long to be quiet, at most a day; `None`: nothing is told, or nothing that makes sense.

    Names of headers are in small letters. A date is judged by the service's own clock, which its `Date`
    tells, or else by `now`; one that has passed makes no sense.

    >>> retry_after_s({"retry-after": "36000"}), retry_after_s({"retry-after": "soon"}), retry_after_s({})
    (36000.0, None, None)
    >>> noon, two = "Wed, 10 Jun 2026 12:00:00 GMT", "Wed, 10 Jun 2026 14:00:00 GMT"
    >>> retry_after_s({"retry-after": two, "date": noon})
    7200.0
    """
    told = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(told):
        return min(float(told), LONGEST_S)
    until, since = _date(told), _date(headers.get("date", "")) or now
    if until is None or since is None or until < since:
        return None
    return min((until - since).total_seconds(), LONGEST_S)


def _date(told: str) -> datetime | None:
    """Read a date of HTTP; one without a zone is UTC."""
    try:
        at = parsedate_to_datetime(told)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

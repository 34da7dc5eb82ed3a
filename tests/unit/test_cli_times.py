from datetime import UTC, datetime, timedelta, timezone

import pytest

from controller.cli.times import instant_in, parsed
from controller.errors import SettingsError

ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 6, 2, 9, 15, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-06-01T18:30:00+02:00", datetime(2026, 6, 1, 16, 30, tzinfo=UTC)),
        ("2026-06-01T18:30:00Z", datetime(2026, 6, 1, 18, 30, tzinfo=UTC)),
        ("2026-06-01T18:30", datetime(2026, 6, 1, 16, 30, tzinfo=UTC)),
        ("2026-06-01", datetime(2026, 5, 31, 22, 0, tzinfo=UTC)),
        ("08:00", datetime(2026, 6, 2, 6, 0, tzinfo=UTC)),
        ("18:30", datetime(2026, 6, 1, 16, 30, tzinfo=UTC)),
        ("-2h", datetime(2026, 6, 2, 5, 15, tzinfo=UTC)),
        ("-1.5m", datetime(2026, 6, 2, 7, 13, 30, tzinfo=UTC)),
        ("-1d", datetime(2026, 6, 1, 7, 15, tzinfo=UTC)),
    ],
)
def test_a_time_is_understood_as_people_write_it(text: str, at: datetime) -> None:
    assert parsed(text, NOW) == at


@pytest.mark.parametrize("text", ["", "24:00", "12:60", "2h", "-2 h", "-2w", "yesterday", "2026-13-01"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="expected RFC 3339, HH:MM or -2h"):
        instant_in(text, "--from")

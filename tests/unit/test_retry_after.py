"""How long a service wants to be left alone."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.wire.retry_after import retry_after_s

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
TWO = "Wed, 10 Jun 2026 14:00:00 GMT"


def test_seconds_are_kept_to_though_they_are_many_hours() -> None:
    assert retry_after_s({"retry-after": "43200"}) == 43_200.0


def test_nobody_is_left_alone_for_longer_than_a_day() -> None:
    assert retry_after_s({"retry-after": "9" * 400}) == 86_400.0


def test_a_date_is_judged_by_the_services_own_clock() -> None:
    headers = {"retry-after": TWO, "date": format_datetime(NOON, usegmt=True)}

    assert retry_after_s(headers, NOON + timedelta(days=300)) == 7200.0


def test_without_the_services_clock_a_date_is_judged_by_ours() -> None:
    assert retry_after_s({"retry-after": TWO}, NOON) == 7200.0


@pytest.mark.parametrize("told", ["soon", "-5", "nan", "inf", "", "١٢", "Wed, 10 Jun 2026 11:59:59 GMT"])
def test_what_says_nothing_or_has_passed_is_none(told: str) -> None:
    assert retry_after_s({"retry-after": told}, NOON) is None


@given(told=st.text(max_size=40), date=st.text(max_size=40))
def test_whatever_is_told_it_ends_within_a_day(told: str, date: str) -> None:
    told_s = retry_after_s({"retry-after": told, "date": date}, NOON)

    assert told_s is None or 0.0 <= told_s <= 86_400.0

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from simulator.prices import RecordedTariff, recorded_prices, recorded_week

MONDAY = datetime(2024, 6, 24, tzinfo=UTC)


def test_the_recorded_week_has_every_hour_from_monday_to_sunday() -> None:
    starts, prices = recorded_week()

    assert starts == MONDAY
    assert len(prices) == 168
    assert (min(prices), max(prices)) == (-0.03, 0.20334)


def test_the_first_hour_is_what_the_file_says() -> None:
    (slot,) = recorded_prices(MONDAY, MONDAY + timedelta(hours=1))

    assert slot.import_per_kwh == slot.export_per_kwh == pytest.approx(0.08993)


def test_another_week_has_the_same_prices_at_the_same_hours_of_the_week() -> None:
    later = MONDAY + timedelta(weeks=125, days=2, hours=5)

    slots = recorded_prices(later, later + timedelta(hours=3))
    originals = recorded_prices(MONDAY + timedelta(days=2, hours=5), MONDAY + timedelta(days=2, hours=8))

    assert [slot.import_per_kwh for slot in slots] == [slot.import_per_kwh for slot in originals]
    assert [slot.starts.year for slot in slots] == [2026] * 3


def test_slots_cover_the_span_without_gaps() -> None:
    since = MONDAY - timedelta(days=10, minutes=25)

    slots = recorded_prices(since, since + timedelta(days=3))

    assert slots[0].starts <= since
    assert slots[-1].ends >= since + timedelta(days=3)
    assert all(one.ends == following.starts for one, following in pairwise(slots))


async def test_the_tariff_adds_taxes_to_the_import_only() -> None:
    (slot,) = await RecordedTariff(surcharge_per_kwh=0.15).prices(MONDAY, MONDAY + timedelta(hours=1))

    assert slot.import_per_kwh == pytest.approx(0.23993)
    assert slot.export_per_kwh == pytest.approx(0.08993)

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.catalog import Surroundings
from adapters.tariffs.table import FixedSettings, TableSettings, TableTariff, build_fixed, build_table
from controller.domain.readings import PriceSlot
from tests.fakes.clock import FakeClock

BERLIN = ZoneInfo("Europe/Berlin")

NIGHT_AND_DAY = [
    {"from": "22:00", "to": "06:00", "import_per_kwh": 0.20},
    {"from": "06:00", "to": "22:00", "import_per_kwh": 0.30, "export_per_kwh": 0.08},
]


def table(rows: list[dict[str, Any]], timezone: str = "Europe/Berlin") -> TableTariff:
    checked = TableSettings.model_validate({"timezone": timezone, "rows": rows})
    return build_table("table", checked, Surroundings(clock=FakeClock(), site=None))


def local(*at: int) -> datetime:
    return datetime(*at, tzinfo=BERLIN)  # type: ignore[arg-type, misc]


def price_at(slots: tuple[PriceSlot, ...], at: datetime) -> float:
    # Instants are compared in UTC: within one zone Python would compare the clock on the wall.
    utc = at.astimezone(UTC)
    return next(slot.import_per_kwh for slot in slots if slot.starts <= utc < slot.ends)


async def test_night_and_day_have_their_prices() -> None:
    slots = await table(NIGHT_AND_DAY).prices(local(2026, 6, 1), local(2026, 6, 2))

    assert price_at(slots, local(2026, 6, 1, 5, 59)) == 0.20
    assert price_at(slots, local(2026, 6, 1, 6, 0)) == 0.30
    assert price_at(slots, local(2026, 6, 1, 22, 0)) == 0.20
    assert slots[6].export_per_kwh == 0.08


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 6, 1), 24), ((2026, 10, 25), 25)])
async def test_prices_follow_the_clock_on_the_wall(day: tuple[int, int, int], hours: int) -> None:
    start = local(*day)
    end = start + timedelta(days=1)

    slots = await table(NIGHT_AND_DAY).prices(start, end)

    assert sum((slot.ends - slot.starts for slot in slots), timedelta()) == timedelta(hours=hours)
    assert price_at(slots, local(*day, 5, 45)) == 0.20
    assert price_at(slots, local(*day, 6, 0)) == 0.30


async def test_the_hour_that_summer_time_repeats_costs_the_same_twice() -> None:
    rows = [
        {"from": "02:00", "to": "03:00", "import_per_kwh": 0.50},
        {"from": "03:00", "to": "02:00", "import_per_kwh": 0.10},
    ]

    slots = await table(rows).prices(local(2026, 10, 25), local(2026, 10, 26))

    assert [slot.import_per_kwh for slot in slots[:5]] == [0.10, 0.10, 0.50, 0.50, 0.10]


async def test_a_weekend_has_its_own_price() -> None:
    rows = [
        {"days": ["mon", "tue", "wed", "thu", "fri"], "import_per_kwh": 0.30},
        {"days": ["sat", "sun"], "import_per_kwh": 0.25},
    ]

    slots = await table(rows).prices(local(2026, 6, 5), local(2026, 6, 9))

    assert price_at(slots, local(2026, 6, 5, 23, 59)) == 0.30
    assert price_at(slots, local(2026, 6, 6)) == 0.25
    assert price_at(slots, local(2026, 6, 7, 23, 59)) == 0.25
    assert price_at(slots, local(2026, 6, 8)) == 0.30


async def test_a_night_that_begins_on_sunday_ends_on_monday() -> None:
    rows = [
        {"days": ["sun"], "from": "22:00", "to": "06:00", "import_per_kwh": 0.10},
        {"days": ["sun"], "from": "06:00", "to": "22:00", "import_per_kwh": 0.20},
        {"days": ["mon"], "from": "06:00", "to": "24:00", "import_per_kwh": 0.30},
        {"days": ["tue", "wed", "thu", "fri", "sat"], "import_per_kwh": 0.30},
        {"days": ["sat"], "from": "24:00", "to": "06:00", "import_per_kwh": 0.40},
    ]

    slots = await table(rows).prices(local(2026, 6, 7), local(2026, 6, 9))

    assert price_at(slots, local(2026, 6, 7, 5)) == 0.40
    assert price_at(slots, local(2026, 6, 8, 5, 59)) == 0.10
    assert price_at(slots, local(2026, 6, 8, 6)) == 0.30


async def test_a_slot_starts_at_the_same_instant_whenever_it_is_asked_for() -> None:
    rows = [
        {"from": "00:00", "to": "12:30", "import_per_kwh": 0.30},
        {"from": "12:30", "to": "24:00", "import_per_kwh": 0.20},
    ]
    tariff = table(rows)

    early = await tariff.prices(local(2026, 6, 1, 11, 7), local(2026, 6, 1, 15))
    late = await tariff.prices(local(2026, 6, 1, 12, 50), local(2026, 6, 1, 15))

    assert set(late) <= set(early)
    assert [slot.starts.minute for slot in late] == [30, 0, 0]


async def test_a_fixed_price_never_changes() -> None:
    fixed = build_fixed(
        "fixed", FixedSettings(import_per_kwh=0.3), Surroundings(clock=FakeClock(), site=None)
    )

    slots = await fixed.prices(local(2026, 10, 25), local(2026, 10, 26))

    assert len(slots) == 25
    assert {slot.import_per_kwh for slot in slots} == {0.3}


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([{"to": "12:00"}], "none holds on mon 12:00"),
        ([{"days": ["mon", "tue", "wed", "thu", "fri", "sat"]}], "none holds on sun 00:00"),
        ([{}, {"days": ["wed"], "from": "12:00", "to": "13:00"}], "rows 1 and 2 both hold on wed 12:00"),
        ([{}, {"days": ["sun"], "from": "23:00", "to": "01:00"}], "rows 1 and 2 both hold on sun 23:00"),
        ([{"days": ["mon", "mon"]}], "rows 1 and 1 both hold on mon 00:00"),
        ([{"from": "06:10"}], "pattern"),
        ([{"days": []}], "at least 1"),
        ([{"days": ["montag"]}], "'mon'"),
        ([], "at least 1"),
    ],
)
def test_a_table_with_gaps_or_overlaps_is_refused(rows: list[dict[str, Any]], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        table([{"import_per_kwh": 0.3, **row} for row in rows])


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="expected a time zone like Europe/Berlin"):
        table([{"import_per_kwh": 0.3}], timezone="Europe/Bärlin")


@settings(max_examples=40, deadline=None)
@given(
    since=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    hours=st.integers(1, 60),
    zone=st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]),
)
async def test_slots_cover_every_span_without_gap_or_overlap(since: datetime, hours: int, zone: str) -> None:
    until = since + timedelta(hours=hours)

    slots = await table(NIGHT_AND_DAY, zone).prices(since, until)

    assert slots[0].starts <= since < slots[0].ends
    assert slots[-1].ends >= until
    assert all(earlier.ends == later.starts for earlier, later in pairwise(slots))

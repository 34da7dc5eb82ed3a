import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.tariffs.awattar import AwattarSettings, AwattarSource
from adapters.tariffs.energy_charts import EnergyChartsSettings, EnergyChartsSource
from controller.errors import DeviceNonsense

FIXTURES = Path(__file__).parents[1] / "fixtures" / "tariffs"

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


def answer(name: str) -> object:
    found: object = json.loads((FIXTURES / name).read_text())
    return found


def awattar(**keys: object) -> AwattarSource:
    return AwattarSource("awattar", AwattarSettings.model_validate(keys))


def charts(**keys: object) -> EnergyChartsSource:
    return EnergyChartsSource("energy_charts", EnergyChartsSettings.model_validate(keys))


def priced_hour(**changes: object) -> dict[str, object]:
    row = {"start_timestamp": 1_764_547_200_000, "end_timestamp": 1_764_550_800_000, "marketprice": 50.0}
    return {**row, "unit": "Eur/MWh", **changes}


def columns(seconds: list[object], prices: list[object], unit: str = "EUR / MWh") -> dict[str, object]:
    return {"unix_seconds": seconds, "price": prices, "unit": unit}


@pytest.mark.parametrize(
    ("source", "name", "count", "length"),
    [
        (awattar(), "awattar_de_2026-03-29.json", 23, HOUR),
        (awattar(), "awattar_at_2025-10-26.json", 25, HOUR),
        (charts(), "energy_charts_de_2026-03-29.json", 92, QUARTER),
        (charts(), "energy_charts_de_2025-10-26.json", 100, QUARTER),
    ],
)
def test_a_day_has_as_many_slots_as_summer_time_leaves(
    source: AwattarSource | EnergyChartsSource, name: str, count: int, length: timedelta
) -> None:
    slots = source.slots(answer(name))

    assert len(slots) == count
    assert {slot.ends - slot.starts for slot in slots} == {length}
    assert all(earlier.ends == later.starts for earlier, later in pairwise(slots))


def test_hours_turn_into_quarter_hours_without_a_gap() -> None:
    slots = charts().slots(answer("energy_charts_de_2025-09-30.json"))

    lengths = [slot.ends - slot.starts for slot in slots]
    assert lengths == [HOUR] * 24 + [QUARTER] * 96
    assert all(earlier.ends == later.starts for earlier, later in pairwise(slots))


def test_a_price_per_mwh_becomes_what_a_kwh_costs() -> None:
    source = awattar(surcharge_per_kwh=0.15, factor=1.19, export_at_market=True)

    slot = source.slots({"data": [priced_hour(marketprice=-20.0)]})[0]

    assert slot.import_per_kwh == pytest.approx((-0.02 + 0.15) * 1.19)
    assert slot.export_per_kwh == pytest.approx(-0.02)


def test_a_feed_in_price_is_unknown_until_it_is_said() -> None:
    assert awattar().slots({"data": [priced_hour()]})[0].export_per_kwh is None
    assert awattar(export_per_kwh=0.08).slots({"data": [priced_hour()]})[0].export_per_kwh == 0.08


def test_slots_come_sorted() -> None:
    later = priced_hour(start_timestamp=1_764_550_800_000, end_timestamp=1_764_554_400_000)

    slots = awattar().slots({"data": [later, priced_hour()]})

    assert slots[0].starts == datetime(2025, 12, 1, tzinfo=UTC)
    assert slots[1].starts > slots[0].starts


@pytest.mark.parametrize(
    "wrong",
    [
        {"marketprice": None},
        {"marketprice": "50"},
        {"marketprice": True},
        {"marketprice": float("nan")},
        {"marketprice": 10**400},
        {"marketprice": 99_999},
        {"unit": "ct/kWh"},
        {"start_timestamp": None},
        {"start_timestamp": -1},
        {"end_timestamp": 1_764_547_200_000},
        {"end_timestamp": 1_764_633_600_000},
    ],
)
def test_an_hour_that_makes_no_sense_is_left_out(wrong: dict[str, object]) -> None:
    slots = awattar().slots({"data": [priced_hour(**wrong), priced_hour(marketprice=1.0)], "more": 1})

    assert [slot.import_per_kwh for slot in slots] == [0.001]


@pytest.mark.parametrize(
    "wrong", [None, [], {}, {"data": None}, {"data": "x"}, {"data": [1]}, {"data": [{}]}]
)
def test_an_answer_of_awattar_that_makes_no_sense_is_refused(wrong: object) -> None:
    with pytest.raises(DeviceNonsense, match="awattar"):
        awattar().slots(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        columns([1], [1, 2]),
        columns([1_764_547_200], [50], unit="GBP / MWh"),
        columns(["x"], [50]),
        {"unix_seconds": 1, "price": 2},
    ],
)
def test_an_answer_of_energy_charts_that_makes_no_sense_is_refused(wrong: object) -> None:
    with pytest.raises(DeviceNonsense, match="energy-charts"):
        charts().slots(wrong)


def test_a_day_that_is_not_published_yet_is_empty() -> None:
    assert awattar().slots({"object": "list", "data": []}) == ()
    assert charts().slots(columns([], [])) == ()
    assert charts().slots(columns([1_764_547_200, 1_764_548_100], [None, None])) == ()


def test_a_missing_price_is_a_gap_and_not_zero() -> None:
    start = 1_764_547_200

    slots = charts().slots(columns([start, start + 900, start + 1800], [10.0, None, 30.0]))

    assert [slot.import_per_kwh for slot in slots] == [0.01, 0.03]
    assert slots[0].ends < slots[1].starts


def test_a_missing_start_makes_no_slot_longer() -> None:
    start = 1_764_547_200

    slots = charts().slots(columns([start, start + 900, start + 3600, start + 4500], [1.0, 2.0, 3.0, 4.0]))

    assert {slot.ends - slot.starts for slot in slots} == {QUARTER}


def test_a_span_is_asked_for_in_the_words_of_the_provider() -> None:
    since, until = datetime(2025, 12, 1, tzinfo=UTC), datetime(2025, 12, 2, tzinfo=UTC)

    assert awattar().question(since, until) == {"start": "1764547200000", "end": "1764633600000"}
    assert charts(zone="AT").question(since, until) == {
        "bzn": "AT",
        "start": "2025-12-01T00:00Z",
        "end": "2025-12-02T00:00Z",
    }


def test_each_country_has_its_own_feed() -> None:
    assert awattar(country="AT").url == "https://api.awattar.at/v1/marketdata"
    assert awattar().url == "https://api.awattar.de/v1/marketdata"


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_any_json_is_understood_or_refused(document: object) -> None:
    wrapped = [document, {"data": [document]}, columns([document], [document])]
    for source in (awattar(), charts()):
        for one in wrapped:
            try:
                slots = source.slots(one)
            except DeviceNonsense:
                continue
            assert all(slot.starts < slot.ends for slot in slots)

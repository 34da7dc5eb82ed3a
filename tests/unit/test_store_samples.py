"""Samples become minutes and minutes quarter hours; what nobody told is part of no mean."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from adapters.store.means import condensed
from adapters.store.sampling import MINUTE_S, Sampler, unpacked
from tests.fakes.recorded_house import NOON, charger, snapshot


def test_a_minute_is_handed_out_when_the_next_begins() -> None:
    sampler = Sampler()
    done = [
        minute for at_s in range(61) for minute in sampler.feed(snapshot(float(at_s), grid_w=10.0 * at_s))
    ]

    grid = next(minute for minute in done if minute.device == "meter:grid")
    assert grid.starts == NOON
    assert len(grid.samples) == MINUTE_S
    assert grid.mean_row["power_w"] == pytest.approx(295.0)


def test_a_reading_that_was_seen_before_is_not_sampled_again() -> None:
    sampler = Sampler()
    tick = snapshot(1.0)
    sampler.feed(tick)

    sampler.feed(replace(tick, mono_s=tick.mono_s + 1.0, at=tick.at + timedelta(seconds=1)))

    assert [len(minute.samples) for minute in sampler.flush()] == [1, 1]


def test_samples_come_back_without_the_columns_that_nobody_told() -> None:
    sampler = Sampler()
    sampler.feed(snapshot(1.25, charger(1.0, power_w=690.0), grid_w=12.34))

    bodies = {minute.device: unpacked(bytes(minute.sample_row["body"])) for minute in sampler.flush()}  # type: ignore[call-overload]

    assert bodies["meter:grid"][0]["power_w"] == 12.3
    assert bodies["charger:garage"][0] == {
        "at_s": 1.0,
        "l1_a": 1.0,
        "l2_a": 1.0,
        "l3_a": 1.0,
        "power_w": 690.0,
        "limit_a": 10.0,
        "plug": "C",
    }


def test_a_value_that_is_missing_is_not_part_of_the_mean() -> None:
    sampler = Sampler()
    for at_s, power_w in ((1.0, 100.0), (2.0, None), (3.0, 300.0)):
        sampler.feed(snapshot(at_s, grid_w=power_w))

    grid = next(minute for minute in sampler.flush() if minute.device == "meter:grid")

    assert grid.mean_row["power_w"] == 200.0
    assert grid.mean_row["import_wh"] is None


def minutes(*powers_w: tuple[float | None, int]) -> Iterator[dict[str, object]]:
    """Tell minutes from noon on, with the samples behind each mean."""
    for index, (power_w, count) in enumerate(powers_w):
        told = dict.fromkeys(("l1_a", "l2_a", "l3_a", "soc_pct", "limit_a", "export_wh", "session_wh"))
        starts: datetime = NOON + timedelta(minutes=index)
        yield {
            **told,
            "device": "meter:grid",
            "starts": starts,
            "count": count,
            "power_w": power_w,
            "import_wh": None if power_w is None else 1000.0 + index,
        }


def test_a_quarter_hour_weighs_its_minutes_by_their_samples() -> None:
    (quarter,) = condensed(minutes((100.0, 60), (400.0, 30), (None, 5)))

    assert quarter["power_w"] == 200.0
    assert quarter["count"] == 95
    assert quarter["import_wh"] == 1001.0


def test_quarter_hours_end_on_the_clock() -> None:
    quarters = list(condensed(minutes(*((1.0, 60) for _ in range(31)))))

    assert [quarter["starts"] for quarter in quarters] == [
        NOON + timedelta(minutes=minute) for minute in (0, 15, 30)
    ]

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.codec import (
    decision_from_json,
    decision_json,
    digest,
    schema,
    site_json,
    snapshot_from_json,
    snapshot_json,
    tick_from_json,
    tick_json,
)
from controller.domain.readings import PersonPlan, PersonRequest, SiteCap
from controller.domain.snapshot import CircuitMemory, Memory
from controller.errors import SettingsError
from tests.fakes.recorded_house import (
    GARAGE,
    MAIN,
    NOON,
    SITE,
    YARD,
    charger,
    decision,
    snapshot,
    verdict,
    write,
)

FULL = replace(
    snapshot(1.5, charger(1.0, power_w=6900.0), charger(1.25, YARD), grid_w=-120.5),
    cap=SiteCap(limit_w=4200.0, until=NOON),
    requests={GARAGE: PersonRequest(mode="plan", plan=PersonPlan(by=NOON, energy_wh=1e4))},
    out_of_service=frozenset({YARD, GARAGE}),
    limiters={MAIN: (999.5, (16.0, 16.0, 16.0))},
    memory=Memory(
        circuits={MAIN: CircuitMemory(background_a=(1.0, -2.5, 0.0), seen=((1.0, (1.0,) * 3, (2.0,) * 3),))},
        policies={"solar": {GARAGE: (1.0, 2.5)}},
    ),
)


def test_a_snapshot_comes_back_as_it_was() -> None:
    assert snapshot_from_json(snapshot_json(FULL)) == FULL


def test_a_decision_comes_back_as_it_was() -> None:
    decided = decision(1.5, writes=(write(),))

    assert decision_from_json(decision_json(decided)) == decided


def test_a_tick_comes_back_on_the_very_site_it_is_given() -> None:
    restored = tick_from_json(tick_json(FULL), SITE)

    assert restored == FULL
    assert restored.site is SITE


def test_a_tick_does_not_carry_the_site() -> None:
    assert "site" not in json.loads(tick_json(FULL))


def test_equal_values_have_equal_bytes_whatever_order_their_mappings_were_filled_in() -> None:
    turned = replace(FULL, chargers=dict(sorted(FULL.chargers.items(), reverse=True)))

    assert snapshot_json(turned) == snapshot_json(FULL)


def test_whole_numbers_and_floats_of_equal_value_have_equal_bytes() -> None:
    as_whole = replace(SITE, circuits=(replace(SITE.circuits[0], limit_a=(25, 25, 25)),))

    assert as_whole == SITE
    assert site_json(as_whole) == site_json(SITE)


def test_minus_zero_looks_like_zero() -> None:
    assert digest(decision(0.0, verdict(value=-0.0))) == digest(decision(0.0, verdict(value=0.0)))


def test_an_instant_of_another_zone_has_the_bytes_of_its_utc() -> None:
    there = FULL.at.astimezone(timezone(timedelta(hours=2)))

    assert snapshot_json(replace(FULL, at=there)) == snapshot_json(FULL)


def test_decisions_that_differ_have_different_digests() -> None:
    assert digest(decision(0.0, verdict(share_a=9.0))) != digest(decision(0.0, verdict(share_a=10.0)))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="recorded"):
        decision_json(decision(0.0, verdict(value=value)))


@given(value=st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=200)
def test_every_finite_number_survives(value: float) -> None:
    decided = decision(0.0, verdict(value=value))

    assert decision_from_json(decision_json(decided)) == decided


@given(at=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
@settings(max_examples=50)
def test_every_instant_survives_to_the_microsecond(at: datetime) -> None:
    tick = replace(FULL, at=at.astimezone(NOON.tzinfo))

    assert snapshot_from_json(snapshot_json(tick)).at == tick.at


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"limit_w":4200', b'"limit_w":"much"', "tick.json: cap.limit_w = 'much': "),
        (b'"limit_w":4200', b'"limit_w":NaN', "tick.json: cap.limit_w = nan: "),
        (b'"limit_w":4200', b'"limit_kw":4.2,"limit_w":4200', "tick.json: cap.limit_kw = 4.2: "),
        (b'"recording":true', b'"recording":maybe', "tick.json: Invalid JSON"),
    ],
)
def test_what_is_no_snapshot_is_refused_with_file_and_key(old: bytes, new: bytes, said: str) -> None:
    wrong = snapshot_json(FULL).replace(old, new)

    with pytest.raises(SettingsError) as caught:
        snapshot_from_json(wrong, "tick.json")

    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_two_documents_in_one_are_refused() -> None:
    with pytest.raises(SettingsError):
        snapshot_from_json(snapshot_json(FULL) + b"," + snapshot_json(FULL))


@pytest.mark.parametrize(("name", "title"), [("snapshot", "Snapshot"), ("decision", "Decision")])
def test_the_schema_describes_every_key(name: str, title: str) -> None:
    described = schema("snapshot" if name == "snapshot" else "decision")

    written = json.loads(snapshot_json(FULL) if name == "snapshot" else decision_json(decision(0.0)))
    assert set(described["$defs"][title]["properties"]) == set(written)
    assert described["$ref"] == f"#/$defs/{title}"

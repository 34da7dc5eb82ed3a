import json
from dataclasses import replace
from datetime import timedelta

from adapters.panel import state_topics
from controller.domain.readings import (
    PersonPlan,
    PersonRequest,
    SiteCap,
)
from controller.domain.snapshot import Snapshot
from controller.domain.writes import Decision
from tests.fakes.example_tick import AT, DECISION, EXTRAS, GARAGE, GRID, MAIN, SNAPSHOT


def shown(snapshot: Snapshot = SNAPSHOT, decision: Decision = DECISION) -> dict[str, str]:
    topics = state_topics(decision, snapshot, EXTRAS)
    return {topic: payload.decode() for topic, payload in topics.items()}


def test_every_state_topic_of_a_charger_carries_one_value() -> None:
    topics = shown()
    assert {topic: value for topic, value in topics.items() if topic.startswith("charger/garage/")} == {
        "charger/garage/mode": "solar",
        "charger/garage/state": "C",
        "charger/garage/share_a": "9",
        "charger/garage/told_a": "10",
        "charger/garage/promise_a": "10",
        "charger/garage/reason": "9 A: main fuse L2 leaves 9 A",
        "charger/garage/current_a": "9",
        "charger/garage/power_w": "4110",
        "charger/garage/session_kwh": "12.35",
        "charger/garage/limit_a": '{"limit_a":null,"until":null}',
        "charger/garage/boost": '{"until":null}',
        "charger/garage/plan": '{"energy_kwh":null,"soc_pct":null,"by":null}',
    }


def test_a_charger_is_also_one_json_document() -> None:
    document = json.loads(shown()["charger/garage"])
    assert document["share_a"] == 9
    assert document["reason"] == "9 A: main fuse L2 leaves 9 A"
    assert document["reasons"] == [{"code": "circuit", "by": "main", "current_a": 9}]
    assert document["plan"]["by"] is None


def test_what_persons_asked_is_shown_with_its_expiry() -> None:
    request = PersonRequest(
        limit_a=10.0,
        limit_until=AT + timedelta(hours=2),
        boost_until=AT + timedelta(minutes=30, microseconds=7),
        plan=PersonPlan(by=AT + timedelta(hours=8), energy_wh=20_000.0),
    )
    topics = shown(replace(SNAPSHOT, requests={GARAGE: request}))
    assert topics["charger/garage/limit_a"] == '{"limit_a":10,"until":"2026-06-01T14:00:00Z"}'
    assert topics["charger/garage/boost"] == '{"until":"2026-06-01T12:30:00Z"}'
    assert topics["charger/garage/plan"] == '{"energy_kwh":20,"soc_pct":null,"by":"2026-06-01T20:00:00Z"}'


def test_a_silent_charger_shows_no_old_values() -> None:
    silent = replace(DECISION.chargers[GARAGE], silent=True)
    topics = shown(decision=replace(DECISION, chargers={GARAGE: silent}))
    assert topics["charger/garage/state"] == "silent"
    assert topics["charger/garage/current_a"] == "null"
    assert topics["charger/garage/power_w"] == "null"
    assert topics["charger/garage/session_kwh"] == "null"


def test_a_circuit_shows_its_currents_and_its_smallest_headroom() -> None:
    topics = shown()
    assert topics["circuit/main/l1_a"] == "10"
    assert topics["circuit/main/l2_a"] == "null"
    assert topics["circuit/main/l3_a"] == "-3"
    assert topics["circuit/main/headroom_a"] == "3.3"
    assert json.loads(topics["circuit/main"])["blind"] is False


def test_the_site_shows_its_powers_and_the_price() -> None:
    topics = shown()
    assert topics["site/grid_power_w"] == "-1234"
    assert topics["site/solar_power_w"] == "3000"
    assert topics["site/price"] == "0.27123"
    assert "site/battery_power_w" not in topics


def test_a_stale_meter_shows_null_and_not_its_last_value() -> None:
    topics = shown(replace(SNAPSHOT, mono_s=200.0))
    assert topics["site/grid_power_w"] == "null"
    assert topics["site/solar_power_w"] == "null"


def test_a_price_that_is_not_known_is_null() -> None:
    assert shown(replace(SNAPSHOT, at=AT + timedelta(hours=1)))["site/price"] == "null"


def test_a_grid_operators_cap_is_shown_with_its_expiry() -> None:
    cap = SiteCap(limit_w=4200.0, until=AT + timedelta(minutes=15))
    assert shown(replace(SNAPSHOT, cap=cap))["site/limit_w"] == (
        '{"limit_w":4200,"until":"2026-06-01T12:15:00Z"}'
    )


def test_tuning_values_are_shown() -> None:
    assert shown()["policy/solar/surplus/start_w"] == "1400"


def test_noise_below_what_is_shown_changes_nothing() -> None:
    noisy = replace(SNAPSHOT.meters[GRID], power_w=-1234.2)
    assert shown(replace(SNAPSHOT, meters={**SNAPSHOT.meters, GRID: noisy})) == shown()


def test_a_number_that_is_not_finite_is_not_known() -> None:
    broken = replace(SNAPSHOT.meters[GRID], power_w=float("nan"))
    assert shown(replace(SNAPSHOT, meters={**SNAPSHOT.meters, GRID: broken}))["site/grid_power_w"] == "null"


def test_nobody_is_told_what_is_left_behind_a_silent_meter() -> None:
    blind = replace(DECISION, circuits={MAIN: replace(DECISION.circuits[MAIN], blind=True)})

    assert shown(decision=blind)["circuit/main/headroom_a"] == "null"


def test_a_cap_that_has_ended_is_not_shown() -> None:
    cap = SiteCap(limit_w=4200.0, until=AT)

    assert shown(replace(SNAPSHOT, cap=cap))["site/limit_w"] == '{"limit_w":null,"until":null}'

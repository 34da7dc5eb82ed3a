import json
from dataclasses import replace
from datetime import timedelta

import pytest

from controller.domain.readings import SiteCap
from controller.domain.reasons import Code, Reason
from controller.domain.units import ChargerId
from controller.domain.writes import ChargerVerdict
from controller.report import explanation, margin_a, site_report
from tests.fakes.example_tick import AT, DECISION, GARAGE, MAIN, SNAPSHOT

SPEC = SNAPSHOT.site.charger[GARAGE]
VERDICT = DECISION.chargers[GARAGE]


def verdict(share_a: float, *reasons: Reason) -> ChargerVerdict:
    return replace(VERDICT, share_a=share_a, reasons=reasons)


def reason(code: Code, current_a: float | None = None) -> Reason:
    return Reason(code=code, by="main", current_a=current_a)


def test_a_report_tells_the_site_in_plain_values() -> None:
    report = site_report(SNAPSHOT, DECISION)

    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["at"] == "2026-06-01T12:00:00.000Z"
    assert report["power_w"] == {"grid": -1234.4, "solar": 3000.2, "battery": None}
    assert report["price_per_kwh"] == 0.271


def test_a_phase_that_is_not_told_is_null_and_not_zero() -> None:
    report = site_report(SNAPSHOT, DECISION)

    (circuit,) = json.loads(json.dumps(report["circuits"]))
    assert circuit["measured_a"] == [10.04, None, -3]


def test_an_old_sample_of_a_meter_is_not_told() -> None:
    later = replace(SNAPSHOT, mono_s=SNAPSHOT.mono_s + 60.0)

    assert site_report(later, DECISION)["power_w"] == {"grid": None, "solar": None, "battery": None}


def test_an_explanation_names_what_binds_and_the_way_out() -> None:
    document = json.loads(json.dumps(explanation(SNAPSHOT, DECISION, GARAGE)))

    assert document["binds"] == document["reasons"][-1]
    assert document["would_help"] == "less load on main L2"
    assert document["margin_a"] == 7


def test_an_unknown_charger_cannot_be_explained() -> None:
    with pytest.raises(KeyError):
        explanation(SNAPSHOT, DECISION, ChargerId("nobody"))


def test_the_margin_reaches_to_the_next_thing_that_would_bind() -> None:
    bound = verdict(9.0, reason(Code.SURPLUS, 14.0), reason(Code.CIRCUIT, 9.0))

    assert margin_a(SPEC, bound) == 5.0


def test_the_margin_reaches_to_the_maximum_where_nothing_else_would_bind() -> None:
    assert margin_a(SPEC, verdict(9.0, reason(Code.CIRCUIT, 9.0))) == SPEC.max_a - 9.0


def test_who_has_all_that_is_wanted_has_no_margin() -> None:
    assert margin_a(SPEC, verdict(16.0, reason(Code.MAXIMUM, 16.0))) is None


def test_what_only_delays_a_write_does_not_bind() -> None:
    waiting = verdict(9.0, reason(Code.CIRCUIT, 9.0), reason(Code.WAITS_FOR_DWELL))

    assert margin_a(SPEC, waiting) == SPEC.max_a - 9.0


def test_nobody_is_told_what_is_left_behind_a_silent_meter() -> None:
    blind = replace(DECISION, circuits={MAIN: replace(DECISION.circuits[MAIN], blind=True)})

    (circuit,) = json.loads(json.dumps(site_report(SNAPSHOT, blind)["circuits"]))
    assert circuit["headroom_a"] == [None, None, None]


@pytest.mark.parametrize(("left_s", "told_w"), [(1, 4200), (0, None), (-1, None)])
def test_a_cap_is_told_while_it_is_in_force(left_s: int, told_w: int | None) -> None:
    cap = SiteCap(limit_w=4200.0, until=AT + timedelta(seconds=left_s))

    assert site_report(replace(SNAPSHOT, cap=cap), DECISION)["operator_cap_w"] == told_w

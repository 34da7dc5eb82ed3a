import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.panel import parse_command
from controller.commands import (
    Boost,
    Command,
    Known,
    Refusal,
    SetCeiling,
    SetMode,
    SetParameter,
    SetPlan,
    SetSiteCap,
)
from controller.domain.units import ChargerId
from tests.fakes.example_tick import GARAGE, KNOWN

ACCEPTED: list[tuple[str, bytes, Command]] = [
    ("charger/garage/mode/set", b"solar", SetMode(charger=GARAGE, mode="solar")),
    ("charger/garage/limit_a/set", b"10", SetCeiling(charger=GARAGE, limit_a=10.0)),
    ("charger/garage/limit_a/set", b"0", SetCeiling(charger=GARAGE, limit_a=0.0)),
    ("charger/garage/limit_a/set", b"", SetCeiling(charger=GARAGE, limit_a=None)),
    (
        "charger/garage/limit_a/set",
        b'{"limit_a": 8, "ttl_s": 3600}',
        SetCeiling(charger=GARAGE, limit_a=8.0, ttl_s=3600.0),
    ),
    ("charger/garage/boost/set", b"30", Boost(charger=GARAGE, duration_s=1800.0)),
    ("charger/garage/boost/set", b"0", Boost(charger=GARAGE, duration_s=0.0)),
    (
        "charger/garage/plan/set",
        b'{"energy_kwh": 20.5, "by": "2026-06-02T07:00:00+02:00"}',
        SetPlan(charger=GARAGE, energy_wh=20500.0, by=datetime(2026, 6, 2, 5, tzinfo=UTC)),
    ),
    (
        "charger/garage/plan/set",
        b'{"soc_pct": 80, "by": "2026-06-02T05:00:00Z"}',
        SetPlan(charger=GARAGE, soc_pct=80.0, by=datetime(2026, 6, 2, 5, tzinfo=UTC)),
    ),
    ("charger/garage/plan/set", b"", SetPlan(charger=GARAGE)),
    (
        "policy/solar/surplus/start_w/set",
        b"2000",
        SetParameter(mode="solar", policy="surplus", parameter="start_w", value=2000.0),
    ),
    ("site/limit_w/set", b'{"limit_w": 4200, "ttl_s": 900}', SetSiteCap(limit_w=4200.0, ttl_s=900.0)),
]

REFUSED: list[tuple[str, bytes, str]] = [
    ("charger/shed/mode/set", b"solar", "unknown charger 'shed'; known: garage"),
    ("charger/garage/mode/set", b"turbo", "unknown mode 'turbo'; known: fast, solar"),
    ("charger/garage/mode/set", b"\xff\xfe", "expected UTF-8 text"),
    ("charger/garage/mode/set", b"x" * 5000, "5000 bytes: expected at most 4096"),
    ("charger/garage/limit_a/set", b"17", "limit_a = 17: expected 0 to 16 A"),
    ("charger/garage/limit_a/set", b"-1", "limit_a = -1: expected 0 to 16 A"),
    ("charger/garage/limit_a/set", b"nan", "'nan': expected a number"),
    ("charger/garage/limit_a/set", b"1_0", "'1_0': expected a number"),
    ("charger/garage/limit_a/set", b'{"ttl_s": 9}', "limit_a: expected a number"),
    ("charger/garage/limit_a/set", b'{"limit_a": 8, "ttl_s": 0}', "ttl_s = 0: expected 1 to 2.592e+06 s"),
    ("charger/garage/boost/set", b"", "expected minutes; 0 ends a boost"),
    ("charger/garage/boost/set", b"1441", "minutes = 1441: expected 0 to 1440 minutes"),
    ("charger/garage/plan/set", b'{"energy_kwh": 9}', "by: expected a time like"),
    (
        "charger/garage/plan/set",
        b'{"energy_kwh": 9, "by": "2026-06-02T05:00:00"}',
        "by: expected a time like",
    ),
    (
        "charger/garage/plan/set",
        b'{"energy_kwh": 9, "by": "0001-01-01T00:00:00+14:00"}',
        "by: expected a time",
    ),
    (
        "charger/garage/plan/set",
        b'{"energy_kwh": 9, "by": "2026-06-01T11:00:00Z"}',
        "by = 2026-06-01T11:00:00+00:00: expected within 14 days from now",
    ),
    ("charger/garage/plan/set", b'{"by": "2026-06-02T05:00:00Z"}', "expected either energy_kwh or soc_pct"),
    (
        "charger/garage/plan/set",
        b'{"energy_kwh": 9, "soc_pct": 80, "by": "2026-06-02T05:00:00Z"}',
        "expected either energy_kwh or soc_pct",
    ),
    (
        "charger/garage/plan/set",
        b'{"soc_pct": true, "by": "2026-06-02T05:00:00Z"}',
        "soc_pct: expected a number",
    ),
    ("charger/garage/plan/set", b'{"energy": 9}', "unknown key 'energy'"),
    ("charger/garage/plan/set", b"[" * 4000, "expected a JSON object"),
    ("policy/fast/surplus/start_w/set", b"1", "unknown policy of mode 'fast' 'surplus'; known: none"),
    ("policy/solar/surplus/stop_w/set", b"1", "known: start_w, battery_first"),
    ("policy/solar/surplus/start_w/set", b"5001", "start_w = 5001: expected 0 to 5000"),
    ("policy/solar/surplus/battery_first/set", b"0.5", "battery_first = 0.5: expected a whole number"),
    ("policy/solar/surplus/start_w/set", b"", "expected a number"),
    ("site/limit_w/set", b'{"limit_w": 4200}', 'expected {"limit_w": ..., "ttl_s": ...}'),
    ("site/limit_w/set", b'{"limit_w": NaN, "ttl_s": 900}', "limit_w: expected a finite number"),
    ("site/limit_w/set", b'{"limit_w": 1' + b"0" * 400 + b', "ttl_s": 900}', "limit_w: expected a smaller"),
    ("site/limit_w/set", b"4200", "expected a JSON object with limit_w, ttl_s"),
    ("site/price/set", b"1", "no such command"),
    ("circuit/main/limit_a/set", b"63", "no such command; a charger has"),
    ("charger/garage/share_a/set", b"32", "no such command; a charger has mode, limit_a, boost, plan"),
]


@pytest.mark.parametrize(("topic", "payload", "command"), ACCEPTED)
def test_a_command_within_its_bounds_is_understood(topic: str, payload: bytes, command: Command) -> None:
    assert parse_command(topic, payload, retained=False, known=KNOWN) == command


@pytest.mark.parametrize(("topic", "payload", "reason"), REFUSED)
def test_anything_else_is_refused_with_the_reason(topic: str, payload: bytes, reason: str) -> None:
    refusal = parse_command(topic, payload, retained=False, known=KNOWN)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason
    assert not refusal.quiet
    assert len(refusal.reason) < 200


@pytest.mark.parametrize(("topic", "payload", "_command"), ACCEPTED)
def test_what_arrives_retained_is_no_command(topic: str, payload: bytes, _command: Command) -> None:
    refusal = parse_command(topic, payload, retained=True, known=KNOWN)
    assert isinstance(refusal, Refusal)
    assert refusal.quiet


def test_a_refusal_among_many_chargers_stays_short() -> None:
    chargers = {ChargerId(f"cp{number}"): KNOWN.chargers[GARAGE] for number in range(1000)}
    crowd = Known(at=KNOWN.at, chargers=chargers, modes=("fast",))
    refusal = parse_command("charger/x/mode/set", b"fast", retained=False, known=crowd)
    assert isinstance(refusal, Refusal)
    assert refusal.reason.endswith("cp18, cp19 and 980 more")


TOPICS = st.one_of(
    st.sampled_from([topic for topic, _, _ in ACCEPTED] + [topic for topic, _, _ in REFUSED]),
    st.text(max_size=40),
)
JSON_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.datetimes().map(str)
)
PAYLOADS = st.one_of(
    st.binary(max_size=60),
    st.floats().map(lambda number: str(number).encode()),
    st.dictionaries(
        st.sampled_from(["limit_a", "limit_w", "ttl_s", "energy_kwh", "soc_pct", "by"]), JSON_VALUES
    ).map(lambda fields: json.dumps(fields).encode()),
)


@given(topic=TOPICS, payload=PAYLOADS)
def test_any_bytes_are_a_command_within_bounds_or_a_refusal(topic: str, payload: bytes) -> None:
    outcome = parse_command(topic, payload, retained=False, known=KNOWN)
    match outcome:
        case SetCeiling(limit_a=limit_a):
            assert limit_a is None or 0 <= limit_a <= 16
        case SetSiteCap(limit_w=limit_w, ttl_s=ttl_s):
            assert limit_w >= 0
            assert 1 <= ttl_s <= 86_400
        case SetParameter(value=value):
            assert 0 <= value <= 5000
        case SetPlan(by=by) if by is not None:
            assert by > KNOWN.at
        case Refusal(reason=reason):
            assert reason

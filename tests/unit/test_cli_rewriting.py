import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.rewriting import limiter_key, rewritten, toml_text

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = st.recursive(
    st.one_of(
        TEXTS, st.booleans(), st.integers(-(2**40), 2**40), st.floats(allow_nan=False, allow_infinity=False)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(TEXTS.filter(bool), inner, max_size=3)
    ),
    max_leaves=8,
)
TABLES = st.dictionaries(st.sampled_from(["id", "limit_a", "a b", 'q"', "ü"]), VALUES, max_size=4)


@given(site=TABLES, meters=st.lists(TABLES, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_back_as_it_was(site: dict[str, Any], meters: list[dict[str, Any]]) -> None:
    tables = {"site": site, "meters": meters}

    assert tomllib.loads(toml_text(tables)) == tables


def test_moved_devices_point_at_their_twins_and_the_journal_is_another_one() -> None:
    tables = {
        "meters": [{"id": "grid", "host": "10.0.0.5", "unit_id": 2}, {"id": "solar", "host": "127.0.0.1"}],
        "database": {"url_env": "SECRET", "samples_days": 3},
    }

    found = rewritten(tables, {"grid": {"host": "127.0.0.1", "port": 4711}}, "/tmp/trial.sqlite")  # noqa: S108 - only named

    assert found["meters"][0] == {"id": "grid", "host": "127.0.0.1", "port": 4711, "unit_id": 2}
    assert found["meters"][1] == tables["meters"][1]  # type: ignore[index] # a list
    assert found["database"] == {"url": "sqlite:////tmp/trial.sqlite", "samples_days": 3}


def test_moved_limiters_point_at_their_twins() -> None:
    tables = {
        "circuits": [
            {"id": "main", "limit_a": 25},
            {"id": "carport", "limit_a": 16, "limiter": {"kind": "easee", "serial": "EH1"}},
        ],
    }
    moves = {limiter_key("carport"): {"api_url": "http://127.0.0.1:4711"}}

    found = rewritten(tables, moves, "trial.sqlite")

    assert found["circuits"][0] == tables["circuits"][0]
    assert found["circuits"][1]["limiter"] == {
        "kind": "easee",
        "serial": "EH1",
        "api_url": "http://127.0.0.1:4711",
    }


def test_moved_vehicles_point_at_their_twins_and_those_without_a_kind_stay() -> None:
    tables = {
        "chargers": [{"id": "garage", "host": "10.0.0.6"}],
        "vehicles": [
            {"id": "blue", "charger": "garage", "kind": "tesla", "base_url": "https://10.0.0.5"},
            {"id": "garage", "charger": "garage", "capacity_kwh": 40},
        ],
    }
    moves = {"blue": {"base_url": "http://127.0.0.1:4711"}, "garage": {"host": "127.0.0.1"}}

    found = rewritten(tables, moves, "trial.sqlite")

    assert found["chargers"][0]["host"] == "127.0.0.1"
    assert found["vehicles"][0]["base_url"] == "http://127.0.0.1:4711"
    assert found["vehicles"][1] == {"id": "garage", "charger": "garage", "capacity_kwh": 40}

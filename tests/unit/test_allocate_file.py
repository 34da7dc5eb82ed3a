import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.allocate_file import answer, read_problem, schema
from controller.domain.allocation import allocate
from controller.domain.shares import Problem
from controller.errors import SettingsError

Question = dict[str, Any]


def question() -> Question:
    """The example of the documentation."""
    return {
        "voltage_v": 230,
        "grid": "TN",
        "circuits": [
            {
                "id": "main",
                "parent": None,
                "limit_a": [63, 63, 63],
                "limit_w": None,
                "background_a": [10, 12, 9],
                "background_w": 7130,
                "imbalance_a": None,
            }
        ],
        "chargers": [
            {
                "id": "cp1",
                "circuit": "main",
                "phases": [1, 2, 3],
                "min_a": 6,
                "max_a": 32,
                "step_a": 1,
                "wanted_a": 16,
                "priority": 0,
                "weight": 1.0,
                "promise_a": None,
            }
        ],
    }


def read(asked: Question) -> Problem:
    return read_problem(json.dumps(asked), "site.json")


def complaint(asked: Question) -> str:
    with pytest.raises(SettingsError) as caught:
        read(asked)
    return str(caught.value)


def outcome(asked: Question) -> str:
    try:
        problem = read(asked)
    except SettingsError as error:
        return str(error)
    return json.dumps(answer(allocate(problem), problem), allow_nan=False)


def test_the_documented_question_has_the_documented_answer() -> None:
    problem = read(question())

    said = answer(allocate(problem), problem)

    assert said == {
        "shares": [
            {
                "id": "cp1",
                "current_a": 16,
                "reasons": [{"code": "wanted", "by": "request", "current_a": 16}],
            }
        ],
        "headroom_a": {"main": [37, 35, 38]},
        "headroom_w": {"main": None},
    }


def test_whole_numbers_stand_without_a_point() -> None:
    problem = read(question())

    assert '"current_a": 16,' in json.dumps(answer(allocate(problem), problem))


def test_a_row_that_binds_is_said_with_phase_and_value() -> None:
    asked = question()
    asked["chargers"][0] |= {"wanted_a": 32, "phases": [2]}
    asked["circuits"][0]["limit_a"] = [63, 20.5, 63]
    problem = read(asked)

    reasons = answer(allocate(problem), problem)["shares"][0]["reasons"]

    assert reasons == [{"code": "circuit", "by": "main", "current_a": 8, "phase": 2, "value": 8.5}]


def test_circuits_may_stand_in_any_order() -> None:
    asked = question()
    asked["circuits"].insert(0, {**asked["circuits"][0], "id": "garage", "parent": "main"})

    assert [supply.id for supply in read(asked).supplies] == ["main", "garage"]


def test_waiting_and_being_on_are_optional() -> None:
    asked = question()
    asked["chargers"].append({**asked["chargers"][0], "id": "cp2", "waited_s": 90, "on": True})

    first, second = read(asked).claims

    assert (first.waited_s, first.on) == (0, False)
    assert (second.waited_s, second.on) == (90, True)


def test_a_budget_names_its_chargers() -> None:
    asked = question()
    asked["budgets"] = [{"id": "cap", "chargers": ["cp1"], "limit_w": 6900, "limit_a": None}]
    problem = read(asked)

    assert allocate(problem).shares[0].current_a == 10


def test_a_missing_background_is_an_error() -> None:
    asked = question()
    del asked["circuits"][0]["background_a"]

    assert complaint(asked) == (
        "site.json: circuits[1].background_a: "
        "expected three numbers in A, one a phase (0 = chargers only), but it is missing"
    )


def test_an_unknown_key_suggests_the_nearest() -> None:
    asked = question()
    asked["chargers"][0]["wnated_a"] = 16

    assert complaint(asked) == (
        "site.json: chargers[1].wnated_a = 16: expected a known key; did you mean `wanted_a`?"
    )


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("phases", [1, 1], "chargers[1].phases = [1, 1]: expected each phase once"),
        ("phases", [4], "chargers[1].phases = [4]: expected a list of phases, each of 1, 2 and 3 once"),
        ("phases", [], "chargers[1].phases = []: expected a list of phases, each of 1, 2 and 3 once"),
        ("weight", 0, "chargers[1].weight = 0: expected a number above 0, at most 1000000"),
        ("min_a", -1, "chargers[1].min_a = -1: expected a number from 0 to 100000 A"),
        ("max_a", "32", "chargers[1].max_a = '32': expected a number from 0 to 100000 A"),
        ("priority", 1.5, "chargers[1].priority = 1.5: expected a whole number from -1000000 to 1000000"),
        (
            "circuit",
            "mian",
            "chargers[cp1].circuit = 'mian': expected the id of a circuit; did you mean `main`?",
        ),
        ("min_a", 40, "chargers[cp1].min_a = 40: expected at most max_a, 32 A"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(key: str, value: object, expected: str) -> None:
    asked = question()
    asked["chargers"][0][key] = value

    assert complaint(asked) == f"site.json: {expected}"


def test_a_charger_with_one_line_on_an_it_grid_is_an_error() -> None:
    asked = question()
    asked["grid"] = "IT"
    asked["chargers"][0]["phases"] = [1]

    assert complaint(asked) == (
        "site.json: chargers[cp1].phases = [1]: "
        "expected two lines for a single-phase charger on an IT grid, like [1, 2]"
    )


def test_parents_that_go_round_in_a_circle_are_an_error() -> None:
    asked = question()
    asked["circuits"].append({**asked["circuits"][0], "id": "x", "parent": "y"})
    asked["circuits"].append({**asked["circuits"][0], "id": "y", "parent": "x"})

    assert "circuits[x].parent = 'y'" in complaint(asked)
    assert "circle" in complaint(asked)


def test_an_unknown_parent_is_an_error() -> None:
    asked = question()
    asked["circuits"].append({**asked["circuits"][0], "id": "garage", "parent": "mian"})

    assert complaint(asked).endswith("expected the id of a circuit; did you mean `main`?")


def test_an_id_twice_is_an_error() -> None:
    asked = question()
    asked["chargers"] *= 2

    assert complaint(asked) == "site.json: chargers[cp1].id = 'cp1': expected an id that no other has"


def test_a_budget_of_an_unknown_charger_is_an_error() -> None:
    asked = question()
    asked["budgets"] = [{"id": "cap", "chargers": ["cp9"], "limit_w": 1}]

    assert complaint(asked) == (
        "site.json: budgets[cap].chargers = 'cp9': expected the id of a charger; did you mean `cp1`?"
    )


def test_no_circuit_at_all_is_an_error() -> None:
    assert complaint({"circuits": [], "chargers": []}) == (
        "site.json: circuits = []: expected at least one circuit"
    )


def test_every_wrong_value_is_told_at_once() -> None:
    asked = question()
    asked["chargers"][0] |= {"weight": 0, "min_a": -1}

    with pytest.raises(SettingsError) as caught:
        read(asked)

    assert len(caught.value.others) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "nonsense", "[" * 100_000, '{"circuits": 1e999}'])
def test_what_is_no_question_is_one_line(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_problem(text, "site.json")

    assert str(caught.value).startswith("site.json: ")
    assert "\n" not in str(caught.value)


@given(
    key=st.sampled_from(
        ["limit_a", "background_a", "limit_w", "id", "parent", "imbalance_a", "background_w"]
    ),
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=5,
    ),
)
def test_any_value_is_answered_or_refused_in_one_line(key: str, value: object) -> None:
    asked = question()
    asked["circuits"][0][key] = value

    said = outcome(asked)

    assert said
    assert "\n" not in said


def test_the_schema_names_every_key_of_the_documented_question() -> None:
    described = schema()

    charger = described["$defs"]["ChargerEntry"]["properties"]
    circuit = described["$defs"]["CircuitEntry"]
    assert set(question()["chargers"][0]) <= set(charger)
    assert set(question()["circuits"][0]) <= set(circuit["properties"])
    assert "background_a" in circuit["required"]

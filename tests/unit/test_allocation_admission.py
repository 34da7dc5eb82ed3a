from controller.domain.shares import Problem
from tests.unit.allocating import claim, shares_a, supply


def started(problem: Problem) -> list[str]:
    return [name for name, share_a in shares_a(problem).items() if share_a > 0]


def test_the_most_chargers_start_when_not_all_can() -> None:
    problem = Problem(supplies=(supply(6),), claims=(claim("a"), claim("b", 1), claim("c", 2), claim("d", 3)))

    assert started(problem) == ["b", "c", "d"]


def test_the_longest_wait_breaks_a_tie() -> None:
    problem = Problem(supplies=(supply(11),), claims=(claim("a"), claim("b", waited_s=60), claim("c")))

    assert started(problem) == ["b"]


def test_then_the_id_breaks_it() -> None:
    problem = Problem(supplies=(supply(11),), claims=(claim("c"), claim("b"), claim("d")))

    assert started(problem) == ["b"]


def test_whoever_charges_within_its_minimum_time_keeps_its_place() -> None:
    problem = Problem(
        supplies=(supply(6),), claims=(claim("a", on=True), claim("b", 1, waited_s=9999), claim("c", 2))
    )

    assert started(problem) == ["a"]


def test_whoever_waited_past_the_limit_goes_before_count() -> None:
    problem = Problem(supplies=(supply(6),), claims=(claim("a", waited_s=3601), claim("b", 1), claim("c", 2)))

    assert started(problem) == ["a"]


def test_up_to_the_limit_waiting_does_not_count_for_more() -> None:
    problem = Problem(supplies=(supply(6),), claims=(claim("a", waited_s=3600), claim("b", 1), claim("c", 2)))

    assert started(problem) == ["b", "c"]


def test_the_longest_wait_past_the_limit_goes_first() -> None:
    claims = (claim("a", waited_s=4000), claim("b", 1, waited_s=5000), claim("c", 2))

    assert started(Problem(supplies=(supply(6),), claims=claims)) == ["b", "c"]


def test_a_higher_class_starts_before_any_of_a_lower_one() -> None:
    problem = Problem(
        supplies=(supply(6),), claims=(claim("a", priority=1), claim("b", 1, waited_s=9999, on=True))
    )

    assert started(problem) == ["a"]


def test_minima_of_a_lower_class_come_before_the_filling_of_a_higher_one() -> None:
    problem = Problem(supplies=(supply(20),), claims=(claim("a", priority=1), claim("b")))

    assert shares_a(problem) == {"a": 14, "b": 6}


def test_when_even_those_charging_do_not_fit_the_most_of_them_stay() -> None:
    problem = Problem(
        supplies=(supply(6),), claims=(claim("a", on=True), claim("b", 1, on=True), claim("c", 2, on=True))
    )

    assert started(problem) == ["b", "c"]


def test_scarcity_in_one_branch_leaves_the_others_alone() -> None:
    problem = Problem(
        supplies=(supply(63), supply(6, name="flat", parent="main"), supply(63, name="yard", parent="main")),
        claims=(
            claim("a", circuit="flat"),
            claim("b", circuit="flat"),
            claim("c", circuit="yard"),
            claim("d", circuit="yard"),
        ),
    )

    assert started(problem) == ["a", "c", "d"]


def test_turns_change_by_waiting() -> None:
    served: list[str] = []
    waited_s = {"a": 0.0, "b": 0.0, "c": 0.0}
    for _ in range(6):
        claims = tuple(claim(name, waited_s=waited_s[name]) for name in waited_s)
        (now,) = started(Problem(supplies=(supply(6),), claims=claims))
        served.append(now)
        waited_s = {name: 0.0 if name == now else waited_s[name] + 600 for name in waited_s}

    assert served == ["a", "b", "c", "a", "b", "c"]


def test_many_equal_candidates_are_settled_by_wait_and_id() -> None:
    names = [f"cp{k:02}" for k in range(40)]
    claims = tuple(claim(name, waited_s=600.0 if k >= 35 else 0.0) for k, name in enumerate(names))

    assert started(Problem(supplies=(supply(60),), claims=claims)) == names[:5] + names[35:]


def test_among_many_the_longest_wait_still_breaks_a_tie() -> None:
    claims = (*(claim(f"cp{k:02}", 1) for k in range(14)), claim("z", 1, min_a=7, waited_s=600))

    assert started(Problem(supplies=(supply(13),), claims=claims)) == ["cp00", "z"]

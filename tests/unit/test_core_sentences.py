"""Every code has its sentence, and every reason that can bind says what would lift it."""

import pytest

from controller.domain.readings import Plug
from controller.domain.reasons import Code, Reason
from controller.domain.sentences import clause, sentence, what_would_help
from controller.domain.writes import ChargerVerdict
from tests.fakes.ticks import A, running, spec

EVERY = pytest.mark.parametrize("code", list(Code))


def full(code: Code) -> Reason:
    return Reason(code=code, by="main", current_a=9.0, phase=2, value=1200.0, needed=1400.0)


def verdict(*reasons: Reason) -> ChargerVerdict:
    return ChargerVerdict(
        share_a=9.0, limit_a=9.0, promise_a=9.0, mode="fast", plug=Plug.C, silent=False, reasons=reasons
    )


@EVERY
def test_every_code_is_said_in_words(code: Code) -> None:
    said = clause(full(code))

    assert said
    assert not said.endswith(".")
    assert "None" not in said
    assert code.value == code.name.lower()


@EVERY
def test_every_code_is_said_without_its_numbers_too(code: Code) -> None:
    assert "None" not in clause(Reason(code=code, by="main"))


@EVERY
def test_every_code_has_an_answer_to_what_would_help(code: Code) -> None:
    assert "None" not in what_would_help(verdict(full(code)))
    assert "None" not in what_would_help(verdict(Reason(code=code, by="main")))


# These shape a share without binding it, or only tell what happened: what stands before them binds.
_TELL_ONLY = {
    Code.MINIMUM,
    Code.STEP,
    Code.OTHER_CONTROLLER,
    Code.OVERDRAW,
    Code.PRICE,
    Code.PLANNED,
    Code.PLAN_UNREACHABLE,
}


@pytest.mark.parametrize("code", sorted(set(Code) - _TELL_ONLY))
def test_whatever_binds_says_what_would_lift_it(code: Code) -> None:
    assert what_would_help(verdict(full(code))) != "nothing binds it"


def test_a_clause_is_not_said_twice() -> None:
    assert sentence(verdict(full(Code.CIRCUIT), full(Code.CIRCUIT))) == "9 A: main L2 leaves 9 A"


def test_an_urgent_cut_is_said_with_its_excess() -> None:
    reason = Reason(code=Code.URGENT, by="main", phase=1, current_a=6.0, value=4.26)

    assert clause(reason) == "main L1 is 4.2 A above its limit: cut at once"


def test_a_power_limit_that_is_exceeded_is_said_in_watts() -> None:
    reason = Reason(code=Code.URGENT, by="main", current_a=6.0, value=1380.0)

    assert clause(reason) == "main is 1,380 W above its power limit: cut at once"


def test_every_share_has_a_reason() -> None:
    assert running(spec()).verdict(A).reasons


@pytest.mark.parametrize(
    ("surplus_w", "says"),
    [
        (2300.0, "solar surplus is 2,300 W"),
        (0.0, "there is no solar surplus"),
        (-226.0, "there is no solar surplus: the house itself needs 226 W of the grid"),
    ],
)
def test_a_surplus_below_zero_is_said_as_none(surplus_w: float, says: str) -> None:
    assert clause(Reason(code=Code.SURPLUS, by="solar_surplus", value=surplus_w)) == says


def test_a_wait_that_is_nearly_over_is_not_said_as_over() -> None:
    waits = Reason(code=Code.WAITS_FOR_DWELL, by="garage", value=0.2)

    assert clause(waits) == "the next change waits 1 s"

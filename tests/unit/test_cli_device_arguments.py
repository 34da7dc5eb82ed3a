import pytest

from controller.cli.device_arguments import arguments_of
from controller.errors import SettingsError
from controller.ports import Argument, Command


async def nothing() -> object:
    return None


COMMAND = Command(
    name="set_limit",
    says="set the limit",
    call=nothing,
    arguments=(
        Argument(name="limit_a", kind=float, says="0 pauses"),
        Argument(name="phases", kind=int, says="1 or 3", required=False),
        Argument(name="keep", kind=bool, says="over a restart", required=False),
    ),
)


def test_values_become_what_the_command_takes() -> None:
    values = arguments_of(COMMAND, ["limit_a=9.5", "phases=3", "keep=no"])

    assert values == {"limit_a": 9.5, "phases": 3, "keep": False}


def test_what_is_not_required_may_be_left_out() -> None:
    assert arguments_of(COMMAND, ["limit_a=0"]) == {"limit_a": 0.0}


def test_a_text_may_hold_an_equals_sign() -> None:
    command = Command(
        name="tell", says="tell", call=nothing, arguments=(Argument(name="text", kind=str, says="any"),)
    )

    assert arguments_of(command, ["text=a=b"]) == {"text": "a=b"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], "expected limit_a=...: 0 pauses"),
        (["limit_a"], "each once"),
        (["limit_a=6", "limit_a=7"], "each once"),
        (["limit=6"], "limit_a=..., phases=..., keep=..., each once"),
        (["limit_a=six"], "expected a number: 0 pauses"),
        (["limit_a=6", "phases=1.5"], "expected a whole number"),
        (["limit_a=6", "keep=maybe"], "expected yes or no"),
    ],
)
def test_a_wrong_argument_is_refused_in_one_line(given: list[str], expected: str) -> None:
    with pytest.raises(SettingsError) as refused:
        arguments_of(COMMAND, given)

    assert expected in str(refused.value)
    assert "\n" not in str(refused.value)

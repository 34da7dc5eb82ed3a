"""A case: one command, what it is given, what it answers, and what is seen at the twin afterwards."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Twin = TypeVar("Twin")


def _nothing(_: object) -> None:
    """Leave the twin as it starts."""


def says_true(answer: Any) -> bool:  # noqa: ANN401 - any answer
    """Tell whether a command answered no more than that it was done."""
    return answer is True


def answers(value: object) -> Callable[[Any], bool]:
    """Expect exactly this answer."""
    return lambda answer: bool(answer == value)


def holds(**parts: object) -> Callable[[Any], bool]:
    """Expect an answer with these parts among others."""
    return lambda answer: isinstance(answer, dict) and parts.items() <= answer.items()


@dataclass(frozen=True, kw_only=True)  # slots and a subscripted generic do not go together
class Case(Generic[Twin]):
    """One command and what comes of it."""

    command: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    before: Callable[[Twin], object] = _nothing
    """What the twin is brought to first."""
    first: tuple[str, ...] = ()
    """Commands without arguments that are called before."""
    answered: Callable[[Any], bool] = says_true
    """Holds for the right answer; for a question that is all there is to see."""
    acted: Callable[[Twin], bool] | None = None
    """Holds at the twin afterwards, and does not before."""

    @property
    def typed(self) -> tuple[str, ...]:
        """The command and its arguments as a person types them."""
        return (self.command, *(f"{key}={_typed(value)}" for key, value in self.arguments.items()))

    def is_right(self, answer: object) -> bool:
        """Tell whether an answer is the right one, once it went through JSON."""
        return self.answered(json.loads(json.dumps(answer)))


def _typed(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

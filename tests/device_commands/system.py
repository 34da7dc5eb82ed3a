"""A system and the ways to reach it: dialects, releases, paths."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tests.device_commands.case import Case
from tests.device_commands.servers import Servers

Twin = TypeVar("Twin")

Keys = Mapping[str, object]
"""The keys of a charger's table in the configuration; secrets as they are."""


@dataclass(frozen=True, kw_only=True)  # slots and a subscripted generic do not go together
class Way(Generic[Twin]):
    """One way to reach a system."""

    name: str
    cases: tuple[Case[Twin], ...]
    open: Callable[[Servers], AbstractAsyncContextManager[tuple[Twin, Keys]]]
    """Start a twin; tell how it is configured."""
    keys: Callable[[], Keys]
    """Tell how it is configured where there is nothing to reach."""
    control: str
    """What `check --probe` says that sets the current, in part."""
    without_us: str
    """What `check --probe` says that it does without us, in part."""
    refuses: Mapping[str, Case[Twin]] = field(default_factory=dict)
    """Commands of the system that it does not know this way."""


@dataclass(frozen=True, kw_only=True)  # slots and a subscripted generic do not go together
class System(Generic[Twin]):
    """One kind of charger."""

    kind: str
    name: str
    transport: str
    """What is between adapter and twin."""
    seed: str
    """The document that lists its commands."""
    document: Mapping[str, str]
    """Every command of its document, and what it is called here."""
    received: Callable[[Twin], int]
    """Counts the calls that reached a twin."""
    refused: Case[Twin]
    """A command with a value of the right type that no charger can hold; nothing of it is seen."""
    ways: tuple[Way[Twin], ...]

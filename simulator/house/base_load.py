"""Base load: everything in a circuit that is no charger, panel or battery, second by second."""

from typing import Protocol

from controller.domain.units import Phases


class BaseLoad(Protocol):
    """Anything that knows what a circuit's own loads take."""

    def powers_w(self, at_s: float) -> Phases:
        """Tell the power on each grid phase at `at_s` seconds after the house began; never goes back."""


class SteadyLoad:
    """The same for ever: the declared background of a circuit without a meter."""

    def __init__(self, powers_w: Phases) -> None:
        self._powers_w = powers_w

    def powers_w(self, at_s: float) -> Phases:  # noqa: ARG002 - it never changes
        """Tell the same powers at any time."""
        return self._powers_w

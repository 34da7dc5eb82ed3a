"""What truly flows through every circuit of a house, held against its limits."""

from dataclasses import dataclass

from controller.domain.units import CircuitId
from simulator.breaker import Protection
from simulator.house.house import House
from simulator.meters.quantities import Quantities

_ROUNDING_A = 1e-6


@dataclass(slots=True)
class Over:
    """One phase of one circuit: how long it was above its limit without a break, and by how much."""

    since_s: float | None = None
    longest_s: float = 0.0
    most_a: float = 0.0


class Witness:
    """Sees every circuit, phase by phase, at every step of the house, not only what meters show."""

    def __init__(self, house: House) -> None:
        self._house, self._last_s = house, house.at_s
        self.protections: dict[CircuitId, Protection] = {}
        self.overs: dict[tuple[CircuitId, int], Over] = {}
        self.begin()

    def begin(self) -> None:
        """Forget what was seen."""
        circuits = self._house.site.circuits
        self.protections = {circuit.id: Protection(circuit.limit_a) for circuit in circuits}
        self.overs = {(circuit.id, phase): Over() for circuit in circuits for phase in (1, 2, 3)}

    def set_quantities(self, quantities: Quantities) -> None:
        """See a step; that the root shows something says that there was one."""
        del quantities
        at_s = self._house.at_s
        for circuit in self._house.site.circuits:
            currents_a = self._house.circuits[circuit.id].currents_a
            self.protections[circuit.id].step(currents_a, at_s - self._last_s)
            for phase in (1, 2, 3):
                over_a = currents_a[phase - 1] - circuit.limit_a[phase - 1]
                self._judge(self.overs[circuit.id, phase], over_a, at_s)
        self._last_s = at_s

    def _judge(self, over: Over, over_a: float, at_s: float) -> None:
        if over_a <= _ROUNDING_A:
            over.since_s = None
            return
        over.since_s = self._last_s if over.since_s is None else over.since_s
        over.longest_s = max(over.longest_s, at_s - over.since_s)
        over.most_a = max(over.most_a, over_a)

    def over(self, circuit: CircuitId) -> Over:
        """Tell the worst phase of a circuit."""
        return max((self.overs[circuit, phase] for phase in (1, 2, 3)), key=lambda over: over.longest_s)

    @property
    def longest_over_s(self) -> float:
        """The longest time that any phase of any circuit was above its limit without a break."""
        return max(over.longest_s for over in self.overs.values())

    @property
    def worst(self) -> float:
        """How much the protection that suffered most has used up: at 1 it has acted."""
        return max(protection.worst for protection in self.protections.values())

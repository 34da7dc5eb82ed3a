"""Room: what the promises leave in every row of the tree, and who may still take it.

The sum in a circuit is what its chargers may draw; where the circuit has an enforcing limiter, the circuits
above count the smaller of that sum and the limiter's promise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from controller.domain.site import ChargerSpec, Circuit, OnReset, Site
from controller.domain.units import ZERO, ChargerId, CircuitId, Phases

_UNLIMITED_A: Final = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """How much a promise may still grow, and the row that binds first; `phase` is `None` for power."""

    spare_a: float
    circuit: CircuitId
    phase: int | None = None


class Room:
    """The ledger's sums of one tick; `take` keeps them true while the plan is made."""

    def __init__(
        self,
        site: Site,
        promised_a: Mapping[ChargerId, float],
        phases: Mapping[ChargerId, tuple[int, ...]],
        gate_a: Mapping[CircuitId, Phases | None],
        gate_w: Mapping[CircuitId, float],
        limiter_a: Mapping[CircuitId, Phases],
    ) -> None:
        self._site, self._phases, self._gate_a, self._limiter_a = site, phases, gate_a, limiter_a
        self.promised_a = dict(promised_a)
        self.used_a = self._sums()
        self._left_w = {c.id: self._power_left_w(c, gate_w.get(c.id)) for c in site.circuits if c.limit_w}
        self._reserved_a = {
            c.id: self._largest_reset_a(c) for c in site.circuits if c.on_reset is OnReset.RESERVE
        }

    def _sums(self) -> dict[CircuitId, list[float]]:
        used: dict[CircuitId, list[float]] = {circuit.id: [0.0, 0.0, 0.0] for circuit in self._site.circuits}
        for charger in self._site.chargers:
            row = used[charger.circuit]
            held_a = self.promised_a[charger.id]
            for phase in self._phases[charger.id]:
                row[phase - 1] += held_a
        for ghost in self._site.ghosts:
            for phase in ghost.phases:
                used[ghost.circuit][phase - 1] += self.promised_a[ghost.id]
        for circuit in reversed(self._site.circuits):
            if circuit.parent is not None:
                above, passed_a = used[circuit.parent], self._passed(circuit.id, used)
                for index in range(3):
                    above[index] += passed_a[index]
        return used

    def _passed(self, circuit: CircuitId, used: Mapping[CircuitId, list[float]]) -> list[float]:
        held_a = self._limiter_a.get(circuit)
        if held_a is None:
            return used[circuit]
        return [min(sum_a, most_a) for sum_a, most_a in zip(used[circuit], held_a, strict=True)]

    def _power_left_w(self, circuit: Circuit, gate_w: float | None) -> float:
        gate_a = self._gate_a[circuit.id]
        if circuit.limit_w is None or (gate_w is None and gate_a is None):
            return 0.0
        carried_w = gate_w if gate_w is not None else sum(gate_a or ZERO) * self._site.voltage_v
        below = self._site.below[circuit.id]
        promised_w = sum(self.promised_a[c.id] * self._ampere_w(c.id) for c in below)
        return circuit.limit_w - carried_w - promised_w

    def _ampere_w(self, charger: ChargerId) -> float:
        return self._site.ampere_w(len(self._phases[charger]))

    def _largest_reset_a(self, circuit: Circuit) -> Phases:
        """Find the largest single reset below a circuit that keeps room for one (H8)."""
        largest = [0.0, 0.0, 0.0]
        for charger in self._site.below[circuit.id]:
            reset_a = charger.abilities.reset_a
            more_a = (charger.nameplate_a if reset_a is None else reset_a) - self.promised_a[charger.id]
            for phase in charger.phases:
                largest[phase - 1] = max(largest[phase - 1], more_a)
        return largest[0], largest[1], largest[2]

    def promised_in(self, circuit: CircuitId) -> Phases:
        """Tell what the circuit has promised: the smaller of its children's sum and its limiter's promise."""
        sums = self._passed(circuit, self.used_a)
        return sums[0], sums[1], sums[2]

    def bound(self, charger: ChargerSpec) -> Bound:
        """Tell how much a charger's promise may still grow in every circuit above it.

        Negative where the ledger is over already: then nothing there rises, not even within its promise.
        """
        phases = self._phases[charger.id]
        tightest_a, where, which = _UNLIMITED_A, charger.circuit, None
        for circuit in self._site.path[charger.circuit]:
            for phase in phases:
                left_a = self._left_a(circuit, phase - 1)
                if left_a < tightest_a:
                    tightest_a, where, which = left_a, circuit, phase
            if circuit in self._left_w:
                left_a = self._left_w[circuit] / self._ampere_w(charger.id)
                if left_a < tightest_a:
                    tightest_a, where, which = left_a, circuit, None
        return Bound(spare_a=tightest_a, circuit=where, phase=which)

    def _left_a(self, circuit: CircuitId, index: int) -> float:
        used_a = self.used_a[circuit][index]
        held_a = self._limiter_a.get(circuit)
        if held_a is not None and used_a >= held_a[index]:
            return _UNLIMITED_A  # the limiter stands between this and the row
        gate_a = self._gate_a[circuit]
        if gate_a is None:
            return self._safe_a(circuit, index) - used_a
        reserved_a = self._reserved_a.get(circuit, ZERO)[index]
        return self._site.circuit[circuit].limit_a[index] - gate_a[index] - used_a - reserved_a

    def _safe_a(self, circuit: CircuitId, index: int) -> float:
        """Without a meter only what a person declared safe may be promised (H3)."""
        return sum(c.safe_a for c in self._site.below[circuit] if index + 1 in self._phases[c.id])

    def take(self, charger: ChargerSpec, promise_a: float) -> None:
        """Write a larger promise into every row above a charger."""
        more_a = promise_a - self.promised_a[charger.id]
        if more_a <= 0:
            return
        self.promised_a[charger.id] = promise_a
        grown = [more_a if phase in self._phases[charger.id] else 0.0 for phase in (1, 2, 3)]
        for circuit in self._site.path[charger.circuit]:
            before = tuple(self._passed(circuit, self.used_a))
            for index in range(3):
                self.used_a[circuit][index] += grown[index]
            if circuit in self._left_w:
                self._left_w[circuit] -= more_a * self._ampere_w(charger.id)
            after = self._passed(circuit, self.used_a)
            grown = [after[index] - before[index] for index in range(3)]

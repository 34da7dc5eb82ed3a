"""Room: what the promises leave in every row of the tree, and who may still take it.

The sum in a circuit is what its chargers may draw; where the circuit has an enforcing limiter, the circuits
above count the smaller of that sum and the limiter's promise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from controller.domain.site import ChargerSpec, Circuit, OnReset, Site
from controller.domain.tracking import Background
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
        switched_off: frozenset[ChargerId] = frozenset(),
    ) -> None:
        self._site, self._phases, self._gate_a, self._limiter_a = site, phases, gate_a, dict(limiter_a)
        self.promised_a = dict(promised_a)
        self.used_a = self._sums()
        self._left_w = {
            c.id: self._power_left_w(c, gate_w.get(c.id)) for c in site.circuits if c.limit_w is not None
        }
        self._resets = {
            c.id: self._resets_a(c, switched_off) for c in site.circuits if c.on_reset is OnReset.RESERVE
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
        carried_w = gate_w if gate_w is not None else self._site.flow_w(gate_a or ZERO)
        return circuit.limit_w - carried_w - self._promised_w(circuit.id)

    def power_in_w(self, circuit: CircuitId, background: Background) -> float:
        """Tell what the lasting background and the promises of a circuit carry together."""
        site = self._site
        fair_w = site.flow_w(background.fair_a) if background.fair_w is None else background.fair_w
        return fair_w + self._promised_w(circuit)

    def _promised_w(self, circuit: CircuitId) -> float:
        """Tell what everything in and below a circuit may draw, ghosts included."""
        chargers_w = sum(self.promised_a[c.id] * self._ampere_w(c.id) for c in self._site.below[circuit])
        ghosts_w = sum(
            self.promised_a[ghost.id] * self._site.ampere_w(len(ghost.phases))
            for ghost in self._site.ghosts_in(circuit)
        )
        return chargers_w + ghosts_w

    def _ampere_w(self, charger: ChargerId) -> float:
        return self._site.ampere_w(len(self._phases[charger]))

    def _resets_a(
        self, circuit: Circuit, switched_off: frozenset[ChargerId]
    ) -> list[tuple[float, ChargerSpec]]:
        """List how far the chargers below may lift their own limit, the largest first (H8)."""
        resets = [
            (charger.resets_to_a - self.promised_a[charger.id], charger)
            for charger in self._site.below[circuit.id]
            if charger.id not in switched_off
        ]
        return sorted(resets, key=lambda reset: -reset[0])

    def _reserved_a(self, circuit: CircuitId, phase: int, riser: ChargerSpec | None) -> float:
        """Tell what is kept for the largest single reset; the riser's own comes either way."""
        for more_a, charger in self._resets.get(circuit, ()):
            if charger is not riser and phase in charger.phases:
                return max(0.0, more_a)
        return 0.0

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
                left_a = self._left_a(circuit, phase - 1, charger)
                if left_a < tightest_a:
                    tightest_a, where, which = left_a, circuit, phase
            if circuit in self._left_w:
                left_a = self._left_w[circuit] / self._ampere_w(charger.id)
                if left_a < tightest_a:
                    tightest_a, where, which = left_a, circuit, None
        return Bound(spare_a=tightest_a, circuit=where, phase=which)

    def _left_a(self, circuit: CircuitId, index: int, riser: ChargerSpec | None = None) -> float:
        used_a = self.used_a[circuit][index]
        held_a = self._limiter_a.get(circuit)
        if held_a is not None and used_a >= held_a[index]:
            # The limiter stands between this and the row, if what it lets through fits there.
            left_a = self._row_a(circuit, index) - held_a[index]
            return _UNLIMITED_A if left_a >= 0 else left_a
        reserved_a = self._reserved_a(circuit, index + 1, riser) if circuit in self._resets else 0.0
        return self._row_a(circuit, index) - used_a - reserved_a

    def _row_a(self, circuit: CircuitId, index: int) -> float:
        """Tell what the promises in a circuit may add up to."""
        gate_a = self._gate_a[circuit]
        if gate_a is None:
            return self._safe_a(circuit, index)
        return self._site.circuit[circuit].limit_a[index] - gate_a[index]

    def _safe_a(self, circuit: CircuitId, index: int) -> float:
        """Without a meter only what a person declared safe may be promised (H3)."""
        return sum(c.safe_a for c in self._site.below[circuit] if index + 1 in self._phases[c.id])

    def take(self, charger: ChargerSpec, promise_a: float) -> None:
        """Write a larger promise into every row above a charger."""
        more_a = promise_a - self.promised_a[charger.id]
        if more_a <= 0:
            return
        self.promised_a[charger.id] = promise_a
        for circuit in self._site.path[charger.circuit]:
            if circuit in self._left_w:
                self._left_w[circuit] -= more_a * self._ampere_w(charger.id)
        grown = [more_a if phase in self._phases[charger.id] else 0.0 for phase in (1, 2, 3)]
        self._pass_on(self._site.path[charger.circuit], grown)

    def _pass_on(self, circuits: tuple[CircuitId, ...], grown: list[float]) -> None:
        """Add what has grown to a circuit and, as far as limiters let it through, to those above."""
        for circuit in circuits:
            before = tuple(self._passed(circuit, self.used_a))
            for index in range(3):
                self.used_a[circuit][index] += grown[index]
            after = self._passed(circuit, self.used_a)
            grown = [after[index] - before[index] for index in range(3)]

    def limiter_bound_a(self, circuit: CircuitId, index: int) -> float:
        """Tell how far a limiter's promise may rise on a line before a circuit above is full.

        Where the promises below do not fill it, its rise lets nothing through that was not counted.
        """
        held_a = self._limiter_a[circuit][index]
        above = self._site.path[circuit][1:]
        left_a = min((self._left_a(c, index) for c in above), default=_UNLIMITED_A)
        if left_a < 0:
            return 0.0  # over already: not even within its promise
        return _UNLIMITED_A if self.used_a[circuit][index] <= held_a else held_a + left_a

    def take_limiter(self, circuit: CircuitId, promise_a: Phases) -> None:
        """Write a limiter's larger promise into every row above it."""
        before = tuple(self._passed(circuit, self.used_a))
        held_a = self._limiter_a[circuit]
        self._limiter_a[circuit] = (
            max(held_a[0], promise_a[0]),
            max(held_a[1], promise_a[1]),
            max(held_a[2], promise_a[2]),
        )
        after = self._passed(circuit, self.used_a)
        grown = [after[index] - before[index] for index in range(3)]
        self._pass_on(self._site.path[circuit][1:], grown)

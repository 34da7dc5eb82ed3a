"""Headroom: what each circuit carries besides the chargers, for two questions kept apart.

The *trigger* (must we cut?) uses what is measured and the best-aligned background. The *gate* (may we
raise?) uses the meter minus the smallest draw of each charger within the alignment window, with local
generation added back and never below zero (H13). A draw that cannot be seen is counted twice by the gate
and never causes a cut.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.domain.readings import ChargerState, Draw
from controller.domain.samples import Sample, generation, metered
from controller.domain.site import Circuit
from controller.domain.snapshot import Snapshot
from controller.domain.units import (
    ZERO,
    ChargerId,
    CircuitId,
    MaybePhases,
    Phases,
    floored,
    minus,
    plus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one circuit carries, as far as it is known in this tick."""

    measured_a: Phases | None
    """What flows in now, signed; `None`: blind."""
    measured_w: float | None
    at_mono_s: float
    best_a: Phases | None
    """Best-aligned background with generation added back, not below zero."""
    signed_a: Phases | None
    """Best-aligned background as measured, export negative."""
    gate_a: Phases | None
    """The background that raises are judged by."""
    background_w: float | None = None
    """Background of a meter that tells power alone; `None`: voltage times the phases."""


def loads(snapshot: Snapshot, promised_a: Mapping[ChargerId, float]) -> dict[CircuitId, Load]:
    """Work out the load of every circuit; a silent or missing meter leaves it blind, never at zero."""
    samples = metered(snapshot)
    made = generation(snapshot)
    found: dict[CircuitId, Load] = {}
    for circuit in snapshot.site.circuits:
        sample = samples.get(circuit.id)
        if sample is not None and sample.currents_a is not None:
            made_a = ZERO if circuit.generation_makes_room else made.get(circuit.id, ZERO)
            found[circuit.id] = _measured_load(
                snapshot, circuit, sample, sample.currents_a, made_a, promised_a
            )
        elif circuit.background_a is not None and (circuit.meter is None or sample is not None):
            power_w = sample.power_w if sample is not None else None
            found[circuit.id] = _declared_load(snapshot, circuit, circuit.background_a, power_w)
        else:
            found[circuit.id] = _BLIND
    return found


_BLIND = Load(measured_a=None, measured_w=None, at_mono_s=0.0, best_a=None, signed_a=None, gate_a=None)


def _measured_load(
    snapshot: Snapshot,
    circuit: Circuit,
    sample: Sample,
    currents_a: Phases,
    made_a: Phases,
    promised_a: Mapping[ChargerId, float],
) -> Load:
    drawn = _Drawn(sample.at_mono_s, snapshot.window_s)
    for charger in snapshot.site.below[circuit.id]:
        state = snapshot.chargers.get(charger.id)
        drawn.add(state, charger.phases, promised_a.get(charger.id, 0.0))
    signed_a = minus(currents_a, drawn.best_a)
    gate_a = minus(currents_a, drawn.least_a)
    clamp = _unchanged if circuit.generation_makes_room else floored
    return Load(
        measured_a=currents_a,
        measured_w=sample.power_w,
        at_mono_s=sample.at_mono_s,
        best_a=clamp(plus(signed_a, made_a)),
        signed_a=signed_a,
        gate_a=clamp(plus(gate_a, made_a)),
    )


def _unchanged(values: Phases) -> Phases:
    return values


class _Drawn:
    """Sums of what the chargers below a circuit drew when its meter looked."""

    __slots__ = ("at_s", "best", "least", "window_s")

    def __init__(self, at_s: float, window_s: float) -> None:
        self.at_s, self.window_s = at_s, window_s
        self.best, self.least = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]

    def add(self, state: ChargerState | None, phases: tuple[int, ...], promised_a: float) -> None:
        draws = state.draws if state is not None else ()
        if not draws or draws[-1].at_mono_s < self.at_s - self.window_s:
            # Unseen: the gate subtracts nothing, the trigger everything that it may draw.
            for phase in phases:
                self.best[phase - 1] += promised_a
            return
        nearest, least_a = aligned(draws, self.at_s, self.window_s)
        for index in range(3):
            self.best[index] += nearest[index]
            self.least[index] += least_a[index]

    @property
    def best_a(self) -> Phases:
        return self.best[0], self.best[1], self.best[2]

    @property
    def least_a(self) -> Phases:
        return self.least[0], self.least[1], self.least[2]


def aligned(draws: tuple[Draw, ...], at_s: float, window_s: float) -> tuple[Phases, Phases]:
    """Find the draw nearest to an instant, and the smallest in force within a window around it."""
    if len(draws) == 1:
        return draws[0].currents_a, draws[0].currents_a
    nearest = draws[-1]
    least_a = nearest.currents_a
    for draw in reversed(draws[:-1]):
        if abs(draw.at_mono_s - at_s) < abs(nearest.at_mono_s - at_s):
            nearest = draw
        drawn_a = draw.currents_a
        if drawn_a != least_a:
            least_a = (min(least_a[0], drawn_a[0]), min(least_a[1], drawn_a[1]), min(least_a[2], drawn_a[2]))
        if draw.at_mono_s < at_s - window_s:
            break  # it was in force when the window began; older ones were not
    return nearest.currents_a, least_a


def _declared_load(snapshot: Snapshot, circuit: Circuit, background_a: Phases, power_w: float | None) -> Load:
    """Use the declared background; the flow is its sum with the draws, where all can be seen."""
    return Load(
        measured_a=_declared_flow_a(snapshot, circuit, background_a),
        measured_w=power_w,
        at_mono_s=snapshot.mono_s,
        best_a=background_a,
        signed_a=background_a,
        gate_a=background_a,
        background_w=None if power_w is None else max(0.0, power_w - _drawn_w(snapshot, circuit)),
    )


def _drawn_w(snapshot: Snapshot, circuit: Circuit) -> float:
    """Sum the draws that can be seen, as power at the nominal voltage."""
    states = (snapshot.chargers.get(charger.id) for charger in snapshot.site.below[circuit.id])
    drawn_a = sum(sum(s.draw_a) for s in states if s is not None and s.draw_a is not None)
    return drawn_a * snapshot.site.voltage_v


def _declared_flow_a(snapshot: Snapshot, circuit: Circuit, background_a: Phases) -> Phases | None:
    flow_a = background_a
    for charger in snapshot.site.below[circuit.id]:
        state = snapshot.chargers.get(charger.id)
        draw_a = state.draw_a if state is not None else None
        if draw_a is None:
            return None
        flow_a = plus(flow_a, draw_a)
    return flow_a


def shown(values: Phases | None) -> MaybePhases:
    """Turn an unknown triple into three unknowns."""
    return (None, None, None) if values is None else values

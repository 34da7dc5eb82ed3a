"""Headroom: what each circuit carries besides the chargers, for two questions kept apart.

The *trigger* (must we cut?) uses what is measured and the best-aligned background. The *gate* (may we
raise?) uses the meter minus the smallest draw of each charger within the alignment window, with local
generation added back and never below zero (H13). A draw that cannot be seen is counted twice by the gate
and never causes a cut.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.domain.draws import Below
from controller.domain.samples import Sample, generation, metered
from controller.domain.site import Circuit, Site
from controller.domain.snapshot import Snapshot
from controller.domain.units import (
    ZERO,
    ChargerId,
    CircuitId,
    Grid,
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
    best_w: float | None = None
    """Best-aligned background of a meter that tells power alone; `None`: voltage times the phases."""
    gate_w: float | None = None
    """The power that raises are judged by; `None` as above."""


def loads(snapshot: Snapshot, promised_a: Mapping[ChargerId, float]) -> dict[CircuitId, Load]:
    """Work out the load of every circuit; a silent or missing meter leaves it blind, never at zero."""
    samples = metered(snapshot)
    made = generation(snapshot)
    below = Below(snapshot, promised_a)
    found: dict[CircuitId, Load] = {}
    for circuit in snapshot.site.circuits:
        made_a = ZERO if circuit.generation_makes_room else made.get(circuit.id, ZERO)
        found[circuit.id] = _load(snapshot, circuit, samples.get(circuit.id), made_a, below)
    return found


_BLIND = Load(measured_a=None, measured_w=None, at_mono_s=0.0, best_a=None, signed_a=None, gate_a=None)


def _load(snapshot: Snapshot, circuit: Circuit, sample: Sample | None, made_a: Phases, below: Below) -> Load:
    drawn_a = (ZERO, ZERO) if sample is None else below.drawn_a(circuit.id, sample.at_mono_s)
    if not math.isfinite(sum(drawn_a[0]) + sum(drawn_a[1])):
        return _BLIND  # what cannot be reckoned with is not a value (rule 7)
    if sample is not None and sample.currents_a is not None:
        return _measured_load(circuit, sample, sample.currents_a, made_a, drawn_a)
    if circuit.background_a is None:
        return _BLIND
    declared = _declared_load(snapshot, circuit, circuit.background_a, below)
    if circuit.meter is None:
        return declared
    if sample is None or sample.power_w is None:
        return _BLIND
    line_w = _line_ampere_w(snapshot.site)
    best_a, least_a = drawn_a
    made_w = sum(made_a) * line_w
    clamp_w = -math.inf if circuit.generation_makes_room else 0.0
    return replace(
        declared,
        at_mono_s=sample.at_mono_s,
        measured_w=sample.power_w,
        best_w=max(clamp_w, sample.power_w - sum(best_a) * line_w + made_w),
        gate_w=max(clamp_w, sample.power_w - sum(least_a) * line_w + made_w),
    )


def _line_ampere_w(site: Site) -> float:
    """Tell what one ampere on one line weighs at least; on IT it returns through another line."""
    return site.voltage_v if site.grid is Grid.TN else site.voltage_v / 2.0


def _measured_load(
    circuit: Circuit, sample: Sample, currents_a: Phases, made_a: Phases, drawn_a: tuple[Phases, Phases]
) -> Load:
    best_a, least_a = drawn_a
    signed_a = minus(currents_a, best_a)
    gate_a = minus(currents_a, least_a)
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


def _declared_load(snapshot: Snapshot, circuit: Circuit, background_a: Phases, below: Below) -> Load:
    """Use the declared background; the flow is its sum with the draws, where all can be seen."""
    drawn_a = below.latest_a(circuit.id)
    return Load(
        measured_a=None if drawn_a is None else plus(background_a, drawn_a),
        measured_w=None,
        at_mono_s=snapshot.mono_s,
        best_a=background_a,
        signed_a=background_a,
        gate_a=background_a,
    )


def shown(values: Phases | None) -> MaybePhases:
    """Turn an unknown triple into three unknowns."""
    return (None, None, None) if values is None else values

"""Samples: what the meters of each circuit say together, and what panels and batteries feed in."""

from dataclasses import dataclass
from math import isfinite

from controller.domain.readings import MeterReading, MeterRole
from controller.domain.snapshot import MeterPlace, Snapshot
from controller.domain.units import ZERO, CircuitId, Phases, plus

# A reading from further ahead than this is not a reading (rule 7).
FUTURE_S = 1.0
# How long the add-back of a silent solar or battery meter stands.
HOLD_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the meters of one circuit say together."""

    at_mono_s: float
    currents_a: Phases | None
    power_w: float | None


def is_fresh(at_mono_s: float, now_s: float, ttl_s: float) -> bool:
    """Tell whether a value may be used: neither older than its time to live nor from the future.

    >>> is_fresh(95.0, 100.0, 5.0), is_fresh(94.0, 100.0, 5.0), is_fresh(102.0, 100.0, 5.0)
    (True, False, False)
    """
    return now_s - ttl_s <= at_mono_s <= now_s + FUTURE_S


def fresh_reading(snapshot: Snapshot, place: MeterPlace) -> MeterReading | None:
    """Find the reading of a meter if it may be used; a known lag does not make it stale."""
    reading = snapshot.meters.get(place.id)
    if reading is None:
        return None
    ttl_s = snapshot.timing.meter_ttl_s + place.lag_s
    is_usable = is_fresh(reading.at_mono_s, snapshot.mono_s, ttl_s) and _tells_numbers(reading)
    return reading if is_usable else None


def _tells_numbers(reading: MeterReading) -> bool:
    """Tell whether everything that it tells is a number (rule 7): one NaN discredits all."""
    one_a, two_a, three_a = reading.currents_a
    return isfinite(
        (one_a or 0.0)
        + (two_a or 0.0)
        + (three_a or 0.0)
        + (reading.power_w or 0.0)
        + (reading.soc_pct or 0.0)
    )


def metered(snapshot: Snapshot) -> dict[CircuitId, Sample]:
    """Join the meters of each circuit; a phase of the site that none tells leaves the circuit blind."""
    joined: dict[CircuitId, tuple[float, list[float | None], float | None]] = {}
    for place in snapshot.places:
        if place.role is not MeterRole.CIRCUIT:
            continue
        reading = fresh_reading(snapshot, place)
        if reading is None:
            continue
        at_s, currents_a, power_w = joined.get(place.circuit, (reading.at_mono_s, [None] * 3, None))
        for index, phase in enumerate(place.phases):
            currents_a[phase - 1] = reading.currents_a[index]
        joined[place.circuit] = (min(at_s, reading.at_mono_s), currents_a, _added(power_w, reading.power_w))
    return {
        circuit: Sample(at_mono_s=at_s, currents_a=_whole(snapshot.site.phases, currents_a), power_w=power_w)
        for circuit, (at_s, currents_a, power_w) in joined.items()
    }


def _added(first: float | None, second: float | None) -> float | None:
    return second if first is None else first if second is None else first + second


def _whole(phases: tuple[int, ...], currents_a: list[float | None]) -> Phases | None:
    """Fill the phases that the site does not have; unknown where one that it has was not told."""
    whole = [0.0, 0.0, 0.0]
    for phase in phases:
        current_a = currents_a[phase - 1]
        if current_a is None:
            return None
        whole[phase - 1] = current_a
    return whole[0], whole[1], whole[2]


def generation(snapshot: Snapshot) -> dict[CircuitId, Phases]:
    """Sum what panels and batteries feed in below each circuit; what is not metered is not known.

    A meter that falls silent keeps its last word for `HOLD_S`: silence must not look like room (H13). Longer
    would let an inverter that sleeps at night block raises until the morning.
    """
    fed: dict[CircuitId, Phases] = {}
    for place in snapshot.places:
        if place.role is MeterRole.CIRCUIT:
            continue
        reading = _held_reading(snapshot, place)
        if reading is None:
            continue
        out_a = _fed_a(snapshot, place, reading)
        for circuit in snapshot.site.path[place.circuit]:
            fed[circuit] = plus(fed.get(circuit, ZERO), out_a)
    return fed


def _held_reading(snapshot: Snapshot, place: MeterPlace) -> MeterReading | None:
    reading = snapshot.meters.get(place.id)
    if reading is None or not _tells_numbers(reading):
        return None
    return reading if is_fresh(reading.at_mono_s, snapshot.mono_s, HOLD_S + place.lag_s) else None


def _fed_a(snapshot: Snapshot, place: MeterPlace, reading: MeterReading) -> Phases:
    sign = 1.0 if place.role is MeterRole.SOLAR else -1.0
    fed = [0.0, 0.0, 0.0]
    total_w = reading.power_w or 0.0
    even_a = total_w / snapshot.site.ampere_w(len(place.phases)) if place.phases else 0.0
    for index, phase in enumerate(place.phases):
        current_a = reading.currents_a[index]
        fed[phase - 1] = max(0.0, sign * (even_a if current_a is None else current_a))
    return fed[0], fed[1], fed[2]

"""Commissioning: what the site is without us, as a table with its assumptions and a way out.

Every charger goes to the most that it may do alone while the household draws its declared worst.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from controller.domain.site import ROUNDING_A, ChargerSpec, Circuit, Limiter, Site
from controller.domain.units import MIN_CURRENT_A, ChargerId, CircuitId, Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofRow:
    """One phase of one circuit."""

    circuit: CircuitId
    phase: int
    background_a: float
    """The declared worst of everything but the chargers."""
    chargers_a: float
    """What the chargers below may draw without us."""
    limit_a: float

    @property
    def without_us_a(self) -> float:
        """What may flow when nobody controls."""
        return self.background_a + self.chargers_a

    @property
    def holds(self) -> bool:
        """Whether the circuit bears it."""
        return self.without_us_a <= self.limit_a + ROUNDING_A


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerRow:
    """The power limit of one circuit."""

    circuit: CircuitId
    background_w: float
    """What the declared worst of everything but the chargers carries."""
    chargers_w: float
    """What the chargers below may carry without us."""
    limit_w: float

    @property
    def without_us_w(self) -> float:
        """What may be carried when nobody controls."""
        return self.background_w + self.chargers_w

    @property
    def holds(self) -> bool:
        """Whether the circuit may carry it."""
        return self.without_us_w <= self.limit_w


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Whether the site is safe without us, on which assumptions, and what would make it so."""

    rows: tuple[ProofRow, ...]
    powers: tuple[PowerRow, ...]
    """Of the circuits with a power limit."""
    assumptions: tuple[str, ...]
    proposals: Mapping[ChargerId, float]
    """The most that each named charger may be left to do alone for every row to hold, 0 or at least 6 A.

    Empty when every row holds, or when the household alone is too much.
    """

    @property
    def holds(self) -> bool:
        """Whether every row does."""
        return _hold(self.rows, self.powers)


def _hold(rows: tuple[ProofRow, ...], powers: tuple[PowerRow, ...]) -> bool:
    return all(row.holds for row in rows) and all(power.holds for power in powers)


def prove(site: Site) -> Proof:
    """Work out what would flow if the controller were gone for good."""
    alone_a = {charger.id: alone(charger, is_leased=_is_leased(site, charger)) for charger in site.chargers}
    rows, powers = _rows(site, alone_a), _powers(site, alone_a)
    return Proof(
        rows=rows,
        powers=powers,
        assumptions=tuple(
            [_household(circuit) for circuit in site.circuits]
            + [_charger(charger, is_leased=_is_leased(site, charger)) for charger in site.chargers]
            + [_limiter(site, circuit.id, circuit.limiter) for circuit in site.circuits if circuit.limiter]
            + [
                f"charger {ghost.id}: left the configuration, holds {ghost.promise_a:g} A"
                for ghost in site.ghosts
            ]
        ),
        proposals={} if _hold(rows, powers) else _proposals(site, alone_a),
    )


def alone(charger: ChargerSpec, *, is_leased: bool = True) -> float:
    """Tell the most that a charger may come to draw without us, in A on each of its phases.

    Its limits lapse only where they are written with a lease: where everything that may lapse at once fits.
    """
    return max(_standing_a(charger, is_leased=is_leased), charger.resets_to_a)


def _is_leased(site: Site, charger: ChargerSpec) -> bool:
    return charger.id not in site.unsafe_to_lapse


def _standing_a(charger: ChargerSpec, *, is_leased: bool) -> float:
    able = charger.abilities
    if is_leased and able.lease_s is not None and able.lapses_to_a is not None:
        return able.lapses_to_a
    return charger.max_a if able.fallback_a is None else able.fallback_a


def _rows(site: Site, alone_a: Mapping[ChargerId, float]) -> tuple[ProofRow, ...]:
    promised = _promised(site, alone_a)
    return tuple(
        ProofRow(
            circuit=circuit.id,
            phase=phase,
            background_a=circuit.worst_a[phase - 1],
            chargers_a=promised[circuit.id][phase - 1],
            limit_a=circuit.limit_a[phase - 1],
        )
        for circuit in site.circuits
        for phase in site.phases
        if circuit.limit_a[phase - 1] > 0
    )


def _powers(site: Site, alone_a: Mapping[ChargerId, float]) -> tuple[PowerRow, ...]:
    promised = _promised(site, alone_a)
    return tuple(
        PowerRow(
            circuit=circuit.id,
            background_w=site.flow_w(circuit.worst_a),
            chargers_w=site.flow_w((one, two, three)),
            limit_w=circuit.limit_w,
        )
        for circuit in site.circuits
        if circuit.limit_w is not None
        for one, two, three in (promised[circuit.id],)
    )


def _promised(site: Site, alone_a: Mapping[ChargerId, float]) -> dict[CircuitId, list[float]]:
    """Sum what chargers may draw, leaves first; a limiter caps what its circuit hands upward."""
    sums = {circuit.id: [0.0, 0.0, 0.0] for circuit in site.circuits}
    holders = [(charger.circuit, charger.phases, alone_a[charger.id]) for charger in site.chargers]
    holders += [(ghost.circuit, ghost.phases, ghost.promise_a) for ghost in site.ghosts]
    for circuit_id, phases, current_a in holders:
        for phase in phases:
            sums[circuit_id][phase - 1] += current_a
    for circuit in reversed(site.circuits):
        if circuit.limiter is not None:
            capped = zip(sums[circuit.id], _limiter_alone(site, circuit.id, circuit.limiter), strict=True)
            sums[circuit.id] = [min(pair) for pair in capped]
        if circuit.parent is not None:
            above = zip(sums[circuit.parent], sums[circuit.id], strict=True)
            sums[circuit.parent] = [sum(pair) for pair in above]
    return sums


def _limiter_alone(site: Site, circuit: CircuitId, limiter: Limiter) -> list[float]:
    """Tell the most that a limiter may come to allow without us: it stands, lapses or restarts."""
    standing_a = _limiter_standing(site, circuit, limiter)
    return [max(pair) for pair in zip(standing_a, limiter.resets_to_a, strict=True)]


def _limiter_standing(site: Site, circuit: CircuitId, limiter: Limiter) -> Phases:
    is_leased = limiter.lease_s is not None and circuit in site.limiters_to_lapse
    if is_leased and limiter.lapses_to_a is not None:
        return limiter.lapses_to_a
    return limiter.nameplate_a


def _proposals(site: Site, alone_a: Mapping[ChargerId, float]) -> dict[ChargerId, float]:
    """Lower the highest in every row that fails, until all hold; leaves first."""
    proposed = dict(alone_a)
    for row in reversed([row for row in _rows(site, alone_a) if not row.holds]):
        holders = [c for c in site.below[row.circuit] if row.phase in c.phases]
        room_a = row.limit_a - row.background_a
        level_a = _level([proposed[charger.id] for charger in holders], room_a)
        for charger in holders:
            if proposed[charger.id] > level_a:
                proposed[charger.id] = _writable(charger, level_a)
    for power in reversed(_powers(site, proposed)):
        _lower_power(site, power.circuit, proposed)
    if not _hold(_rows(site, proposed), _powers(site, proposed)):
        return {}
    return {id_: current_a for id_, current_a in proposed.items() if current_a < alone_a[id_]}


def _lower_power(site: Site, circuit: CircuitId, proposed: dict[ChargerId, float]) -> None:
    """Lower the highest below a circuit, an ampere at a time, until its power limit holds."""
    holders = site.below[circuit]
    level_a = math.floor(max((proposed[charger.id] for charger in holders), default=0.0))
    while level_a >= 0 and not all(r.holds for r in _powers(site, proposed) if r.circuit == circuit):
        for charger in holders:
            if proposed[charger.id] > level_a:
                proposed[charger.id] = _writable(charger, level_a)
        level_a -= 1


def _level(currents_a: list[float], room_a: float) -> float:
    """Find the level to which the highest have to come down so that the sum fits."""
    left_a = room_a
    for index, current_a in enumerate(sorted(currents_a)):
        level_a = left_a / (len(currents_a) - index)
        if current_a > level_a:
            return max(0.0, level_a)
        left_a -= current_a
    return math.inf


def _writable(charger: ChargerSpec, current_a: float) -> float:
    whole_a = float(math.floor(current_a + ROUNDING_A))
    return whole_a if whole_a >= max(charger.min_a, MIN_CURRENT_A) else 0.0


def _household(circuit: Circuit) -> str:
    shown = _shown(circuit.worst_a)
    if circuit.worst_background_a is not None:
        return f"circuit {circuit.id}: everything but the chargers draws at most {shown} A, as declared"
    if circuit.background_a is not None:
        return f"circuit {circuit.id}: everything but the chargers draws {shown} A, the declared background"
    return f"circuit {circuit.id}: everything but the chargers may fill it: no worst_background_a is declared"


def _charger(charger: ChargerSpec, *, is_leased: bool) -> str:
    able = charger.abilities
    knows_leases = able.lease_s is not None and able.lapses_to_a is not None
    if knows_leases and is_leased:
        stands = f"its limits lapse to {able.lapses_to_a:g} A"
    elif able.fallback_a is not None:
        stands = f"falls back to {able.fallback_a:g} A"
    else:
        stands = f"keeps its last limit, {charger.max_a:g} A at most"
    if knows_leases and not is_leased:
        stands += ", since not all that could lapse at once fits"
    by = "its nameplate" if able.reset_a is None else "its reset current"
    return (
        f"charger {charger.id}: {stands}; plug-in or a restart may lift it to {charger.resets_to_a:g} A, {by}"
    )


def _limiter(site: Site, circuit: CircuitId, limiter: Limiter) -> str:
    by = "its nameplate" if limiter.reset_a is None else "its reset current"
    allowed = _shown(_limiter_standing(site, circuit, limiter))
    return (
        f"circuit {circuit}: its limiter allows {allowed} A by itself; "
        f"a restart may lift it to {_shown(limiter.resets_to_a)} A, {by}"
    )


def _shown(currents_a: Phases) -> str:
    return "/".join(f"{current_a:g}" for current_a in currents_a)

"""Journal: which ticks are worth a row, and what of a page of the ledger has to survive a restart.

Decisions are kept when they change, plus a heartbeat.
"""

from dataclasses import dataclass
from datetime import datetime

from controller.domain.promises import lease_ends_s, promised_a
from controller.domain.readings import Plug
from controller.domain.reasons import Code, Reason
from controller.domain.site import ChargerSpec, Site
from controller.domain.snapshot import Promise
from controller.domain.units import ChargerId, CircuitId
from controller.domain.writes import ChargerVerdict, Decision
from controller.ports import RecordedLimiter, RecordedPromise

HEARTBEAT_S = 60.0
"""Without any change one tick a minute is kept."""

RIPPLE_S = 10.0
"""Shares that drift without a write (a surplus that follows the clouds) are kept this often at most."""

_Face = tuple[
    tuple[tuple[ChargerId, str, Plug, bool, float, tuple[tuple[Code, str], ...]], ...],
    tuple[tuple[CircuitId, bool], ...],
]


class Novelty:
    """Remembers what was kept last, and judges the next tick against it.

    A tick is kept at once when it writes, or when a charger's mode, plug, limit or reasons change, or when a
    device falls silent or comes back; the numbers inside the reasons may ripple.
    """

    def __init__(self, heartbeat_s: float = HEARTBEAT_S, ripple_s: float = RIPPLE_S) -> None:
        self._heartbeat_s, self._ripple_s = heartbeat_s, ripple_s
        self._face: _Face | None = None
        self._shares_a: tuple[float, ...] = ()
        self._kept_mono_s = 0.0

    def worth_keeping(self, decision: Decision) -> bool:
        """Tell whether this tick deserves a row; a tick that does becomes the one to compare with."""
        face = _face(decision)
        shares_a = tuple(verdict.share_a for verdict in decision.chargers.values())
        age_s = decision.mono_s - self._kept_mono_s
        keep = (
            face != self._face
            or bool(decision.writes or decision.limiter_writes)
            or not 0.0 <= age_s < self._heartbeat_s
            or (shares_a != self._shares_a and age_s >= self._ripple_s)
        )
        if keep:
            self._face, self._shares_a, self._kept_mono_s = face, shares_a, decision.mono_s
        return keep


def _face(decision: Decision) -> _Face:
    return (
        tuple((charger, *_charger_face(verdict)) for charger, verdict in decision.chargers.items()),
        tuple((circuit, verdict.blind) for circuit, verdict in decision.circuits.items()),
    )


def _charger_face(
    verdict: ChargerVerdict,
) -> tuple[str, Plug, bool, float, tuple[tuple[Code, str], ...]]:
    reasons = tuple(_essence(reason) for reason in verdict.reasons)
    return verdict.mode, verdict.plug, verdict.silent, verdict.limit_a, reasons


def _essence(reason: Reason) -> tuple[Code, str]:
    return reason.code, reason.by


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """One instant by both clocks."""

    at: datetime
    mono_s: float


def record_of(site: Site, spec: ChargerSpec, page: Promise, now: Now) -> RecordedPromise:
    """Tell what has to be on record of a charger."""
    promise_a, lapses_mono_s = promised_a(page), lease_ends_s(page)
    silent_a = _silent_a(site, spec, leased=lapses_mono_s is not None)
    return RecordedPromise(
        charger=spec.id,
        circuit=spec.circuit,
        phases=spec.phases,
        promise_a=promise_a,
        silent_a=silent_a if silent_a > promise_a else None,
        lapses_mono_s=lapses_mono_s,
        at=now.at,
        mono_s=now.mono_s,
    )


def _silent_a(site: Site, spec: ChargerSpec, *, leased: bool) -> float:
    """Tell what a charger may go to by itself, leases given and leases that are about to be given counted."""
    able = spec.abilities
    lapses_a = spec.nameplate_a if able.lapses_to_a is None else able.lapses_to_a
    may_lapse = leased or (able.lease_s is not None and spec.id not in site.unsafe_to_lapse)
    return max(able.fallback_a or 0.0, lapses_a if may_lapse else 0.0)


def limiter_record_of(
    circuit: CircuitId, pages: tuple[Promise, Promise, Promise], now: Now
) -> RecordedLimiter:
    """Tell what has to be on record of a circuit's limiter; its phases are written together."""
    one, two, three = pages
    ends_s = [end for end in map(lease_ends_s, pages) if end is not None]
    return RecordedLimiter(
        circuit=circuit,
        promise_a=(promised_a(one), promised_a(two), promised_a(three)),
        lapses_mono_s=min(ends_s, default=None),
        at=now.at,
        mono_s=now.mono_s,
    )

"""Journal: which ticks are worth a row. Decisions are kept when they change, plus a heartbeat."""

from controller.domain.readings import Plug
from controller.domain.reasons import Code, Reason
from controller.domain.units import ChargerId, CircuitId
from controller.domain.writes import ChargerVerdict, Decision

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

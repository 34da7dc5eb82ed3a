"""Limits as EVerest takes them: `ExternalLimits` for each era; pure.

A limit stands on the leaves' side, since 2023 ignores the root's. Export is always forbidden in amperes and
in watts: without that, 2023.3 to 2023.9 turn an import of 0 A into the full fuse.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from adapters.chargers.everest.dialect import Dialect
from adapters.wire.everest import Json

FULL_A: Final = 80.0
"""IEC 61851-1 lets a pilot offer no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """The later entry that a limit walks into unless it is renewed."""

    at: datetime
    limit_a: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Builds limits for one version in one name."""

    dialect: Dialect
    source: str

    def external_limits(
        self, limit_a: float, now: datetime, lapse: Lapse | None = None, phases: int | None = None
    ) -> dict[str, Json]:
        """Build the object that forbids more than `limit_a` on each phase from now on.

        Args:
            limit_a: 0 to 80 A, on each phase.
            now: aware; the first entry applies at once.
            lapse: only where the version enforces later entries.
            phases: 1 or 3 to have EVerest use so many, only where the version knows it.
        """
        entries = [self._entry(now, self._import(limit_a, phases))]
        if lapse is not None:
            if not self.dialect.walks:
                raise ValueError("this version of EVerest enforces no later entry")
            entries.append(self._entry(lapse.at, self._import(lapse.limit_a, phases)))
        nothing = {"ac_max_current_A": self._number(0.0), "total_power_W": self._number(0.0)}
        limits: dict[str, Json] = {
            "schedule_import": entries,
            "schedule_export": [self._entry(now, nothing)],
        }
        if self.dialect.sourced:
            limits["schedule_setpoints"] = []
        return limits

    def _import(self, limit_a: float, phases: int | None) -> dict[str, Json]:
        if not 0.0 <= limit_a <= FULL_A:
            raise ValueError(f"expected 0 to {FULL_A:g} A")
        limits: dict[str, Json] = {"ac_max_current_A": self._number(float(limit_a))}
        if phases is not None:
            if not self.dialect.counts_phases or phases not in (1, 3):
                raise ValueError("expected 1 or 3 phases, and a version that switches between them")
            limits["ac_max_phase_count"] = limits["ac_min_phase_count"] = self._number(phases)
        return limits

    def _number(self, value: float) -> Json:
        return {"value": value, "source": self.source} if self.dialect.sourced else value

    def _entry(self, at: datetime, leaves: dict[str, Json]) -> dict[str, Json]:
        return {"timestamp": timestamp(at), "limits_to_root": {}, "limits_to_leaves": leaves}


def timestamp(at: datetime) -> str:
    """Write an instant as EVerest reads it: UTC with a `Z`; it would ignore any other zone.

    >>> timestamp(datetime(2026, 8, 21, 12, 15, 30, tzinfo=UTC))
    '2026-08-21T12:15:30.000Z'
    """
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"

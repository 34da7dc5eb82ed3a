"""Headless: the demo as plain lines, one an event."""

from collections.abc import Callable
from datetime import datetime

from controller.domain.reasons import Code
from controller.domain.sentences import clause
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.domain.writes import ChargerVerdict, Decision
from controller.report import bound_by
from simulator.demo.referee import Referee
from simulator.house.house import House, Said


class News:
    """Turns ticks and the house's words into events, each told once."""

    def __init__(self, house: House, tell: Callable[[datetime, str], None]) -> None:
        self._house, self._tell = house, tell
        self._told: Said | None = None
        self._limits_a: dict[ChargerId, float] = {}

    def hear(self, snapshot: Snapshot, decision: Decision) -> None:
        """Tell what happened in the house since the last tick, and each limit that changes."""
        del snapshot
        self._hear_house()
        kinds = {write.charger: write.kind.value for write in decision.writes}
        for charger, verdict in decision.chargers.items():
            before_a = self._limits_a.get(charger)
            self._limits_a[charger] = verdict.limit_a
            if before_a is not None and before_a != verdict.limit_a:
                kind = kinds.get(charger, "set elsewhere")
                change = f"{charger} {before_a:g} -> {verdict.limit_a:g} A ({kind})"
                self._tell(self._house.now, f"{change}{_why(verdict)}")

    def _hear_house(self) -> None:
        said = list(self._house.said)
        first = said.index(self._told) + 1 if self._told in said else 0
        for one in said[first:]:
            self._told = one
            self._tell(self._house.now, one.text)


def _why(verdict: ChargerVerdict) -> str:
    """Tell what bound it, short enough for a line; the whole sentence stands with the charger."""
    reason = bound_by(verdict)
    if reason is None:
        return f", share {verdict.share_a:g} A"
    share = "" if reason.code is Code.URGENT else f", share {verdict.share_a:g} A"
    return f"{share}: {clause(reason)}"


def times(count: int) -> str:
    """Count as people do.

    >>> times(0), times(1), times(3)
    ('never', 'once', '3 times')
    """
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def summary(referee: Referee) -> tuple[str, ...]:
    """Say how it went, a line each."""
    score = referee.score
    writes = ", ".join(f"{count} {kind.value}" for kind, count in score.writes.items() if count) or "none"
    curve = next(iter(referee.protection.poles.values())).curve.name
    behind = f"behind {max(referee.limit_a):g} A, above it {times(score.spells)}"
    return (
        f"watched {score.watched_s:.0f} s of the house; largest current {score.peak_a:.1f} A {behind}",
        f"longest above the limit after the sample that showed it: {score.worst_s:.1f} s",
        f"fuse model {curve}: at most {referee.protection.worst:.1%} of what melts it",
        f"writes: {writes}",
        f"charged {score.charged_wh / 1000:.2f} kWh, the sun made {score.solar_wh / 1000:.2f} kWh",
    )

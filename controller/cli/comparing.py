"""Comparing: a recorded decision with the same tick decided again."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.store.ticks import RecordedTick
from controller.codec import decision_json, fingerprint
from controller.domain.decision import decide
from controller.domain.modes import Policies
from controller.domain.units import ChargerId
from controller.policy_files import from_document
from controller.policy_files import load as load_policies
from controller.report import instant
from controller.settings import Settings

# Enough to see what went wrong; a tick that went astray differs in hundreds of places.
_MOST_PLACES = 10


def policies_of(tick: RecordedTick, settings: Settings) -> Policies:
    """Tell the policies that a tick was decided under; those of the configuration if nobody recorded them."""
    if tick.policies is None:
        return load_policies(settings.policies.file)
    return from_document(tick.policies, f"policies of {instant(tick.at)}")


@dataclass(slots=True)
class Identity:
    """Decides ticks again and counts those that came out the same."""

    ticks: int = 0

    def look(self, tick: RecordedTick, policies: Policies) -> dict[str, Any] | None:
        """Tell where a tick is not what was recorded; `None`: identical to the last bit."""
        self.ticks += 1
        if fingerprint(tick.decision_text) != tick.digest:
            return _unwell(tick, "is not what was recorded: its digest does not fit its row", [])
        again = decision_json(decide(tick.snapshot, policies))
        if again == tick.decision_text:
            return None
        places = list(_places(json.loads(tick.decision_text), json.loads(again), ""))
        return _unwell(tick, "came out differently", places[:_MOST_PLACES])


def _unwell(tick: RecordedTick, says: str, places: list[dict[str, Any]]) -> dict[str, Any]:
    return {"at": instant(tick.at), "digest": tick.digest, "says": says, "differs": places}


def _places(then: object, now: object, key: str) -> Iterator[dict[str, Any]]:
    """Walk through two documents and tell where they part."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in sorted({*then, *now}):
            yield from _places(then.get(name), now.get(name), f"{key}.{name}" if key else str(name))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for index, (one, other) in enumerate(zip(then, now, strict=True)):
            yield from _places(one, other, f"{key}[{index}]")
    elif then != now:
        yield {"key": key, "recorded": then, "now": now}


@dataclass(slots=True)
class ChargerDifference:
    """What other policies would have changed for one charger."""

    ticks: int = 0
    changed: int = 0
    first: datetime | None = None
    then_sum_a: float = 0.0
    now_sum_a: float = 0.0

    @property
    def recorded_a(self) -> float | None:
        """Mean of the shares that were recorded."""
        return self.then_sum_a / self.ticks if self.ticks else None

    @property
    def now_a(self) -> float | None:
        """Mean of the shares under the other policies."""
        return self.now_sum_a / self.ticks if self.ticks else None


@dataclass(slots=True)
class Difference:
    """What other policies would have changed."""

    ticks: int = 0
    changed: int = 0
    chargers: dict[ChargerId, ChargerDifference] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Tell it as plain values."""
        chargers = {
            charger: {
                "changed": one.changed,
                "first": None if one.first is None else instant(one.first),
                "recorded_share_a": one.recorded_a,
                "share_a": one.now_a,
            }
            for charger, one in self.chargers.items()
        }
        return {"ticks": self.ticks, "changed": self.changed, "chargers": chargers}


def differing(ticks: Iterable[RecordedTick], policies: Policies) -> Difference:
    """Decide every tick again under other policies, each from what was recorded."""
    found = Difference()
    for tick in ticks:
        then, now = tick.decision, decide(tick.snapshot, policies)
        found.ticks += 1
        found.changed += any(
            now.chargers[charger].share_a != verdict.share_a for charger, verdict in then.chargers.items()
        )
        for charger, verdict in then.chargers.items():
            one = found.chargers.setdefault(charger, ChargerDifference())
            share_a = now.chargers[charger].share_a
            one.ticks, one.then_sum_a = one.ticks + 1, one.then_sum_a + verdict.share_a
            one.now_sum_a += share_a
            if share_a != verdict.share_a:
                one.changed, one.first = one.changed + 1, one.first or tick.at
    return found

"""A simulated Easee circuit: limits that its chargers share, kept by their master."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from controller.ports import Clock

Three = tuple[float, float, float]

_LEAST_A: Final = 6.0
_MINUTE_S: Final = 60.0


class Sharer(Protocol):
    """A charger on a circuit."""

    @property
    def wants(self) -> bool:
        """Whether a car there might charge."""


@dataclass(slots=True, kw_only=True)
class EaseeCircuitModel:
    """What the electrician set, what was commanded, and who shares it."""

    clock: Clock
    number: int = 1
    """By which the cloud knows it."""
    fuse_a: float = 63.0
    max_a: Three = (40.0, 40.0, 40.0)
    """Kept in flash (command 24)."""
    dynamic_a: Three = (40.0, 40.0, 40.0)
    """Volatile (command 22)."""
    fallback_a: Three = (6.0, 6.0, 6.0)
    """Kept in flash (command 21): while the master has no cloud."""
    equalizer_a: Three | None = None
    after_reboot_a: float = 40.0
    """40 A for a Home, 80 A for a Charge."""
    lapse: str = "max"
    """What a lapsed command 22 leaves, as sources contradict: `fallback`, `max` or `never`."""
    is_offline: bool = False
    chargers: list[Sharer] = field(default_factory=list)
    _until_mono_s: float | None = None

    def set_dynamic(self, limits_a: Three, ttl_min: int | None) -> None:
        """Take command 22."""
        self.dynamic_a = limits_a
        self._until_mono_s = self.clock.mono_s() + ttl_min * _MINUTE_S if ttl_min else None

    def reboot(self) -> None:
        """Lose what is volatile."""
        self.dynamic_a, self._until_mono_s = (self.after_reboot_a,) * 3, None

    def age(self) -> None:
        """Let a time to live run out."""
        if self._until_mono_s is None or self.clock.mono_s() < self._until_mono_s:
            return
        self._until_mono_s = None
        if self.lapse == "fallback":
            self.dynamic_a = self.fallback_a
        elif self.lapse == "max":
            self.dynamic_a = self.max_a

    def limits_a(self) -> Three:
        """Tell what each phase may carry now: the lowest limit wins."""
        self.age()
        rows = [(self.fuse_a,) * 3, self.max_a, self.dynamic_a]
        if self.equalizer_a is not None:
            rows.append(self.equalizer_a)
        if self.is_offline:
            rows.append(self.fallback_a)
        one, two, three = (min(row[index] for row in rows) for index in range(3))
        return one, two, three

    def share_a(self, charger: Sharer) -> Three:
        """Tell what one charger may carry: equal parts for as many as get 6 A, first come first served."""
        limits_a = self.limits_a()
        wanting = [one for one in self.chargers if one.wants]
        if charger not in wanting:
            return limits_a
        served = max(1, min(len(wanting), int(min(_used(limits_a)) // _LEAST_A)))
        if charger not in wanting[:served]:
            return 0.0, 0.0, 0.0
        return limits_a[0] / served, limits_a[1] / served, limits_a[2] / served

    def queue(self) -> int:
        """Count the cars that wait."""
        wanting = [one for one in self.chargers if one.wants]
        served = sum(max(self.share_a(one)) > 0 for one in wanting)
        return len(wanting) - served


def _used(limits_a: Sequence[float]) -> list[float]:
    return [limit_a for limit_a in limits_a if limit_a > 0] or [0.0]

"""A simulated Easee charger without its wire: limits, states, resets, what it observes of itself."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from math import floor, inf
from typing import Final

from controller.ports import Clock
from simulator.chargers.easee_circuit import EaseeCircuitModel

Three = tuple[float, float, float]

OFFLINE, DISCONNECTED, AWAITING_START, CHARGING, COMPLETED, ERROR, READY, AWAITING_LOGIN = range(8)

_LEAST_A: Final = 6.0
_CHARGING_A: Final = 0.5
_OVER_A: Final = 1.0
_TRIP_S: Final = 10.0
_SLOW_START_S: Final = 300.0
_MINUTE_S: Final = 60.0
_RESET_A: Final = 32.0
_OVERCURRENT: Final = 2048
_WIRED_WRONGLY: Final = (50, 51, 52)


@dataclass(slots=True, kw_only=True)
class EaseeDevice:
    """What the charger is and remembers; `offered_a` is what the car sees."""

    clock: Clock
    serial: str = "EH000281"
    circuit: EaseeCircuitModel
    is_master: bool = True
    max_a: float = 32.0
    """Kept in flash (command 47)."""
    dynamic_a: float = 32.0
    """Volatile (command 48)."""
    cable_a: float = 32.0
    enabled: bool = True
    locked: bool = False
    smart: bool = False
    authorization_required: bool = False
    authorized: bool = False
    release: int = 340
    slow_start: bool = False
    """Newer firmware: starts 5 minutes late at exactly 6 A."""
    grid_type: int = 1
    """TN, three phases; 30 to 38 warn of its wiring, 50 to 52 keep it from charging."""
    error: int = 0
    car: object | None = None
    car_is_full: bool = False
    currents_a: Three = (0.0, 0.0, 0.0)
    power_w: float = 0.0
    session_number: int = 100
    session_wh: float = 0.0
    lifetime_wh: float = 1_000_000.0
    flash_writes: Counter[int] = field(default_factory=Counter)
    """By command: how often flash was written."""
    reboots: int = 0
    started_at: datetime | None = None
    _prior_a: float = 32.0
    _until_mono_s: float | None = None
    _over_since_mono_s: float | None = None
    _starts_mono_s: float | None = None
    _counted_mono_s: float = 0.0

    def __post_init__(self) -> None:
        """Join its circuit and start its clocks."""
        self.circuit.chargers.append(self)
        self._counted_mono_s = self.clock.mono_s()

    @property
    def wants(self) -> bool:
        """Whether its car might charge."""
        return self.car is not None and not self.car_is_full and self._own_a() >= _LEAST_A

    @property
    def is_allowed(self) -> bool:
        """Whether anything but a limit forbids charging."""
        logged_in = self.authorized or not self.authorization_required
        well = not self.error and self.grid_type not in _WIRED_WRONGLY
        return self.car is not None and self.enabled and well and logged_in

    def _own_a(self) -> float:
        return float(floor(min(self.max_a, self.dynamic_a, self.cable_a))) if self.is_allowed else 0.0

    @property
    def limit_a(self) -> float:
        """The lowest of all limits, rounded down; below 6 A it is a pause."""
        share_a = self.circuit.share_a(self)
        used = [phase_a for phase_a in share_a if phase_a > 0] or [0.0]
        lowest_a = floor(min(self._own_a(), *used))
        return float(lowest_a) if lowest_a >= _LEAST_A else 0.0

    @property
    def offered_a(self) -> float:
        """What the control pilot offers the car."""
        self.age()
        limit_a, now_s = self.limit_a, self.clock.mono_s()
        if limit_a == 0.0:
            self._starts_mono_s = None
            return 0.0
        if self._starts_mono_s is None:
            late = self.slow_start and limit_a == _LEAST_A
            self._starts_mono_s = now_s + (_SLOW_START_S if late else 0.0)
        elif limit_a > _LEAST_A:
            self._starts_mono_s = min(self._starts_mono_s, now_s)
        return limit_a if now_s >= self._starts_mono_s else 0.0

    @property
    def mode(self) -> int:
        """Observation 109."""
        offered_a = self.offered_a
        for mode, holds in (
            (ERROR, bool(self.error)),
            (DISCONNECTED, self.car is None),
            (AWAITING_LOGIN, self.authorization_required and not self.authorized),
            (COMPLETED, self.car_is_full),
            (CHARGING, max(self.currents_a) > _CHARGING_A),
            (AWAITING_START, offered_a == 0.0),
        ):
            if holds:
                return mode
        return READY

    @property
    def reason(self) -> int:
        """Observation 96."""
        circuit_a = self.circuit.limits_a()
        fallback_a = self.circuit.fallback_a if self.circuit.is_offline else (inf,) * 3
        for code, holds in (
            (50, self.car is None),
            (56, bool(self.error)),
            (53, not self.enabled),
            (55, self.authorization_required and not self.authorized),
            (51, self.max_a < _LEAST_A),
            (52, self.dynamic_a < _LEAST_A),
            (1, max(self.circuit.max_a) < _LEAST_A),
            (3, max(fallback_a) < _LEAST_A),
            (2, max(circuit_a) < _LEAST_A),
            (5, self.limit_a == 0.0),
            (30, self.limit_a == min(fallback_a)),
            (78, self.limit_a == floor(self.dynamic_a)),
            (27, self.limit_a == floor(min(circuit_a))),
        ):
            if holds:
                return code
        return 0

    def plug_in(self, car: object) -> None:
        """Connect a car: the dynamic limit is reset upward."""
        self.count()
        self.car, self.car_is_full, self.session_wh = car, False, 0.0
        self.session_number += 1
        self.started_at = self.clock.now()
        self._reset()
        self._over_since_mono_s = None

    def unplug(self) -> None:
        """Disconnect the car; an over-current error ends with it."""
        self.count()
        self.car, self.error, self.authorized = None, 0, False
        self.currents_a, self.power_w = (0.0, 0.0, 0.0), 0.0

    def set_draw(self, currents_a: Three, power_w: float) -> None:
        """Say what the car draws, in the charger's own L1, L2, L3."""
        self.count()
        self.currents_a, self.power_w = currents_a, power_w
        self.age()

    def set_dynamic(self, limit_a: float, ttl_min: int | None) -> None:
        """Take command 48."""
        self._prior_a = self.dynamic_a if self._until_mono_s is None else self._prior_a
        self.dynamic_a = limit_a
        self._until_mono_s = self.clock.mono_s() + ttl_min * _MINUTE_S if ttl_min else None

    def reboot(self) -> None:
        """Restart: every dynamic limit is lost, errors too."""
        self.reboots += 1
        self.error = 0
        self._reset()
        if self.is_master:
            self.circuit.reboot()

    def age(self) -> None:
        """Let leases run out, and trip on a car that stays above its offer too long."""
        now_s = self.clock.mono_s()
        if self._until_mono_s is not None and now_s >= self._until_mono_s:
            self.dynamic_a, self._until_mono_s = self._prior_a, None
        if max(self.currents_a) <= self.limit_a + _OVER_A:
            self._over_since_mono_s = None
        elif self._over_since_mono_s is None:
            self._over_since_mono_s = now_s
        elif now_s - self._over_since_mono_s > _TRIP_S:
            self.error = _OVERCURRENT

    def count(self) -> None:
        """Bring the energy counters up to now."""
        now_s = self.clock.mono_s()
        energy_wh = self.power_w * (now_s - self._counted_mono_s) / 3600.0
        self._counted_mono_s = now_s
        self.session_wh += energy_wh
        self.lifetime_wh += energy_wh

    def _reset(self) -> None:
        self.dynamic_a, self._until_mono_s = _RESET_A, None

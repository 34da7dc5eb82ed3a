"""A simulated Tesla without its wire: sleep, plug, cap, session, battery."""

import math
from dataclasses import dataclass, field
from typing import Final

from controller.domain.units import ZERO, Phases
from controller.ports import Clock

_LEAST_PCT: Final = 50
_MOST_PCT: Final = 100
_SESSION_A: Final = 5
"""Smaller caps are lost at each plug-in, and need a second command."""
_DRAWS_A: Final = 0.5
_VOLTAGE_V: Final = 230.0
_TELLS_PHASES: Final = {0: None, 1: 1, 2: 2, 3: 2}
"""`charger_phases` for the phases in use: three are told as 2."""


@dataclass(slots=True, kw_only=True)
class TeslaCar:
    """What the car is and remembers; `offered_a` is what its onboard charger allows itself."""

    clock: Clock
    vin: str = "5YJ3E7EB0KF000001"
    number: int = 1492931365719407
    presence: str = "online"
    wakes_in_s: float = 0.0
    """How long it takes to wake up."""
    starts_by_itself: bool = True
    """Whether a new session charges without being told."""
    car: object | None = None
    """Whatever the house plugged in."""
    enabled: bool = False
    request_a: int = 16
    request_max_a: int = 32
    pilot_a: int = 32
    """What the socket offers."""
    limit_pct: int = 80
    standard_pct: int = 80
    least_a: int = 1
    soc_pct: float = 50.0
    """While nobody plugged in a car that knows better."""
    added_kwh: float = 0.0
    firmware: str = "2026.32.7 abcdef012345"
    is_paired: bool = True
    """Whether the key of whoever signs is on it."""
    adds_schedules: bool = False
    """Whether scheduling adds another schedule instead of changing the one, as firmware 2024.26 may."""
    added_schedules: list[dict[str, object]] = field(default_factory=list)
    scheduled_min: int | None = None
    departure: dict[str, object] = field(default_factory=dict)
    port_open: bool = False
    latitude_deg: float = 52.5
    longitude_deg: float = 13.4
    fast_charger: bool = False
    confused: str | None = None
    """A charging state that nobody knows."""
    currents_a: Phases = ZERO
    power_w: float = 0.0
    _counted_s: float = 0.0
    _awake_at_s: float = math.inf
    _asked_small_a: int | None = None

    def __post_init__(self) -> None:
        """Start its clock."""
        self._counted_s = self.clock.mono_s()

    @property
    def is_online(self) -> bool:
        """Whether it can be spoken to now."""
        if self.clock.mono_s() >= self._awake_at_s:
            self.presence, self._awake_at_s = "online", math.inf
        return self.presence == "online"

    @property
    def battery_pct(self) -> float:
        """State of charge."""
        own = getattr(self.car, "soc_pct", None)
        return float(own) if isinstance(own, int | float) else self.soc_pct

    @property
    def state(self) -> str:
        """`charging_state`."""
        if self.confused is not None:
            return self.confused
        if self.car is None:
            return "Disconnected"
        if self.pilot_a == 0:
            return "NoPower"
        if not self.enabled or self.scheduled_min is not None:
            return "Stopped"
        if self.battery_pct >= self.limit_pct:
            return "Complete"
        return "Charging" if max(self.currents_a) > _DRAWS_A else "Starting"

    @property
    def offered_a(self) -> float:
        """What it may draw by its own settings and the socket's."""
        if self.state not in ("Starting", "Charging"):
            return 0.0
        return float(min(self.request_a, self.request_max_a, self.pilot_a))

    def sleep(self, presence: str = "asleep") -> None:
        """Fall asleep, or drive out of reach."""
        self.presence, self._awake_at_s = presence, math.inf

    def wake(self) -> None:
        """Begin to wake up."""
        if not self.is_online:
            self._awake_at_s = min(self._awake_at_s, self.clock.mono_s() + self.wakes_in_s)

    def plug_in(self, car: object) -> None:
        """Connect the cable: a new session begins, and it wakes up."""
        self.count()
        self.car, self.added_kwh = car, 0.0
        self.enabled = self.starts_by_itself
        self.request_a = max(self.request_a, _SESSION_A)
        self._asked_small_a = None
        self.presence = "online"

    def unplug(self) -> None:
        """Disconnect the cable."""
        self.count()
        self.soc_pct = self.battery_pct
        self.car, self.enabled = None, False
        self.currents_a, self.power_w, self.presence = ZERO, 0.0, "online"

    def set_pilot(self, offered_a: float) -> None:
        """Be offered another current by the charger that it hangs on; a car wakes up for power."""
        was_dead, self.pilot_a = self.pilot_a == 0, int(offered_a)
        if was_dead and self.pilot_a and self.car is not None:
            self.presence = "online"

    def set_draw(self, currents_a: Phases, power_w: float) -> None:
        """Say what it draws, in the socket's own order."""
        self.count()
        self.currents_a, self.power_w = currents_a, power_w

    def count(self) -> None:
        """Bring the session's energy up to now."""
        now_s = self.clock.mono_s()
        passed_s, self._counted_s = now_s - self._counted_s, now_s
        self.added_kwh += self.power_w * passed_s / 3.6e6

    def reboot(self) -> None:
        """Restart: the cap goes back to its largest."""
        self.request_a = self.request_max_a

    def start(self) -> str:
        """Start charging; the reason why not, or nothing."""
        before = self.state
        if before in ("Disconnected", "NoPower"):
            return {"Disconnected": "disconnected", "NoPower": "no_power"}[before]
        self.enabled, self.scheduled_min = True, None
        if self.battery_pct >= self.limit_pct:
            return "complete"
        return "is_charging" if before in ("Charging", "Starting") else ""

    def stop(self) -> str:
        """Stop charging."""
        charges = self.state in ("Charging", "Starting")
        if self.car is not None:
            self.enabled = False
        return "" if charges else "not_charging"

    def cap(self, limit_a: int) -> str:
        """Take a cap; below 5 A it takes two equal commands in a session."""
        is_first = limit_a < _SESSION_A and self._asked_small_a != limit_a
        self._asked_small_a = limit_a if limit_a < _SESSION_A else None
        wanted_a = _SESSION_A if is_first else max(self.least_a, limit_a)
        self.request_a = min(wanted_a, self.request_max_a)
        return ""

    def limit(self, percent: int) -> str:
        """Take a charge limit, clamped without a word."""
        clamped = max(_LEAST_PCT, min(_MOST_PCT, percent))
        was, self.limit_pct = self.limit_pct, clamped
        return "already_set" if was == clamped else ""

    def told(self) -> dict[str, object]:
        """`charge_state`, as it looks in the cloud."""
        self.count()
        phases = _TELLS_PHASES[sum(1 for current_a in self.currents_a if current_a > _DRAWS_A)]
        drawn_a = round(max(self.currents_a))
        return {
            "charging_state": self.state,
            "charger_actual_current": drawn_a,
            "charge_current_request": self.request_a,
            "charge_amps": self.request_a,
            "charge_current_request_max": self.request_max_a,
            "charger_pilot_current": self.pilot_a if self.car is not None else None,
            "charger_voltage": int(_VOLTAGE_V) if drawn_a else 1,
            "charger_power": round(self.power_w / 1000.0),
            "charger_phases": phases,
            "battery_level": int(self.battery_pct),
            "usable_battery_level": int(self.battery_pct),
            "charge_limit_soc": self.limit_pct,
            "charge_limit_soc_min": _LEAST_PCT,
            "charge_limit_soc_max": _MOST_PCT,
            "charge_limit_soc_std": self.standard_pct,
            "charge_port_door_open": self.port_open or self.car is not None,
            "charge_port_latch": "Engaged" if self.car is not None else "Disengaged",
            "conn_charge_cable": "IEC" if self.car is not None else "<invalid>",
            "charge_enable_request": self.enabled,
            "user_charge_enable_request": None,
            "scheduled_charging_pending": self.scheduled_min is not None and self.car is not None,
            "scheduled_charging_mode": "Off" if self.scheduled_min is None else "StartAt",
            "charge_energy_added": round(self.added_kwh, 2),
            "fast_charger_present": self.fast_charger,
            "fast_charger_type": "Tesla" if self.fast_charger else "<invalid>",
            "managed_charging_active": False,
            "scheduled_charging_start_time": None,
            "scheduled_departure_time_minutes": self.departure.get("departure_time"),
            "off_peak_charging_enabled": self.departure.get("off_peak_charging_enabled", False),
            "preconditioning_enabled": self.departure.get("preconditioning_enabled", False),
            "minutes_to_full_charge": 0,
            "time_to_full_charge": 0.0,
            "timestamp": int(self.clock.now().timestamp() * 1000),
        }

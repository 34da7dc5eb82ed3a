"""A simulated Lektri.co charger without its wire: limits, states, sessions, counters."""

from dataclasses import dataclass, field
from typing import Final

from controller.ports import Clock
from simulator.chargers.lektrico_keys import APP_KEYS, COUNTERS, ERROR_FLAGS, Value
from simulator.chargers.lektrico_schedule import Interval, scheduled_a

_HARDWARE_A: Final = 32
_VOLTAGE_V: Final = 230.0
_CHARGING_A: Final = 0.5

REASONS: Final = {
    "system_max": 0,
    "cable": 0,
    "install": 1,
    "user": 2,
    "dynamic": 3,
    "schedule": 4,
    "em_offline": 5,
    "em": 6,
    "ocpp": 7,
}


@dataclass(slots=True, kw_only=True)
class LektricoDevice:
    """What the charger is and remembers; `offered_a` is what the car sees."""

    clock: Clock
    model: str = "3p22k"
    serial: str = "500006"
    firmware: str = "1.51"
    config: dict[str, Value] = field(
        default_factory=lambda: (
            {name: key.default for name, key in APP_KEYS.items()} | {"install_current": 32}
        )
    )
    counters: dict[str, float] = field(default_factory=lambda: dict.fromkeys(COUNTERS, 0))
    active_errors: set[str] = field(default_factory=set)
    logged_errors: set[str] = field(default_factory=set)
    schedule: tuple[Interval, ...] = ()
    em_a: int = 32
    dynamic_a: int = 32
    ocpp_a: int = 32
    cable_a: int = 32
    relay_mode: int = 3
    paused: bool = False
    """A person paused the charging process."""
    started: bool = False
    """A charging session was allowed remotely (matters when not headless)."""
    overridden: bool = False
    """The schedule is ignored until the car leaves."""
    updating: bool = False
    reset_waits: bool = False
    """Device.Reset waits for the end of the session."""
    em_timeout_s: float | None = None
    """Counts its energy manager as offline after so long without EM_current.Set; real value unknown."""
    em_fallback_a: int = 6
    resumes_on_write: bool = True
    """Whether EM_current 6..32 also resumes what a person paused; unknown in reality."""
    ap_password: str = ""
    car: object | None = None
    currents_a: tuple[float, float, float] = (0.0, 0.0, 0.0)
    power_w: float = 0.0
    session_id: int = 0
    session_wh: float = 0.0
    charging_s: float = 0.0
    _em_set_s: float = 0.0
    _counted_s: float = 0.0

    def __post_init__(self) -> None:
        """Start its clocks and close its relays."""
        self.relay_mode = self.phases
        self._em_set_s = self._counted_s = self.clock.mono_s()

    @property
    def device_id(self) -> str:
        """Its type and serial number."""
        return f"{self.model}_{self.serial}"

    @property
    def phases(self) -> int:
        """How many phases it has."""
        return 1 if self.model == "1p7k" else 3

    @property
    def em_offline(self) -> bool:
        """Whether it has missed its energy manager for too long."""
        silent_s = self.clock.mono_s() - self._em_set_s
        return self.em_timeout_s is not None and silent_s > self.em_timeout_s

    @property
    def schedule_a(self) -> int:
        """What the schedule allows now."""
        if not self.config["charging_schedule_enabled"] or self.overridden:
            return _HARDWARE_A
        allowed_a = scheduled_a(self.schedule, self.clock.now(), int(self.config["gmt_offset"]))
        return _HARDWARE_A if allowed_a is None else allowed_a

    def limits_a(self) -> dict[str, int]:
        """Tell every limit by its name; the smallest rules."""
        manager = ("em_offline", self.em_fallback_a) if self.em_offline else ("em", self.em_a)
        return {
            "system_max": _HARDWARE_A,
            "cable": self.cable_a,
            "install": int(self.config["install_current"]),
            "user": int(self.config["user_current"]),
            "dynamic": self.dynamic_a,
            "schedule": self.schedule_a,
            manager[0]: manager[1],
            "ocpp": self.ocpp_a,
        }

    @property
    def limit_a(self) -> int:
        """The smallest of all limits."""
        return min(self.limits_a().values())

    @property
    def limit_reason(self) -> int:
        """Which limit rules, as `current_limit_reason` says it."""
        limits_a = self.limits_a()
        return REASONS[min(limits_a, key=lambda name: (limits_a[name], name == "system_max"))]

    @property
    def offered_a(self) -> float:
        """What the control pilot offers the car: 0 while anything forbids charging."""
        return float(self.limit_a) if self._state() in ("B", "C") else 0.0

    @property
    def extended_state(self) -> str:
        """The state with its internal additions."""
        return self._state()

    @property
    def iec_state(self) -> str:
        """The letter of IEC 61851."""
        if self.active_errors:
            return "E"
        if self.car is None:
            return "A"
        return "C" if self._state() == "C" else "B"

    @property
    def is_paused(self) -> bool:
        """Whether it reports a pause, a person's or a limit of 0 A."""
        return self.paused or (self.limit_a == 0 and self.schedule_a != 0)

    def _state(self) -> str:
        for state, holds in (
            ("OTA", self.updating),
            ("E", bool(self.active_errors)),
            ("LOCKED", bool(self.config["charger_locked"])),
            ("A", self.car is None),
            ("B_AUTH", not (self.config["headless"] or self.started)),
            ("B_SCHEDULER", self.schedule_a == 0),
            ("B_PAUSE", self.is_paused),
        ):
            if holds:
                return state
        return "C" if max(self.currents_a) > _CHARGING_A else "B"

    def plug_in(self, car: object) -> None:
        """Connect a car: a new session begins."""
        self.count()
        self.car, self.session_wh, self.charging_s = car, 0.0, 0.0
        self.session_id += 1

    def unplug(self) -> None:
        """Disconnect the car: the session is counted, pauses and overrides end."""
        self.count()
        if self.car is not None:
            self.counters["total_charged_sessions"] += 1
            self.counters["last_session_energy"] = round(self.session_wh)
        self.car = None
        self.currents_a, self.power_w = (0.0, 0.0, 0.0), 0.0
        self.paused = self.overridden = self.started = False
        if self.reset_waits:
            self.reboot()

    def set_draw(self, currents_a: tuple[float, float, float], power_w: float) -> None:
        """Say what the car draws, in the charger's own L1, L2, L3."""
        self.count()
        self.currents_a, self.power_w = currents_a, power_w

    def count(self) -> None:
        """Bring energy and time counters up to now."""
        now_s = self.clock.mono_s()
        passed_s, self._counted_s = now_s - self._counted_s, now_s
        energy_wh = self.power_w * passed_s / 3600.0
        self.session_wh += energy_wh
        self.counters["total_charged_energy"] += energy_wh / 1000.0
        if self.power_w > 0.0:
            self.charging_s += passed_s
            self.counters["total_charged_time"] += passed_s / 60.0

    def set_em(self, limit_a: int) -> None:
        """Take a limit from the energy manager."""
        self.em_a, self._em_set_s = limit_a, self.clock.mono_s()
        if limit_a and self.resumes_on_write:
            self.paused = False

    def reboot(self) -> None:
        """Restart: volatile limits go back to their largest."""
        self.em_a = self.dynamic_a = _HARDWARE_A
        self.relay_mode, self.reset_waits, self.started = self.phases, False, False
        self.counters["reset_counter"] += 1
        self._em_set_s = self.clock.mono_s()

    def fail(self, *flags: str) -> None:
        """Raise error flags; they are logged until reset."""
        unknown = set(flags) - set(ERROR_FLAGS)
        if unknown:
            raise ValueError(f"no such error flags: {unknown}")
        self.active_errors |= set(flags)
        self.logged_errors |= set(flags)

    def recover(self) -> None:
        """Clear the active errors; the logged ones stay."""
        self.active_errors.clear()

    def voltages_v(self) -> tuple[float, float, float]:
        """Tell the voltages; a single-phase charger fills only the first."""
        return (_VOLTAGE_V, 0.0, 0.0) if self.model == "1p7k" else (_VOLTAGE_V,) * 3

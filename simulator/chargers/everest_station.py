"""A simulated EVSE run by EVerest, without its wire: limits and their schedule, sessions, states."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from controller.ports import Clock

Json = Any

VOLTAGE_V: Final = 230.0
_MINIMUM_A: Final = 5.9
"""Less than this is no power."""
_CHARGING_A: Final = 0.5
_LEAST_A: Final = 6.0


@dataclass(slots=True, kw_only=True)
class Station:
    """One EVSE below one EnergyNode; `offered_a` is what the car sees."""

    clock: Clock
    walks: bool = True
    """Whether a later entry of a schedule comes into force (from 2024.4)."""
    sells_export: bool = False
    """Whether an import of 0 A without an export schedule is answered with the full fuse (2023)."""
    reasons: bool = False
    """Whether a pause says why and a lack of energy is one (from 2026.02); before, that has its own state."""
    spares_when_paused: bool = False
    """Whether it asks for the least only while the car pauses: 2023; later `request_zero_power_in_idle`."""
    hardware_a: float = 32.0
    fuse_a: float = 40.0
    entries: tuple[tuple[datetime, float], ...] = ()
    """Of the import schedule, oldest first; empty: nobody set a limit."""
    export_forbidden: bool = False
    phases: int = 3
    car: object | None = None
    currents_a: tuple[float, float, float] = (0.0, 0.0, 0.0)
    power_w: float = 0.0
    paused: bool = False
    """A person paused."""
    disabled: bool = False
    faulted: bool = False
    reserved: bool = False
    stopped: bool = False
    """The transaction was stopped; charging needs a replug."""
    session: str = ""
    session_wh: float = 0.0
    total_wh: float = 12_000.0
    events: list[dict[str, Json]] = field(default_factory=list)
    """Not told yet."""
    _drawing: bool = False
    _car_pauses: bool = False
    _waits: bool = False
    """For energy, as far as the last cycle knew."""
    _counted_s: float = 0.0

    def __post_init__(self) -> None:
        """Start its clock."""
        self._counted_s = self.clock.mono_s()

    def set_limits(self, value: Json) -> None:
        """Take external limits; whatever is malformed raises, as it would end the real process."""
        imports = value.get("schedule_import") or []
        self.entries = tuple(
            (_instant(entry["timestamp"]), limit_a)
            for entry in imports
            if (limit_a := _number(entry["limits_to_leaves"].get("ac_max_current_A"))) is not None
        )
        exports = value.get("schedule_export") or []
        self.export_forbidden = bool(exports) and all(
            _number(entry["limits_to_leaves"].get("ac_max_current_A")) == 0.0 for entry in exports
        )
        for entry in imports:
            counted = _number(entry["limits_to_leaves"].get("ac_max_phase_count"))
            if counted is not None:
                self.phases = int(counted)

    def write(self, limit_a: float) -> None:
        """Take a limit as the module API sets it: without an end."""
        self.entries = ((self.clock.now(), max(0.0, limit_a)),)
        self.export_forbidden = True

    @property
    def external_a(self) -> float:
        """What the external limit allows now; the first entry applies at once, the last for ever."""
        if not self.entries:
            return self.hardware_a
        now = self.clock.now()
        begun = [limit_a for at, limit_a in self.entries if at <= now] if self.walks else []
        return begun[-1] if begun else self.entries[0][1]

    @property
    def enforced_a(self) -> float:
        """What the EnergyManager hands out; negative where it sells export."""
        asked_a = _LEAST_A if self.spares_when_paused and self._car_pauses else self.hardware_a
        allowed_a = min(self.external_a, asked_a, self.hardware_a, self.fuse_a)
        if allowed_a >= _MINIMUM_A:
            return allowed_a
        sells = self.sells_export and bool(self.entries) and not self.export_forbidden
        return -self.fuse_a if sells else 0.0

    @property
    def offered_a(self) -> float:
        """What the control pilot offers; export that is sold is applied as charging current."""
        if self.car is None or self._is_held:
            return 0.0
        return abs(self.enforced_a)

    @property
    def state(self) -> str:
        """The word of session_info."""
        for state, holds in (
            ("PermanentFault", self.faulted),
            ("Disabled", self.disabled),
            ("Reserved", self.reserved and self.car is None),
            ("Unplugged", self.car is None),
            ("Finished", self.stopped),
            ("ChargingPausedEVSE", self.paused or (self.reasons and self._lacks_energy)),
            ("WaitingForEnergy", self._lacks_energy),
            ("Charging", self._drawing),
            ("ChargingPausedEV", self._car_pauses),
        ):
            if holds:
                return state
        return "Preparing"

    def plug_in(self, car: object) -> None:
        """Connect a car: a session and its transaction begin."""
        self.count()
        self.car, self.session, self.session_wh = car, str(uuid4()), 0.0
        self.stopped = self._drawing = self._car_pauses = self._waits = False
        self.tell("SessionStarted", session_started={"timestamp": self.stamp(), "reason": "EVConnected"})
        self.tell("PrepareCharging")

    def unplug(self) -> None:
        """Disconnect it: pauses end."""
        self.count()
        self.car, self.currents_a, self.power_w = None, (0.0, 0.0, 0.0), 0.0
        self.paused = self.stopped = self._drawing = self._car_pauses = self._waits = False
        self.tell("SessionFinished")

    def set_draw(self, currents_a: tuple[float, float, float], power_w: float) -> None:
        """Say what the car draws, on the EVSE's own L1, L2, L3."""
        self.count()
        self.currents_a, self.power_w = currents_a, power_w
        draws = max(currents_a) > _CHARGING_A
        if draws is self._drawing or self.car is None:
            return
        was_held, self._drawing = self._is_held or self._lacks_energy, draws
        if was_held:
            return  # The EVSE has paused already: the car only follows.
        self._car_pauses = not draws
        self.tell("ChargingStarted" if draws else "ChargingPausedEV")

    def cycle(self) -> None:
        """Begin or end to wait for energy, as the latest limits want it."""
        lacks = self.enforced_a == 0.0
        if self.car is None or self._is_held or lacks is self._waits:
            return
        self._waits = lacks
        if not lacks:
            self._go_on()
        elif self.reasons:
            self.tell("ChargingPausedEVSE", charging_paused_evse={"reasons": ["NoEnergy"]})
        else:
            self.tell("WaitingForEnergy")

    def _go_on(self) -> None:
        """Offer energy again; a car that still asks for it charges at once."""
        again = "ChargingStarted" if self.reasons else "ChargingResumed"
        self.tell(again if self._drawing else "PrepareCharging")

    @property
    def _is_held(self) -> bool:
        return self.paused or self.disabled or self.faulted or self.stopped

    @property
    def _lacks_energy(self) -> bool:
        return self._waits or self.enforced_a == 0.0

    def pause(self) -> bool:
        """Pause as a person does; only what charges can be paused."""
        if self.state != "Charging":
            return False
        self.paused = True
        extra = {"charging_paused_evse": {"reasons": ["UserPause"]}} if self.reasons else {}
        self.tell("ChargingPausedEVSE", **extra)
        return True

    def resume(self) -> bool:
        """End that pause; until 2025.12 it waits for energy first, which the next cycle brings."""
        if not self.paused:
            return False
        self.paused, self._waits = False, not self.reasons
        if self.reasons:
            self._go_on()
        else:
            self.tell("WaitingForEnergy")
        return True

    def stop(self) -> bool:
        """Stop the transaction."""
        if self.car is None or self.stopped:
            return False
        self.stopped = True
        self.tell("ChargingFinished")
        return True

    def enable(self, *, enabled: bool) -> bool:
        """Enable or disable; tells whether that changed anything."""
        changed = self.disabled is enabled
        self.disabled = not enabled
        if changed:
            self.tell("Enabled" if enabled else "Disabled")
        return changed

    def fault(self) -> None:
        """Fail for good."""
        self.faulted = True
        self.tell("PermanentFault")

    def reboot(self) -> None:
        """Lose everything that EVerest keeps in memory; a car that is plugged in begins anew."""
        self.entries, self.export_forbidden, self.phases = (), False, 3
        self.paused = self.disabled = self.faulted = self.reserved = self.stopped = False
        self.events.clear()
        if self.car is not None:
            self.plug_in(self.car)

    def tell(self, event: str, **extra: Json) -> None:
        """Note an event."""
        self.events.append({"uuid": self.session or str(uuid4()), "event": event, **extra})

    def count(self) -> None:
        """Bring the energy counters up to now."""
        now_s = self.clock.mono_s()
        energy_wh = self.power_w * (now_s - self._counted_s) / 3600.0
        self._counted_s = now_s
        self.session_wh += energy_wh
        self.total_wh += energy_wh

    def stamp(self) -> str:
        """Write the time as EVerest does."""
        return f"{self.clock.now():%Y-%m-%dT%H:%M:%S}.000Z"


def _number(value: Json) -> float | None:
    if isinstance(value, dict):
        value = value["value"]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number was expected: the real process would end here")
    return float(value)


def _instant(text: str) -> datetime:
    """Read a timestamp as EVerest does: whatever the zone says, it is taken for UTC."""
    return datetime.fromisoformat(text[:23].rstrip("Z")).replace(tzinfo=UTC)

"""Picture: the state of one EVSE, put together from what it publishes; pure."""

import re
from dataclasses import dataclass, field
from typing import Final

from adapters.chargers.everest.values import IMPOSSIBLE_A
from adapters.chargers.everest.variables import (
    EnforcedLimits,
    EvInfo,
    HardwareCapabilities,
    Limits,
    NodeCapabilities,
    Powermeter,
    SessionEvent,
    SessionInfo,
    Told,
    Variable,
)
from adapters.chargers.everest.words import EVENT_PLUGS, HOLDS, SILENT_EVENTS, STATE_PLUGS
from controller.domain.readings import ChargerState, Draw, Plug, VehicleState
from controller.domain.site import ChargerSpec, to_grid
from controller.domain.units import ChargerId, Grid, Phases

DRAWING_A: Final = 0.5
"""A car counts as drawing above this, whatever the state says."""
PAUSED_BY_PERSON: Final = "paused by a person"
_PAUSED: Final = "ChargingPausedEVSE"
NO_POWER_A: Final = 5.9
"""EVerest takes less for no power."""
_CAPACITIES_WH: Final = (1_000.0, 1_000_000.0)
"""Batteries of cars."""
_MOST: Final = 100
"""No EVSE has so many variables, errors or states; more is a flood."""
_IT_LINES: Final = 2
_RATING: Final = re.compile(r"^A_(\d{2,3})(_|$)", re.ASCII)
"""`A_20`, `A_63_3ph_70_1ph`."""


@dataclass(slots=True, kw_only=True)
class Picture:
    """What one EVSE said of itself, newest word each."""

    charger: ChargerId
    grid: Grid
    spec: ChargerSpec
    meter_ttl_s: float
    waits_for_energy: bool
    """Whether a lack of energy has a state of its own."""
    resume_s: float
    """Where it has none: how long a pause may still be told after energy came back."""
    unknown: set[str] = field(default_factory=set)
    """Events and states that nobody told us of."""
    told: dict[str, Variable] = field(default_factory=dict)
    """Every variable's latest, by name."""
    errors: set[str] = field(default_factory=set)
    """Types of active errors."""
    _word: str = ""
    _reason: str = ""
    _plug: Plug = Plug.UNKNOWN
    _by_event: bool = False
    _session: str | None = None
    _session_from_wh: float | None = None
    _meter_mono_s: float = float("-inf")
    _energy_mono_s: float = float("inf")
    """Since when there has been energy to charge with."""
    _paused_mono_s: float = float("inf")
    """Since when the EVSE has paused."""

    def forget_state(self) -> None:
        """Forget what only events tell: some may have been missed."""
        self._word, self._reason, self._plug, self._by_event = "", "", Plug.UNKNOWN, False
        self._meter_mono_s = float("-inf")
        self.errors.clear()

    def take(self, name: str, variable: Variable, mono_s: float) -> None:
        """Take one variable."""
        if name in self.told or len(self.told) < _MOST:
            self.told[name] = variable
        if isinstance(variable, SessionEvent):
            self._event(variable)
        elif isinstance(variable, SessionInfo):
            self._session_info(variable)
        elif isinstance(variable, Powermeter):
            self._meter_mono_s = mono_s
        elif isinstance(variable, EnforcedLimits | Limits):
            self._energy(variable, mono_s)
        is_paused = self._word == _PAUSED
        self._paused_mono_s = min(self._paused_mono_s, mono_s) if is_paused else float("inf")

    def raised(self, error: str) -> None:
        """Take an error that was raised."""
        if len(self.errors) < _MOST:
            self.errors.add(error)

    def _wonder(self, word: str) -> None:
        if len(self.unknown) < _MOST:
            self.unknown.add(word)

    def _energy(self, enforced: EnforcedLimits | Limits, mono_s: float) -> None:
        told_a = enforced.limit_a if isinstance(enforced, EnforcedLimits) else enforced.max_current_a
        if told_a is None or told_a < NO_POWER_A:
            self._energy_mono_s = float("inf")
        else:
            self._energy_mono_s = min(self._energy_mono_s, mono_s)

    def state(self, mono_s: float, limit_a: float | None) -> ChargerState:
        """Say what all of it means."""
        draw_a = self._draw_a(mono_s)
        ceiling_a, ceiling_by = self._ceiling()
        meter = self._powermeter(mono_s)
        return ChargerState(
            id=self.charger,
            at_mono_s=mono_s,
            plug=self._plug_with(draw_a),
            limit_a=limit_a,
            draws=() if draw_a is None else (Draw(at_mono_s=self._meter_mono_s, currents_a=draw_a),),
            ceiling_a=ceiling_a,
            ceiling_by=ceiling_by,
            held=self.held(mono_s),
            session_id=self._session,
            session_wh=self._session_wh(),
            power_w=meter.power_w if meter is not None else self._told_power_w(),
        )

    def held(self, mono_s: float) -> str:
        """Say why it does not charge by its own word, if it does not."""
        stopping = sorted(error for error in self.errors if error.endswith("/Inoperative"))
        if stopping:
            others = sorted(self.errors.difference(stopping))
            return f"error {', '.join(others or stopping)}"
        if self._is_persons_pause(mono_s):
            return PAUSED_BY_PERSON
        found = HOLDS.get(self._word, "")
        return f"{found} {self._reason}".rstrip() if found == "error" else found

    def _is_persons_pause(self, mono_s: float) -> bool:
        """A pause that no lack of energy explains; where no reason is told, time has to tell."""
        if self._word != _PAUSED:
            return False
        if self._reason:
            return "UserPause" in self._reason
        # A lack of energy may be told a moment after the pause that it causes.
        since_mono_s = max(self._energy_mono_s, self._paused_mono_s)
        return self.waits_for_energy or mono_s >= since_mono_s + self.resume_s

    def _event(self, event: SessionEvent) -> None:
        if event.session:
            self._session = event.session
        if event.event == "SessionStarted":
            self._started(event)
            return
        if event.meter_wh is not None:
            self._session_from_wh = event.meter_wh
        if event.event in SILENT_EVENTS:
            self._silent_event(event)
            return
        if event.event not in EVENT_PLUGS:
            self._wonder(event.event)
        self._word, self._reason = event.event, event.reason
        self._plug = EVENT_PLUGS.get(event.event, Plug.UNKNOWN)
        self._by_event = self._plug is not Plug.UNKNOWN
        if event.event == "SessionFinished":
            self._session_from_wh = None

    def _started(self, event: SessionEvent) -> None:
        """A session begins with a car, or with an authorisation before the car comes."""
        self._word, self._reason, self._by_event = event.event, "", True
        self._plug = Plug.A if event.reason == "Authorized" else Plug.B
        self._session_from_wh = event.meter_wh

    def _silent_event(self, event: SessionEvent) -> None:
        """Being enabled ends being disabled, and does not tell whether a car is there."""
        if event.event == "Enabled" and self._word == "Disabled":
            self._word, self._reason, self._plug, self._by_event = "", "", Plug.UNKNOWN, False
        elif event.event == "Authorized" and self._word in ("AuthRequired", "AuthTimeout"):
            self._word = ""

    def _session_info(self, info: SessionInfo) -> None:
        """Let the state of every second start the picture and put right what an event missed.

        In 2023 it says `Charging` before the car draws, so an event that agrees about the car is the better
        word.
        """
        if info.state not in STATE_PLUGS and info.state != "Unknown":
            self._wonder(info.state)
        plug = Plug.F if info.fault else STATE_PLUGS.get(info.state, Plug.UNKNOWN)
        agrees = self._by_event and (plug.car, plug is Plug.F) == (self._plug.car, self._plug is Plug.F)
        if agrees or info.state == "Unknown":
            return
        self._word, self._reason, self._plug, self._by_event = info.state, "", plug, False
        if plug is Plug.A:
            self._session_from_wh = None

    def _plug_with(self, draw_a: Phases | None) -> Plug:
        inoperative = any(error.endswith("/Inoperative") for error in self.errors)
        plug = Plug.F if inoperative else self._plug
        draws = draw_a is not None and max(draw_a) > DRAWING_A
        if plug is Plug.C and draw_a is not None and not draws and not self._by_event:
            return Plug.B  # Its session_info says `Charging` as soon as the transaction began.
        return Plug.UNKNOWN if draws and not plug.car else plug

    def _powermeter(self, mono_s: float) -> Powermeter | None:
        meter = self.told.get("powermeter")
        is_fresh = mono_s <= self._meter_mono_s + self.meter_ttl_s
        return meter if isinstance(meter, Powermeter) and is_fresh else None

    def _draw_a(self, mono_s: float) -> Phases | None:
        meter = self._powermeter(mono_s)
        if meter is None:
            return None
        wired = self.spec.phases
        needed = 1 if self.grid is Grid.IT and len(wired) == _IT_LINES else len(wired)
        own_a = [current_a for current_a in _currents_a(meter)[:needed] if current_a is not None]
        if len(own_a) < needed or max(own_a) > IMPOSSIBLE_A:
            return None
        return to_grid(self.grid, wired, own_a)

    def _session_wh(self) -> float | None:
        info, meter = self.told.get("session_info"), self.told.get("powermeter")
        if isinstance(info, SessionInfo) and info.charged_wh is not None:
            return info.charged_wh
        if (
            isinstance(meter, Powermeter)
            and meter.import_wh is not None
            and self._session_from_wh is not None
        ):
            return max(0.0, meter.import_wh - self._session_from_wh)
        return None

    def _told_power_w(self) -> float | None:
        info = self.told.get("session_info")
        return info.power_w if isinstance(info, SessionInfo) else None

    def _ceiling(self) -> tuple[float | None, str]:
        """Tell the smallest limit that no schedule of ours moves."""
        found: list[tuple[float, str]] = []
        hardware, node = self.told.get("hw_capabilities"), self.told.get("capabilities")
        cable = self.told.get("ac_pp_ampacity")
        if isinstance(hardware, HardwareCapabilities) and hardware.max_import_a is not None:
            found.append((hardware.max_import_a, "hardware"))
        if isinstance(node, NodeCapabilities) and node.max_current_a is not None:
            found.append((node.max_current_a, "EVerest's energy node"))
        if isinstance(cable, Told) and (rating_a := _rating_a(cable.value)) is not None:
            found.append((rating_a, "cable"))
        return min(found) if found else (None, "")

    def vehicle(self, mono_s: float) -> VehicleState:
        """Tell what the car says of itself; when a session ends it says nothing any more."""
        info = self.told.get("ev_info")
        if not isinstance(info, EvInfo):
            return VehicleState(at_mono_s=mono_s)
        return VehicleState(
            at_mono_s=mono_s,
            soc_pct=_within(info.soc_pct, 0.0, 100.0),
            capacity_wh=_within(info.capacity_wh, *_CAPACITIES_WH),
        )


def _currents_a(meter: Powermeter) -> list[float | None]:
    """Tell the current of each phase, worked out where only power and voltage are told."""
    found: list[float | None] = []
    for current_a, power_w, voltage_v in zip(meter.currents_a, meter.powers_w, meter.voltages_v, strict=True):
        if current_a is None and power_w is not None and voltage_v:
            current_a = power_w / voltage_v  # noqa: PLW2901 - the same current, from another source
        found.append(None if current_a is None else abs(current_a))
    return found


def _within(value: float | None, least: float, most: float) -> float | None:
    return value if value is not None and least <= value <= most else None


def _rating_a(value: object) -> float | None:
    told = value.get("ampacity") if isinstance(value, dict) else value
    found = _RATING.match(told) if isinstance(told, str) else None
    return None if found is None else float(found[1])

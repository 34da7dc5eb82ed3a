"""From what a Tesla tells to the `ChargerState` that the core judges; pure."""

import math
from dataclasses import dataclass
from typing import Final

from adapters.chargers.tesla.answers import ChargeState, VehicleData
from controller.domain.readings import ChargerState, Draw, Plug
from controller.domain.site import to_grid
from controller.domain.units import ChargerId, Grid, Phases

_PLUGS: Final = {
    "Disconnected": Plug.A,
    "Stopped": Plug.B,
    "Complete": Plug.B,
    "NoPower": Plug.B,
    "Starting": Plug.C,
    "Charging": Plug.C,
    "Calibrating": Plug.C,
}
ACTIVE: Final = frozenset({"Starting", "Charging", "Calibrating"})
"""States in which the car may draw up to its cap."""

KNOWN_STATES: Final = frozenset(_PLUGS) | {"Unknown"}

_LINES: Final = {1: 1, 2: 3, 3: 3}
"""`charger_phases` to lines in use: 2 means three."""
_THREE: Final = 3
_EARTH_M: Final = 6_371_000.0
_FINE_A: Final = 5.0
_MAINS_V: Final = 50.0
_KILO: Final = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where the site is, and how the socket is wired."""

    grid: Grid
    phases: tuple[int, ...]
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    radius_m: float = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One look at the car."""

    at_mono_s: float
    """When it was true: when it was asked, minus what the answer was older than that."""
    vehicle: VehicleData
    is_here: bool
    ordered_a: float | None = None
    """What we last told it; `None`: nothing since the start."""
    held_by_person: bool = False
    session_id: str | None = None
    plug_before: Plug = Plug.UNKNOWN
    """What counts while the car does not know."""

    @property
    def charge(self) -> ChargeState:
        """The part that charging is about."""
        return self.vehicle.charge

    @property
    def plug(self) -> Plug:
        """Whether it is plugged in here."""
        if not self.is_here:
            return Plug.A
        word = self.charge.charging_state
        return self.plug_before if word in (None, "Unknown") else _PLUGS.get(word or "", Plug.UNKNOWN)


def is_here(vehicle: VehicleData, home: Home) -> bool:
    """Tell whether the car is at the site; unless both places are known, it is."""
    if vehicle.charge.fast_charger:
        return False
    if None in (home.latitude_deg, home.longitude_deg, vehicle.latitude_deg, vehicle.longitude_deg):
        return True
    return _distance_m(vehicle, home) <= home.radius_m


def _distance_m(vehicle: VehicleData, home: Home) -> float:
    north_deg = (vehicle.latitude_deg or 0.0) - (home.latitude_deg or 0.0)
    east_deg = (vehicle.longitude_deg or 0.0) - (home.longitude_deg or 0.0)
    north = math.radians(north_deg)
    east = math.radians((east_deg + 180.0) % 360.0 - 180.0) * math.cos(math.radians(home.latitude_deg or 0.0))
    return math.hypot(north, east) * _EARTH_M


def state_of(charger: ChargerId, heard: Heard, home: Home) -> ChargerState:
    """Say what one look means."""
    charge, draw_a = heard.charge, draw_of(heard, home)
    ceiling_a = _ceiling_a(charge) if heard.is_here else None
    return ChargerState(
        id=charger,
        at_mono_s=heard.at_mono_s,
        plug=_plug(heard, draw_a),
        limit_a=limit_in_force_a(heard),
        draws=() if draw_a is None else (Draw(at_mono_s=heard.at_mono_s, currents_a=draw_a),),
        ceiling_a=ceiling_a,
        ceiling_by="" if ceiling_a is None else "the car, its cable or the socket",
        held=_held(heard),
        session_id=heard.session_id,
        session_wh=_session_wh(heard),
        power_w=_power_w(heard),
    )


def limit_in_force_a(heard: Heard) -> float | None:
    """Tell the current that the car may draw by its own settings: 0 while charging is stopped.

    A car that is away draws nothing here, one without a cable nothing anywhere; plugging in counts as a
    reset. For both, 0 is in force once it was ordered, whatever the cap stands at.
    """
    if not heard.is_here or heard.plug is Plug.A:
        return 0.0 if heard.ordered_a == 0.0 or not heard.is_here else heard.charge.request_a
    return 0.0 if is_stopped(heard.charge) else heard.charge.request_a


def is_stopped(charge: ChargeState) -> bool:
    """Tell whether the car will not draw until somebody starts it."""
    if charge.charging_state in ACTIVE or charge.charging_state not in _PLUGS:
        return False
    return charge.charging_state == "Stopped" or (charge.enabled is False and not charge.scheduled)


def draw_of(heard: Heard, home: Home) -> Phases | None:
    """Tell the draw on grid phases; a car tells one current for all the phases that it uses."""
    if not heard.is_here:
        return 0.0, 0.0, 0.0
    current_a = heard.charge.actual_a
    if current_a is None:
        return None
    wired = 1 if _is_one_current(home) else len(home.phases)
    used = min(wired, _lines_used(heard.charge) or wired)
    return to_grid(home.grid, home.phases, [current_a if line < used else 0.0 for line in range(wired)])


def _lines_used(charge: ChargeState) -> int | None:
    """Tell how many lines it uses: what it says, or more if its power says so; `None`: it does not know."""
    told = _LINES.get(int(charge.phases or 0))
    return None if told is None else max(told, _lines_by_power(charge))


def _lines_by_power(charge: ChargeState) -> int:
    """Tell how many lines the power speaks of; from 5 A on its whole kW are fine enough for that."""
    current_a, volts, power_kw = charge.actual_a, charge.voltage_v, charge.power_kw
    if current_a is None or current_a < _FINE_A or volts is None or volts < _MAINS_V or power_kw is None:
        return 0
    return max(0, min(_THREE, round(power_kw * _KILO / (volts * current_a))))


def _is_one_current(home: Home) -> bool:
    return home.grid is Grid.IT and len(home.phases) < _THREE


def _plug(heard: Heard, draw_a: Phases | None) -> Plug:
    draws = draw_a is not None and max(draw_a) >= 1.0
    return Plug.UNKNOWN if draws and not heard.plug.car else heard.plug


def _ceiling_a(charge: ChargeState) -> float | None:
    """While it charges the car knows its own bounds; before, it tells defaults."""
    if charge.charging_state != "Charging":
        return None
    bounds_a = [
        bound for bound in (charge.request_max_a, charge.pilot_a) if bound is not None and bound >= 1.0
    ]
    return min(bounds_a, default=None)


def _held(heard: Heard) -> str:
    charge = heard.charge
    if not heard.plug.car:
        return ""
    if heard.held_by_person:
        return "paused by a person"
    waits = charge.scheduled and charge.charging_state not in ACTIVE
    return "schedule of its own" if waits else ""


def _session_wh(heard: Heard) -> float | None:
    added_kwh = heard.charge.added_kwh
    return None if added_kwh is None or not heard.plug.car else added_kwh * _KILO


def _power_w(heard: Heard) -> float | None:
    charge = heard.charge
    if not heard.is_here:
        return 0.0
    if charge.actual_a == 0.0:
        return 0.0
    lines = _lines_used(charge)
    volts = charge.voltage_v
    if charge.actual_a is not None and lines is not None and volts is not None and volts >= _MAINS_V:
        return charge.actual_a * volts * lines
    return None if charge.power_kw is None else charge.power_kw * _KILO

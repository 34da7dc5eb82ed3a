"""From what a Lektri.co charger answers to the `ChargerState` that the core judges; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adapters.chargers.lektrico.answers import ChargerInfo, DeviceInfo, LimitReason, SystemCurrents
from adapters.chargers.lektrico.settings import Knob
from controller.domain.readings import ChargerState, Draw, Plug
from controller.domain.site import to_grid
from controller.domain.units import MIN_CURRENT_A, ChargerId, Grid, Phases

DRAWING_A: Final = 0.5
"""A car counts as drawing above this, whatever the state says; idle chargers report up to 0.015 A."""

_IMPOSSIBLE_A: Final = 100.0
_THREE: Final = 3

PLUGS: Final = {
    "A": Plug.A,
    "B": Plug.B,
    "B_AUTH": Plug.B,
    "B_PAUSE": Plug.B,
    "B_SCHEDULER": Plug.B,
    "C": Plug.C,
    "D": Plug.D,
    "E": Plug.E,
    "F": Plug.F,
}

SILENT_ON_PLUG: Final = frozenset({"LOCKED", "OTA", ""})
"""Extended states that say nothing about the plug."""

_HOLDS: Final = {
    "LOCKED": "locked",
    "OTA": "installing firmware",
    "B_AUTH": "waiting for authentication",
    "B_SCHEDULER": "schedule of its own",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Where the charger's own L1, L2, L3 are on the grid."""

    grid: Grid
    phases: tuple[int, ...] | None
    """`None`: a single-phase charger whose phase nobody knows; it counts on every phase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """All that one poll brought."""

    at_mono_s: float
    """When the first question was sent."""
    info: ChargerInfo
    currents: SystemCurrents
    limit_a: float | None
    """Read back from the knob that we write."""
    knob: Knob
    em_offline: bool = False
    errors: tuple[str, ...] = ()
    paused_by_person: bool = False


def wiring(grid: Grid, phases: tuple[int, ...], device: DeviceInfo) -> Wiring:
    """Find out on which grid phases the charger is: configuration first, then its own word."""
    if not device.is_single_phase or len(phases) < _THREE:
        return Wiring(grid=grid, phases=phases)
    own = device.connected_phase
    known = grid is Grid.TN and own in (1, 2, 3)
    return Wiring(grid=grid, phases=(own,) if known and own is not None else None)


def state_of(charger: ChargerId, heard: Heard, where: Wiring) -> ChargerState:
    """Say what one poll means."""
    info = heard.info
    draw_a = _draw_a(info, where)
    ceiling_a, ceiling_by = _ceiling(heard)
    return ChargerState(
        id=charger,
        at_mono_s=heard.at_mono_s,
        plug=plug_of(info, draw_a),
        limit_a=_limit_in_force_a(heard),
        draws=() if draw_a is None else (Draw(at_mono_s=heard.at_mono_s, currents_a=draw_a),),
        ceiling_a=ceiling_a,
        ceiling_by=ceiling_by,
        held=_held(heard),
        session_id=None if info.session_id is None else str(info.session_id),
        session_wh=info.session_wh,
        power_w=info.power_w,
    )


def extended_state(info: ChargerInfo) -> str:
    """Tell the charger's own word for its state, upper case."""
    return (info.extended_charger_state or "").strip().upper()


def plug_of(info: ChargerInfo, draw_a: Phases | None) -> Plug:
    """Tell the plug's state; a state that is unknown, or that denies a visible draw, may draw."""
    word = extended_state(info)
    if word in SILENT_ON_PLUG:
        word = (info.charger_state or "").strip().upper()
    plug = PLUGS.get(word, Plug.UNKNOWN)
    draws = draw_a is not None and max(draw_a) > DRAWING_A
    return Plug.UNKNOWN if draws and not plug.car else plug


def zero_by_others(heard: Heard) -> bool:
    """Tell whether a limit other than ours explains a pause."""
    reason = heard.info.current_limit_reason
    return _other_knob_a(heard) == 0.0 or reason in (LimitReason.SCHEDULE, LimitReason.OCPP)


def _draw_a(info: ChargerInfo, where: Wiring) -> Phases | None:
    told = info.currents_a or (info.current_a, None, None)
    needed = 1 if where.phases is None or _is_one_current(where) else len(where.phases)
    device_a = [current for current in told[:needed] if current is not None and abs(current) < _IMPOSSIBLE_A]
    if len(device_a) < needed:
        return None
    device_a = [max(0.0, current) for current in device_a]
    if where.phases is None:
        return device_a[0], device_a[0], device_a[0]
    return to_grid(where.grid, where.phases, device_a)


def _is_one_current(where: Wiring) -> bool:
    return where.grid is Grid.IT and where.phases is not None and len(where.phases) < _THREE


def _limit_in_force_a(heard: Heard) -> float | None:
    """While the charger counts us as offline its own fallback may stand above what we wrote."""
    offered_a = heard.info.pwm_a
    if heard.limit_a is None or not heard.em_offline or offered_a is None:
        return heard.limit_a
    return max(heard.limit_a, offered_a)


def _ceiling(heard: Heard) -> tuple[float | None, str]:
    """Tell the smallest limit that is not ours, and whose it is."""
    found = [(limit_a, name) for name, limit_a in _other_limits(heard) if limit_a is not None]
    return min(found, key=lambda limit: limit[0]) if found else (None, "")


def _other_limits(heard: Heard) -> Iterator[tuple[str, float | None]]:
    """List the limits of others by name, the same whichever of them binds now.

    What binds changes with every limit that we write; a ceiling that came and went with it would make us
    swing. For the same reason a scheduled pause is no ceiling: `held` tells it.
    """
    info, currents = heard.info, heard.currents
    yield "cable", _real_a(currents.cable_a)
    yield "hardware", _real_a(currents.system_max_a)
    yield "install current", _real_a(_first(currents.install_a, info.install_a))
    yield "user current", _real_a(_first(currents.user_a, info.user_a))
    yield "schedule", _real_a(currents.schedule_a)
    yield "OCPP", _real_a(currents.ocpp_a)
    other_a = _other_knob_a(heard)
    name = "dynamic current" if heard.knob is Knob.EM else "energy manager"
    yield name, 0.0 if other_a == 0.0 else _real_a(other_a)


def _other_knob_a(heard: Heard) -> float | None:
    """Tell the knob that we do not write; its 0 is a pause, as its range is 0 or 6 to 32."""
    if heard.knob is Knob.EM:
        return _first(heard.currents.dynamic_a, heard.info.dynamic_a)
    return heard.currents.em_a


def _first(told: float | None, otherwise: float | None) -> float | None:
    return otherwise if told is None else told


def _real_a(limit_a: float | None) -> float | None:
    """Drop what is no limit: elsewhere 0 stands for "none", as for a cable that is not there."""
    return None if limit_a is None or limit_a < MIN_CURRENT_A else limit_a


def _held(heard: Heard) -> str:
    word = extended_state(heard.info)
    if heard.errors or heard.info.has_active_errors or word in ("E", "F"):
        return f"error {', '.join(heard.errors)}".rstrip()
    if word in _HOLDS:
        return _HOLDS[word]
    return "paused by a person" if heard.paused_by_person else ""

"""From what an Easee charger observed to the `ChargerState` that the core judges; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adapters.chargers.easee import observations as ids
from adapters.chargers.easee.codes import (
    HELD,
    IT_GRIDS,
    NODE_MASTER,
    OVERCURRENT,
    PLUGS,
    TN2_ON_PIN_5,
    WIRED_WRONGLY,
    OpMode,
)
from adapters.chargers.easee.latest import Latest
from controller.domain.readings import ChargerState, Draw, Plug
from controller.domain.site import to_grid
from controller.domain.units import MIN_CURRENT_A, ChargerId, Grid, Phases

DRAWING_A: Final = 0.5
"""A car counts as drawing above this; idle noise is 0.01 A."""

_IMPOSSIBLE_A: Final = 100.0
_CABLE_IN_MA: Final = 1000.0
_W_PER_KW = _WH_PER_KWH = 1000.0
_THREE: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """How a charger hangs on the grid."""

    charger: ChargerId
    grid: Grid
    phases: tuple[int, ...]
    draw_ttl_s: float
    """A current that was not repeated for so long is no longer believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """What a state needs besides the observations."""

    mono_s: float
    limit_a: float | None
    session_id: str | None
    paused_by_person: bool = False


def state_of(latest: Latest, where: Wiring, beyond: Beyond) -> ChargerState:
    """Say what the observations mean now."""
    draw_a = draw_of(latest, where, beyond.mono_s)
    ceiling_a, ceiling_by = _ceiling(latest, where)
    power_kw, session_kwh = latest.number(ids.TOTAL_POWER), latest.number(ids.SESSION_ENERGY)
    return ChargerState(
        id=where.charger,
        at_mono_s=beyond.mono_s,
        plug=plug_of(latest, draw_a),
        limit_a=beyond.limit_a,
        draws=() if draw_a is None else (Draw(at_mono_s=beyond.mono_s, currents_a=draw_a),),
        ceiling_a=ceiling_a,
        ceiling_by=ceiling_by,
        held=held(latest, paused_by_person=beyond.paused_by_person),
        session_id=beyond.session_id,
        session_wh=None if session_kwh is None else session_kwh * _WH_PER_KWH,
        power_w=None if power_kw is None else power_kw * _W_PER_KW,
    )


def plug_of(latest: Latest, draw_a: Phases | None) -> Plug:
    """Tell the plug's state; a state that is unknown, or that denies a visible draw, may draw."""
    plug = PLUGS.get(latest.code(ids.OP_MODE) or 0, Plug.UNKNOWN)
    draws = draw_a is not None and max(draw_a) > DRAWING_A
    return Plug.UNKNOWN if draws and not plug.car else plug


def is_offline(latest: Latest) -> bool:
    """Tell whether the cloud knows that it has lost the charger."""
    return latest.code(ids.OP_MODE) == OpMode.OFFLINE or latest.code(ids.CONNECTED) == 0


def is_master(latest: Latest) -> bool | None:
    """Tell whether a circuit's limits can be set and read here; `None` while nobody knows."""
    own, masters = latest.text(ids.BACK_PLATE), latest.text(ids.MASTER_BACK_PLATE)
    if own and masters:
        return own == masters
    node = latest.code(ids.NODE_TYPE)
    return None if not node else node == NODE_MASTER


def draw_of(latest: Latest, where: Wiring, mono_s: float) -> Phases | None:
    """Tell the draw in grid phases; `None` unless every line that it needs is known and not too old."""
    is_it = latest.code(ids.GRID_TYPE) in IT_GRIDS or where.grid is Grid.IT
    terminals = ids.IN_CURRENT[0:3] if is_it else ids.IN_CURRENT[1:4]
    if latest.code(ids.GRID_TYPE) == TN2_ON_PIN_5:
        terminals = (terminals[0], terminals[2], terminals[1])
    needed = 1 if where.grid is Grid.IT and len(where.phases) < _THREE else len(where.phases)
    told = [latest.seen(id_) for id_ in terminals[:needed]]
    device_a = [
        max(0.0, float(one.value))
        for one in told
        if one is not None
        and isinstance(one.value, float)
        and abs(one.value) < _IMPOSSIBLE_A
        and mono_s - one.heard_mono_s <= where.draw_ttl_s
    ]
    return to_grid(where.grid, where.phases, device_a) if len(device_a) == needed else None


def held(latest: Latest, *, paused_by_person: bool = False) -> str:
    """Tell why the charger itself does not charge."""
    error = latest.code(ids.ERROR_CODE) or latest.code(ids.FATAL_ERROR)
    mode = latest.code(ids.OP_MODE)
    if mode == OpMode.ERROR and error == OVERCURRENT:
        return "error 2048: the car drew more than it was offered; replug it, or reboot the charger"
    if mode == OpMode.ERROR:
        return f"error {error or ''} {latest.text(ids.ERROR_STRING)[:60]}".strip()
    if mode in (OpMode.AWAITING_AUTHENTICATION, OpMode.DEAUTHENTICATING):
        return "waiting for authentication"
    grid_type = latest.code(ids.GRID_TYPE)
    if grid_type in WIRED_WRONGLY and mode != OpMode.CHARGING:
        return f"error: its wiring (grid type {grid_type}); an electrician has to look"
    if paused_by_person:
        return "paused by a person"
    is_charging = mode == OpMode.CHARGING
    return "" if is_charging else HELD.get(latest.code(ids.NO_CURRENT) or 0, "")


def _ceiling(latest: Latest, where: Wiring) -> tuple[float | None, str]:
    """Tell the smallest limit that is not ours, and whose it is."""
    found = [(limit_a, name) for name, limit_a in _other_limits(latest, where) if limit_a is not None]
    return min(found, key=lambda limit: limit[0]) if found else (None, "")


def _other_limits(latest: Latest, where: Wiring) -> Iterator[tuple[str, float | None]]:
    yield "charger maximum", _real_a(latest.number(ids.MAX_CHARGER))
    yield "cable", _cable_a(latest)
    if latest.code(ids.DERATING):
        yield "temperature", latest.number(ids.DERATED)
    if is_master(latest) is False:
        return  # On a secondary the circuit's values are not valid.
    count = _THREE if where.grid is Grid.IT else max(1, len(where.phases))
    for name, triple in (
        ("circuit maximum", ids.CIRCUIT_MAX),
        ("dynamic circuit current", ids.DYNAMIC_CIRCUIT),
        ("Equalizer", ids.EQUALIZER),
    ):
        told = latest.numbers(triple[:count])
        # One pilot: the smallest phase in use rules; phases at 0 may be switched off on purpose.
        used = [] if told is None else [limit_a for limit_a in told if limit_a > 0]
        yield name, min(used) if used else (None if told is None or name == "Equalizer" else 0.0)


def _real_a(limit_a: float | None) -> float | None:
    return None if limit_a is None or limit_a < MIN_CURRENT_A else limit_a


def _cable_a(latest: Latest) -> float | None:
    """Read the cable's rating: documented in A, seen in mA; below 6 A there is none."""
    told = latest.number(ids.CABLE_RATING)
    if told is None:
        return None
    return _real_a(told / 1000.0 if told > _CABLE_IN_MA else told)

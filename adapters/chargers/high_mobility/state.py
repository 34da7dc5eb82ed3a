"""From what a Home Charger answers to the `ChargerState` that the core judges; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from adapters.chargers.high_mobility.home_charger import (
    AUTHENTICATION,
    CHARGE_CURRENT,
    CHARGING_POWER,
    CHARGING_STATUS,
    MAXIMUM_CURRENT,
    MINIMUM_CURRENT,
    UNAUTHENTICATED,
)
from adapters.wire.autoapi.kinds import Value
from adapters.wire.autoapi.messages import Message
from adapters.wire.autoapi.properties import Property
from adapters.wire.autoapi.units import Quantity
from controller.domain.readings import ChargerState, Draw, Plug
from controller.domain.site import to_grid
from controller.domain.units import ChargerId, Grid, Phases, power_of_ampere_w

POLLED: Final = (
    CHARGING_STATUS,
    AUTHENTICATION,
    CHARGE_CURRENT,
    MAXIMUM_CURRENT,
    MINIMUM_CURRENT,
    CHARGING_POWER,
)

ESSENTIAL: Final = frozenset({CHARGING_STATUS, CHARGE_CURRENT})
"""Without these an answer is no state."""

PLUGS: Final[Mapping[Value, Plug]] = {
    "disconnected": Plug.A,
    "plugged_in": Plug.B,
    "charging": Plug.C,
}

_DRAWING_W: Final = 100.0
"""More than electronics take: a car draws, whatever the status says."""
_IMPOSSIBLE: Final[Mapping[str, float]] = {CHARGING_POWER: 100_000.0}
"""No charger in a house tells more, in W."""
_IMPOSSIBLE_A: Final = 100.0
_DIGITS: Final = 6
"""Milliamperes and kilowatts become A and W without the noise of their factors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Where the charger is on the grid, and on how many of its phases cars draw, if that is known."""

    grid: Grid
    voltage_v: float
    phases: tuple[int, ...]
    drawn_phases: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeliness:
    """Which timestamps make a value one of now."""

    asked: datetime
    """Wall time when the question was sent."""
    fresh: timedelta
    skew: timedelta
    """How far the charger's clock may be off."""
    told_a: float | None = None
    """The limit that it last said it took."""
    told: datetime | None = None
    """Wall time when it said so, or when a limit was sent to no answer."""

    def holds(self, at: datetime | None) -> bool:
        """Tell whether a value of this age is a value; without a timestamp it is of now."""
        return at is None or self.asked - self.fresh - self.skew <= at <= self.asked + self.fresh + self.skew

    def proves(self, at: datetime | None, limit_a: float) -> bool:
        """Tell whether a limit read back shows what the latest write did, not what was before it.

        Without a timestamp it may be from before. Then it proves what was told and no less; more than that
        (a restart may have lifted it) is believed, for that only adds to what is counted.
        """
        if self.told is None or limit_a == self.told_a:
            return True
        if at is None:
            return self.told_a is not None and limit_a > self.told_a
        return at > self.told + self.skew


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one answer says, in the units of the core; `None` where it does not say it now."""

    at_mono_s: float
    """When the question was sent."""
    plug: Plug
    limit_a: float | None
    maximum_a: float | None
    minimum_a: float | None
    power_w: float | None
    is_expired: bool
    """Nobody is allowed to start charging."""


def heard(message: Message, at_mono_s: float, when: Timeliness) -> Heard:
    """Take from an answer what is fresh."""
    power_w = _fresh_number(message, CHARGING_POWER, when)
    return Heard(
        at_mono_s=at_mono_s,
        plug=_plug(_fresh(message, CHARGING_STATUS, when), power_w),
        limit_a=limit_of(message, when),
        maximum_a=number_of(message.first(MAXIMUM_CURRENT)),
        minimum_a=number_of(message.first(MINIMUM_CURRENT)),
        power_w=power_w,
        is_expired=_fresh(message, AUTHENTICATION, when) == UNAUTHENTICATED,
    )


def limit_of(message: Message, when: Timeliness) -> float | None:
    """Tell the limit in force, if the answer proves it."""
    limit_a = _fresh_number(message, CHARGE_CURRENT, when)
    found = message.first(CHARGE_CURRENT)
    if limit_a is None or found is None or not when.proves(found.at, limit_a):
        return None
    return limit_a


def number_of(found: Property | None) -> float | None:
    """Tell a quantity in its base unit; what no charger in a house has is none."""
    if found is None or found.failure is not None or not isinstance(found.value, Quantity):
        return None
    base = round(found.value.base, _DIGITS)
    return base if 0.0 <= base < _IMPOSSIBLE.get(found.name, _IMPOSSIBLE_A) else None


def state_of(charger: ChargerId, told: Heard, where: Wiring, session_id: str | None) -> ChargerState:
    """Say what one answer means."""
    draw_a = _draw_a(told, where)
    return ChargerState(
        id=charger,
        at_mono_s=told.at_mono_s,
        plug=told.plug,
        limit_a=told.limit_a,
        draws=() if draw_a is None else (Draw(at_mono_s=told.at_mono_s, currents_a=draw_a),),
        ceiling_a=told.maximum_a or None,
        ceiling_by="maximum charge current" if told.maximum_a else "",
        held="waiting for authentication" if told.is_expired and told.plug is Plug.B else "",
        session_id=session_id,
        power_w=told.power_w,
    )


def _fresh(message: Message, name: str, when: Timeliness) -> Value | None:
    found = message.first(name)
    if found is None or found.failure is not None or not when.holds(found.at):
        return None
    return found.value


def _fresh_number(message: Message, name: str, when: Timeliness) -> float | None:
    return None if _fresh(message, name, when) is None else number_of(message.first(name))


def _plug(word: Value | None, power_w: float | None) -> Plug:
    """Tell the plug's state; a state that is unknown, or that denies a visible draw, may draw."""
    plug = PLUGS.get(word, Plug.UNKNOWN) if isinstance(word, str) else Plug.UNKNOWN
    draws = power_w is not None and power_w > _DRAWING_W
    return Plug.UNKNOWN if draws and not plug.car else plug


def _draw_a(told: Heard, where: Wiring) -> Phases | None:
    """Turn its power into currents where that is certain: none, one phase, or cars of a known kind.

    The charger tells no currents. Spreading a power over phases that a car does not use would make the rest
    of the house look smaller than it is.
    """
    if told.power_w is None:
        return None
    if told.power_w <= _DRAWING_W and told.plug in (Plug.A, Plug.B):
        return 0.0, 0.0, 0.0
    wired = len(where.phases)
    is_single = wired == 1 or (where.grid is Grid.IT and wired == 2)  # noqa: PLR2004 - two lines
    drawn = wired if is_single else where.drawn_phases
    if drawn is None or drawn > wired:
        return None
    current_a = told.power_w / power_of_ampere_w(where.grid, where.voltage_v, drawn)
    return to_grid(where.grid, where.phases, [current_a if at < drawn else 0.0 for at in range(wired)])

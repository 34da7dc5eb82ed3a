"""Commands: what a person or a grid operator may ask from outside, checked in one place.

Every way in (MQTT, HTTP, command line) turns its input into plain values and asks here; what comes back is
either a `Command` inside all bounds or a `Refusal` that says in one sentence what was expected (H12).
No command can lift a limit of the site.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.domain.modes import Policies
from controller.domain.site import ChargerSpec, Site
from controller.domain.units import ChargerId
from controller.domain.wishes import Parameter

DAY_S = 86_400.0

LONGEST_BOOST_S = DAY_S
LONGEST_CEILING_S = 30 * DAY_S
LONGEST_PLAN = timedelta(days=14)
LARGEST_PLAN_WH = 250_000.0
"""No car on the road holds more."""
LARGEST_CAP_W = 10_000_000.0
LONGEST_CAP_S = DAY_S

MOST_NAMES = 20
"""A refusal names no more of what would have been right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMode:
    """Let a charger follow another mode."""

    charger: ChargerId
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCeiling:
    """A person's ceiling for a charger."""

    charger: ChargerId
    limit_a: float | None
    """`None` lifts it."""
    ttl_s: float | None = None
    """How long it holds; `None`: until it is lifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boost:
    """Full power for a while, as far as the site bears it."""

    charger: ChargerId
    duration_s: float
    """0 ends a boost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlan:
    """What the car should have by a time; either `energy_wh` or `soc_pct` is given, or nothing at all."""

    charger: ChargerId
    by: datetime | None = None
    """`None` drops the plan."""
    energy_wh: float | None = None
    soc_pct: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetParameter:
    """A tuning value of one policy in one mode."""

    mode: str
    policy: str
    parameter: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSiteCap:
    """A grid operator's cap on the charging power of the site."""

    limit_w: float
    ttl_s: float
    """It expires by itself."""


Command = SetMode | SetCeiling | Boost | SetPlan | SetParameter | SetSiteCap


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request changes nothing, in one sentence for whoever sent it."""

    reason: str
    quiet: bool = False
    """Counted, but not answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a request may name, and the time it is judged at."""

    at: datetime
    chargers: Mapping[ChargerId, ChargerSpec]
    modes: tuple[str, ...]
    parameters: Mapping[tuple[str, str], tuple[Parameter, ...]] = field(default_factory=dict)
    """The tuning values of each (mode, policy)."""

    @classmethod
    def of(cls, at: datetime, site: Site, policies: Policies) -> "Known":
        """Gather what the site and the policies in force offer."""
        parameters = {
            (mode.name, policy): policies.registry[policy].parameters
            for mode in policies.modes.values()
            for policy in mode.stack
        }
        return cls(at=at, chargers=site.charger, modes=tuple(policies.modes), parameters=parameters)


def set_mode(known: Known, charger: str, mode: str) -> SetMode | Refusal:
    """Check a mode's name.

    >>> from datetime import UTC
    >>> known = Known(at=datetime(2026, 6, 1, tzinfo=UTC), chargers={}, modes=("solar", "fast"))
    >>> set_mode(known, "garage", "solar").reason
    "unknown charger 'garage'; known: none"
    """
    if refusal := _unknown("charger", charger, known.chargers):
        return refusal
    if refusal := _unknown("mode", mode, known.modes):
        return refusal
    return SetMode(charger=ChargerId(charger), mode=mode)


def set_ceiling(
    known: Known, charger: str, limit_a: float | None, ttl_s: float | None = None
) -> SetCeiling | Refusal:
    """Check a person's ceiling; a value below the charger's minimum is a pause."""
    if refusal := _unknown("charger", charger, known.chargers):
        return refusal
    max_a = known.chargers[ChargerId(charger)].max_a
    if limit_a is not None and (refusal := _outside("limit_a", limit_a, 0, max_a, "A")):
        return refusal
    if ttl_s is not None and (refusal := _outside("ttl_s", ttl_s, 1, LONGEST_CEILING_S, "s")):
        return refusal
    return SetCeiling(charger=ChargerId(charger), limit_a=limit_a, ttl_s=ttl_s)


def boost(known: Known, charger: str, minutes: float) -> Boost | Refusal:
    """Check a boost; 0 minutes ends one."""
    if refusal := _unknown("charger", charger, known.chargers):
        return refusal
    if refusal := _outside("minutes", minutes, 0, LONGEST_BOOST_S / 60, "minutes"):
        return refusal
    return Boost(charger=ChargerId(charger), duration_s=minutes * 60)


def set_plan(
    known: Known,
    charger: str,
    by: datetime,
    energy_kwh: float | None = None,
    soc_pct: float | None = None,
) -> SetPlan | Refusal:
    """Check a plan: one want, and a departure that lies ahead."""
    if refusal := _unknown("charger", charger, known.chargers):
        return refusal
    if refusal := _unplannable(known, by, energy_kwh, soc_pct):
        return refusal
    energy_wh = None if energy_kwh is None else energy_kwh * 1000
    return SetPlan(charger=ChargerId(charger), by=by, energy_wh=energy_wh, soc_pct=soc_pct)


def drop_plan(known: Known, charger: str) -> SetPlan | Refusal:
    """Check that the charger whose plan is dropped exists."""
    return _unknown("charger", charger, known.chargers) or SetPlan(charger=ChargerId(charger))


def set_parameter(
    known: Known, mode: str, policy: str, parameter: str, value: float
) -> SetParameter | Refusal:
    """Check a tuning value against the bounds that its policy states."""
    if refusal := _unknown("mode", mode, known.modes):
        return refusal
    policies = [policy for known_mode, policy in known.parameters if known_mode == mode]
    if refusal := _unknown(f"policy of mode {mode!r}", policy, policies):
        return refusal
    parameters = {parameter.name: parameter for parameter in known.parameters[mode, policy]}
    if refusal := _unknown(f"parameter of policy {policy!r}", parameter, parameters):
        return refusal
    if refusal := _unfit(parameters[parameter], value):
        return refusal
    return SetParameter(mode=mode, policy=policy, parameter=parameter, value=value)


def set_site_cap(limit_w: float, ttl_s: float) -> SetSiteCap | Refusal:
    """Check a grid operator's cap; it always has an end."""
    if refusal := _outside("limit_w", limit_w, 0, LARGEST_CAP_W, "W"):
        return refusal
    if refusal := _outside("ttl_s", ttl_s, 1, LONGEST_CAP_S, "s"):
        return refusal
    return SetSiteCap(limit_w=limit_w, ttl_s=ttl_s)


def _unplannable(
    known: Known, by: datetime, energy_kwh: float | None, soc_pct: float | None
) -> Refusal | None:
    if (energy_kwh is None) == (soc_pct is None):
        return Refusal(reason="expected either energy_kwh or soc_pct")
    if energy_kwh is not None and (
        refusal := _outside("energy_kwh", energy_kwh, 0.1, LARGEST_PLAN_WH / 1000, "kWh")
    ):
        return refusal
    if soc_pct is not None and (refusal := _outside("soc_pct", soc_pct, 1, 100, "%")):
        return refusal
    if by.tzinfo is None:
        return Refusal(reason=f"by = {by.isoformat()}: expected a time with its UTC offset")
    if not known.at < by <= known.at + LONGEST_PLAN:
        return Refusal(reason=f"by = {by.isoformat()}: expected within {LONGEST_PLAN.days} days from now")
    return None


def _unfit(parameter: Parameter, value: float) -> Refusal | None:
    if parameter.whole and not float(value).is_integer():
        return Refusal(reason=f"{parameter.name} = {value:g}: expected a whole number")
    return _outside(parameter.name, value, parameter.low, parameter.high, "")


def _outside(name: str, value: float, low: float, high: float, unit: str) -> Refusal | None:
    if math.isfinite(value) and low <= value <= high:
        return None
    return Refusal(reason=f"{name} = {value:g}: expected {low:g} to {high:g} {unit}".rstrip())


def _unknown(what: str, name: str, known: Collection[str]) -> Refusal | None:
    if name in known:
        return None
    names = ", ".join(list(known)[:MOST_NAMES]) or "none"
    more = "" if len(known) <= MOST_NAMES else f" and {len(known) - MOST_NAMES} more"
    return Refusal(reason=f"unknown {what} {name[:40]!r}; known: {names}{more}")

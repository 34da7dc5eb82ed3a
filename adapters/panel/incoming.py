"""Incoming: a command topic and its payload -> a `Command`, or a `Refusal` that says why not."""

from collections.abc import Callable, Mapping

from adapters.panel.payloads import fields_of, instant_in, number_in, number_of, text_of
from controller.commands import (
    Boost,
    Command,
    Known,
    Refusal,
    SetCeiling,
    SetMode,
    SetParameter,
    SetPlan,
    SetSiteCap,
    boost,
    drop_plan,
    set_ceiling,
    set_mode,
    set_parameter,
    set_plan,
    set_site_cap,
)

COMMAND_FILTERS = ("charger/+/+/set", "circuit/+/+/set", "policy/+/+/+/set", "site/+/set")
"""Every command topic, and those of circuits, which have no command, below the site's prefix."""


def parse_command(topic: str, payload: bytes, retained: bool, known: Known) -> Command | Refusal:  # noqa: FBT001 - MQTT's own flag
    """Understand one message on a command topic; total on any bytes.

    `topic` stands below the site's prefix: `charger/garage/mode/set`. What arrives retained is an order of
    some earlier day, so it is refused without an answer (H12).
    """
    if retained:
        return Refusal(reason="it was retained by the broker; publish commands without retain", quiet=True)
    match topic.split("/"):
        case ["charger", charger, knob, "set"] if knob in _KNOBS:
            return _KNOBS[knob](known, charger, payload)
        case ["policy", mode, policy, parameter, "set"]:
            return _parameter(known, (mode, policy, parameter), payload)
        case ["site", "limit_w", "set"]:
            return _site_cap(payload)
    return Refusal(reason=f"no such command; a charger has {', '.join(_KNOBS)}, the site has limit_w")


def _mode(known: Known, charger: str, payload: bytes) -> SetMode | Refusal:
    mode = text_of(payload)
    return mode if isinstance(mode, Refusal) else set_mode(known, charger, mode)


def _ceiling(known: Known, charger: str, payload: bytes) -> SetCeiling | Refusal:
    if payload.lstrip().startswith(b"{"):
        return _ceiling_for_a_while(known, charger, payload)
    limit_a = number_of(payload)
    return limit_a if isinstance(limit_a, Refusal) else set_ceiling(known, charger, limit_a)


def _ceiling_for_a_while(known: Known, charger: str, payload: bytes) -> SetCeiling | Refusal:
    fields = fields_of(payload, ("limit_a", "ttl_s"))
    if isinstance(fields, Refusal):
        return fields
    limit_a, ttl_s = number_in(fields or {}, "limit_a"), number_in(fields or {}, "ttl_s")
    if isinstance(limit_a, Refusal):
        return limit_a
    if limit_a is None:
        return Refusal(reason="limit_a: expected a number; an empty payload lifts the limit")
    return ttl_s if isinstance(ttl_s, Refusal) else set_ceiling(known, charger, limit_a, ttl_s)


def _boost(known: Known, charger: str, payload: bytes) -> Boost | Refusal:
    minutes = number_of(payload)
    if minutes is None:
        return Refusal(reason="expected minutes; 0 ends a boost")
    return minutes if isinstance(minutes, Refusal) else boost(known, charger, minutes)


def _plan(known: Known, charger: str, payload: bytes) -> SetPlan | Refusal:
    fields = fields_of(payload, ("energy_kwh", "soc_pct", "by"))
    if isinstance(fields, Refusal):
        return fields
    return _asked_plan(known, charger, fields) if fields else drop_plan(known, charger)


def _asked_plan(known: Known, charger: str, fields: Mapping[str, object]) -> SetPlan | Refusal:
    by = instant_in(fields, "by")
    energy_kwh, soc_pct = number_in(fields, "energy_kwh"), number_in(fields, "soc_pct")
    if isinstance(by, Refusal):
        return by
    if isinstance(energy_kwh, Refusal):
        return energy_kwh
    return soc_pct if isinstance(soc_pct, Refusal) else set_plan(known, charger, by, energy_kwh, soc_pct)


def _parameter(known: Known, path: tuple[str, str, str], payload: bytes) -> SetParameter | Refusal:
    value = number_of(payload)
    if value is None:
        return Refusal(reason="expected a number")
    return value if isinstance(value, Refusal) else set_parameter(known, *path, value)


def _site_cap(payload: bytes) -> SetSiteCap | Refusal:
    fields = fields_of(payload, ("limit_w", "ttl_s"))
    if isinstance(fields, Refusal):
        return fields
    limit_w, ttl_s = number_in(fields or {}, "limit_w"), number_in(fields or {}, "ttl_s")
    if isinstance(limit_w, Refusal):
        return limit_w
    if isinstance(ttl_s, Refusal):
        return ttl_s
    if limit_w is None or ttl_s is None:
        return Refusal(reason='expected {"limit_w": ..., "ttl_s": ...}')
    return set_site_cap(limit_w, ttl_s)


_KNOBS: Mapping[str, Callable[[Known, str, bytes], Command | Refusal]] = {
    "mode": _mode,
    "limit_a": _ceiling,
    "boost": _boost,
    "plan": _plan,
}

"""What `check --probe` says about a Home Charger."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.chargers.high_mobility.home_charger import ASKED_FOR
from adapters.chargers.high_mobility.pace import LONGEST_S, Pace
from adapters.chargers.high_mobility.settings import HighMobilitySettings
from adapters.chargers.high_mobility.state import Heard
from adapters.chargers.high_mobility.telematics import Telematics
from adapters.wire.autoapi.kinds import Value
from adapters.wire.autoapi.messages import Message
from controller.domain.site import ChargerSpec
from controller.ports import Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that was asked."""

    message: Message
    heard: Heard
    path: str
    slowest_s: float | None
    """Shortest time between two questions that every polled property bears."""
    settings: HighMobilitySettings
    spec: ChargerSpec


def probe_of(found: Findings) -> Probe:
    """Put the findings into words."""
    told, message = found.heard, found.message
    plug_type = _word(message, "plugType")
    return Probe(
        found=f"High Mobility Home Charger{f', plug {plug_type}' if plug_type else ''}",
        version=f"auto-api level {message.level}" if found.path == Telematics.name else found.path,
        control_path=f"setChargeCurrent over {found.path}",
        without_us="keeps its last current: it knows no time to live and no watchdog; what a restart does "
        "is not known, so it counts at its nameplate until it was read again",
        warnings=tuple(_warnings(found)),
        values={
            "limit_a": told.limit_a,
            "maximum_a": told.maximum_a,
            "minimum_a": told.minimum_a,
            "power_w": told.power_w,
            "status": _word(message, "chargingStatus"),
            "authentication": _word(message, "authenticationState"),
            "solar_charging": _word(message, "solarCharging"),
        },
    )


def _warnings(found: Findings) -> Iterator[str]:
    told, spec, message = found.heard, found.spec, found.message
    if not spec.abilities.can_pause:
        yield f"it cannot be paused: {spec.min_a:g} A are always reckoned with"
    if told.limit_a is None:
        yield "it does not tell its charge current: limits cannot be confirmed"
    if told.maximum_a is not None and told.maximum_a < spec.min_a:
        effect = ": no limit is written" if told.maximum_a else ""
        yield f"its maximum of {told.maximum_a:g} A is below min_a of {spec.min_a:g} A{effect}"
    if told.minimum_a is not None and told.minimum_a > spec.min_a:
        yield f"its minimum of {told.minimum_a:g} A is above min_a: set min_a = {told.minimum_a:g}"
    if _word(message, "solarCharging") == "active":
        yield "its own solar charging is active and may fight the controller"
    yield from _pace_warnings(found)
    failing = [
        part.name for part in message.properties if part.failure is not None and part.name in ASKED_FOR
    ]
    if failing:
        yield f"it has no value for {', '.join(failing)}"


def _pace_warnings(found: Findings) -> Iterator[str]:
    """Say what its own limit costs: the core's patience is configured, and nothing found here changes it."""
    if found.slowest_s is None:
        return
    every_s = Pace(poll_s=found.settings.poll_s, slowest_s=found.slowest_s).interval_s
    if found.slowest_s > LONGEST_S:
        yield f"its own limit is a question every {found.slowest_s:g} s: it is asked every {every_s:g} s"
    needed_s = math.ceil(every_s + found.settings.timeout_s)
    if needed_s > found.spec.abilities.read_ttl_s:
        yield (
            f"it may be asked only every {every_s:g} s and is believed for "
            f"{found.spec.abilities.read_ttl_s:g} s: in between it counts as silent, with what "
            f"it was last promised reserved; read_ttl_s = {needed_s} bridges that"
        )


def _word(message: Message, name: str) -> str | None:
    found = message.first(name)
    value: Value | None = None if found is None else found.value
    return value if isinstance(value, str) else None

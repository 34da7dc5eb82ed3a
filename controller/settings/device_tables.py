"""The keys that devices have in common, whatever their kind: `[[meters]]`, `[[chargers]]`."""

from typing import Annotated

from pydantic import Field

from controller.domain.readings import MeterRole
from controller.settings.table import ChargeA, Name, PauseOrChargeA, PhaseList, Table, Text


class MeterTable(Table):
    """`[[meters]]`: what a meter of any kind has; the rest of its table belongs to its kind."""

    id: Name
    """Name of the meter."""
    kind: Text = "modbus"
    """Which kind of meter."""
    role: MeterRole = MeterRole.CIRCUIT
    """What it measures: `circuit`, `solar` or `battery`."""
    circuit: Name | None = None
    """The circuit that it measures, or that its panels or battery feed; default: the root."""
    phases: PhaseList | None = None
    """The grid phases at its L1, L2, L3; default: those of its circuit."""
    lag_s: Annotated[float, Field(ge=0, le=60)] = 0.0
    """How old its values already are when they are read."""


class ChargerTable(Table):
    """`[[chargers]]`: what a charger of any kind has; the rest of its table belongs to its kind."""

    id: Name
    """Name of the charger."""
    kind: Text
    """Which kind of charger."""
    circuit: Name | None = None
    """The circuit that feeds it; default: the root."""
    phases: PhaseList | None = None
    """The grid phases at its L1, L2, L3; default: those of its circuit."""
    min_a: ChargeA = 6.0
    """Below this it pauses."""
    max_a: ChargeA = 16.0
    """The most that it is ever given."""
    step_a: Annotated[float, Field(ge=0, le=10)] = 1.0
    """Limits are multiples of this; 0 means any value."""
    nameplate_a: ChargeA | None = None
    """What it may draw when nothing is known of its limit; default: 32, or `max_a` if that is more."""
    safe_a: PauseOrChargeA = 0.0
    """What it may draw while the meter of its circuit is silent; 0 pauses."""
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    """Higher goes first, strictly."""
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    """Its part among chargers of equal priority."""
    mode: Name = "fast"
    """The mode while no person picked another."""


class AbilityTable(Table):
    """What a charger does when it hears nothing; only what differs from its kind's default is set."""

    follow_s: Annotated[float, Field(ge=0, le=120)] | None = None
    """How long its car may take to obey a lower limit."""
    latency_s: Annotated[float, Field(ge=0, le=120)] | None = None
    """Usual time from sending a limit to the charger acting on it."""
    delivery_s: Annotated[float, Field(ge=0, le=600)] | None = None
    """An unanswered write cannot arrive later than this."""
    read_ttl_s: Annotated[float, Field(gt=0, le=7200)] | None = None
    """A state older than this makes the charger silent."""
    write_gap_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    """Shortest time between ordinary writes."""
    can_pause: bool | None = None
    """Whether 0 A can be written."""
    fallback_a: PauseOrChargeA | None = None
    """What it goes to by itself when it hears nothing."""
    fallback_after_s: Annotated[float, Field(ge=0, le=86_400)] | None = None
    """Earliest time of silence after which the fallback may be in force."""
    reset_a: PauseOrChargeA | None = None
    """Where plug-in or a reboot may lift its limit; default: `nameplate_a`."""
    lease_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    """Time to live that limits are written with."""
    lapses_to_a: PauseOrChargeA | None = None
    """What a limit falls back to when its time to live ends."""

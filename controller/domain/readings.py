"""Readings: what devices said, and the instant it was true."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from controller.domain.units import ChargerId, MaybePhases, MeterId, Phases


class MeterRole(StrEnum):
    """What a meter measures."""

    CIRCUIT = "circuit"
    """Everything that flows into a circuit (the grid meter is the root circuit's)."""
    SOLAR = "solar"
    BATTERY = "battery"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """One sample of a meter; positive flows into the site, into the battery, out of the panels."""

    id: MeterId
    at_mono_s: float
    """When it was true: the instant the request was sent, minus what the meter is known to lag."""
    currents_a: MaybePhases = (None, None, None)
    """Signed by the sign rule; `None` for a phase that the meter does not tell."""
    power_w: float | None = None
    powers_w: MaybePhases = (None, None, None)
    voltages_v: MaybePhases = (None, None, None)
    import_wh: float | None = None
    export_wh: float | None = None
    soc_pct: float | None = None
    """State of charge, for a battery that tells it."""


class Plug(StrEnum):
    """IEC 61851-1 states of a connector."""

    A = "A"
    """No car."""
    B = "B"
    """Car connected, not ready or not allowed to charge."""
    C = "C"
    """Charging, or free to."""
    D = "D"
    """Charging with ventilation."""
    E = "E"
    """Error: no supply."""
    F = "F"
    """Fault of the EVSE."""
    UNKNOWN = "?"
    """Nothing known: may draw."""

    def __init__(self, letter: str) -> None:
        self.car = letter not in ("A", "E", "F")
        """Whether a car may be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What a charger drew, in grid phases."""

    at_mono_s: float
    currents_a: Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerState:
    """The latest that a charger said of itself.

    `at_mono_s` is when the request was sent (or a push arrived): everything here was true then or later.
    """

    id: ChargerId
    at_mono_s: float
    plug: Plug = Plug.UNKNOWN
    limit_a: float | None = None
    """Read back from the knob that we write; `None` when it was not told."""
    draws: tuple[Draw, ...] = ()
    """The draws of the alignment window, oldest first; empty when the draw cannot be seen."""
    ceiling_a: float | None = None
    """What else binds the charger (cable, its own user limit, a schedule), if it tells."""
    ceiling_by: str = ""
    held: str = ""
    """Why the charger itself does not charge, if it says: `paused by a person`, `locked`, `error ...`."""
    session_id: str | None = None
    session_wh: float | None = None
    power_w: float | None = None

    @property
    def draw_a(self) -> Phases | None:
        """The latest draw, if it can be seen."""
        return self.draws[-1].currents_a if self.draws else None


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleState:
    """What a car says of itself."""

    at_mono_s: float
    soc_pct: float | None = None
    capacity_wh: float | None = None


class Outcome(StrEnum):
    """How a write to a device ended."""

    DELIVERED = "delivered"
    """The device answered that it took it; read-back still has to confirm."""
    REFUSED = "refused"
    """The device said no; nothing changed."""
    UNKNOWN = "unknown"
    """No answer: it may arrive yet."""
    NOT_SENT = "not sent"
    """Never left the house: replaced, or the promise could not be recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The end of one write, told to the next tick."""

    write: int
    """The write's number."""
    outcome: Outcome
    at_mono_s: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSlot:
    """A price and the time it holds for; `ends` is exclusive."""

    starts: datetime
    ends: datetime
    import_per_kwh: float
    export_per_kwh: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPlan:
    """What a person asked a car to have by a time; one of the two wants is given."""

    by: datetime
    energy_wh: float | None = None
    """Counted from the energy of the session when it was asked: see `from_session_wh`."""
    soc_pct: float | None = None
    from_session_wh: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRequest:
    """What a person set for one charger; `None` is nothing asked."""

    mode: str | None = None
    limit_a: float | None = None
    limit_until: datetime | None = None
    boost_until: datetime | None = None
    plan: PersonPlan | None = None
    session_limit_wh: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCap:
    """A grid operator's cap on the charging power of the site; expires by itself."""

    limit_w: float
    until: datetime

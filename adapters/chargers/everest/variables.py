"""Every variable of `evse_manager` as a typed message; what a message does not tell is `None`.

What the document of 2023 declares is read, and what later releases added to it. Tokens, certificates and
signed values stay where they are.
"""

from dataclasses import dataclass, field
from typing import Final

from adapters.wire.everest import Json
from controller.domain.units import MaybePhases

NO_PHASES: Final[MaybePhases] = (None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limit that the EVSE offers now."""

    max_current_a: float
    phases: int | None = None
    node: str = ""
    """The module whose limit it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnforcedLimits:
    """What the EnergyManager lets this EVSE have."""

    limit_a: float | None
    """`None`: no limit in amperes is enforced. Negative means export, which is no import."""
    power_w: float | None = None
    phases: int | None = None
    valid_for_s: float | None = None
    valid_until: str | None = None
    node: str = ""
    """The module that they are for."""
    schedule: tuple[tuple[str, float | None], ...] = ()
    """Instants and amperes; for information alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """Something happened in a session."""

    event: str
    session: str = ""
    reason: str = ""
    """Of a start: `EVConnected`, `Authorized`; of an end, an error, or a pause, as it is told."""
    transaction: bool = False
    meter_wh: float | None = None
    at: str | None = None
    """When it happened, by EVerest's clock, where it is told."""
    vendor_error: str | None = None
    reservation: int | None = None
    raw: Json = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Powermeter:
    """The EVSE's own meter; positive into the car."""

    currents_a: MaybePhases = NO_PHASES
    powers_w: MaybePhases = NO_PHASES
    voltages_v: MaybePhases = NO_PHASES
    power_w: float | None = None
    import_wh: float | None = None
    export_wh: float | None = None
    imports_wh: MaybePhases = NO_PHASES
    exports_wh: MaybePhases = NO_PHASES
    reactive_var: float | None = None
    reactives_var: MaybePhases = NO_PHASES
    frequencies_hz: MaybePhases = NO_PHASES
    neutral_a: float | None = None
    dc_a: float | None = None
    dc_v: float | None = None
    phase_seq_error: bool | None = None
    meter_id: str | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvInfo:
    """What the car said of itself; from main on also what it wants of the grid."""

    soc_pct: float | None = None
    full_soc_pct: float | None = None
    bulk_soc_pct: float | None = None
    capacity_wh: float | None = None
    needs_wh: float | None = None
    wants_wh: float | None = None
    wants_most_wh: float | None = None
    wants_least_wh: float | None = None
    present_v: float | None = None
    present_a: float | None = None
    target_v: float | None = None
    target_a: float | None = None
    most_v: float | None = None
    most_a: float | None = None
    least_a: float | None = None
    most_w: float | None = None
    most_charging_w: float | None = None
    least_charging_w: float | None = None
    most_discharging_w: float | None = None
    least_discharging_w: float | None = None
    active_w: float | None = None
    reactive_var: float | None = None
    full_at: str | None = None
    bulk_at: str | None = None
    departs_at: str | None = None
    evcc_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """Temperatures, fan, supply; the names changed with 2023.12."""

    relays_on: bool | None = None
    temperature_c: float | None = None
    plug_temperature_c: float | None = None
    fan_rpm: float | None = None
    rcd_current: float | None = None
    supply_12v_v: float | None = None
    supply_minus_12v_v: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareCapabilities:
    """What the board can do."""

    max_import_a: float | None = None
    min_import_a: float | None = None
    max_phases: int | None = None
    min_phases: int | None = None
    max_export_a: float | None = None
    min_export_a: float | None = None
    max_export_phases: int | None = None
    min_export_phases: int | None = None
    switches_phases: bool | None = None
    connector: str | None = None
    max_plug_c: float | None = None
    tells_state_e: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequest:
    """The car wants a contract certificate; answered by `set_get_certificate_response`."""

    exi_request: str
    schema_version: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """State of the session as both APIs tell it every second."""

    state: str
    charged_wh: float | None = None
    power_w: float | None = None
    fault: bool = False
    at: str | None = None
    """When it was told, by EVerest's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCapabilities:
    """What the EnergyNode above allows at most."""

    max_current_a: float | None = None
    max_phases: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A variable that is one value: `evse_id`, `car_manufacturer`, `selected_protocol`, `ready`, ..."""

    value: Json


Variable = (
    Limits
    | EnforcedLimits
    | SessionEvent
    | Powermeter
    | EvInfo
    | Telemetry
    | HardwareCapabilities
    | CertificateRequest
    | SessionInfo
    | NodeCapabilities
    | Told
)

"""Reading of variables: from JSON to typed messages, by name."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from adapters.chargers.everest.values import IMPOSSIBLE_A, flag, number, part, phases, text, whole, word
from adapters.chargers.everest.variables import (
    CertificateRequest,
    EnforcedLimits,
    EvInfo,
    HardwareCapabilities,
    Limits,
    NodeCapabilities,
    Powermeter,
    SessionEvent,
    SessionInfo,
    Telemetry,
    Told,
    Variable,
)
from adapters.wire.everest import Json, shown
from controller.errors import DeviceNonsense

_MOST_REASONS: Final = 3
_MOST_ENTRIES: Final = 100
_LONGEST_EXI: Final = 5600


def variable(name: str, value: Json) -> Variable:
    """Read a variable by its name.

    Raises:
        DeviceNonsense: what makes this variable useful is missing.
    """
    read = _READ.get(name)
    if read is None:
        return Told(value=value)
    if not isinstance(value, dict):
        raise DeviceNonsense(f"{name}: expected an object, got {shown(value)}")
    return read(value)


def _limits(value: Json) -> Limits:
    max_current_a = _amperes(part(value, "max_current"))
    if max_current_a is None:
        raise DeviceNonsense("limits: max_current is missing")
    return Limits(
        max_current_a=max_current_a,
        phases=whole(part(value, "nr_of_phases_available")),
        node=text(part(value, "uuid")) or "",
    )


def _enforced_limits(value: Json) -> EnforcedLimits:
    node = text(part(value, "uuid"))
    if node is None:
        raise DeviceNonsense("enforced_limits: uuid is missing")
    root = part(value, "limits_root_side")
    return EnforcedLimits(
        limit_a=_amperes(part(root, "ac_max_current_A")),
        power_w=number(part(root, "total_power_W")),
        phases=whole(part(root, "ac_max_phase_count")),
        valid_for_s=number(part(value, "valid_for")),
        valid_until=text(part(value, "valid_until")),
        node=node,
        schedule=tuple(_scheduled(part(value, "schedule"))),
    )


def _scheduled(entries: Json) -> Iterator[tuple[str, float | None]]:
    for entry in entries[:_MOST_ENTRIES] if isinstance(entries, list) else ():
        at = text(part(entry, "timestamp"))
        if at is not None:
            yield at, number(part(entry, "limits_to_root", "ac_max_current_A"))


def _amperes(value: Json) -> float | None:
    read = number(value)
    if read is not None and abs(read) > IMPOSSIBLE_A:
        raise DeviceNonsense(f"a limit of {read:g} A: no EVSE has that")
    return read


def _session_event(value: Json) -> SessionEvent:
    event = text(part(value, "event"))
    if event is None:
        raise DeviceNonsense("session_event: event is missing")
    started = part(value, "transaction_started")
    return SessionEvent(
        event=word(event),
        session=text(part(value, "uuid")) or "",
        reason=_reason(value),
        transaction=started is not None,
        meter_wh=_meter_wh(started) if started is not None else _meter_wh(part(value, "session_started")),
        at=_instant(value),
        vendor_error=text(part(value, "error", "vendor_error")),
        reservation=whole(part(started, "reservation_id")),
        raw=value,
    )


def _instant(value: Json) -> str | None:
    """Find when it happened: on top from 2024 on, before that with what began or ended."""
    for name in ("session_started", "transaction_started", "transaction_finished"):
        at = text(part(value, name, "timestamp"))
        if at is not None:
            return at
    return text(part(value, "timestamp"))


def _meter_wh(started: Json) -> float | None:
    return number(part(started, "meter_value", "energy_Wh_import", "total"))


def _reason(value: Json) -> str:
    paused = part(value, "charging_paused_evse", "reasons")
    if isinstance(paused, list):
        return ", ".join(word(reason) for reason in paused[:_MOST_REASONS] if isinstance(reason, str))
    for told in (
        part(value, "session_started", "reason"),
        part(value, "transaction_finished", "reason"),
        part(value, "error", "error_code"),
        part(value, "error"),
    ):
        if isinstance(told, str):
            return word(told)
    return ""


def _powermeter(value: Json) -> Powermeter:
    return Powermeter(
        currents_a=phases(part(value, "current_A")),
        powers_w=phases(part(value, "power_W")),
        voltages_v=phases(part(value, "voltage_V")),
        power_w=number(part(value, "power_W", "total")),
        import_wh=number(part(value, "energy_Wh_import", "total")),
        export_wh=number(part(value, "energy_Wh_export", "total")),
        imports_wh=phases(part(value, "energy_Wh_import")),
        exports_wh=phases(part(value, "energy_Wh_export")),
        reactive_var=number(part(value, "VAR", "total")),
        reactives_var=phases(part(value, "VAR")),
        frequencies_hz=phases(part(value, "frequency_Hz")),
        neutral_a=number(part(value, "current_A", "N")),
        dc_a=number(part(value, "current_A", "DC")),
        dc_v=number(part(value, "voltage_V", "DC")),
        phase_seq_error=flag(part(value, "phase_seq_error")),
        meter_id=text(part(value, "meter_id")),
        at=text(part(value, "timestamp")),
    )


_EV_NUMBERS: Final[Mapping[str, str]] = {
    "soc_pct": "soc",
    "full_soc_pct": "battery_full_soc",
    "bulk_soc_pct": "battery_bulk_soc",
    "capacity_wh": "battery_capacity",
    "needs_wh": "remaining_energy_needed",
    "wants_wh": "target_energy_request",
    "wants_most_wh": "max_energy_request",
    "wants_least_wh": "min_energy_request",
    "present_v": "present_voltage",
    "present_a": "present_current",
    "target_v": "target_voltage",
    "target_a": "target_current",
    "most_v": "maximum_voltage_limit",
    "most_a": "maximum_current_limit",
    "least_a": "minimum_current_limit",
    "most_w": "maximum_power_limit",
    "most_charging_w": "ac_max_charge_power",
    "least_charging_w": "ac_min_charge_power",
    "most_discharging_w": "ac_max_discharge_power",
    "least_discharging_w": "ac_min_discharge_power",
    "active_w": "ac_present_active_power",
    "reactive_var": "ac_present_reactive_power",
}
"""Fields of `EvInfo` and the names that EVerest gives them."""
_EV_TEXTS: Final[Mapping[str, str]] = {
    "full_at": "estimated_time_full",
    "bulk_at": "estimated_time_bulk",
    "departs_at": "departure_time",
    "evcc_id": "evcc_id",
}


def _ev_info(value: Json) -> EvInfo:
    numbers: dict[str, Any] = {name: number(part(value, key)) for name, key in _EV_NUMBERS.items()}
    texts: dict[str, Any] = {name: text(part(value, key)) for name, key in _EV_TEXTS.items()}
    return EvInfo(**numbers, **texts)


def _telemetry(value: Json) -> Telemetry:
    old_c = number(part(value, "temperature"))
    return Telemetry(
        relays_on=flag(part(value, "relais_on")),
        temperature_c=number(part(value, "evse_temperature_C")) if old_c is None else old_c,
        plug_temperature_c=number(part(value, "plug_temperature_C")),
        fan_rpm=number(part(value, "fan_rpm")),
        rcd_current=number(part(value, "rcd_current")),
        supply_12v_v=number(part(value, "supply_voltage_12V")),
        supply_minus_12v_v=number(part(value, "supply_voltage_minus_12V")),
    )


def _hardware(value: Json) -> HardwareCapabilities:
    return HardwareCapabilities(
        max_import_a=number(part(value, "max_current_A_import")),
        min_import_a=number(part(value, "min_current_A_import")),
        max_phases=whole(part(value, "max_phase_count_import")),
        min_phases=whole(part(value, "min_phase_count_import")),
        max_export_a=number(part(value, "max_current_A_export")),
        min_export_a=number(part(value, "min_current_A_export")),
        max_export_phases=whole(part(value, "max_phase_count_export")),
        min_export_phases=whole(part(value, "min_phase_count_export")),
        switches_phases=flag(part(value, "supports_changing_phases_during_charging")),
        connector=text(part(value, "connector_type")),
        max_plug_c=number(part(value, "max_plug_temperature_C")),
        tells_state_e=flag(part(value, "supports_cp_state_E")),
    )


def _certificate_request(value: Json) -> CertificateRequest:
    return CertificateRequest(
        exi_request=text(part(value, "exiRequest"), _LONGEST_EXI)
        or text(part(value, "exi_request"), _LONGEST_EXI)
        or "",
        schema_version=text(part(value, "iso15118SchemaVersion"))
        or text(part(value, "iso15118_schema_version"))
        or "",
        action=text(part(value, "certificateAction")) or text(part(value, "certificate_action")) or "",
    )


def _session_info(value: Json) -> SessionInfo:
    state = text(part(value, "state"))
    if state is None:
        raise DeviceNonsense("session_info: state is missing")
    return SessionInfo(
        state=word(state),
        charged_wh=number(part(value, "charged_energy_wh")),
        power_w=number(part(value, "latest_total_w")),
        fault=part(value, "permanent_fault") is True,
        at=text(part(value, "timestamp")) or text(part(value, "datetime")),
    )


def _capabilities(value: Json) -> NodeCapabilities:
    return NodeCapabilities(
        max_current_a=number(part(value, "max_current_A")),
        max_phases=whole(part(value, "max_phase_count")),
    )


_READ: Final[Mapping[str, Callable[[Json], Variable]]] = {
    "limits": _limits,
    "enforced_limits": _enforced_limits,
    "session_event": _session_event,
    "powermeter": _powermeter,
    "ev_info": _ev_info,
    "telemetry": _telemetry,
    "hw_capabilities": _hardware,
    "hardware_capabilities": _hardware,
    "iso15118_certificate_request": _certificate_request,
    "session_info": _session_info,
    "capabilities": _capabilities,
}

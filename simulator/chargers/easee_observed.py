"""What a simulated Easee charger observes of itself, by id, in the types of the wire."""

from typing import Final

from simulator.chargers.easee_device import EaseeDevice

Value = bool | int | float | str

_VOLTAGE_V: Final = 230.0
_LINE_VOLTAGE_V: Final = 400.0

HEARTBEAT: Final = (150, 194, 195, 196)
"""What an idle charger repeats every 15 minutes: temperature and voltages."""

DEAD_BANDS: Final = {120: 0.05, 121: 0.01, 122: 0.01, 124: 0.5, 183: 0.1, 184: 0.1, 185: 0.1}
"""Smaller changes of these are not told."""


def observed(device: EaseeDevice) -> dict[int, Value]:
    """Tell everything."""
    device.count()
    return {**_settings(device), **_circuit(device), **_measured(device), **_state(device)}


def _settings(device: EaseeDevice) -> dict[int, Value]:
    return {
        21: device.grid_type,
        30: device.locked,
        31: device.enabled,
        42: device.authorization_required,
        47: device.max_a,
        48: device.dynamic_a,
        80: device.release,
        102: device.smart,
        104: device.cable_a * 1000.0,
        107: f"BP-{device.serial}",
        137: f"BP-{device.serial}" if device.is_master else "BP-MASTER",
        146: 1 if device.is_master else 3,
    }


def _circuit(device: EaseeDevice) -> dict[int, Value]:
    if not device.is_master:
        return {}
    circuit = device.circuit
    circuit.age()
    told: dict[int, Value] = {78: circuit.queue()}
    for first, values in ((22, circuit.max_a), (50, circuit.fallback_a), (111, circuit.dynamic_a)):
        told |= {first + index: value for index, value in enumerate(values)}
    if circuit.equalizer_a is not None:
        told |= {230 + index: value for index, value in enumerate(circuit.equalizer_a)}
    return {id_: int(value) if id_ in (50, 51, 52) else value for id_, value in told.items()}


def _state(device: EaseeDevice) -> dict[int, Value]:
    started = "" if device.started_at is None else device.started_at.isoformat()
    pilot = "A" if device.car is None else "C" if max(device.currents_a) > 0 else "B"
    return {
        89: device.reboots,
        96: device.reason,
        100: pilot,
        109: device.mode,
        110: 30 if max(device.currents_a) > 0 else 0,
        114: device.offered_a,
        119: device.error,
        118: "Overcurrent" if device.error else "",
        223: f'{{"Id": {device.session_number}, "Start": "{started}"}}',
        250: True,
    }


def _measured(device: EaseeDevice) -> dict[int, Value]:
    one, two, three = device.currents_a
    return {
        120: device.power_w / 1000.0,
        121: device.session_wh / 1000.0,
        124: float(int(device.lifetime_wh / 1000.0)),
        150: 31.5,
        182: max(device.currents_a) - min(device.currents_a),
        183: one,
        184: two,
        185: three,
        **dict.fromkeys((194, 195, 196), _VOLTAGE_V),
        **dict.fromkeys((197, 198, 199), _LINE_VOLTAGE_V),
    }

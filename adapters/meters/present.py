"""Presents a reading's numbers to a person."""

from collections.abc import Mapping

from controller.domain.readings import MeterReading


def present_values(reading: MeterReading) -> Mapping[str, float | None]:
    """Name every number of a reading, for a person to compare with the display."""
    per_phase = {
        "current_{}_a": reading.currents_a,
        "power_{}_w": reading.powers_w,
        "voltage_{}_v": reading.voltages_v,
    }
    values = {
        name.format(f"l{index}"): value
        for name, phases in per_phase.items()
        for index, value in enumerate(phases, 1)
    }
    return {
        **values,
        "power_w": reading.power_w,
        "import_wh": reading.import_wh,
        "export_wh": reading.export_wh,
    }

"""Probing: every device is asked once who it is, all at the same time, and none for long."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from controller.app.equipment import Equipment
from controller.errors import CredentialsError, DeviceError
from controller.ports import Charger, Meter, Probe, Vehicle

# Longer than any device needs for the few questions of a probe; a meter over MQTT may speak seldom.
PATIENCE_S = 15.0

_Device = Meter | Charger | Vehicle


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What asking one device led to."""

    device: str
    """`meter grid`, `charger garage`, `vehicle blue`."""
    charger: str = ""
    """Where a vehicle stands."""
    probe: Probe | None = None
    trouble: str = ""

    @property
    def well(self) -> bool:
        """Whether it answered."""
        return self.probe is not None

    def document(self) -> dict[str, Any]:
        """Tell it as plain values."""
        kind, _, name = self.device.partition(" ")
        known = {"device": kind, "id": name, "well": self.well} | (
            {"charger": self.charger} if self.charger else {}
        )
        if self.probe is None:
            return {**known, "trouble": self.trouble}
        return {
            **known,
            "found": self.probe.found,
            "version": self.probe.version,
            "control_path": self.probe.control_path,
            "without_us": self.probe.without_us,
            "warnings": list(self.probe.warnings),
            "values": dict(self.probe.values),
        }

    def lines(self) -> Iterator[str]:
        """Tell it to people."""
        probe, name = self.probe, f"{self.device} at {self.charger}" if self.charger else self.device
        if probe is None:
            yield f"{name}: not well: {self.trouble}"
            return
        version = f", version {probe.version}" if probe.version else ""
        yield f"{name}: {probe.found}{version}"
        if probe.control_path:
            yield f"  controlled by  {probe.control_path}"
        if probe.without_us:
            yield f"  without us     {probe.without_us}"
        values = [f"{name} {_shown(value)}" for name, value in probe.values.items() if value is not None]
        if values:
            yield f"  reads          {', '.join(values)}"
        yield from (f"  warning        {warning}" for warning in probe.warnings)


async def probe_all(equipment: Equipment) -> tuple[Finding, ...]:
    """Ask every device of a configuration at the same time."""
    mqtt = equipment.mqtt
    devices: list[tuple[str, _Device]] = [
        *((f"meter {meter.id}", meter) for meter in equipment.meters),
        *((f"charger {charger.id}", charger) for charger in equipment.chargers),
        *((f"vehicle {vehicle.id}", vehicle) for vehicle in equipment.vehicles),
    ]
    async with asyncio.TaskGroup() as beside:
        talking = None if mqtt is None else beside.create_task(mqtt.run())
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(_asked(name, device)) for name, device in devices]
        if talking is not None:
            talking.cancel()
    return tuple(task.result() for task in asked)


async def _asked(name: str, device: _Device) -> Finding:
    finding = Finding(device=name, charger=getattr(device, "charger", ""))
    try:
        async with asyncio.timeout(PATIENCE_S):
            return replace(finding, probe=await device.probe())
    except TimeoutError:
        return replace(finding, trouble=f"no answer for {PATIENCE_S:g} s")
    except (DeviceError, CredentialsError) as error:
        return replace(finding, trouble=str(error))


def _shown(value: float | str | None) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)

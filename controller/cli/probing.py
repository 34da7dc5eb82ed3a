"""Probing: every device is asked once who it is, all at the same time, and none for long."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from controller.app.equipment import Equipment
from controller.errors import CredentialsError, DeviceError
from controller.ports import Charger, Meter, Probe

# Longer than any device needs for the few questions of a probe; a meter over MQTT may speak seldom.
PATIENCE_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What asking one device led to."""

    device: str
    """`meter grid`, `charger garage`."""
    probe: Probe | None = None
    trouble: str = ""

    @property
    def well(self) -> bool:
        """Whether it answered."""
        return self.probe is not None

    def document(self) -> dict[str, Any]:
        """Tell it as plain values."""
        kind, _, name = self.device.partition(" ")
        if self.probe is None:
            return {"device": kind, "id": name, "well": False, "trouble": self.trouble}
        return {
            "device": kind,
            "id": name,
            "well": True,
            "found": self.probe.found,
            "version": self.probe.version,
            "control_path": self.probe.control_path,
            "without_us": self.probe.without_us,
            "warnings": list(self.probe.warnings),
            "values": dict(self.probe.values),
        }

    def lines(self) -> Iterator[str]:
        """Tell it to people."""
        probe = self.probe
        if probe is None:
            yield f"{self.device}: not well: {self.trouble}"
            return
        version = f", version {probe.version}" if probe.version else ""
        yield f"{self.device}: {probe.found}{version}"
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
    devices: list[tuple[str, Meter | Charger]] = [
        *((f"meter {meter.id}", meter) for meter in equipment.meters),
        *((f"charger {charger.id}", charger) for charger in equipment.chargers),
    ]
    async with asyncio.TaskGroup() as beside:
        talking = None if mqtt is None else beside.create_task(mqtt.run())
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(_asked(name, device)) for name, device in devices]
        if talking is not None:
            talking.cancel()
    return tuple(task.result() for task in asked)


async def _asked(name: str, device: Meter | Charger) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return Finding(device=name, probe=await device.probe())
    except TimeoutError:
        return Finding(device=name, trouble=f"no answer for {PATIENCE_S:g} s")
    except (DeviceError, CredentialsError) as error:
        return Finding(device=name, trouble=str(error))


def _shown(value: float | str | None) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)

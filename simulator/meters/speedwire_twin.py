"""Speedwire twin: sends the telegrams of an SMA energy meter."""

import socket
import struct
from dataclasses import dataclass
from typing import Self

from controller.domain.units import MaybePhases
from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.meters.quantities import Quantities

_GROUP = "239.12.255.254"
_LOOPBACK = "127.0.0.1"
_HEAD = struct.Struct(">4s HHI HH HHI I")
_ENERGY_METER = 0x6069
_SUSY_ID = 349
_SOFTWARE_VERSION = struct.pack(">HBBI", 0x9000, 0, 0, 0x0203_0452)
_ACTUAL, _COUNTER = struct.Struct(">HBBI"), struct.Struct(">HBBQ")


@dataclass(slots=True, kw_only=True)
class SpeedwireFaults:
    """What goes wrong; change it at any time."""

    silent: bool = False
    frozen: bool = False
    cut_at: int | None = None
    """Sends only so many bytes of each telegram."""


class SpeedwireTwin:
    """Sends a telegram at each `beat`, or every second while `run` runs; by default to one host."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 9522,
        serial: int = 1900012345,
        clock: Clock | None = None,
    ) -> None:
        self.host, self.port, self.serial = host, port, serial
        self.faults = SpeedwireFaults()
        self._clock = clock or SystemClock()
        self._quantities = Quantities()
        self._socket: socket.socket | None = None

    @classmethod
    def multicast(cls, *, port: int = 9522, serial: int = 1900012345, clock: Clock | None = None) -> Self:
        """Send to the group that real meters send to."""
        return cls(host=_GROUP, port=port, serial=serial, clock=clock)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Get a socket."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # A simulated house stays on this machine.
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(_LOOPBACK))

    async def stop(self) -> None:
        """Fall silent."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def restart(self) -> None:
        """Fall silent and come back."""
        await self.stop()
        await self.start()

    def set_reading(
        self,
        currents_a: MaybePhases,
        *,
        voltages_v: MaybePhases = (230.0, 230.0, 230.0),
        powers_w: MaybePhases | None = None,
        import_wh: float | None = 0.0,
        export_wh: float | None = 0.0,
    ) -> None:
        """Tell what flows now, positive into the site."""
        if not self.faults.frozen:
            self._quantities = Quantities(
                currents_a=currents_a,
                voltages_v=voltages_v,
                powers_w=powers_w,
                import_wh=import_wh,
                export_wh=export_wh,
            )

    def set_quantities(self, quantities: Quantities) -> None:
        """Tell everything that flows now; a frozen meter does not notice."""
        if not self.faults.frozen:
            self._quantities = quantities

    def beat(self) -> None:
        """Send one telegram."""
        if self._socket is not None and not self.faults.silent:
            telegram = encode_telegram(self.serial, self._quantities, ticks=int(self._clock.mono_s() * 1000))
            self._socket.sendto(telegram[: self.faults.cut_at], (self.host, self.port))

    async def run(self, period_s: float = 1.0) -> None:
        """Send at a rhythm until cancelled."""
        while True:
            self.beat()
            await self._clock.sleep(period_s)


def encode_telegram(serial: int, quantities: Quantities, ticks: int = 0) -> bytes:
    """Write a telegram as the meter does: whole phases, import and export apart, currents without sign."""
    records = b"".join(
        (
            _pair(1, quantities.total_w()),
            _COUNTER.pack(1, 8, 0, round((quantities.import_wh or 0) * 3600)),
            _COUNTER.pack(2, 8, 0, round((quantities.export_wh or 0) * 3600)),
            _ACTUAL.pack(14, 4, 0, round((quantities.frequency_hz or 0) * 1000)),
            *(_phase(first, index, quantities) for index, first in enumerate((21, 41, 61))),
            _SOFTWARE_VERSION,
        )
    )
    length = 12 + len(records)
    head = _HEAD.pack(
        b"SMA\0", 4, 0x02A0, 1, length, 0x0010, _ENERGY_METER, _SUSY_ID, serial, ticks & 0xFFFF_FFFF
    )
    return head + records + bytes(4)


def _phase(first: int, index: int, quantities: Quantities) -> bytes:
    current_a, voltage_v = quantities.currents_a[index] or 0.0, quantities.voltages_v[index] or 0.0
    return (
        _pair(first, quantities.phase_power_w(index))
        + _ACTUAL.pack(first + 10, 4, 0, round(abs(current_a) * 1000))
        + _ACTUAL.pack(first + 11, 4, 0, round(voltage_v * 1000))
    )


def _pair(channel: int, power_w: float | None) -> bytes:
    power_w = power_w or 0.0
    return _ACTUAL.pack(channel, 4, 0, round(max(power_w, 0.0) * 10)) + _ACTUAL.pack(
        channel + 1, 4, 0, round(max(-power_w, 0.0) * 10)
    )

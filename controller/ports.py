"""Ports: what the shell needs from the world. Adapters implement them; fakes in tests do too."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from controller.domain.readings import ChargerState, MeterReading, PriceSlot
from controller.domain.site import Abilities
from controller.domain.units import ChargerId, CircuitId, MeterId, Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a device command."""

    name: str
    kind: type
    says: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of a device's interface, for `phasewise device`."""

    name: str
    says: str
    call: Callable[..., Awaitable[object]]
    """Takes the arguments by keyword, returns something JSON can hold."""
    arguments: tuple[Argument, ...] = ()
    dangerous: bool = False
    """Asks for `--yes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What `check --probe` found."""

    found: str
    """Maker, model, serial or the like."""
    version: str = ""
    control_path: str = ""
    without_us: str = ""
    """What it will do when it hears nothing."""
    warnings: tuple[str, ...] = ()
    values: Mapping[str, float | str | None] = field(default_factory=dict)


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Tell wall time, aware, UTC."""

    def mono_s(self) -> float:
        """Tell monotonic seconds, for ages and leases."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class Meter(Protocol):
    """Anything that tells currents and powers."""

    id: MeterId

    async def run(self, publish: Callable[[MeterReading], None]) -> None:
        """Publish every fresh sample until cancelled.

        Raises:
            DeviceUnreachable, DeviceNonsense: the supervisor says it once, waits, and runs it again.
        """

    async def probe(self) -> Probe:
        """Ask once who is there and what it reads now."""


class Charger(Protocol):
    """Anything that obeys a current limit."""

    id: ChargerId
    abilities: Abilities
    commands: Mapping[str, Command]

    async def run(self, publish: Callable[[ChargerState], None]) -> None:
        """Publish every fresh state until cancelled; errors as for a meter."""

    async def set_limit(self, limit_a: float, lease_s: float | None = None) -> None:
        """Write the limit and return once the device took it; read-back is published as soon as it is there.

        `limit_a` is 0 or within min..max, a multiple of the charger's step.

        Raises:
            DeviceRefused: certain that nothing changed.
            DeviceUnreachable: it may arrive yet.
            DeviceNonsense: answered, but not understood: it may have been taken.
        """

    async def probe(self) -> Probe:
        """Ask once who is there, which version, which control path, what it will do without us."""


class CircuitLimiter(Protocol):
    """A device that makes a whole circuit obey per-phase limits (P1, P2, P3, time to live)."""

    circuit: CircuitId

    async def run(self, publish: Callable[[float, Phases], None]) -> None:
        """Publish (instant, per-phase limits) read back, until cancelled."""

    async def set_limit(self, limit_a: Phases, lease_s: float | None) -> None:
        """Write the limits; errors as for a charger."""


class Tariff(Protocol):
    """A source of prices."""

    name: str

    async def prices(self, since: datetime, until: datetime) -> tuple[PriceSlot, ...]:
        """Fetch what is known of a span; fewer slots than asked is normal."""

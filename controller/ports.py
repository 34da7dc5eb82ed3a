"""Ports: what the shell needs from the world. Adapters implement them; fakes in tests do too."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from controller.domain.readings import (
    ChargerState,
    MeterReading,
    PersonRequest,
    PriceSlot,
    SiteCap,
    VehicleState,
)
from controller.domain.site import Abilities
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId, CircuitId, MeterId, Phases, VehicleId
from controller.domain.writes import Decision


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much a device's service was used this month, where somebody counts or bills that."""

    says: str
    """In one sentence."""
    calls: Mapping[str, int]
    """By kind of call."""
    cost: float | None = None
    """So far; `None`: nobody bills it, and so for the two below."""
    estimate: float | None = None
    """By the end of the month, if it goes on like that."""
    budget: float | None = None
    currency: str = ""


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

    async def set_limit(self, limit_a: float, lease_s: float | None = None) -> float:
        """Write the limit; return the monotonic instant at which the device said that it took it.

        A state that tells the limit and whose `at_mono_s` is not before that instant is its read-back; it is
        published as soon as it is there, before this returns where the device can be asked.

        `limit_a` is 0 or within min..max, a multiple of the charger's step.

        Raises:
            DeviceRefused: certain that nothing changed.
            DeviceUnreachable: it may arrive yet.
            DeviceNonsense: answered, but not understood: it may have been taken.
        """

    async def probe(self) -> Probe:
        """Ask once who is there, which version, which control path, what it will do without us."""


class Vehicle(Protocol):
    """A car that tells its state of charge, whatever it is plugged into."""

    id: VehicleId
    charger: ChargerId
    """Where it stands."""
    commands: Mapping[str, Command]

    async def run(self, publish: Callable[[VehicleState], None]) -> None:
        """Publish while it is plugged in there, until cancelled; errors as for a meter."""

    async def probe(self) -> Probe:
        """Ask once who is there, without waking anybody."""


@runtime_checkable
class TellsUsage(Protocol):
    """A device whose service counts or bills calls."""

    def usage(self) -> Usage:
        """Tell how much it was used this month."""


@runtime_checkable
class TellsVehicle(Protocol):
    """A charger that is a car, or that is told of the car at its cable."""

    on_vehicle: Callable[[VehicleState], None]
    """Set by whoever wants to hear of the car."""


class CircuitLimiter(Protocol):
    """A device that makes a whole circuit obey per-phase limits (P1, P2, P3, time to live)."""

    circuit: CircuitId

    async def run(self, publish: Callable[[float, Phases], None]) -> None:
        """Publish (instant, per-phase limits) read back, until cancelled."""

    async def set_limit(self, limit_a: Phases, lease_s: float | None) -> float:
        """Write the limits; result and errors as for a charger."""


class Tariff(Protocol):
    """A source of prices."""

    name: str

    async def prices(self, since: datetime, until: datetime) -> tuple[PriceSlot, ...]:
        """Fetch what is known of a span; fewer slots than asked is normal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPromise:
    """What a charger may believe it is allowed to draw, as the journal keeps it over a restart."""

    charger: ChargerId
    circuit: CircuitId
    phases: tuple[int, ...]
    promise_a: float
    silent_a: float | None = None
    """What it may come to draw once it hears nothing for long, where that is more."""
    lapses_mono_s: float | None = None
    """From when on a time to live may end, by the monotonic clock that showed `mono_s` at instant `at`."""
    at: datetime
    mono_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedLimiter:
    """What a circuit's limiter may believe it is allowed to let through, as the journal keeps it."""

    circuit: CircuitId
    promise_a: Phases
    lapses_mono_s: float | None = None
    """As a charger's."""
    at: datetime
    mono_s: float | None = None


Recorded = RecordedPromise | RecordedLimiter


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPrices:
    """Prices of one source and when they were fetched; `None` when there are none."""

    slots: tuple[PriceSlot, ...] = ()
    fetched: datetime | None = None


class Journal(Protocol):
    """What is written down. Only `record_promises` and the loads wait; nothing else ever does.

    A database that is full, locked or away shows as `recording` being false and in what the loads raise;
    everything else that it cannot take is kept for a while, then dropped and counted.
    """

    @property
    def recording(self) -> bool:
        """Whether promises can be written down: false from a failed try until one succeeds."""

    async def record_promises(self, promises: Sequence[Recorded]) -> None:
        """Return once these promises are on the disk, to be kept over a power cut.

        Raises:
            RecordError: they are not, as far as anybody knows. They are tried again in the background.
        """

    def record_policies(self, document: Mapping[str, Any]) -> None:
        """Note the policies that the ticks from here on are decided under, so that replay finds them."""

    def record_tick(self, snapshot: Snapshot, decision: Decision) -> None:
        """Note a tick: its decision if it is news, readings, sessions, writes, answers, lower promises."""

    def record_prices(self, source: str, slots: Sequence[PriceSlot], fetched: datetime) -> None:
        """Note prices of a source; a slot that starts at the same instant is replaced."""

    def record_event(self, kind: str, subject: str, detail: str = "") -> None:
        """Note that something happened: a device lost or back, a reload refused."""

    def keep_request(self, charger: ChargerId, request: PersonRequest | None) -> None:
        """Remember what a person asked for a charger over a restart; `None` forgets it."""

    def keep_cap(self, cap: SiteCap | None) -> None:
        """Remember the grid operator's cap over a restart; `None` forgets it."""

    def keep_out_of_service(self, chargers: frozenset[ChargerId]) -> None:
        """Remember which chargers a person declared to be switched off."""

    def keep_parameter(self, name: str, value: float | None) -> None:
        """Remember a tuned policy parameter (`mode/policy/parameter`); `None` forgets it."""

    async def load_promises(self) -> tuple[RecordedPromise, ...]:
        """Tell the promises of the time before the restart.

        Raises:
            RecordError: the database does not answer; so do the other loads.
        """

    async def load_limiters(self) -> tuple[RecordedLimiter, ...]:
        """Tell the promises of circuits' limiters of the time before the restart."""

    async def load_requests(self) -> Mapping[ChargerId, PersonRequest]:
        """Tell what persons asked and has not expired by wall time."""

    async def load_cap(self) -> SiteCap | None:
        """Tell the grid operator's cap, unless it has expired."""

    async def load_out_of_service(self) -> frozenset[ChargerId]:
        """Tell the chargers that persons declared to be switched off."""

    async def load_parameters(self) -> Mapping[str, float]:
        """Tell the tuned policy parameters by `mode/policy/parameter`."""

    async def load_prices(self, source: str) -> KnownPrices:
        """Tell a source's prices from now on, with their age."""

    async def prune(self) -> None:
        """Thin readings by age and delete what is older than its retention.

        Raises:
            RecordError: it could not; nothing is lost by that.
        """

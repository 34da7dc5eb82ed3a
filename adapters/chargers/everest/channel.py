"""Channel: the three ways to reach an EVSE: internal messages, the module API, the EVerest API v1."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from adapters.chargers.everest.calls import Calls, Line
from adapters.chargers.everest.dialect import ERAS, Interface
from adapters.chargers.everest.evse_manager import EvseManager
from adapters.chargers.everest.limits import Lapse, Writer
from adapters.chargers.everest.settings import EverestSettings
from adapters.chargers.everest.values import part, text
from adapters.wire.everest import Envelopes, Json, Kind, Place, Spoken, Wire, packed, unpacked
from adapters.wire.mqtt import Broker
from adapters.wire.mqtt_messages import Message, matches
from controller.errors import DeviceNonsense

_PLAIN_TEXTS: Final = frozenset({"datetime", "logging_path", "selected_protocol"})
"""What the module API publishes as it is, not as JSON."""
KEEPALIVE_S: Final = 5
"""A broker that hangs is given up after twice that, and what it has not read with it: no later than a write
that was given up may arrive (`delivery_s` of the charger)."""
_ASKED_FOR: Final = (*("session_info", "session_event", "evse_id", "hw_capabilities", "ac_pp_ampacity"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A limit to be written."""

    limit_a: float
    now: datetime
    lapse: Lapse | None
    phases: int | None


class Channel(Protocol):
    """How one EVSE is heard and limited."""

    filters: tuple[str, ...]
    """What to listen to."""
    life_sign: str
    """The variable that tells what is enforced, every second."""
    path: str
    """What sets the limit, for people."""
    answers: bool
    """Whether EVerest says that it stored a limit."""

    def opened(self, message: Message) -> Spoken | None:
        """Take a message out of its envelope; `None`: not for us.

        Raises:
            DeviceNonsense: it makes no sense.
        """

    async def write(self, wanted: Wanted) -> float:
        """Write a limit; tell when EVerest said that it stored it, or when the broker handed it out."""

    def heartbeats(self) -> Iterator[tuple[str, bytes]]:
        """Tell what has to be published again and again while we are there."""

    def questions(self) -> Iterator[tuple[str, bytes]]:
        """Tell what asks for that which is said on change alone; the answers are heard like all else."""


class Internal:
    """EVerest's internal messages."""

    life_sign, answers = "enforced_limits", True

    def __init__(self, settings: EverestSettings, line: Line) -> None:
        dialect = settings.dialect
        self._dialect = dialect
        self._envelopes = Envelopes(wire=dialect.wire, prefix=settings.prefix, origin=settings.origin)
        self._evse = Place(module=settings.evse, implementation=settings.evse_implementation)
        self._limited = self._evse
        if settings.node is not None and dialect.limits_at_node:
            self._limited = Place(module=settings.node, implementation=settings.node_implementation)
        self._writer = Writer(dialect=dialect, source=settings.origin)
        self.manager = EvseManager(
            calls=Calls(line, self._envelopes), place=self._evse, version=dialect.version
        )
        self._api = f"{settings.api}/{settings.evse}/var/"
        where = f"{self._limited.module}/{self._limited.implementation}"
        self.path = f"set_external_limits at {where}, wire {dialect.wire}"
        others = [replace(self._envelopes, wire=wire) for wire in Wire if wire is not dialect.wire]
        self._strange = {other.wire: other.variables(self._evse) for other in others}
        """Where it would be heard if its release were another."""
        self.filters: tuple[str, ...] = tuple(dict.fromkeys(self._filters()))

    def opened(self, message: Message) -> Spoken | None:
        """Take a message out of its envelope."""
        self._check_wire(message)
        if message.topic.startswith(self._api):
            name = message.topic.removeprefix(self._api)
            return Spoken(kind=Kind.VARIABLE, name=name, value=unpacked(message.payload))
        spoken = self._envelopes.opened(message.topic, message.payload)
        at_node = message.topic.startswith(f"{self._envelopes.base(self._limited)}/")
        is_other = at_node and self._limited != self._evse and spoken.name != "capabilities"
        if spoken.kind is not Kind.VARIABLE:
            return spoken
        if spoken.name == "enforced_limits":
            self._check_release(spoken)
        return None if is_other else spoken

    def _check_wire(self, message: Message) -> None:
        """Refuse what another generation says.

        Raises:
            DeviceNonsense: it speaks otherwise than the configured version.
        """
        for wire, wanted in self._strange.items():
            if matches(wanted, message.topic):
                raise DeviceNonsense(
                    f"EVerest speaks {wire}, as releases {ERAS[wire]} do: another version than was configured"
                )

    def _check_release(self, spoken: Spoken) -> None:
        """Refuse what another release says: our limits would end it.

        Raises:
            DeviceNonsense: its numbers are written otherwise.
        """
        limit = part(spoken.value, "limits_root_side", "ac_max_current_A")
        if limit is not None and isinstance(limit, dict) is not self._dialect.sourced:
            what = "name no source, as up to 2025.2" if self._dialect.sourced else "name their source"
            raise DeviceNonsense(f"EVerest's numbers {what}: another version than was configured")

    async def write(self, wanted: Wanted) -> float:
        """Call `set_external_limits`."""
        limits = self._writer.external_limits(wanted.limit_a, wanted.now, wanted.lapse, wanted.phases)
        return (await self.manager.set_external_limits(limits, self._limited)).at_mono_s

    def heartbeats(self) -> Iterator[tuple[str, bytes]]:
        """Tell nothing: nobody watches us."""
        return iter(())

    def questions(self) -> Iterator[tuple[str, bytes]]:
        """Tell nothing: nothing can be asked for."""
        return iter(())

    def _filters(self) -> Iterator[str]:
        yield self._envelopes.variables(self._evse)
        yield self._envelopes.variables(self._limited)
        yield self._envelopes.calls(self._limited, "set_external_limits")
        yield self._envelopes.errors(self._evse)
        yield from self._envelopes.ready(self._evse.module)
        yield f"{self._api}session_info"
        yield from self._strange.values()


class ModuleApi:
    """The module API; it answers nothing and takes a number alone."""

    life_sign, answers = "limits", False

    def __init__(self, settings: EverestSettings, line: Line) -> None:
        self._line = line
        self._base = f"{settings.api}/{settings.evse}"
        self.filters: tuple[str, ...] = (f"{self._base}/var/+",)
        self.path = f"{self._base}/cmd/set_limit_amps"

    def opened(self, message: Message) -> Spoken | None:
        """Take a variable; some are plain texts, and empty until they are known."""
        name = message.topic.rpartition("/")[2]
        if not message.payload:
            return None
        if name in _PLAIN_TEXTS:
            return Spoken(kind=Kind.VARIABLE, name=name, value=message.payload.decode(errors="replace"))
        value = unpacked(message.payload)
        return None if value is None else Spoken(kind=Kind.VARIABLE, name=name, value=value)

    async def write(self, wanted: Wanted) -> float:
        """Publish amperes, and phases where they are to be switched."""
        command, payload = "set_limit_amps", f"{wanted.limit_a:g}".encode()
        if wanted.phases is not None:
            command = "set_limit_amps_phases"
            payload = packed({"amps": wanted.limit_a, "phases": wanted.phases})
        return await self._line.tell(f"{self._base}/cmd/{command}", payload)

    async def tell(self, command: str, payload: bytes = b"true") -> None:
        """Publish a command that nobody answers."""
        await self._line.tell(f"{self._base}/cmd/{command}", payload)

    def heartbeats(self) -> Iterator[tuple[str, bytes]]:
        """Tell nothing: nobody watches us."""
        return iter(())

    def questions(self) -> Iterator[tuple[str, bytes]]:
        """Tell nothing: nothing can be asked for."""
        return iter(())


class ApiV1:
    """The EVerest API v1: one module for the EVSE, one for its EnergyNode."""

    life_sign, answers = "enforced_limits", False

    def __init__(self, settings: EverestSettings, line: Line) -> None:
        self.line = line
        self.evse = f"{settings.api}/1/evse_manager_consumer/{settings.evse}"
        self.node = f"{settings.api}/1/external_energy_limits_consumer/{settings.node}"
        self.reply = f"{settings.origin}/{settings.evse}/reply"
        self._latest = f"{settings.origin}/{settings.evse}/latest"
        self._latches = settings.dialect.latches
        self._writer = Writer(dialect=settings.dialect, source=settings.origin)
        self.path = f"{self.node}/m2e/set_external_limits"
        self.filters: tuple[str, ...] = (f"{self.evse}/e2m/+", f"{self.node}/e2m/+", self.path)
        if self._latches:
            self.filters += (f"{self._latest}/+",)

    def opened(self, message: Message) -> Spoken | None:
        """Take a variable, or somebody's limit; the heartbeats of both modules keep apart."""
        name = message.topic.rpartition("/")[2]
        if message.topic == self.path:
            return Spoken(kind=Kind.CALL, name=name, origin=_source(unpacked(message.payload)))
        if name == "heartbeat" and message.topic.startswith(f"{self.node}/"):
            name = "node_heartbeat"
        value = unpacked(message.payload)
        if message.topic.startswith(f"{self._latest}/"):
            value = _without_time(value)
            if value is None:
                return None  # Nothing was said yet.
        return Spoken(kind=Kind.VARIABLE, name=name, value=value)

    async def write(self, wanted: Wanted) -> float:
        """Publish the limits."""
        limits = self._writer.external_limits(wanted.limit_a, wanted.now, wanted.lapse, wanted.phases)
        return await self.line.tell(self.path, packed(limits))

    def heartbeats(self) -> Iterator[tuple[str, bytes]]:
        """Tell both modules that we are there, or they raise a CommunicationFault."""
        for base in (self.evse, self.node):
            yield f"{base}/m2e/communication_check", b"true"

    def questions(self) -> Iterator[tuple[str, bytes]]:
        """Ask for the latest of what an EVSE without a session does not repeat."""
        if not self._latches:
            return
        for base, names in ((self.evse, _ASKED_FOR), (self.node, ("capabilities",))):
            for name in names:
                yield f"{base}/m2e/{name}/get", packed({"headers": {"replyTo": f"{self._latest}/{name}"}})


def _without_time(value: Json) -> Json:
    """Leave out when it was said: some time ago, which is no sign of a clock that is off."""
    if not isinstance(value, dict):
        return value
    return {name: part for name, part in value.items() if name != "timestamp"}


def _source(limits: Json) -> str:
    """Tell in whose name a limit was published."""
    imports = part(limits, "schedule_import")
    first = imports[0] if isinstance(imports, list) and imports else None
    return text(part(first, "limits_to_leaves", "ac_max_current_A", "source")) or "somebody"


AnyChannel = Internal | ModuleApi | ApiV1


def channel_of(settings: EverestSettings, line: Line) -> AnyChannel:
    """Choose the channel that the settings name."""
    if settings.interface is Interface.API_V1:
        return ApiV1(settings, line)
    if settings.interface is Interface.API:
        return ModuleApi(settings, line)
    return Internal(settings, line)


def broker_of(settings: EverestSettings) -> Broker:
    """Tell where the broker is and who we are to it."""
    return Broker(
        host=settings.host,
        port=settings.port,
        username=settings.username,
        password=None if settings.password is None else settings.password.get_secret_value(),
        tls=settings.tls,
        ca_file=settings.ca_file,
        keepalive_s=KEEPALIVE_S,
    )

"""SMA energy meters (Energy Meter, Sunny Home Manager 2.0): they send their values unasked over UDP."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from ipaddress import IPv4Address
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from adapters.catalog import Surroundings
from adapters.meters.decode import Understanding, reading_of
from adapters.meters.map_file import SpeedwireMap, load_built_in
from adapters.meters.plausible import mismatch, most_current_a
from adapters.meters.present import present_values
from adapters.meters.speedwire_frame import Telegram, parse_telegram, values_of
from adapters.meters.speedwire_socket import Telegrams, listening
from adapters.meters.watch import Watch
from controller.domain.readings import MeterReading
from controller.domain.units import MeterId
from controller.errors import DeviceNonsense, DeviceUnreachable, SettingsError
from controller.ports import Clock, Probe

_LOG = logging.getLogger(__name__)

_MAP = "sma_em"


class SpeedwireSettings(BaseModel):
    """The keys of `kind = "sma_speedwire"`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    serial: Annotated[int, Field(ge=0, le=0xFFFF_FFFF)] | None = None
    """Serial number of the meter; without it the first one that is heard."""
    bind: IPv4Address = IPv4Address("0.0.0.0")  # noqa: S104 - multicast is only received there
    """Address to listen on."""
    interface: IPv4Address = IPv4Address("0.0.0.0")  # noqa: S104 - lets the system choose
    """Address of the network card that joins the group; by default the system's choice."""
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    """Default: 9522."""
    unicast: bool = False
    """The meter sends to this host alone: join no group."""
    timeout_s: Annotated[float, Field(ge=0.05, le=60)] = 5.0
    """How long it may be silent."""
    lag_s: Annotated[float, Field(ge=0, le=60)] = 0.0
    """How old its values already are when they arrive."""
    frozen_after_s: Annotated[float, Field(ge=0, le=3600)] = 30.0
    """Values that stay identical for longer on a loaded site count as a dead meter; 0 never."""
    max_current_a: Annotated[float, Field(gt=0, le=100_000)] | None = None
    """A larger current is nonsense; default: ten times the fuse of the metered circuit."""
    invert: bool = False
    """The meter is mounted the other way round: turn import into export."""


class SpeedwireMeter:
    """Implements the Meter port."""

    def __init__(
        self,
        *,
        settings: SpeedwireSettings,
        speedwire_map: SpeedwireMap,
        understanding: Understanding,
        clock: Clock,
    ) -> None:
        self.id = understanding.id
        self._settings, self._map, self._understanding = settings, speedwire_map, understanding
        self._clock = clock
        self._serial = settings.serial
        self._watch = Watch(settings.frozen_after_s)

    async def run(self, publish: Callable[[MeterReading], None]) -> None:
        """Publish every telegram of the meter; what others send or what is cut short is passed over.

        Raises:
            DeviceUnreachable, DeviceNonsense: as the port says.
        """
        async with self._listening() as telegrams:
            while True:
                reading, _ = await self._next(telegrams)
                publish(reading)

    async def probe(self) -> Probe:
        """Wait for one telegram and tell who sent it and what it says.

        Raises:
            DeviceUnreachable, DeviceNonsense: as the port says.
        """
        async with self._listening() as telegrams:
            reading, telegram = await self._next(telegrams)
        warnings = tuple(complaint for complaint in (mismatch(reading),) if complaint)
        found = f"{self._map.names[0]}, serial {telegram.serial}"
        return Probe(found=found, values=present_values(reading), warnings=warnings)

    def _listening(self) -> AbstractAsyncContextManager[Telegrams]:
        place = self._map.speedwire
        return listening(
            str(self._settings.bind),
            self._settings.port or place.port,
            None if self._settings.unicast else place.group,
            str(self._settings.interface),
            self._clock,
        )

    async def _next(self, telegrams: Telegrams) -> tuple[MeterReading, Telegram]:
        complaint = ""
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                while True:
                    at_mono_s, payload = await telegrams.next()
                    try:
                        if (telegram := self._ours(payload)) is not None:
                            return self._reading(telegram, at_mono_s), telegram
                    except DeviceNonsense as nonsense:
                        complaint = str(nonsense)
        except TimeoutError as error:
            if complaint:
                raise DeviceNonsense(complaint) from error
            whose = "any meter" if self._serial is None else f"meter {self._serial}"
            raise DeviceUnreachable(
                f"no Speedwire telegram of {whose} for {self._settings.timeout_s:g} s"
            ) from error

    def _ours(self, payload: bytes) -> Telegram | None:
        telegram = parse_telegram(payload, self._map.speedwire.protocol_id)
        if telegram is None:
            return None
        if self._serial is None:
            _LOG.info("meter %s: listening to Speedwire serial %d", self.id, telegram.serial)
            self._serial = telegram.serial
        return telegram if telegram.serial == self._serial else None

    def _reading(self, telegram: Telegram, at_mono_s: float) -> MeterReading:
        reading = reading_of(self._understanding, values_of(telegram, self._map.channels), at_mono_s)
        return self._watch.look(reading, tuple(sorted(telegram.actual.items())))


def build(id: str, settings: SpeedwireSettings, surroundings: Surroundings) -> SpeedwireMeter:  # noqa: A002 - the catalog's word
    """Build the meter that a configuration names."""
    speedwire_map = load_built_in(_MAP)
    if not isinstance(speedwire_map, SpeedwireMap):
        raise SettingsError(f"meter {id}", "map", _MAP, "expected a Speedwire map")
    understanding = Understanding(
        id=MeterId(id),
        invert=settings.invert,
        most_a=settings.max_current_a or most_current_a(surroundings.site, id),
        lag_s=settings.lag_s,
    )
    return SpeedwireMeter(
        settings=settings,
        speedwire_map=speedwire_map,
        understanding=understanding,
        clock=surroundings.clock,
    )

"""Settings of a Modbus meter, and what its map fills in."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from adapters.meters.map_file import ModbusMap, SunspecMap, load_built_in, load_map
from adapters.meters.map_tables import Parity, SerialDefaults, Transport
from adapters.wire.host import Host
from adapters.wire.modbus import Endpoint, Manners, SerialEndpoint, TcpEndpoint
from controller.errors import SettingsError

_MODBUS_PORT = 502

_Unit = Annotated[int, Field(ge=0, le=255)]


class ModbusMeterSettings(BaseModel):
    """The keys of `kind = "modbus"`; what is not given comes from the map."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    map: str | None = None
    """A built-in register map, for example `eastron_sdm630`."""
    map_file: Path | None = None
    """A register map of your own, instead of `map`."""
    transport: Transport = "tcp"
    """`tcp`, `rtu_over_tcp` for gateways that pass serial frames through, or `rtu` for a serial line."""
    host: Host | None = None
    """Name or address of the meter or gateway."""
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    device: str | None = None
    """The serial line, for example `/dev/ttyUSB0`."""
    baudrate: Annotated[int, Field(ge=300, le=921_600)] | None = None
    parity: Parity | None = None
    stopbits: Literal[1, 2] | None = None
    unit_id: _Unit | None = None
    """Address of the meter on its bus."""
    address_offset: Annotated[int, Field(ge=-1_000, le=10_000)] = 0
    """Moves every address of the map: a second meter behind the same device."""
    period_s: Annotated[float, Field(ge=0.05, le=60)] = 1.0
    """How often it is read."""
    lag_s: Annotated[float, Field(ge=0, le=60)] = 0.0
    """How old its values already are when they are read."""
    timeout_s: Annotated[float, Field(ge=0.02, le=10)] = 1.0
    """How long to wait for an answer."""
    counters_period_s: Annotated[float, Field(ge=1, le=3600)] = 60.0
    """How often the energy counters are read."""
    frozen_after_s: Annotated[float, Field(ge=0, le=3600)] = 30.0
    """Values that stay identical for longer on a loaded site count as a dead meter; 0 never."""
    max_current_a: Annotated[float, Field(gt=0, le=100_000)] | None = None
    """A larger current is nonsense; default: ten times the fuse of the metered circuit."""
    invert: bool = False
    """The meter is mounted the other way round: turn import into export."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.map is None) == (self.map_file is None):
            raise ValueError("expected either map or map_file")
        if self.transport == "rtu" and self.device is None:
            raise ValueError('transport "rtu" needs device, for example "/dev/ttyUSB0"')
        if self.transport != "rtu" and self.host is None:
            raise ValueError(f'transport "{self.transport}" needs host')
        return self

    @property
    def map_name(self) -> str:
        """What to call the map."""
        return str(self.map or self.map_file)


def load_meter_map(settings: ModbusMeterSettings, meter: str) -> ModbusMap | SunspecMap:
    """Load the map that the settings name.

    Raises:
        SettingsError: there is none, it is wrong, or it is not of a Modbus meter.
    """
    found = load_built_in(settings.map) if settings.map else load_map(Path(settings.map_name))
    if not isinstance(found, ModbusMap | SunspecMap):
        raise SettingsError(
            f"meter {meter}", "map", settings.map_name, f'is a map for kind = "{found.kind}", not "modbus"'
        )
    return found


def endpoint_of(settings: ModbusMeterSettings, meter_map: ModbusMap | SunspecMap, meter: str) -> Endpoint:
    """Tell where the meter is, with the defaults of its map.

    Raises:
        SettingsError: a serial setting that the map does not know either.
    """
    if settings.transport == "rtu":
        return SerialEndpoint(
            device=str(settings.device),
            baudrate=_required("baudrate", settings, meter_map, meter),
            parity=_required("parity", settings, meter_map, meter),
            stopbits=_required("stopbits", settings, meter_map, meter),
        )
    return TcpEndpoint(
        host=str(settings.host),
        port=settings.port or meter_map.defaults.port or _MODBUS_PORT,
        rtu_framed=settings.transport == "rtu_over_tcp",
    )


def unit_of(settings: ModbusMeterSettings, meter_map: ModbusMap | SunspecMap, meter: str) -> int:
    """Tell the meter's address on its bus.

    Raises:
        SettingsError: neither the settings nor the map know it.
    """
    unit_id: int = _required("unit_id", settings, meter_map, meter)
    return unit_id


def manners_of(settings: ModbusMeterSettings, meter_map: ModbusMap | SunspecMap) -> Manners:
    """Tell how the meter wants to be spoken to."""
    return Manners(
        timeout_s=settings.timeout_s,
        gap_s=meter_map.min_gap_ms / 1000,
        after_connect_s=meter_map.wait_after_connect_s,
    )


def _required(key: str, settings: ModbusMeterSettings, meter_map: ModbusMap | SunspecMap, meter: str) -> Any:  # noqa: ANN401 - as the key says
    defaults: SerialDefaults = meter_map.defaults
    serial = meter_map.defaults.rtu or SerialDefaults()
    candidates = [getattr(settings, key), getattr(defaults, key)]
    if settings.transport != "tcp":
        candidates.insert(1, getattr(serial, key))
    for candidate in candidates:
        if candidate is not None:
            return candidate
    raise SettingsError(
        f"meter {meter}",
        key,
        None,
        f"missing: the map {settings.map_name} knows no default, read it on the meter",
    )

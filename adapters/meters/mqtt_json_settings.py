"""Settings of a meter that speaks JSON, or bare numbers, over MQTT."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from adapters.meters.mqtt_join import Path, Source

Topic = Annotated[
    str,
    Field(
        min_length=1,
        pattern=r"^[^#+\x00]+$",
        json_schema_extra={"expects": "a topic of its own, without + and #"},
    ),
]

PathText = Annotated[str, Field(min_length=1)] | tuple[str | int, ...]
"""`SML.Power_curr`, `phases.0.power`; a list where a key has a dot in it: `["1-0:1.7.0", "value"]`."""

_STRICT = ConfigDict(
    extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
)


class ValuePlace(BaseModel):
    """Where one value is found, and how it becomes what its name says."""

    model_config = _STRICT

    topic: Topic | None = None
    """Default: the meter's own `topic`."""
    path: PathText = ()
    """The way to the value in a JSON document; left out where the payload is the number alone."""
    scale: float = 1.0
    """Multiplied in: 1000 for kW or kWh; negative where the device counts export as positive."""
    minus_topic: Topic | None = None
    """Where export is told apart from import: its topic."""
    minus_path: PathText = ()
    """Where export is told apart from import: its path. It is subtracted, with the same scale."""


class MeterValues(BaseModel):
    """Every value that a meter may tell, and where each is."""

    model_config = _STRICT

    current_l1_a: ValuePlace | None = None
    """Current on L1."""
    current_l2_a: ValuePlace | None = None
    """Current on L2."""
    current_l3_a: ValuePlace | None = None
    """Current on L3."""
    power_l1_w: ValuePlace | None = None
    """Power on L1."""
    power_l2_w: ValuePlace | None = None
    """Power on L2."""
    power_l3_w: ValuePlace | None = None
    """Power on L3."""
    power_w: ValuePlace | None = None
    """Power of all phases."""
    voltage_l1_v: ValuePlace | None = None
    """Voltage on L1."""
    voltage_l2_v: ValuePlace | None = None
    """Voltage on L2."""
    voltage_l3_v: ValuePlace | None = None
    """Voltage on L3."""
    import_wh: ValuePlace | None = None
    """Energy that came in."""
    export_wh: ValuePlace | None = None
    """Energy that went out."""
    soc_pct: ValuePlace | None = None
    """State of charge of a battery."""

    @property
    def places(self) -> dict[str, ValuePlace]:
        """The values that this device tells, by name."""
        told = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: place for name, place in told if place is not None}


class MqttJsonSettings(BaseModel):
    """A meter that publishes JSON, or bare numbers, over MQTT: P1, HAN, ESPHome, Tasmota and others."""

    model_config = _STRICT

    topic: Topic | None = None
    """The topic of every value that names none."""
    values: MeterValues
    """Each value that the device tells, by name."""
    currents_from_power: bool = False
    """Work out a current that is not told as power over voltage; blind to reactive current."""
    nominal_v: Annotated[float, Field(ge=100, le=300)] = 230.0
    """The voltage for that, while none is told."""
    align_s: Annotated[float, Field(gt=0, le=60)] = 2.0
    """Values that arrive further apart than this do not belong to one sample."""
    ttl_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Without a complete sample for so long the meter counts as lost."""
    stamp_path: PathText | None = None
    """A value of each message that changes with every telegram; the same one again is no news."""
    frozen_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """Every value identical for so long on a loaded site is nonsense; 0: do not look."""
    most_a: Annotated[float, Field(gt=0, le=10_000)] = 1000.0
    """A larger current on a phase is nonsense."""

    @property
    def needs_mqtt(self) -> bool:
        """Tell the settings that there must be a broker."""
        return True

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every number to listen for."""
        return tuple(self._all_sources())

    @property
    def stamp(self) -> Path | None:
        """The path of the stamp."""
        return None if self.stamp_path is None else steps(self.stamp_path)

    @model_validator(mode="after")
    def _is_listenable(self) -> Self:
        homeless = [
            name for name, place in self.values.places.items() if place.topic is None and self.topic is None
        ]
        if homeless:
            raise ValueError(f"{homeless[0]} needs a topic: its own, or one for the whole meter")
        if not any(_is_essential(name) for name in self.values.places):
            raise ValueError("expected at least one current or power")
        return self

    def _all_sources(self) -> Iterator[Source]:
        for name, place in self.values.places.items():
            topic, essential = place.topic or self.topic or "", _is_essential(name)
            yield Source(
                value=name,
                topic=topic,
                path=steps(place.path),
                factor=place.scale,
                essential=essential,
            )
            if place.minus_topic is not None or place.minus_path:
                yield Source(
                    value=name,
                    topic=place.minus_topic or topic,
                    path=steps(place.minus_path),
                    factor=-place.scale,
                    essential=essential,
                )


def steps(path: PathText) -> Path:
    """Take a written path apart.

    >>> steps("phases.0.power")
    ('phases', '0', 'power')
    """
    return tuple(path.split(".")) if isinstance(path, str) else path


def _is_essential(name: str) -> bool:
    return name.startswith(("current", "power"))

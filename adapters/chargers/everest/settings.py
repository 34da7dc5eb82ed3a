"""Settings of a charger run by EVerest. What no document proves is a setting here."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from adapters.chargers.everest.dialect import Dialect, Interface, version_of
from adapters.wire.host import Host
from controller.domain.site import Abilities, ChargerSpec

Level = Annotated[
    str,
    Field(
        min_length=1,
        pattern=r"^[^#+/\s\x00]+$",
        json_schema_extra={"expects": "one level of a topic: without /, + and #"},
    ),
]
Prefix = Annotated[
    str,
    Field(
        pattern=r"^([^#+/\s\x00]+(/[^#+/\s\x00]+)*)?$",
        json_schema_extra={"expects": "a topic without + and #, and without / at either end"},
    ),
]

_FIRST_API = (2025, 10, 0)
_FIRST_MODULE_API = (2023, 8, 0)
_FIRST_API_PHASES = (2025, 2, 0)


class EverestSettings(BaseModel):
    """The keys of `kind = "everest"`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    host: Host = "127.0.0.1"
    """Where EVerest's MQTT broker is."""
    port: int = Field(default=1883, ge=1, le=65535)
    """Its port."""
    username: str | None = None
    """For a broker that asks for a login."""
    password: SecretStr | None = None
    """The password for that login."""
    tls: bool = False
    """Encrypt, and check the broker's certificate."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's."""

    version: str
    """The release that runs: `2023.8.0`, `2025.10.0`, ..., or `main`."""
    interface: Interface = Interface.INTERNAL
    """`internal`, `api` (the module API) or `api_v1` (from 2025.10)."""
    evse: Level = "connector_1"
    """Id of the EvseManager module; with `api_v1` of its evse_manager_consumer_API."""
    evse_implementation: Level = "evse"
    """Its implementation of `evse_manager`."""
    node: Level | None = None
    """Id of the EnergyNode that takes limits, from 2024.10; `api_v1`: of its limits' consumer API."""
    node_implementation: Level = "external_limits"
    """Its implementation of `external_energy_limits`."""
    prefix: Prefix = "everest"
    """EVerest's `mqtt_everest_prefix`."""
    api_prefix: Prefix = ""
    """EVerest's `mqtt_external_prefix`, before `everest_api/`."""
    origin: Level = "phasewise"
    """Who we are to EVerest; no other module may have this name."""

    use_phases: Literal[1, 3] | None = None
    """Have EVerest use so many phases (from 2024.7, where the board can switch); left out: its own choice."""
    lease_s: float = Field(default=60.0, ge=15.0, le=3600.0)
    """Time to live of each limit where the version enforces later entries of a schedule (from 2024.4)."""
    answer_s: float = Field(default=5.0, ge=0.1, le=30.0)
    """How long an answer, or where there is none a sign that a limit was taken, may take."""
    settle_s: float = Field(default=3.0, ge=0.1, le=30.0)
    """How long what is enforced may stand above a new limit before that counts as lost."""
    resume_s: float = Field(default=10.0, ge=0.0, le=120.0)
    """Where a pause tells no reason, it counts as a person's once there has been energy for so long."""
    silent_s: float = Field(default=10.0, ge=0.3, le=60.0)
    """EVerest tells what it enforces every second; without it for so long it counts as silent."""
    meter_ttl_s: float = Field(default=10.0, ge=0.5, le=120.0)
    """Older currents of its meter count as unknown."""

    @field_validator("version")
    @classmethod
    def _version_is_known(cls, text: str) -> str:
        version_of(text)
        return text

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.interface is Interface.API_V1 and version_of(self.version) < _FIRST_API:
            raise ValueError("expected interface = 'internal' or 'api': the EVerest API came with 2025.10")
        if self.interface is Interface.API and version_of(self.version) < _FIRST_MODULE_API:
            raise ValueError("expected interface = 'internal': before 2023.8 limits over the module API fail")
        if self.needs_node and self.node is None:
            raise ValueError("expected node: from 2024.10 on an EnergyNode takes the limits")
        if self.use_phases is not None and not self.can_switch:
            raise ValueError("expected no use_phases: this version cannot be told how many phases to use")
        if self.password is not None and self.username is None:
            raise ValueError("expected username beside the password")
        return self

    @property
    def needs_node(self) -> bool:
        """Whether limits go to another module than the EVSE's."""
        if self.interface is Interface.API:
            return False
        return self.interface is Interface.API_V1 or self.dialect.limits_at_node

    @cached_property
    def dialect(self) -> Dialect:
        """What this version speaks."""
        return Dialect(version=version_of(self.version))

    @property
    def can_switch(self) -> bool:
        """Whether a limit may say how many phases to use."""
        if self.interface is Interface.API:
            return self.dialect.version >= _FIRST_API_PHASES
        return self.dialect.counts_phases

    @property
    def can_lapse(self) -> bool:
        """Whether a limit can carry a later safe entry; the module API takes one number alone."""
        return self.dialect.walks and self.interface is not Interface.API

    @property
    def api(self) -> str:
        """What the topics of both external interfaces begin with."""
        return f"{self.api_prefix}/everest_api" if self.api_prefix else "everest_api"

    def abilities(self, wired: ChargerSpec) -> Abilities:
        """Tell what it can do; every figure can be set by hand in the charger's table.

        Enforced within two cycles of 1 s; the pilot changes at most every 5 s, a car follows in 5 s and some
        in 11. From 2024.4 a limit lapses to `safe_a`; before, it stays. A restart loses it.
        """
        lapse: dict[str, Any] = {}
        if self.can_lapse:
            lapse = {"lease_s": self.lease_s, "lapses_to_a": wired.safe_a}
        return Abilities(follow_s=16.0, latency_s=3.0, write_gap_s=5.0, **lapse)

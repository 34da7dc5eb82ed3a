"""The tables of everything beside the wiring: prices, MQTT, database, dashboard, policies."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from adapters.wire.host import Host
from controller.settings.table import Name, Port, Table, Text

Days = Annotated[int, Field(ge=1, le=36_500)]


class ForecastSettings(Table):
    """`[forecast]`: where the expected sun comes from."""

    kind: Literal["none"] = "none"
    """No forecast is known yet."""


class MqttSettings(Table):
    """`[mqtt]`: the broker; without the table nothing is published."""

    host: Host
    """Name or address of the broker."""
    port: Port = 1883
    """8883 is usual with `tls`."""
    username: Text | None = None
    """User name, if the broker wants one."""
    password: SecretStr | None = None
    """Named by `password_env` or `password_file`."""
    tls: bool = False
    """Encrypt, and check the broker's certificate."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's; needs `tls`."""
    prefix: Annotated[
        str,
        Field(
            pattern=r"^[^#+/\s$][^#+\s]*$",
            json_schema_extra={"expects": "a topic without +, # and blanks, not starting with / or $"},
        ),
    ] = "phasewise"
    """First part of every topic; the site's id follows."""
    client_id: Text | None = None
    """Default: `phasewise-` and the site's id."""
    discovery: bool = True
    """For Home Assistant's discovery, which comes later; does nothing yet."""


class DatabaseSettings(Table):
    """`[database]`: the journal."""

    url: Annotated[SecretStr, Field(json_schema_extra={"open": True})] = SecretStr(
        "sqlite:///phasewise.sqlite"
    )
    """SQLAlchemy URL; one with a password is named by `url_env` or `url_file`."""
    samples_days: Days = 1
    """How long every single reading is kept."""
    minutes_days: Days = 31
    """How long means of a minute are kept; those of a quarter hour stay for ever."""
    decisions_days: Days = 14
    """How long decisions are kept, for `explain`, `decide` and `replay`."""
    writes_days: Days = 365
    """How long writes and their answers are kept."""
    events_days: Days = 365
    """How long is kept what was lost, found again or refused."""
    prices_days: Days = 365
    """How long prices are kept."""
    sessions_days: Days | None = None
    """How long charging sessions are kept; default: for ever."""

    def retention_days(self) -> dict[str, int | None]:
        """Tell how long each kind of row is kept, by the name of its key."""
        return self.model_dump(exclude={"url"})


class DashboardSettings(Table):
    """`[dashboard]`: the page, the HTTP API, and what `status`, `watch` and `explain` ask."""

    host: Host = "127.0.0.1"
    """Address to listen on; any but a loopback address needs a password."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8510
    """0: any free port."""
    password: SecretStr | None = None
    """Named by `password_env` or `password_file`."""


class PolicySettings(Table):
    """`[policies]`: which modes there are, and values tuned away from their file."""

    file: Path | None = None
    """A policy file; default: the modes that come with Phasewise."""
    tuned: dict[Name, dict[Name, dict[Name, float]]] = Field(default_factory=dict)
    """`[policies.tuned.MODE.POLICY]`: tuning values by parameter."""

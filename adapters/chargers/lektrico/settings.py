"""Settings of a Lektri.co charger. What no document proves is a setting here, with its evidence."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters.wire.host import Host, in_url
from controller.domain.site import Abilities

Seconds = Annotated[float, Field(ge=0.0, le=3600.0)]


class Knob(StrEnum):
    """What sets the current."""

    EM = "em_current"
    """The documented channel for load balancing."""
    DYNAMIC = "dynamic_current"
    """Deprecated in the interface document, in live use all the same."""


class LektricoSettings(BaseModel):
    """The keys of `kind = "lektrico"`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Host
    """Name or address, without `http://`."""
    port: int = Field(default=80, ge=1, le=65535)
    wire_form: Literal["auto", "get", "post", "frame"] = "auto"
    """How calls are put into HTTP; `auto` tries post, frame, get and keeps what answers."""
    knob: Literal["auto", "em_current", "dynamic_current"] = "auto"
    """What sets the current; `auto` begins with `em_current` and falls back."""

    user: str = ""
    """For chargers that ask for a login (Basic or Digest)."""
    password: SecretStr | None = None
    """In the file: `password_env` or `password_file`, naming where it is."""

    poll_s: float = Field(default=2.0, ge=0.05, le=60.0)
    timeout_s: float = Field(default=3.0, ge=0.1, le=30.0)
    give_way_s: float = Field(default=0.5, ge=0.0, le=30.0)
    """How long a limit waits for a question in progress before that is broken off."""
    settle_s: Seconds = 2.0
    """A limit that is not read back after so long was not kept."""
    resume_s: Seconds = 10.0
    """How long the charger may go on reporting a pause after its limit was lifted."""
    em_status_s: float = Field(default=30.0, ge=1.0, le=600.0)
    """How often the charger is asked whether it counts us as offline."""
    em_rewrite_s: float = Field(default=10.0, ge=2.0, le=30.0)
    """How often the limit is repeated once it did."""
    write_over_pause: bool = False
    """Whether a limit of 6 A or more may be raised while a person's pause holds; it may end the pause."""

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if bool(self.user) != (self.password is not None):
            raise ValueError("expected user and password together")
        return self

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{in_url(self.host)}:{self.port}"

    @property
    def first_knob(self) -> Knob:
        """What to try first."""
        return Knob.EM if self.knob == "auto" else Knob(self.knob)

    @property
    def abilities(self) -> Abilities:
        """Tell what it can do: on a local network it acts at once, and no watchdog of its own is proven.

        Every figure can be set by hand in the charger's table.
        """
        return Abilities(latency_s=0.3)

"""Settings of Easee chargers and circuits. What no document proves is a setting here, with its evidence."""

import math
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters.wire.host import Host
from controller.domain.site import Abilities, ChargerSpec, Limiter

Seconds = Annotated[float, Field(ge=0.0, le=3600.0)]
Serial = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]

MINUTE_S = 60.0
AFTER_REBOOT_A = 40.0
"""Where a reboot of a Home lifts the circuit; of a Charge: 80 A."""
_CLOUD_LIFE_S: Final = 240.0
"""How long the cloud may keep a command of an owner is not documented; nothing suggests more than minutes."""


class EaseeConnection(BaseModel):
    """How to reach a charger: as an operator by the stream's connection details, or by an account."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    serial: Serial
    """Serial number of the charger, like `EH123456`; of a circuit's commands: of its master."""
    access: Literal["operator", "owner"] = "operator"
    """`operator`: the AMQP stream of a partner account; `owner`: REST and SignalR of an ordinary one."""
    operator: str = Field(default="Phasewise", min_length=1, max_length=60, pattern=r"^[^\s]+$")
    """Name of the operator; each command says `<operator>.Easee`."""

    host: Host | Literal[""] = ""
    """The broker; empty: asked from Easee with the account below."""
    port: int = Field(default=5671, ge=1, le=65535)
    """Of the broker."""
    tls: bool = True
    """Whether the broker speaks TLS."""
    ca_file: str = ""
    """Certificates to trust instead of the system's."""
    virtual_host: str = "/"
    """Of the broker."""
    queue: str = ""
    """Like `Operator_123.Q`: one queue for all chargers of the operator."""
    exchange: str = ""
    """Like `Operator_123.C.X`: where commands go."""
    user: str = ""
    """Of the broker."""
    password: SecretStr | None = None
    """In the file: `password_env` or `password_file`, naming where it is."""

    account_user: str = ""
    """Account at Easee: the owner's; the operator's for the state at the start and connection details."""
    account_password: SecretStr | None = None
    """In the file: `account_password_env` or `account_password_file`."""
    api_url: str = Field(default="https://api.easee.com", pattern=r"^https?://[^/@\s]+$")
    """Easee's cloud."""
    hub_url: str = Field(
        default="https://streams.easee.com/hubs/chargers", pattern=r"^https?://[^/@\s]+/[^@\s]*$"
    )
    """For owners: the SignalR hub that tells what changes."""
    poll_s: float = Field(default=15.0, ge=0.05, le=300.0)
    """For owners: how often the state is asked for while the hub is away."""
    rest_timeout_s: float = Field(default=10.0, ge=0.1, le=60.0)
    """How long an answer of the cloud may take."""

    answer_s: float = Field(default=30.0, ge=0.1, le=300.0)
    """A command unanswered for so long is repeated once; it expires undelivered at the same time."""
    confirm_s: Seconds = 20.0
    """How long the observation of an accepted limit may take; field: 10 proved too tight, 20 enough."""
    skew_s: Seconds = 5.0
    """Our clock and the cloud's may differ by this; a response made earlier answers an earlier command."""
    beat_s: float = Field(default=5.0, ge=0.02, le=15.0)
    """How often a state that holds is told again; values come on change only."""
    silence_s: float = Field(default=1200.0, ge=0.1, le=7200.0)
    """So long without a word it is silent; field: an idle charger speaks every 15 minutes."""
    boolean_words: bool = False
    """Spell truth as `true` and `false` instead of `1` and `0`; undocumented for operators."""
    body_timestamp: bool = False
    """Put the command's own time into its body; undocumented, its forerunner echoed it as `Ticks`."""

    @model_validator(mode="after")
    def _owner_has_an_account(self) -> Self:
        if self.access == "owner" and not self.account_user:
            raise ValueError("expected account_user and account_password with access = owner")
        if self.access == "owner" and (self.host or self.queue or self.exchange or self.user):
            raise ValueError("expected host, queue, exchange and user with access = operator only")
        return self

    @model_validator(mode="after")
    def _connection_is_whole(self) -> Self:
        if bool(self.account_user) != (self.account_password is not None):
            raise ValueError("expected account_user and account_password together")
        if not self.host and not self.account_user:
            raise ValueError(
                "expected host, queue, exchange, user and password, or an account to ask for them"
            )
        if self.host and not (self.queue and self.exchange and self.user and self.password is not None):
            raise ValueError("expected queue, exchange, user and password with host")
        return self


class EaseeSettings(EaseeConnection):
    """The keys of a charger of `kind = "easee"`."""

    draw_ttl_s: float = Field(default=1200.0, ge=0.1, le=7200.0)
    """A measured current that was not repeated for so long is no longer believed."""
    write_over_pause: bool = False
    """Whether a limit of 6 A or more may be raised while a person's pause holds; it ends the pause."""
    ttl_min: Annotated[int, Field(ge=1, le=1080)] | None = None
    """Time to live of limits, minutes. Only once the fallbacks are commissioned: a lapse goes upward."""

    def abilities(self, wired: ChargerSpec) -> Abilities:
        """Tell what it does: every lapse and reset is taken to go as high as the nameplate.

        Every figure can be set by hand in the charger's table.
        """
        leases = self.ttl_min is not None
        return Abilities(
            latency_s=1.5 if self.access == "operator" else 2.5,
            delivery_s=delivery_s(self),
            read_ttl_s=read_ttl_s(self),
            # Field: 10 to 15 s between downward steps, or slow cars trip the charger.
            write_gap_s=10.0,
            lease_s=None if self.ttl_min is None else self.ttl_min * MINUTE_S,
            lapses_to_a=wired.nameplate_a if leases else None,
        )


class EaseeCircuitSettings(EaseeConnection):
    """The keys of a circuit's limiter of `kind = "easee"`; `serial` is its master charger's."""

    phases: tuple[int, int, int] = (1, 2, 3)
    """Grid phases at the master's P1, P2, P3."""

    @property
    def limiter(self) -> Limiter:
        """Tell what the circuit does; cars behind it follow as late as behind their own chargers.

        Every figure can be set by hand in the limiter's table.
        """
        return Limiter(
            follow_s=11.0,
            delivery_s=delivery_s(self),
            read_ttl_s=read_ttl_s(self),
            nameplate_a=(AFTER_REBOOT_A,) * 3,
        )

    @model_validator(mode="after")
    def _phases_are_three(self) -> Self:
        if sorted(self.phases) != [1, 2, 3]:
            raise ValueError("expected phases to be 1, 2 and 3 in the order of the master's terminals")
        return self


def delivery_s(settings: EaseeConnection) -> float:
    """Tell how late a command may still arrive: its repeat expires last; for owners the cloud says when."""
    last_s = 2.0 * settings.answer_s + settings.skew_s
    return last_s if settings.access == "operator" else last_s + _CLOUD_LIFE_S


def read_ttl_s(settings: EaseeConnection) -> float:
    """Tell how old a state may be: it is told again every beat, or as old as the last question."""
    told_s = max(20.0, 4.0 * settings.beat_s)
    return told_s if settings.access == "operator" else max(told_s, 3.0 * settings.poll_s)


def ttl_min(lease_s: float | None) -> int | None:
    """Turn a lease into whole minutes, rounded up: it must not lapse before we believe that it may.

    >>> ttl_min(300.0), ttl_min(61.0), ttl_min(None)
    (5, 2, None)
    """
    return None if lease_s is None else max(1, math.ceil(lease_s / MINUTE_S))

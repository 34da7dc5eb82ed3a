"""Settings of a Tesla. What no document proves is a setting here, with its evidence."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters.chargers.tesla.dialects import MANNERS, Dialect, Manner, default_url, sign_on_url
from controller.domain.site import Abilities, ChargerSpec

_VIN: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")

Seconds = Annotated[float, Field(ge=0.0, le=3600.0)]
PerMinute = Annotated[int, Field(ge=1, le=100_000)]


class TeslaAccess(BaseModel):
    """Which car, and how it is reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vehicle: str = Field(pattern=r"^([A-HJ-NPR-Z0-9]{17}|\d{4,20})$")
    """The car's VIN or, without a proxy, its `id` (not `vehicle_id`)."""
    dialect: Dialect = Dialect.PROXY
    """`proxy` and `ble` reach every car, `fleet` and `owner` command only Model S and X from before 2021."""
    base_url: str | None = Field(default=None, pattern=r"^https?://[^/@\s]+$")
    """Where the proxy is, like `https://192.168.1.5:4443`; Tesla's own services are known."""
    ca_file: str | None = None
    """The certificate of a proxy that signed its own."""
    region: Literal["na", "eu", "cn"] = "eu"

    client_id: str = ""
    """Of the application that the car's owner signed on to."""
    refresh_token: SecretStr | None = None
    """In the file: `refresh_token_env` or `refresh_token_file`. Good for one use: needs `token_file`."""
    access_token: SecretStr | None = None
    """Instead: a fixed token that somebody else renews."""
    token_file: str | None = None
    """Where the latest tokens are kept; written whole, readable by its owner alone."""
    sign_on_url: str | None = Field(default=None, pattern=r"^https?://[^@\s]+$")

    latitude_deg: float | None = Field(default=None, ge=-90, le=90)
    longitude_deg: float | None = Field(default=None, ge=-180, le=180)
    """Where the site is; without it the car counts as here wherever it is plugged in."""
    radius_m: float = Field(default=150.0, ge=10, le=10_000)

    poll_s: float | None = Field(default=None, ge=0.05, le=3600.0)
    """How often it is looked at while it is plugged in here and is to charge: 60, over Bluetooth 30."""
    idle_poll_s: float = Field(default=900.0, ge=0.05, le=3600.0)
    """How often otherwise, if it is awake; it is never woken to look."""
    timeout_s: float = Field(default=20.0, ge=0.1, le=60.0)
    give_way_s: float = Field(default=1.0, ge=0.0, le=60.0)
    """How long a limit waits for a question in progress before that is broken off."""

    budget_usd_per_month: float = Field(default=10.0, ge=0.0)
    """What Tesla may bill in a month; then only cuts go out. The first 10 are free as this is written."""
    usage_file: str | None = None
    """Where the month's count of billed calls outlives a restart; cars that share it share one budget."""
    data_per_minute: PerMinute = 60
    commands_per_minute: PerMinute = 30
    wakes_per_minute: PerMinute = 3

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.dialect in (Dialect.PROXY, Dialect.BLE):
            if self.base_url is None:
                raise ValueError("expected base_url, the address of the proxy")
            if not _VIN.fullmatch(self.vehicle):
                raise ValueError("expected vehicle to be the VIN of 17 characters: proxies know no other")
        return self

    @model_validator(mode="after")
    def _can_sign_on(self) -> Self:
        if self.dialect is Dialect.BLE:
            return self
        if self.refresh_token is None and self.access_token is None and self.token_file is None:
            raise ValueError("expected refresh_token and token_file, or access_token")
        if self.refresh_token is not None and self.token_file is None:
            raise ValueError(
                "expected token_file too: a refresh token is good for one use, the next is kept there"
            )
        if self.token_file is not None and not (self.client_id or self.dialect is Dialect.OWNER):
            raise ValueError("expected client_id, of the application that the refresh token belongs to")
        return self

    @model_validator(mode="after")
    def _knows_its_place(self) -> Self:
        if (self.latitude_deg is None) != (self.longitude_deg is None):
            raise ValueError("expected latitude_deg and longitude_deg together")
        return self

    @property
    def manner(self) -> Manner:
        """How its dialect is spoken."""
        return MANNERS[self.dialect]

    @property
    def url(self) -> str:
        """Where it is reached first."""
        return self.base_url or default_url(self.dialect, self.region)

    @property
    def token_url(self) -> str:
        """Where tokens are exchanged."""
        return self.sign_on_url or sign_on_url(self.dialect, self.region)

    @property
    def interval_s(self) -> float:
        """How often it is looked at while it is to charge."""
        return self.manner.poll_s if self.poll_s is None else self.poll_s


class TeslaSettings(TeslaAccess):
    """The keys of `kind = "tesla"`."""

    min_a: float = Field(default=5.0, ge=1.0, le=48.0)
    """Below this it is stopped. The app allows 5 A; less works on some cars, until the next session."""
    wake_wait_s: float = Field(default=25.0, ge=0.0, le=35.0)
    """How long a raise waits for a sleeping car; then it is tried again without waking it anew."""
    wake_gap_s: float = Field(default=1800.0, ge=0.0, le=86_400.0)
    """Shortest time between two wake-ups."""
    woken_s: Seconds = 5.0
    """How long a car that just woke is left alone."""
    busy_s: Seconds = 5.0
    """How long a busy car is left alone before a command is repeated, at most twice."""
    repeat_s: Seconds = 5.0
    """Below 5 A the first command leads to 5 A; the second follows after this."""
    restart_gap_s: Seconds = 60.0
    """Shortest time from a stop to the next start: cars count interruptions as a fault of the socket."""
    confirm_s: Seconds = 8.0
    """How long a limit is read back before the next look is left to tell."""

    def abilities(self, wired: ChargerSpec) -> Abilities:
        """Tell what it can do: slow, billed by the call, with no watchdog; amperes stay in the car.

        Every figure can be set by hand in the charger's table.
        """
        del wired
        manner = self.manner
        return Abilities(
            latency_s=manner.latency_s,
            follow_s=15.0,
            delivery_s=60.0,
            write_gap_s=manner.write_gap_s,
            read_ttl_s=self.idle_poll_s + self.interval_s + 3.0 * self.timeout_s,
        )

"""Settings of a High Mobility Home Charger. What no document proves is a setting here."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from controller.domain.site import Abilities

Seconds = Annotated[float, Field(ge=0.0, le=3600.0)]

_POLLS_KEPT = 3
"""After so many missed polls the charger counts as silent."""
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class HighMobilitySettings(BaseModel):
    """The keys of `kind = "high_mobility"`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Literal["telematics", "rest"] = "telematics"
    """Encrypted containers, as hmkit sends them, or REST v5."""
    url: str = Field(default="", pattern=r"^(https?://[^\s@?#]+)?$")
    """Where the service is; empty: High Mobility's own."""
    sandbox: bool = True
    """For REST: the sandbox instead of production. A client certificate knows by itself."""

    private_key: SecretStr
    """The app's key: 32 bytes in base64, or PEM."""
    client_certificate: SecretStr | None = Field(default=None, json_schema_extra={"open": True})
    """For telematics: the app's certificate in base64."""
    access_certificate: SecretStr | None = None
    """For telematics: what lets us in, in base64; left out it is fetched with the access token."""
    access_token: SecretStr | None = None
    """What the charger's owner granted, where somebody else renews it or a certificate is enough."""
    refresh_token: SecretStr | None = None
    """The first refresh token; needs `token_file` and `client_id`."""
    token_file: str = ""
    """Where the latest tokens are kept: each refresh token is good for one use."""
    client_id: str = ""
    """The app to which the owner granted it."""
    client_secret: SecretStr | None = None
    """Its secret."""
    sign_on_url: str = Field(default="", pattern=r"^(https?://[^\s@?#]+)?$")
    """Where tokens are renewed; empty: High Mobility's own."""
    client_serial: str = Field(default="", pattern=r"^[0-9A-Fa-f]*$")
    """For REST: the app's serial number."""
    app_uri: str = ""
    """For REST: the app's address, as its console shows it."""

    poll_s: float = Field(default=10.0, ge=0.02, le=600.0)
    timeout_s: float = Field(default=20.0, ge=0.1, le=120.0)
    """For a whole exchange; a charger that sleeps answers late."""
    give_way_s: float = Field(default=1.0, ge=0.0, le=30.0)
    """How long a limit waits for a question in progress before that is broken off."""
    fresh_s: Seconds = 60.0
    """A value whose own timestamp is older is not a value."""
    clock_skew_s: Seconds = 5.0
    """How far the charger's clock may be off."""
    drawn_phases: Literal[1, 2, 3] | None = None
    """On how many of its phases every car here draws; then its power tells its current."""

    @model_validator(mode="after")
    def _path_has_what_it_needs(self) -> Self:
        has_token = self.access_token is not None or self.refresh_token is not None
        if self.path == "rest" and not (self.client_serial and self.app_uri and has_token):
            raise ValueError("expected client_serial, app_uri and access_token for path rest")
        if self.path == "telematics" and self.client_certificate is None:
            raise ValueError("expected client_certificate for path telematics")
        if not has_token and self.access_certificate is None:
            raise ValueError("expected access_token, refresh_token or access_certificate")
        if self.refresh_token is not None and not (self.token_file and self.client_id):
            raise ValueError("expected token_file and client_id with refresh_token")
        return self

    @model_validator(mode="after")
    def _is_private(self) -> Self:
        urls = (self.url, self.sign_on_url)
        if any(url.startswith("http:") and not url.startswith(_LOOPBACK) for url in urls):
            raise ValueError("expected https: the containers alone hide too little")
        return self

    @property
    def abilities(self) -> Abilities:
        """Tell what it can do: a cloud away, no pause, no watchdog, and restarts are unknown.

        Every figure can be set by hand in the charger's table.
        """
        return Abilities(
            latency_s=5.0,
            delivery_s=max(60.0, self.timeout_s + self.fresh_s),
            read_ttl_s=_POLLS_KEPT * self.poll_s + self.timeout_s,
            write_gap_s=10.0,
            can_pause=False,
        )

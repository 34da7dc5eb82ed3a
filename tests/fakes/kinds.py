"""Kinds of device that exist only in tests of the settings."""

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters import catalog
from controller.domain.site import Abilities, ChargerSpec


class FakeMeterSettings(BaseModel):
    """A meter with keys of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int = Field(default=502, ge=1, le=65_535)
    period_s: float = 1.0
    lag_s: float = 0.0


class FakeMqttMeterSettings(BaseModel):
    """A meter that needs the broker."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str

    @property
    def needs_mqtt(self) -> bool:
        """Say so."""
        return True


class FakeChargerSettings(BaseModel):
    """A charger that owns two abilities and a secret."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    password: SecretStr | None = None
    reset_a: float | None = Field(default=None, ge=6, le=32)
    can_pause: Literal["always", "never"] = "always"
    """An ability in words of its own."""

    def abilities(self, wired: ChargerSpec) -> Abilities:
        """Know where a reset leads."""
        reset_a = wired.max_a if self.reset_a is None else self.reset_a
        return Abilities(latency_s=0.3, reset_a=reset_a, can_pause=self.can_pause == "always")


class PlainChargerSettings(BaseModel):
    """A charger that says nothing of its abilities."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the catalog know the fakes, and nothing else, for one test."""
    monkeypatch.setattr(
        catalog, "METERS", {"modbus": _kind("FakeMeterSettings"), "mqtt": _kind("FakeMqttMeterSettings")}
    )
    monkeypatch.setattr(
        catalog, "CHARGERS", {"fake": _kind("FakeChargerSettings"), "plain": _kind("PlainChargerSettings")}
    )


def _kind(name: str) -> catalog.Kind:
    return catalog.Kind(settings=f"tests.fakes.kinds:{name}", build="tests.fakes.kinds:install")

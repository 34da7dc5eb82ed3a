"""A simulated Home Charger without its wire: what it knows, and what the car sees."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from adapters.chargers.high_mobility.home_charger import ASKED_FOR
from adapters.wire.autoapi.kinds import Value
from adapters.wire.autoapi.properties import Availability, Failure, Property
from adapters.wire.autoapi.units import CURRENT, FREQUENCY, POWER, Quantity
from controller.ports import Clock
from simulator.chargers.high_mobility_faults import Faults

_CHARGING_A: Final = 0.5

WORDS: Final[Mapping[str, str]] = {
    "authenticationMechanism": "app",
    "plugType": "type_2",
    "solarCharging": "inactive",
    "wifiHotspotEnabled": "enabled",
    "wifiHotspotSSID": "Charger 7612",
    "wiFiHotspotSecurity": "wpa2_personal",
    "wiFiHotspotPassword": "ZW3vARNUBe",
    "authenticationState": "authenticated",
}
"""What it is set to at first."""


class RefusedError(Exception):
    """It does not do that; the reason is one of a whole command's."""

    def __init__(self, reason: str, description: str) -> None:
        self.reason, self.description = reason, description
        super().__init__(description)


@dataclass(slots=True, kw_only=True)
class HomeChargerDevice:
    """What the charger is and remembers; `offered_a` is what the car sees."""

    clock: Clock
    current_a: float = 16.0
    minimum_a: float = 6.0
    maximum_a: float = 32.0
    words: dict[str, str] = field(default_factory=lambda: dict(WORDS))
    tariffs: tuple[Value, ...] = ()
    rates_hz: dict[str, float] = field(default_factory=dict)
    """Properties that may be asked for only so often."""
    car: object | None = None
    currents_a: tuple[float, float, float] = (0.0, 0.0, 0.0)
    power_w: float = 0.0
    _told_s: dict[str, float] = field(default_factory=dict)

    @property
    def offered_a(self) -> float:
        """What the control pilot offers the car: 0 without a car, or while nobody is authenticated."""
        is_allowed = self.words["authenticationState"] == "authenticated"
        return self.current_a if self.car is not None and is_allowed else 0.0

    @property
    def status(self) -> str:
        """Its charging status."""
        if self.car is None:
            return "disconnected"
        return "charging" if max(self.currents_a) > _CHARGING_A else "plugged_in"

    def plug_in(self, car: object) -> None:
        """Connect a car."""
        self.car = car

    def unplug(self) -> None:
        """Disconnect the car."""
        self.car, self.currents_a, self.power_w = None, (0.0, 0.0, 0.0), 0.0

    def set_draw(self, currents_a: tuple[float, float, float], power_w: float) -> None:
        """Say what the car draws, in the charger's own L1, L2, L3."""
        self.currents_a, self.power_w = currents_a, power_w

    def reboot(self) -> None:
        """Lose what does not last; that the current is lost is an assumption."""
        self.current_a = self.maximum_a

    def take(self, sent: Sequence[Property], faults: Faults) -> tuple[Property, ...]:
        """Carry out a command and answer with what it changed.

        Raises:
            RefusedError: it does not do that.
        """
        for part in sent:
            if isinstance(part.value, Quantity):
                self._take_current(part.value.base, faults)
            elif isinstance(part.value, str):
                self.words[part.name] = part.value
        prices = tuple(part.value for part in sent if isinstance(part.value, Mapping))
        self.tariffs = prices or self.tariffs
        return self.told({part.name for part in sent}, faults)

    def _take_current(self, current_a: float, faults: Faults) -> None:
        if not self.minimum_a <= current_a <= self.maximum_a:
            raise RefusedError("invalid_command", f"{self.minimum_a:g} to {self.maximum_a:g} A")
        if not faults.ignores_current:
            self.current_a = current_a

    def state(self, names: Iterable[str], faults: Faults) -> tuple[Property, ...]:
        """Tell properties as asked, none for all; what is asked for too often fails."""
        wanted = set(names) or set(ASKED_FOR)
        too_often = {name for name in wanted if self._is_too_often(name)}
        busy = (
            Property(name=name, failure=Failure(reason="rate_limit", description="Try again"))
            for name in sorted(too_often)
        )
        return (*self.told(wanted - too_often, faults), *busy)

    def availability(self, names: Iterable[str]) -> tuple[Property, ...]:
        """Tell how often properties may be asked for, none for all."""
        wanted = set(names) or set(ASKED_FOR)
        return tuple(
            Property(
                name=name,
                availability=Availability(
                    update_rate="trip_high",
                    rate_limit=_quantity(self.rates_hz.get(name, 64.0), "hertz"),
                    applies_per="vehicle",
                ),
            )
            for name in ASKED_FOR
            if name in wanted
        )

    def told(self, names: Iterable[str], faults: Faults) -> tuple[Property, ...]:
        """Tell properties with their timestamps."""
        wanted = set(names) - faults.hidden
        at = None if faults.no_timestamps else self.clock.now() - timedelta(seconds=faults.stale_s)
        if at is not None:
            at = at.replace(microsecond=at.microsecond // 1000 * 1000)  # the wire knows milliseconds
        return tuple(
            Property(name=name, failure=Failure(reason=faults.failing[name], description="Try again"))
            if name in faults.failing
            else Property(name=name, value=value, at=at)
            for name, value in self._values(faults)
            if name in wanted
        )

    def _is_too_often(self, name: str) -> bool:
        rate_hz, now_s = self.rates_hz.get(name), self.clock.mono_s()
        last_s = self._told_s.get(name)
        if rate_hz is not None and last_s is not None and now_s < last_s + 1.0 / rate_hz:
            return True
        self._told_s[name] = now_s
        return False

    def _values(self, faults: Faults) -> list[tuple[str, Value]]:
        factor, unit = (1000.0, "milliamperes") if faults.milliamperes else (1.0, "amperes")
        currents_a = {
            "chargeCurrent": self.current_a,
            "maximumChargeCurrent": self.maximum_a,
            "minimumChargeCurrent": self.minimum_a,
        }
        return [
            ("chargingStatus", self.status),
            *self.words.items(),
            *((name, _quantity(amperes * factor, unit)) for name, amperes in currents_a.items()),
            ("coordinates", {"latitude": 52.520008, "longitude": 13.404954}),
            *(("priceTariffs", tariff) for tariff in self.tariffs),
            ("chargingPower", _quantity(self.power_w / 1000.0, "kilowatts")),
        ]


def _quantity(value: float, unit: str) -> Quantity:
    kind = next(kind for kind in (CURRENT, POWER, FREQUENCY) if kind.by_name(unit) is not None)
    return Quantity(value=value, unit=unit, measurement=kind)

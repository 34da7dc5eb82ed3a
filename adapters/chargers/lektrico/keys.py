"""Configuration and counter keys of the Lektri.co interface: types, ranges, what a change may cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.chargers.lektrico.errors import LengthError, RangeError, UnknownKeyError, WrongTypeError

_INT_MAX: Final = 2_147_483_647
_LED_NUMBERS: Final = 12
_LED_MAX: Final = 255
_PASSWORD_CHARS: Final = range(8, 64)

Value = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key."""

    kind: type[Value]
    says: str
    low: float | None = None
    high: float | None = None

    def checked(self, name: str, value: Value) -> Value:
        """Hand the value back if the charger will take it.

        Raises:
            WrongTypeError, RangeError, LengthError: what the charger would answer.
        """
        value = float(value) if self.kind is float and type(value) is int else value
        if type(value) is not self.kind:
            raise WrongTypeError(f"{name} = {value!r}: expected {self.kind.__name__}", -5)
        if isinstance(value, int | float) and not self._in_range(value):
            raise RangeError(f"{name} = {value}: expected {self.low:g} to {self.high:g}", -4)
        if name == "led_template":
            _check_led_template(str(value))
        return value

    @property
    def span(self) -> str:
        """Say which values it takes, where not every value of its type will do."""
        if self.kind is bool:
            return "; true or false"
        known = self.low is not None and self.high not in (None, _INT_MAX)
        return f"; {self.low:g} to {self.high:g}" if known else ""

    def _in_range(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def from_text(self, name: str, value: str) -> Value:
        """Read what a person typed."""
        try:
            if self.kind is bool:
                return self.checked(name, {"true": True, "false": False}[value.strip().lower()])
            return self.checked(name, self.kind(value))
        except (KeyError, ValueError) as error:
            raise WrongTypeError(f"{name} = {value!r}: expected {self.kind.__name__}", -5) from error


APP_KEYS: Final[Mapping[str, Key]] = {
    "headless": Key(kind=bool, says="plug and charge, no OCPP control"),
    "install_current": Key(kind=int, low=6, high=32, says="largest current of the installation, A"),
    "led_max_brightness": Key(kind=int, low=10, high=100, says="LED brightness, %"),
    "led_dimming_delay": Key(kind=int, low=0, high=_INT_MAX, says="LED dimming delay, s; 0: never dims"),
    "charger_locked": Key(kind=bool, says="no charging session starts"),
    "led_template_enabled": Key(kind=bool, says="use led_template"),
    "led_template": Key(kind=str, says="red,green,blue of the top, right, bottom, left segment, 0-255"),
    "charger_alias": Key(kind=str, says="its name in the app"),
    "latitude": Key(kind=float, low=-90.0, high=90.0, says="where it is, degrees"),
    "longitude": Key(kind=float, low=-180.0, high=180.0, says="where it is, degrees"),
    "ocpp_server_link": Key(kind=str, says="OCPP server"),
    "connected_phase": Key(kind=int, low=1, high=3, says="the grid phase of a single-phase charger"),
    "owner_id": Key(kind=str, says="owner for remote access; once after a factory reset"),
    "user_current": Key(kind=int, low=6, high=32, says="the user's largest current, A"),
    "gmt_offset": Key(kind=int, low=-12, high=12, says="hours ahead of UTC, for the schedule"),
    "precise_pwm_mode": Key(kind=bool, says="steadier PWM, fixed LEDs while charging"),
    "energy_management_enabled": Key(kind=bool, says="obey an energy manager"),
    "charging_schedule_enabled": Key(kind=bool, says="obey the schedule"),
    "em_id": Key(kind=str, says="the Lektri.co energy manager it belongs to"),
    "timezone": Key(kind=str, says="name of its time zone"),
}

COUNTER_KEYS: Final[Mapping[str, Key]] = {
    "total_charged_time": Key(kind=int, low=0, high=_INT_MAX, says="charged time, min"),
    "total_charged_sessions": Key(kind=int, low=0, high=_INT_MAX, says="charged sessions"),
    "total_charged_energy": Key(kind=float, low=0, high=_INT_MAX, says="charged energy, kWh"),
    "reset_counter": Key(kind=int, low=0, high=_INT_MAX, says="restarts"),
    "last_session_energy": Key(kind=int, low=0, high=_INT_MAX, says="energy of the last session, Wh"),
}

ALLOWED_A: Final = frozenset({0, *range(6, 33)})
"""Limits that can be written: IEC 61851-1 allows nothing between 0 and 6 A."""


def app_key(name: str) -> Key:
    """Find a configuration key."""
    if name not in APP_KEYS:
        raise UnknownKeyError(f"no configuration key {name}; there are: {', '.join(APP_KEYS)}", -6)
    return APP_KEYS[name]


def whole_limit_a(limit_a: float) -> int:
    """Hand a limit back as the whole number that goes on the wire.

    Raises:
        RangeError: not 0, not a whole number from 6 to 32.
    """
    if isinstance(limit_a, bool) or limit_a not in ALLOWED_A:
        raise RangeError(f"{limit_a} A: expected 0 or a whole number from 6 to 32", -4)
    return int(limit_a)


def checked_password(password: str) -> str:
    """Hand a password of the access point back if it has a length that the charger takes."""
    if password and len(password) not in _PASSWORD_CHARS:
        raise LengthError("the password: expected 8 to 63 characters, or none", -3)
    return password


def _check_led_template(value: str) -> None:
    parts = value.split(",") if value else []
    if parts and len(parts) != _LED_NUMBERS:
        raise LengthError(f"led_template: expected {_LED_NUMBERS} numbers, got {len(parts)}", -3)
    if not all(part.strip().isdecimal() and int(part) <= _LED_MAX for part in parts):
        raise RangeError(f"led_template: expected numbers from 0 to {_LED_MAX}", -4)

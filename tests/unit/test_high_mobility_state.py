from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.chargers.high_mobility.failures import BusyError, PendingError, checked, failed
from adapters.chargers.high_mobility.home_charger import HOME_CHARGER
from adapters.chargers.high_mobility.limits import Bounds, checked_limit_a
from adapters.chargers.high_mobility.pace import Pace, slowest_s
from adapters.chargers.high_mobility.settings import HighMobilitySettings
from adapters.chargers.high_mobility.state import Heard, Timeliness, Wiring, heard, state_of
from adapters.wire.autoapi.documents import message_of
from adapters.wire.autoapi.messages import LEVEL, SET, Message, decode
from adapters.wire.autoapi.properties import FAILURE_REASONS, Availability, Failure, Property
from adapters.wire.autoapi.units import CURRENT, FREQUENCY, POWER, Measurement, Quantity
from controller.domain.readings import ChargerState, Plug
from controller.domain.site import Abilities, ChargerSpec
from controller.domain.units import ChargerId, CircuitId, Grid
from controller.errors import (
    CredentialsError,
    DeviceError,
    DeviceNonsense,
    DeviceRefused,
    DeviceUnreachable,
)
from tests.fakes.autoapi import message_bytes

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WHEN = Timeliness(asked=NOON, fresh=timedelta(seconds=60), skew=timedelta(seconds=5))
BAY = ChargerId("bay")
THREE = Wiring(grid=Grid.TN, voltage_v=230.0, phases=(2, 3, 1))
SPEC = ChargerSpec(id=BAY, circuit=CircuitId("main"), max_a=32.0, abilities=Abilities(can_pause=False))


def quantity(value: float, unit: str, measurement: Measurement = CURRENT) -> Quantity:
    return Quantity(value=value, unit=unit, measurement=measurement)


def answer(*properties: Property) -> Message:
    return Message(level=LEVEL, capability=HOME_CHARGER, type=SET, properties=properties)


def status(word: str, at: datetime | None = None) -> Property:
    return Property(name="chargingStatus", value=word, at=at)


def current(amperes: float, at: datetime | None = None) -> Property:
    return Property(name="chargeCurrent", value=quantity(amperes, "amperes"), at=at)


def power(kilowatts: float) -> Property:
    return Property(name="chargingPower", value=quantity(kilowatts, "kilowatts", POWER))


def told(*properties: Property, when: Timeliness = WHEN) -> Heard:
    return heard(answer(*properties), 1000.0, when)


def state(*properties: Property, where: Wiring = THREE) -> ChargerState:
    return state_of(BAY, told(*properties), where, None)


@pytest.mark.parametrize(
    ("word", "plug"),
    [("disconnected", Plug.A), ("plugged_in", Plug.B), ("charging", Plug.C), ("unknown_7", Plug.UNKNOWN)],
)
def test_a_status_is_a_state_of_the_plug(word: str, plug: Plug) -> None:
    assert state(status(word)).plug is plug


def test_a_status_that_denies_a_visible_draw_is_not_believed() -> None:
    assert state(status("disconnected"), power(3.7)).plug is Plug.UNKNOWN


def test_a_value_that_failed_is_unknown_and_not_zero() -> None:
    failure = Failure(reason="oem_error")
    seen = state(*(Property(name=name, failure=failure) for name in ("chargingStatus", "chargeCurrent")))

    assert (seen.plug, seen.limit_a, seen.draws, seen.power_w) == (Plug.UNKNOWN, None, (), None)


@pytest.mark.parametrize("age_s", [66.0, 86_400.0, -66.0])
def test_a_value_that_is_old_or_from_the_future_is_not_a_value(age_s: float) -> None:
    at = NOON - timedelta(seconds=age_s)

    seen = state(status("charging", at), current(16.0, at))

    assert (seen.plug, seen.limit_a) == (Plug.UNKNOWN, None)


@pytest.mark.parametrize("age_s", [0.0, 64.0, -64.0])
def test_a_value_within_its_time_is_a_value(age_s: float) -> None:
    at = NOON - timedelta(seconds=age_s)

    assert state(status("charging", at), current(16.0, at)).limit_a == 16.0


@pytest.mark.parametrize(
    ("read_a", "after_write_s", "limit_a"),
    [(10.0, -3.0, 10.0), (16.0, -3.0, None), (16.0, 4.9, None), (16.0, 5.1, 16.0), (16.0, None, 16.0)],
)
def test_a_limit_from_before_the_write_proves_nothing_of_it(
    read_a: float, after_write_s: float | None, limit_a: float | None
) -> None:
    written = NOON - timedelta(seconds=10)
    when = Timeliness(
        asked=NOON, fresh=timedelta(seconds=60), skew=timedelta(seconds=5), told_a=10.0, told=written
    )
    at = None if after_write_s is None else written + timedelta(seconds=after_write_s)

    assert told(current(read_a, at), when=when).limit_a == limit_a


def test_milliamperes_are_not_taken_for_amperes() -> None:
    message = decode(message_bytes("milliamperes_value"), (HOME_CHARGER,))

    assert heard(message, 0.0, WHEN).limit_a == 16.0


@pytest.mark.parametrize("amperes", [-16.0, 100.0, 1e300])
def test_a_current_that_no_house_has_is_no_limit(amperes: float) -> None:
    assert state(current(amperes)).limit_a is None


def test_power_on_three_phases_tells_no_currents() -> None:
    seen = state(status("charging"), power(11.0))

    assert (seen.power_w, seen.draw_a) == (11_000.0, None)


@pytest.mark.parametrize(
    ("where", "draw_a"),
    [
        (Wiring(grid=Grid.TN, voltage_v=230.0, phases=(2,)), (0.0, 10.0, 0.0)),
        (Wiring(grid=Grid.IT, voltage_v=230.0, phases=(1, 3)), (10.0, 0.0, 10.0)),
        (Wiring(grid=Grid.TN, voltage_v=230.0, phases=(2, 3, 1), drawn_phases=1), (0.0, 10.0, 0.0)),
        (Wiring(grid=Grid.TN, voltage_v=230.0, phases=(2, 3, 1), drawn_phases=2), (0.0, 5.0, 5.0)),
    ],
)
def test_power_tells_the_current_where_its_phases_are_certain(
    where: Wiring, draw_a: tuple[float, float, float]
) -> None:
    assert state(status("charging"), power(2.3), where=where).draw_a == draw_a


@pytest.mark.parametrize("word", ["disconnected", "plugged_in"])
def test_no_power_and_no_charging_is_no_draw(word: str) -> None:
    assert state(status(word), power(0.0)).draw_a == (0.0, 0.0, 0.0)


def test_its_own_maximum_is_a_ceiling() -> None:
    maximum = Property(name="maximumChargeCurrent", value=quantity(20_000, "milliamperes"))

    seen = state(status("charging"), maximum)

    assert (seen.ceiling_a, seen.ceiling_by) == (20.0, "maximum charge current")


@pytest.mark.parametrize(
    ("word", "held"),
    [("plugged_in", "waiting for authentication"), ("charging", ""), ("disconnected", "")],
)
def test_a_car_that_waits_for_authentication_is_held(word: str, held: str) -> None:
    expired = Property(name="authenticationState", value="unauthenticated")

    assert state(status(word), expired).held == held


@pytest.mark.parametrize(
    "reason", [*FAILURE_REASONS.names, "vehicle_asleep", "invalid_command", "from the future"]
)
def test_every_reason_of_a_failure_has_its_error(reason: str) -> None:
    assert isinstance(failed(reason, "why"), DeviceError | CredentialsError)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("rate_limit", BusyError),
        ("unauthorised", CredentialsError),
        ("invalid_command", DeviceRefused),
        ("incorrect_state", DeviceRefused),
        ("pending", PendingError),
        ("vehicle_asleep", DeviceUnreachable),
        ("execution_timeout", DeviceUnreachable),
        ("oem_error", DeviceNonsense),
        ("unknown_200", DeviceNonsense),
    ],
)
def test_only_what_is_certain_counts_as_refused(reason: str, kind: type[Exception]) -> None:
    assert type(failed(reason)) is kind or isinstance(failed(reason), kind)
    assert isinstance(failed(reason), DeviceRefused) == issubclass(kind, DeviceRefused)


def test_a_failed_command_is_raised_by_its_own_numbers() -> None:
    message = decode(message_bytes("failure_message_vehicle_asleep"), (HOME_CHARGER,))

    with pytest.raises(DeviceUnreachable, match="vehicle asleep: Vehicle asleep"):
        checked(message)


@pytest.mark.parametrize("limit_a", [0.0, 5.0, 33.0, 10.5, float("nan"), float("inf"), -6.0])
def test_a_charger_without_a_pause_is_told_its_range_alone(limit_a: float) -> None:
    with pytest.raises(DeviceRefused):
        checked_limit_a(SPEC, limit_a)


def test_who_found_out_that_it_takes_zero_may_say_so() -> None:
    spec = ChargerSpec(id=BAY, circuit=CircuitId("main"), max_a=32.0, abilities=Abilities(can_pause=True))

    assert checked_limit_a(spec, 0.0) == 0.0


@pytest.mark.parametrize(("limit_a", "within_a"), [(6.0, 8.0), (10.0, 10.0), (25.0, 20.0)])
def test_limits_are_moved_into_what_the_charger_itself_allows(limit_a: float, within_a: float) -> None:
    bounds = Bounds()
    bounds.look(8.0, 20.0)
    bounds.look(None, None)

    assert bounds.within(limit_a, 16.0) == within_a


@pytest.mark.parametrize("present_a", [None, 7.9])
def test_a_minimum_that_the_charger_tells_never_raises_what_it_has(present_a: float | None) -> None:
    bounds = Bounds()
    bounds.look(8.0, 20.0)

    with pytest.raises(DeviceRefused, match="minimum of 8 A"):
        bounds.within(6.0, present_a)


def availability(name: str, value: float, unit: str) -> Property:
    rate = quantity(value, unit, FREQUENCY)
    told = Availability(update_rate="trip", rate_limit=rate, applies_per="app")
    return Property(name=name, availability=told)


def test_the_rarest_property_sets_the_pace() -> None:
    message = answer(
        availability("chargingStatus", 64.0, "hertz"), availability("chargeCurrent", 2.0, "times_per_minute")
    )

    assert slowest_s(message) == pytest.approx(30.0)


@pytest.mark.parametrize("value", [0.0, -1.0, 1e-300])
def test_a_rate_that_would_silence_a_charger_is_no_rate(value: float) -> None:
    assert slowest_s(answer(availability("chargingStatus", value, "hertz"))) is None


def test_a_busy_charger_is_asked_less_and_less_until_it_answers() -> None:
    pace = Pace(poll_s=10.0)
    intervals_s = []
    for _ in range(5):
        pace.went(is_had=False)
        intervals_s.append(pace.interval_s)
    pace.went(is_had=True)

    assert (intervals_s, pace.interval_s) == ([20.0, 40.0, 80.0, 80.0, 80.0], 10.0)


TELEMATICS: dict[str, Any] = {"private_key": "k", "client_certificate": "c", "access_token": "t"}
REST: dict[str, Any] = {
    "path": "rest", "private_key": "k", "access_token": "t", "client_serial": "0a", "app_uri": "app://x"
}  # fmt: skip


@pytest.mark.parametrize(
    "keys", [TELEMATICS, REST, REST | {"url": "https://x/v5"}, REST | {"url": "http://127.0.0.1:1"}]
)
def test_what_a_path_needs_is_enough(keys: dict[str, Any]) -> None:
    assert HighMobilitySettings.model_validate(keys).abilities.can_pause is False


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        (TELEMATICS | {"client_certificate": None}, "client_certificate"),
        (TELEMATICS | {"access_token": None}, "refresh_token or access_certificate"),
        (REST | {"app_uri": ""}, "app_uri"),
        (REST | {"access_token": None, "access_certificate": "x"}, "access_token"),
        (TELEMATICS | {"refresh_token": "r"}, "token_file and client_id"),
        (TELEMATICS | {"url": "http://example.com"}, "https"),
        (TELEMATICS | {"sign_on_url": "http://example.com"}, "https"),
        (TELEMATICS | {"url": "ftp://x"}, "pattern"),
        (TELEMATICS | {"color": "red"}, "color"),
    ],
)
def test_what_a_path_lacks_is_named(keys: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        HighMobilitySettings.model_validate(keys)


def test_secrets_never_show() -> None:
    settings = HighMobilitySettings.model_validate(
        TELEMATICS | {"private_key": "hush", "access_token": "hush"}
    )

    assert "hush" not in repr(settings)


@given(st.binary(max_size=120))
def test_any_message_gives_a_state(noise: bytes) -> None:
    try:
        message = decode(b"\x0d\x00\x60\x01" + noise, (HOME_CHARGER,))
    except DeviceNonsense:
        return
    seen = state_of(BAY, heard(message, 0.0, WHEN), THREE, None)

    assert seen.limit_a is None or seen.limit_a >= 0.0


numbers = st.floats(allow_nan=False, allow_infinity=False)


@example("chargeCurrent", 1e308, "kiloamperes")
@given(st.sampled_from(["chargeCurrent", "chargingPower", "maximumChargeCurrent"]), numbers,
       st.sampled_from(["amperes", "kiloamperes", "kilowatts", "horsepower"]))  # fmt: skip
def test_any_number_gives_a_state(name: str, value: float, unit: str) -> None:
    message = message_of(HOME_CHARGER, {name: {"data": {"value": value, "unit": unit}}})

    seen = state_of(BAY, heard(message, 0.0, WHEN), THREE, None)

    assert seen.limit_a is None or 0.0 <= seen.limit_a < 100.0

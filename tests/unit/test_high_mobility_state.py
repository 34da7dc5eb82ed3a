"""What is made of the properties that a High Mobility charger tells, true, old, failed or strange."""

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.chargers.high_mobility.home_charger import HOME_CHARGER
from adapters.chargers.high_mobility.state import Timeliness, Wiring, heard, state_of
from adapters.wire.autoapi.documents import message_of
from adapters.wire.autoapi.messages import decode
from adapters.wire.autoapi.properties import Failure, Property
from adapters.wire.autoapi.units import POWER
from controller.domain.readings import ChargerState, Plug
from controller.domain.units import Grid
from controller.errors import DeviceNonsense
from tests.fakes.autoapi import message_bytes
from tests.unit.high_mobility_told import BAY, NOON, WHEN, quantity, told

THREE = Wiring(grid=Grid.TN, voltage_v=230.0, phases=(2, 3, 1))


def status(word: str, at: datetime | None = None) -> Property:
    return Property(name="chargingStatus", value=word, at=at)


def current(amperes: float, at: datetime | None = None) -> Property:
    return Property(name="chargeCurrent", value=quantity(amperes, "amperes"), at=at)


def power(kilowatts: float) -> Property:
    return Property(name="chargingPower", value=quantity(kilowatts, "kilowatts", POWER))


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


@pytest.mark.parametrize(
    ("told_a", "read_a", "limit_a"),
    [(10.0, 10.0, 10.0), (10.0, 8.0, None), (10.0, 32.0, 32.0), (None, 8.0, None), (None, 16.0, None)],
)
def test_without_a_timestamp_what_was_told_is_proven_and_never_less(
    told_a: float | None, read_a: float, limit_a: float | None
) -> None:
    written = NOON - timedelta(seconds=10)
    when = Timeliness(
        asked=NOON, fresh=timedelta(seconds=60), skew=timedelta(seconds=5), told_a=told_a, told=written
    )

    assert told(current(read_a), when=when).limit_a == limit_a


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

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.chargers.lektrico.errors import LengthError, RangeError, UnknownKeyError, WrongTypeError
from adapters.chargers.lektrico.keys import APP_KEYS, Value, app_key, checked_password, whole_limit_a
from adapters.chargers.lektrico.schedule import ScheduleInterval, schedule
from adapters.chargers.lektrico.settings import LektricoSettings
from controller.errors import DeviceRefused
from simulator.chargers.lektrico_keys import APP_KEYS as TWINS_KEYS


@given(limit_a=st.floats() | st.integers().map(float))
def test_nothing_but_zero_or_six_to_thirty_two_is_ever_written(limit_a: float) -> None:
    try:
        written_a = whole_limit_a(limit_a)
    except DeviceRefused:
        return

    assert written_a == limit_a
    assert written_a == 0 or 6 <= written_a <= 32


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        ("install_current", 5, RangeError),
        ("install_current", 33, RangeError),
        ("install_current", True, WrongTypeError),
        ("install_current", 16.0, WrongTypeError),
        ("headless", 1, WrongTypeError),
        ("connected_phase", 0, RangeError),
        ("gmt_offset", -13, RangeError),
        ("led_template", "1,2,3", LengthError),
        ("led_template", ",".join(["256"] * 12), RangeError),
        ("charger_alias", 5, WrongTypeError),
        ("latitude", 91.0, RangeError),
    ],
)
def test_values_that_the_charger_would_refuse_are_refused_unsent(
    key: str, value: Value, error: type[DeviceRefused]
) -> None:
    with pytest.raises(error):
        app_key(key).checked(key, value)


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("headless", "False", False),
        ("install_current", "16", 16),
        ("latitude", "45.5", 45.5),
        ("charger_alias", "16", "16"),
        ("led_template", "", ""),
    ],
)
def test_what_a_person_types_becomes_the_keys_own_type(key: str, typed: str, value: Value) -> None:
    assert app_key(key).from_text(key, typed) == value


@pytest.mark.parametrize(("key", "typed"), [("headless", "yes"), ("install_current", "16.5")])
def test_what_a_person_types_wrongly_is_refused(key: str, typed: str) -> None:
    with pytest.raises(WrongTypeError):
        app_key(key).from_text(key, typed)


def test_an_unknown_key_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownKeyError, match="install_current"):
        app_key("instal_current")


def test_adapter_and_twin_know_the_same_keys() -> None:
    assert APP_KEYS.keys() == TWINS_KEYS.keys()


@pytest.mark.parametrize("password", ["short", "x" * 64])
def test_a_password_of_the_wrong_length_is_refused_and_not_shown(password: str) -> None:
    with pytest.raises(LengthError) as refused:
        checked_password(password)

    assert password not in str(refused.value)


@pytest.mark.parametrize("wrong", [{"start_d": 0}, {"end_h": 24}, {"start_m": 60}, {"current_a": 5}])
def test_an_interval_out_of_range_is_refused(wrong: dict[str, int]) -> None:
    right = {"start_d": 1, "start_h": 22, "start_m": 0, "end_d": 2, "end_h": 6, "end_m": 0, "current_a": 16}

    with pytest.raises(RangeError):
        ScheduleInterval(**right | wrong)


def test_a_schedule_survives_the_wire() -> None:
    night = ScheduleInterval(start_d=7, start_h=22, start_m=0, end_d=1, end_h=6, end_m=30, current_a=0)

    assert schedule({"charging_schedule ": [night.on_wire()]}) == (night,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "http://charger"},
        {"host": ""},
        {"host": "charger", "poll_s": 0},
        {"host": "charger", "em_rewrite_s": 1},
        {"host": "charger", "wire_form": "soap"},
        {"host": "charger", "user": "me"},
        {"host": "charger", "password": "secret"},
        {"host": "charger", "hots": "charger"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LektricoSettings.model_validate(wrong)


def test_a_password_is_not_shown_with_the_settings() -> None:
    settings = LektricoSettings.model_validate({"host": "charger", "user": "me", "password": "hush-hush"})

    assert "hush-hush" not in repr(settings)

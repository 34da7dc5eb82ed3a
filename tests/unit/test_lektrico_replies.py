import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.chargers.lektrico.answers import (
    AppConfig,
    ChargerInfo,
    Counters,
    DeviceInfo,
    SystemCurrents,
    error_flags,
)
from adapters.chargers.lektrico.errors import ERRORS
from adapters.chargers.lektrico.schedule import schedule
from adapters.chargers.lektrico.settings import Knob
from adapters.chargers.lektrico.state import Heard, state_of, wiring
from adapters.chargers.lektrico.values import answer, flag, number, three
from adapters.wire.jsonrpc_reply import Json, NoSuchMethodError, result_of
from controller.domain.units import ChargerId, Grid
from controller.errors import CredentialsError, DeviceError, DeviceNonsense, DeviceRefused


@pytest.mark.parametrize(
    "body",
    [
        b'{"em_offline": true}',
        b'{"result": {"em_offline": true}}',
        b'{"id": 3, "src": "1p7k_500006", "dst": "x", "result": {"em_offline": true}}\r\n',
        b'{"jsonrpc": "2.0", "id": 3, "result": {"em_offline": true}, "error": null}',
    ],
)
def test_bare_wrapped_and_framed_results_are_the_same(body: bytes) -> None:
    assert result_of(body, 200, ERRORS) == {"em_offline": True}


@pytest.mark.parametrize(("code", "kind"), ERRORS.items())
@pytest.mark.parametrize("framed", [True, False])
def test_every_error_code_has_its_type_in_both_shapes(
    code: int, kind: type[DeviceRefused], *, framed: bool
) -> None:
    fault = {"code": code, "message": "no"}
    body = json.dumps({"id": 1, "error": fault} if framed else fault).encode()

    with pytest.raises(kind) as refused:
        result_of(body, 200 if framed else 500, ERRORS)

    assert refused.value.code == code


def test_a_code_from_the_future_is_a_plain_refusal() -> None:
    with pytest.raises(DeviceRefused) as refused:
        result_of(b'{"code": -42, "message": "new"}', 500, ERRORS)

    assert refused.value.code == -42


def test_false_is_a_refusal() -> None:
    with pytest.raises(DeviceRefused, match="false"):
        result_of(b'{"id": 1, "result": false}', 200, ERRORS)


def test_an_unknown_method_is_told_from_other_refusals() -> None:
    with pytest.raises(NoSuchMethodError):
        result_of(b"<h1>404</h1>", 404, ERRORS)


@pytest.mark.parametrize(("body", "status"), [(b"", 401), (b"no", 403), (b"true", 403)])
def test_a_login_that_is_not_accepted_is_the_operators_to_put_right(body: bytes, status: int) -> None:
    with pytest.raises(CredentialsError):
        result_of(body, status, ERRORS)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 200), (b"<html>", 200), (b"[" * 100_000, 200), (b"true", 500)],
)
def test_what_is_no_answer_is_nonsense(body: bytes, status: int) -> None:
    with pytest.raises(DeviceNonsense):
        result_of(body, status, ERRORS)


def test_numbers_that_are_none_are_missing() -> None:
    info = answer(ChargerInfo, result_of(b'{"current": NaN, "voltage": 1e999, "temperature": true}', 200, {}))

    assert (info.current_a, info.voltage_v, info.temperature_c) == (None, None, None)


@pytest.mark.parametrize(
    ("raw", "read"), [(7, 7.0), ("7.5", 7.5), (" 7", 7.0), (True, None), ("x", None), (10**400, None)]
)
def test_numbers_are_read_with_tolerance(raw: Json, read: float | None) -> None:
    assert number(raw) == read


@pytest.mark.parametrize(("raw", "read"), [(True, True), ("False", False), (1, None), (None, None)])
def test_truth_values_are_not_guessed(raw: Json, read: bool | None) -> None:
    assert flag(raw) is read


def test_missing_phases_are_unknown() -> None:
    assert three([1.0, "2"]) == (1.0, 2.0, None)


def test_blanks_and_case_of_keys_do_not_matter() -> None:
    currents = answer(SystemCurrents, {"EM_current ": 16, "cable_current ": 20})

    assert (currents.em_a, currents.cable_a) == (16.0, 20.0)


@pytest.mark.parametrize("key", ["has_active_errors", "has_active_error"])
def test_both_spellings_of_the_error_flag_are_read(key: str) -> None:
    assert answer(ChargerInfo, {key: True}).has_active_errors is True


def test_unknown_keys_are_kept() -> None:
    assert answer(AppConfig, {"auto_update": True}).rest == {"auto_update": True}


def test_charged_energy_may_be_a_fraction() -> None:
    assert answer(Counters, {"total_charged_energy": 9683.844}).total_charged_kwh == 9683.844


def test_raised_error_flags_come_in_the_order_of_the_interface() -> None:
    flags = error_flags({"voltage_error": True, "overtemp": True, "new_one": True, "rcd_error": False})

    assert flags.raised == ("overtemp", "voltage_error", "new_one")


def test_the_old_name_of_an_error_flag_is_the_new_one() -> None:
    assert error_flags({"state_machine_e_activated": True}).raised == ("state_e_activated",)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["currents", "extended_charger_state", "charger_state", "session_id", "em_current"]
            )
            | st.text(max_size=8),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(body=st.binary(max_size=80) | JSON.map(lambda value: json.dumps(value).encode()))
@example(body=b'{"currents": [1e400, -1e308, "nan"]}')
@example(body=b'{"error": 5}')
@example(body=b'{"session_id": 1e300, "charging_time": "1e5"}')
def test_any_body_is_a_state_a_typed_error_or_nonsense(body: bytes) -> None:
    try:
        raw = result_of(body, 200, ERRORS)
        info, currents = answer(ChargerInfo, raw), answer(SystemCurrents, raw)
        error_flags(raw)
    except (DeviceError, CredentialsError):
        return
    heard = Heard(at_mono_s=1.0, info=info, currents=currents, limit_a=currents.em_a, knob=Knob.EM)

    state = state_of(ChargerId("x"), heard, wiring(Grid.TN, (1, 2, 3), DeviceInfo()))

    assert state.draw_a is None or all(0.0 <= current_a < 100.0 for current_a in state.draw_a)


@given(raw=JSON)
def test_any_schedule_is_read_or_refused(raw: Json) -> None:
    try:
        read = schedule(raw)
    except DeviceError:
        return

    assert all(interval.current_a == 0 or 6 <= interval.current_a <= 32 for interval in read)

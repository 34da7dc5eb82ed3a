from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.chargers.easee.latest import Latest
from adapters.chargers.easee.messages import Observed
from adapters.chargers.easee.observations import NAMES
from adapters.chargers.easee.settings import EaseeSettings
from adapters.chargers.easee.state import Beyond, Wiring, is_master, is_offline, state_of
from controller.domain.readings import ChargerState, Plug
from controller.domain.site import ChargerSpec
from controller.domain.units import ChargerId, CircuitId, Grid
from controller.errors import DeviceNonsense

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
THREE = Wiring(charger=ChargerId("bay"), grid=Grid.TN, phases=(1, 2, 3), draw_ttl_s=60.0)
BEYOND = Beyond(mono_s=10.0, limit_a=16.0, session_id=None)

KEYS = {"serial": "EH1", "host": "broker", "queue": "q", "exchange": "x", "user": "u", "password": "p"}


def known(values: dict[int, object], heard_mono_s: float = 10.0) -> Latest:
    latest = Latest()
    for id_, value in values.items():
        latest.take(Observed(id=id_, value=value, at=NOON), NOON, heard_mono_s)
    return latest


def state(values: dict[int, object], where: Wiring = THREE) -> ChargerState:
    return state_of(known(values), where, BEYOND)


@pytest.mark.parametrize(
    ("mode", "plug"),
    [
        (1, Plug.A),
        (2, Plug.B),
        (3, Plug.C),
        (4, Plug.B),
        (5, Plug.F),
        (6, Plug.B),
        (7, Plug.B),
        (8, Plug.B),
        (0, Plug.UNKNOWN),
        (9, Plug.UNKNOWN),
        (106, Plug.UNKNOWN),
    ],
)
def test_the_plug_is_read_from_the_operating_mode(mode: int, plug: Plug) -> None:
    assert state({109: mode}).plug is plug


@pytest.mark.parametrize("mode", [1, 5])
def test_a_mode_that_denies_a_visible_draw_may_draw(mode: int) -> None:
    assert state({109: mode, 183: 9.0, 184: 0.0, 185: 0.0}).plug is Plug.UNKNOWN


def test_nothing_heard_is_nothing_known() -> None:
    nothing = state({})

    assert (nothing.plug, nothing.draw_a, nothing.ceiling_a, nothing.power_w) == (
        Plug.UNKNOWN,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("where", "draw_a"),
    [
        (THREE, (1.0, 2.0, 3.0)),
        (Wiring(charger=ChargerId("bay"), grid=Grid.TN, phases=(3,), draw_ttl_s=60.0), (0.0, 0.0, 1.0)),
        (Wiring(charger=ChargerId("bay"), grid=Grid.IT, phases=(1, 2, 3), draw_ttl_s=60.0), (4.0, 1.0, 2.0)),
        (Wiring(charger=ChargerId("bay"), grid=Grid.IT, phases=(1, 3), draw_ttl_s=60.0), (4.0, 0.0, 4.0)),
    ],
)
def test_terminals_become_grid_phases(where: Wiring, draw_a: tuple[float, float, float]) -> None:
    assert state({182: 4.0, 183: 1.0, 184: 2.0, 185: 3.0}, where).draw_a == draw_a


def test_a_second_phase_at_the_last_terminal_is_found_there() -> None:
    two = Wiring(charger=ChargerId("bay"), grid=Grid.TN, phases=(2, 3), draw_ttl_s=60.0)

    assert state({21: 30, 183: 1.0, 184: 0.0, 185: 3.0}, two).draw_a == (0.0, 1.0, 3.0)


def test_a_draw_that_lacks_a_phase_is_not_told() -> None:
    assert state({183: 1.0, 184: 2.0}).draw_a is None


def test_a_draw_that_is_too_old_is_not_told() -> None:
    old = known({183: 1.0, 184: 2.0, 185: 3.0}, heard_mono_s=-51.0)

    assert state_of(old, THREE, BEYOND).draw_a is None


@pytest.mark.parametrize(
    ("values", "ceiling"),
    [
        ({47: 20.0, 104: 32_000.0}, (20.0, "charger maximum")),
        ({47: 32.0, 104: 20_000.0}, (20.0, "cable")),
        ({47: 32.0, 104: 20.0}, (20.0, "cable")),
        ({47: 32.0, 104: -1.0}, (32.0, "charger maximum")),
        ({47: 32.0, 115: 10.0, 116: True}, (10.0, "temperature")),
        ({47: 32.0, 115: 10.0, 116: False}, (32.0, "charger maximum")),
        ({47: 32.0, 22: 25.0, 23: 20.0, 24: 25.0}, (20.0, "circuit maximum")),
        ({47: 32.0, 111: 0.0, 112: 0.0, 113: 0.0}, (0.0, "dynamic circuit current")),
        ({47: 32.0, 111: 10.0, 112: 0.0, 113: 0.0}, (10.0, "dynamic circuit current")),
        ({47: 32.0, 111: 10.0, 112: 10.0, 113: 10.0, 146: 3}, (32.0, "charger maximum")),
        ({47: 32.0, 230: 9.0, 231: 12.0, 232: 12.0}, (9.0, "Equalizer")),
    ],
)
def test_the_smallest_limit_of_others_is_the_ceiling(
    values: dict[int, object], ceiling: tuple[float, str]
) -> None:
    found = state(values)

    assert (found.ceiling_a, found.ceiling_by) == ceiling


@pytest.mark.parametrize(
    ("values", "held"),
    [
        ({109: 5, 119: 2048}, "2048"),
        ({109: 5, 219: 7, 118: "relay"}, "error 7 relay"),
        ({109: 7}, "authentication"),
        ({109: 2, 96: 55}, "authentication"),
        ({109: 2, 96: 53}, "disabled"),
        ({109: 2, 96: 54}, "schedule"),
        ({109: 2, 21: 51}, "error: its wiring (grid type 51)"),
    ],
)
def test_why_it_does_not_charge_is_told(values: dict[int, object], held: str) -> None:
    assert held in state(values).held


def test_who_charges_is_not_held_by_its_wiring() -> None:
    assert state({109: 3, 21: 51}).held == ""


@pytest.mark.parametrize("reason", [0, 2, 5, 27, 50, 52, 78, 12345])
def test_a_limit_holds_nobody(reason: int) -> None:
    assert state({109: 2, 96: reason}).held == ""


@pytest.mark.parametrize(
    ("values", "master"),
    [
        ({}, None),
        ({107: "a", 137: "a"}, True),
        ({107: "a", 137: "b"}, False),
        ({146: 1}, True),
        ({146: 3}, False),
        ({146: 0}, None),
    ],
)
def test_a_master_is_known_by_its_back_plate_or_its_node(
    values: dict[int, object], *, master: bool | None
) -> None:
    assert is_master(known(values)) is master


@pytest.mark.parametrize(
    ("values", "offline"), [({250: "0"}, True), ({109: 0}, True), ({250: True}, False), ({}, False)]
)
def test_the_cloud_says_when_it_has_lost_a_charger(values: dict[int, object], *, offline: bool) -> None:
    assert is_offline(known(values)) is offline


def test_units_are_those_of_the_core() -> None:
    found = state({120: 7.4, 121: 3.25})

    assert (found.power_w, found.session_wh) == (7400.0, 3250.0)


@given(
    values=st.dictionaries(st.sampled_from(sorted(NAMES)), st.floats() | st.integers() | st.text(max_size=8))
)
def test_any_observations_make_a_state(values: dict[int, object]) -> None:
    latest = Latest()
    for id_, value in values.items():
        try:
            latest.take(Observed(id=id_, value=value, at=NOON), NOON, 10.0)
        except DeviceNonsense:
            continue
    found = state_of(latest, THREE, BEYOND)

    assert found.draw_a is None or min(found.draw_a) >= 0.0


SPEC = ChargerSpec(id=ChargerId("bay"), circuit=CircuitId("main"), nameplate_a=20.0)


def test_without_commissioned_fallbacks_there_is_no_lease() -> None:
    able = EaseeSettings.model_validate(KEYS).abilities(SPEC)

    assert (able.lease_s, able.lapses_to_a, able.reset_a, able.delivery_s) == (None, None, None, 65.0)


def test_a_lease_lapses_as_high_as_the_nameplate() -> None:
    able = EaseeSettings.model_validate({**KEYS, "ttl_min": 5}).abilities(SPEC)

    assert (able.lease_s, able.lapses_to_a) == (300.0, 20.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"password": None},
        {"queue": ""},
        {"host": ""},
        {"account_user": "me"},
        {"serial": "EH1.O"},
        {"serial": ""},
        {"api_url": "https://me:secret@api.easee.com"},
    ],
)
def test_a_connection_is_whole_or_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EaseeSettings.model_validate(KEYS | changes)


def test_no_secret_is_shown() -> None:
    assert "hush" not in repr(EaseeSettings.model_validate({**KEYS, "password": "hush"}))

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.tesla.answers import ChargeState, VehicleData, charge_state, vehicle_data
from adapters.chargers.tesla.state import Heard, Home, is_here, state_of
from adapters.chargers.tesla.values import Json
from controller.domain.readings import Plug
from controller.domain.units import ChargerId, Grid, Phases

CAR = ChargerId("car")
HOME = Home(grid=Grid.TN, phases=(2, 3, 1))
BERLIN = replace(HOME, latitude_deg=52.52, longitude_deg=13.405, radius_m=100.0)
CHARGES = ChargeState(charging_state="Charging", request_a=10.0, actual_a=10.0, phases=2.0, voltage_v=230.0)


def heard(charge: ChargeState = CHARGES, **more: object) -> Heard:
    known: dict[str, object] = {"at_mono_s": 5.0, "vehicle": VehicleData(charge=charge), "is_here": True}
    return Heard(**(known | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "plug"),
    [
        ("Disconnected", Plug.A),
        ("Stopped", Plug.B),
        ("Complete", Plug.B),
        ("NoPower", Plug.B),
        ("Starting", Plug.C),
        ("Charging", Plug.C),
        ("Calibrating", Plug.C),
        ("Levitating", Plug.UNKNOWN),
    ],
)
def test_only_disconnected_means_unplugged(word: str, plug: Plug) -> None:
    assert state_of(CAR, heard(ChargeState(charging_state=word)), HOME).plug is plug


@pytest.mark.parametrize("word", [None, "Unknown"])
def test_a_car_that_does_not_know_is_plugged_as_before(word: str | None) -> None:
    charge = ChargeState(charging_state=word)

    assert state_of(CAR, heard(charge, plug_before=Plug.A), HOME).plug is Plug.A


@pytest.mark.parametrize(
    ("phases", "draw_a"),
    [
        (1.0, (0.0, 10.0, 0.0)),
        (2.0, (10.0, 10.0, 10.0)),
        (3.0, (10.0, 10.0, 10.0)),
        (None, (10.0, 10.0, 10.0)),
    ],
)
def test_two_phases_are_three_and_an_unknown_number_loads_all(phases: float | None, draw_a: Phases) -> None:
    state = state_of(CAR, heard(replace(CHARGES, phases=phases)), HOME)

    assert state.draw_a == draw_a


@pytest.mark.parametrize(
    ("power_kw", "current_a", "lines"), [(7.0, 10.0, 3), (2.0, 10.0, 1), (7.0, 4.0, 1), (1e9, 10.0, 3)]
)
def test_a_power_that_speaks_of_more_phases_loads_them(power_kw: float, current_a: float, lines: int) -> None:
    charge = replace(CHARGES, phases=1.0, actual_a=current_a, power_kw=power_kw)

    draw_a = state_of(CAR, heard(charge), HOME).draw_a

    assert draw_a is not None
    assert sum(1 for one in draw_a if one) == lines


def test_power_is_what_current_and_voltage_say() -> None:
    assert state_of(CAR, heard(), HOME).power_w == 6900.0


def test_a_stopped_car_is_limited_to_nothing() -> None:
    charge = ChargeState(charging_state="Stopped", request_a=16.0)

    assert state_of(CAR, heard(charge), HOME).limit_a == 0.0


def test_a_full_car_may_draw_up_to_its_cap_unless_it_was_stopped() -> None:
    full = ChargeState(charging_state="Complete", request_a=16.0)
    stopped = replace(full, enabled=False)

    limits_a = [state_of(CAR, heard(charge), HOME).limit_a for charge in (full, stopped)]

    assert limits_a == [16.0, 0.0]


def test_a_car_without_a_cable_keeps_its_cap_until_a_pause_was_ordered() -> None:
    charge = ChargeState(charging_state="Disconnected", request_a=16.0)

    assert state_of(CAR, heard(charge), HOME).limit_a == 16.0
    assert state_of(CAR, heard(charge, ordered_a=0.0), HOME).limit_a == 0.0


def test_a_car_that_charges_elsewhere_is_not_here() -> None:
    state = state_of(CAR, heard(is_here=False), HOME)

    assert (state.plug, state.limit_a, state.draw_a) == (Plug.A, 0.0, (0.0, 0.0, 0.0))


@pytest.mark.parametrize(("north_deg", "here"), [(0.0005, True), (0.0015, False)])
def test_the_site_has_a_radius(north_deg: float, *, here: bool) -> None:
    vehicle = VehicleData(charge=CHARGES, latitude_deg=52.52 + north_deg, longitude_deg=13.405)

    assert is_here(vehicle, BERLIN) is here


def test_a_car_that_tells_no_place_is_here() -> None:
    assert is_here(VehicleData(charge=CHARGES), BERLIN)


def test_a_fast_charger_is_never_here() -> None:
    assert not is_here(VehicleData(charge=replace(CHARGES, fast_charger=True)), HOME)


def test_the_socket_is_a_ceiling_only_while_the_car_charges() -> None:
    charge = replace(CHARGES, pilot_a=13.0, request_max_a=32.0)

    assert state_of(CAR, heard(charge), HOME).ceiling_a == 13.0
    assert state_of(CAR, heard(replace(charge, charging_state="Stopped")), HOME).ceiling_a is None


def test_a_schedule_of_its_own_is_said() -> None:
    charge = ChargeState(charging_state="NoPower", scheduled=True)

    assert state_of(CAR, heard(charge), HOME).held == "schedule of its own"


def test_a_draw_that_denies_an_empty_socket_may_go_on() -> None:
    charge = ChargeState(charging_state="Disconnected", actual_a=12.0)

    assert state_of(CAR, heard(charge), HOME).plug is Plug.UNKNOWN


FIELDS = st.sampled_from(
    [
        "charging_state", "charger_actual_current", "charge_current_request", "charge_amps", "charger_phases",
        "charger_pilot_current", "charge_current_request_max", "charger_voltage", "charger_power",
        "battery_level", "charge_energy_added", "charge_enable_request", "scheduled_charging_pending",
        "timestamp", "something_new",
    ]
)  # fmt: skip
VALUES: st.SearchStrategy[Json] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["Charging", "<invalid>", "7", ""]),
    st.just([]), st.just({}),
)  # fmt: skip


@given(told=st.dictionaries(FIELDS, VALUES))
def test_whatever_is_told_no_limit_or_draw_is_out_of_this_world(told: dict[str, Json]) -> None:
    state = state_of(CAR, heard(charge_state(told)), HOME)

    assert state.limit_a is None or 0.0 <= state.limit_a <= 100.0
    assert state.draw_a is None or all(0.0 <= current_a <= 100.0 for current_a in state.draw_a)


@given(told=st.dictionaries(st.sampled_from(["charge_state", "drive_state", "location_data"]), VALUES))
def test_whatever_the_parts_are_they_are_read(told: dict[str, Json]) -> None:
    assert is_here(vehicle_data(told), HOME)

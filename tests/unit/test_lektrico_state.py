from dataclasses import replace
from typing import Any

import pytest

from adapters.chargers.lektrico.answers import ChargerInfo, DeviceInfo, SystemCurrents
from adapters.chargers.lektrico.settings import Knob
from adapters.chargers.lektrico.state import Heard, Wiring, state_of, wiring
from controller.domain.readings import ChargerState, Plug
from controller.domain.units import ChargerId, Grid, Phases

THREE = Wiring(grid=Grid.TN, phases=(1, 2, 3))
IDLE = (0.012, 0.006, 0.015)


def heard(currents: SystemCurrents | None = None, knob: Knob = Knob.EM, **info: Any) -> Heard:  # noqa: ANN401 - a row's own keys
    told = ChargerInfo(**{"extended_charger_state": "B", "currents_a": IDLE} | info)
    return Heard(at_mono_s=5.0, info=told, currents=currents or SystemCurrents(), limit_a=16.0, knob=knob)


def state(poll: Heard, where: Wiring = THREE) -> ChargerState:
    return state_of(ChargerId("bay"), poll, where)


@pytest.mark.parametrize(
    ("extended", "letter", "plug"),
    [
        ("A", "A", Plug.A),
        ("B_AUTH", "B", Plug.B),
        ("B_PAUSE", "B", Plug.B),
        ("B_SCHEDULER", "B", Plug.B),
        ("c ", "C", Plug.C),
        ("D", "D", Plug.D),
        ("E", "E", Plug.E),
        ("F", "F", Plug.F),
        (None, "B", Plug.B),
        ("LOCKED", "B", Plug.B),
        ("OTA", None, Plug.UNKNOWN),
        ("B_MOON", "B", Plug.UNKNOWN),
        (None, None, Plug.UNKNOWN),
    ],
)
def test_the_plug_is_read_from_both_states(extended: str | None, letter: str | None, plug: Plug) -> None:
    assert state(heard(extended_charger_state=extended, charger_state=letter)).plug is plug


@pytest.mark.parametrize("word", ["A", "E", "F"])
def test_a_state_that_denies_a_visible_draw_may_draw(word: str) -> None:
    assert state(heard(extended_charger_state=word, currents_a=(9.0, 0.0, 0.0))).plug is Plug.UNKNOWN


def test_idle_noise_is_no_draw() -> None:
    assert state(heard(extended_charger_state="A")).plug is Plug.A


@pytest.mark.parametrize(
    ("phases", "device", "grid", "draw_a"),
    [
        ((2, 3, 1), DeviceInfo(device_id="3p22k_1"), Grid.TN, (3.0, 1.0, 2.0)),
        ((3,), DeviceInfo(device_id="3p22k_1"), Grid.TN, (0.0, 0.0, 1.0)),
        ((1, 2, 3), DeviceInfo(device_id="1p7k_1", connected_phase=2), Grid.TN, (0.0, 1.0, 0.0)),
        ((3,), DeviceInfo(device_id="1p7k_1", connected_phase=2), Grid.TN, (0.0, 0.0, 1.0)),
        ((1, 2, 3), DeviceInfo(device_id="1p7k_1", connected_phase=0), Grid.TN, (1.0, 1.0, 1.0)),
        ((1, 2, 3), DeviceInfo(device_id="1p7k_1", connected_phase=2), Grid.IT, (1.0, 1.0, 1.0)),
        ((1, 3), DeviceInfo(device_id="1p7k_1"), Grid.IT, (1.0, 0.0, 1.0)),
    ],
)
def test_draws_are_mapped_to_the_grid(
    phases: tuple[int, ...], device: DeviceInfo, grid: Grid, draw_a: Phases
) -> None:
    poll = heard(currents_a=(1.0, 2.0, 3.0))

    assert state(poll, wiring(grid, phases, device)).draw_a == draw_a


def test_a_single_phase_charger_may_tell_one_current_alone() -> None:
    poll = heard(currents_a=None, current_a=7.0)

    assert state(poll, Wiring(grid=Grid.TN, phases=(2,))).draw_a == (0.0, 7.0, 0.0)


@pytest.mark.parametrize("currents_a", [None, (1.0, None, 3.0), (1.0, 2.0, 4000.0)])
def test_a_draw_that_cannot_be_seen_is_not_zero(currents_a: object) -> None:
    assert state(heard(currents_a=currents_a)).draws == ()


@pytest.mark.parametrize(
    ("currents", "knob", "ceiling"),
    [
        (SystemCurrents(install_a=20.0, user_a=16.0, em_a=6.0), Knob.EM, (16.0, "user current")),
        (SystemCurrents(install_a=20.0, em_a=8.0, dynamic_a=6.0), Knob.DYNAMIC, (8.0, "energy manager")),
        (SystemCurrents(install_a=20.0, em_a=0.0), Knob.DYNAMIC, (0.0, "energy manager")),
        (SystemCurrents(install_a=20.0, dynamic_a=0.0), Knob.EM, (0.0, "dynamic current")),
        (SystemCurrents(cable_a=0.0, ocpp_a=0.0, install_a=20.0), Knob.EM, (20.0, "install current")),
        (SystemCurrents(schedule_a=0.0, install_a=20.0), Knob.EM, (20.0, "install current")),
        (SystemCurrents(schedule_a=10.0, ocpp_a=13.0), Knob.EM, (10.0, "schedule")),
        (SystemCurrents(), Knob.EM, (None, "")),
    ],
)
def test_the_smallest_limit_of_others_is_the_ceiling(
    currents: SystemCurrents, knob: Knob, ceiling: tuple[float | None, str]
) -> None:
    told = state(heard(currents, knob))

    assert (told.ceiling_a, told.ceiling_by) == ceiling


@pytest.mark.parametrize("reason", [*range(13), None])
def test_the_ceiling_does_not_depend_on_what_binds_now(reason: int | None) -> None:
    limits = SystemCurrents(install_a=20.0, dynamic_a=0.0, ocpp_a=0.0, schedule_a=0.0)

    assert state(heard(limits, current_limit_reason=reason)).ceiling_a == 0.0


def test_a_charger_that_fell_back_by_itself_counts_at_what_it_offers() -> None:
    poll = replace(heard(pwm_a=6.0), limit_a=0.0, em_offline=True)

    assert state(poll).limit_a == 6.0


@pytest.mark.parametrize(
    ("poll", "held"),
    [
        (heard(), ""),
        (heard(extended_charger_state="LOCKED"), "locked"),
        (heard(extended_charger_state="OTA"), "installing firmware"),
        (heard(extended_charger_state="B_AUTH"), "waiting for authentication"),
        (heard(extended_charger_state="B_SCHEDULER"), "schedule of its own"),
        (replace(heard(), paused_by_person=True), "paused by a person"),
        (
            replace(heard(has_active_errors=True), errors=("overtemp", "rcd_error")),
            "error overtemp, rcd_error",
        ),
        (heard(has_active_errors=True), "error"),
    ],
)
def test_what_holds_the_charger_is_said(poll: Heard, held: str) -> None:
    assert state(poll).held == held

from typing import Any

import pytest

from adapters.chargers.everest.picture import Picture
from adapters.chargers.everest.reading import variable
from controller.domain.readings import Plug
from controller.domain.site import ChargerSpec
from controller.domain.units import ChargerId, CircuitId, Grid, Phases


def picture(
    phases: tuple[int, ...] = (1, 2, 3), grid: Grid = Grid.TN, *, waits_for_energy: bool = True
) -> Picture:
    return Picture(
        charger=ChargerId("bay"),
        grid=grid,
        spec=ChargerSpec(id=ChargerId("bay"), circuit=CircuitId("main"), phases=phases),
        meter_ttl_s=10.0,
        waits_for_energy=waits_for_energy,
        resume_s=10.0,
    )


def say(seen: Picture, name: str, value: Any, at_s: float = 1.0) -> None:  # noqa: ANN401 - any JSON value
    seen.take(name, variable(name, value), at_s)


def happen(seen: Picture, event: str, **more: Any) -> None:  # noqa: ANN401 - any JSON value
    say(seen, "session_event", {"uuid": "s1", "event": event, **more})


def meter(**told: object) -> dict[str, object]:
    return {"timestamp": "2026-08-21T10:15:30.000Z", "energy_Wh_import": {"total": 1000.0}, **told}


@pytest.mark.parametrize(
    ("event", "plug"),
    [
        ("SessionFinished", Plug.A),
        ("AuthRequired", Plug.B),
        ("TransactionStarted", Plug.B),
        ("PrepareCharging", Plug.B),
        ("ChargingStarted", Plug.C),
        ("ChargingResumed", Plug.C),
        ("ChargingPausedEV", Plug.B),
        ("ChargingPausedEVSE", Plug.B),
        ("WaitingForEnergy", Plug.B),
        ("SwitchingPhases", Plug.B),
        ("StoppingCharging", Plug.B),
        ("ChargingFinished", Plug.B),
        ("TransactionFinished", Plug.B),
        ("Disabled", Plug.F),
        ("PermanentFault", Plug.F),
        ("AllErrorsCleared", Plug.UNKNOWN),
        ("Levitating", Plug.UNKNOWN),
    ],
)
def test_the_plug_follows_the_events(event: str, plug: Plug) -> None:
    seen = picture()
    happen(seen, event)

    assert seen.state(1.0, None).plug is plug


@pytest.mark.parametrize(("reason", "plug"), [("EVConnected", Plug.B), ("Authorized", Plug.A)])
def test_a_session_may_begin_before_the_car_comes(reason: str, plug: Plug) -> None:
    seen = picture()
    happen(seen, "SessionStarted", session_started={"timestamp": "t", "reason": reason})

    assert seen.state(1.0, None).plug is plug


@pytest.mark.parametrize("event", ["Authorized", "Deauthorized", "ReservationStart", "ReservationEnd"])
def test_events_that_say_nothing_of_the_plug_leave_it(event: str) -> None:
    seen = picture()
    happen(seen, "ChargingStarted")
    happen(seen, event)

    assert seen.state(1.0, None).plug is Plug.C


def test_enabled_is_no_proof_that_no_car_is_there() -> None:
    seen = picture()
    happen(seen, "Disabled")
    happen(seen, "Enabled")

    assert seen.state(1.0, None).plug is Plug.UNKNOWN


def test_nothing_heard_may_draw() -> None:
    assert picture().state(1.0, None).plug is Plug.UNKNOWN


@pytest.mark.parametrize(
    ("state", "plug"),
    [
        ("Unplugged", Plug.A),
        ("Reserved", Plug.A),
        ("Preparing", Plug.B),
        ("Charging", Plug.C),
        ("FinishedEV", Plug.B),
        ("Disabled", Plug.F),
        ("Unknown", Plug.UNKNOWN),
        ("Dreaming", Plug.UNKNOWN),
    ],
)
def test_session_info_starts_the_picture(state: str, plug: Plug) -> None:
    seen = picture()
    say(seen, "session_info", {"state": state})

    assert seen.state(1.0, None).plug is plug


def test_the_charging_of_2023_is_not_believed_over_an_event() -> None:
    seen = picture()
    happen(seen, "PrepareCharging")
    say(seen, "session_info", {"state": "Charging"})

    assert seen.state(1.0, None).plug is Plug.B


def test_session_info_puts_right_an_event_that_was_missed() -> None:
    seen = picture()
    happen(seen, "ChargingStarted")
    say(seen, "session_info", {"state": "Unplugged"})

    assert seen.state(1.0, None).plug is Plug.A


def test_a_state_that_denies_a_visible_draw_may_draw() -> None:
    seen = picture()
    happen(seen, "SessionFinished")
    say(seen, "powermeter", meter(current_A={"L1": 9.0, "L2": 0.0, "L3": 0.0}))

    assert seen.state(1.0, None).plug is Plug.UNKNOWN


@pytest.mark.parametrize(
    ("phases", "grid", "draw_a"),
    [
        ((2, 3, 1), Grid.TN, (3.0, 1.0, 2.0)),
        ((3,), Grid.TN, (0.0, 0.0, 1.0)),
        ((1, 3), Grid.IT, (1.0, 0.0, 1.0)),
    ],
)
def test_draws_are_mapped_to_the_grid(phases: tuple[int, ...], grid: Grid, draw_a: Phases) -> None:
    seen = picture(phases, grid)
    say(seen, "powermeter", meter(current_A={"L1": 1.0, "L2": 2.0, "L3": 3.0}))

    assert seen.state(1.0, None).draw_a == draw_a


def test_a_current_that_is_not_told_is_worked_out_from_power_and_voltage() -> None:
    seen = picture((1,))
    say(seen, "powermeter", meter(power_W={"total": 2300.0, "L1": 2300.0}, voltage_V={"L1": 230.0}))

    assert seen.state(1.0, None).draw_a == (10.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"power_W": {"total": 7000.0}},
        {"current_A": {"L1": 1.0, "L2": 2.0}},
        {"current_A": {"L1": 1.0, "L2": 2.0, "L3": 4000.0}},
    ],
)
def test_a_draw_that_cannot_be_seen_is_not_zero(told: dict[str, object]) -> None:
    seen = picture()
    say(seen, "powermeter", meter(**told))

    assert seen.state(1.0, None).draws == ()


def test_an_old_draw_is_no_draw() -> None:
    seen = picture()
    say(seen, "powermeter", meter(current_A={"L1": 1.0, "L2": 1.0, "L3": 1.0}), at_s=1.0)

    assert seen.state(11.1, None).draws == ()


@pytest.mark.parametrize(
    ("waits_for_energy", "reasons", "held"),
    [
        (True, None, "paused by a person"),
        (False, ["UserPause"], "paused by a person"),
        (False, ["NoEnergy"], ""),
        (False, ["UserPause", "NoEnergy"], "paused by a person"),
        (False, None, ""),
    ],
)
def test_a_persons_pause_is_told_from_a_lack_of_energy(
    reasons: list[str] | None, held: str, *, waits_for_energy: bool
) -> None:
    seen = picture(waits_for_energy=waits_for_energy)
    happen(seen, "ChargingPausedEVSE", **({"charging_paused_evse": {"reasons": reasons}} if reasons else {}))

    assert seen.held(1.0) == held


def test_a_pause_without_a_reason_is_a_persons_once_there_is_energy_for_long() -> None:
    seen = picture(waits_for_energy=False)
    say(seen, "limits", {"max_current": 10.0, "nr_of_phases_available": 3}, at_s=1.0)
    happen(seen, "ChargingPausedEVSE")

    assert (seen.held(10.9), seen.held(11.0)) == ("", "paused by a person")


def test_a_pause_that_is_told_before_the_lack_of_energy_that_causes_it_is_no_persons() -> None:
    seen = picture(waits_for_energy=False)
    say(seen, "limits", {"max_current": 10.0, "nr_of_phases_available": 3}, at_s=1.0)
    say(seen, "session_event", {"uuid": "s1", "event": "ChargingPausedEVSE"}, at_s=100.0)
    at_once = seen.held(100.0)
    say(seen, "limits", {"max_current": 0.0, "nr_of_phases_available": 3}, at_s=100.5)

    assert (at_once, seen.held(200.0)) == ("", "")


@pytest.mark.parametrize(
    ("event", "held"),
    [
        ("Disabled", "disabled"),
        ("AuthRequired", "waiting for authentication"),
        ("PermanentFault", "error, permanent"),
        ("ChargingStarted", ""),
        ("WaitingForEnergy", ""),
    ],
)
def test_what_holds_it_is_said(event: str, held: str) -> None:
    seen = picture()
    happen(seen, event)

    assert seen.held(1.0) == held


def test_an_error_of_2023_is_named() -> None:
    seen = picture()
    happen(seen, "Error", error={"error_code": "RCD"})

    assert seen.held(1.0) == "error RCD"


@pytest.mark.parametrize(
    ("told", "ceiling"),
    [
        ({"hw_capabilities": {"max_current_A_import": 16.0}}, (16.0, "hardware")),
        ({"capabilities": {"max_current_A": 20.0}}, (20.0, "EVerest's energy node")),
        ({"ac_pp_ampacity": {"ampacity": "A_20"}}, (20.0, "cable")),
        ({"ac_pp_ampacity": {"ampacity": "A_63_3ph_70_1ph"}}, (63.0, "cable")),
        ({"ac_pp_ampacity": {"ampacity": "None"}}, (None, "")),
        ({}, (None, "")),
    ],
)
def test_the_ceiling_is_what_no_limit_of_ours_moves(
    told: dict[str, object], ceiling: tuple[float | None, str]
) -> None:
    seen = picture()
    for name, value in told.items():
        say(seen, name, value)

    state = seen.state(1.0, None)
    assert (state.ceiling_a, state.ceiling_by) == ceiling


def test_the_energy_of_a_session_is_counted_from_its_start_where_nobody_tells_it() -> None:
    seen = picture()
    happen(seen, "TransactionStarted", transaction_started={"meter_value": meter()})
    say(seen, "powermeter", meter(energy_Wh_import={"total": 3500.0}))

    assert seen.state(1.0, None).session_wh == 2500.0

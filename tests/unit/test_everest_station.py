"""The twin of an EVSE: what a limit of 0, a person's pause and a car's pause look like, era by era."""

from typing import Any

import pytest

from simulator.chargers.everest_profile import Profile
from simulator.chargers.everest_station import Station
from tests.fakes.clock import FakeClock

ERAS = pytest.mark.parametrize("reasons", [False, True], ids=["up to 2025.12", "from 2026.02"])


def charging(**own: Any) -> Station:  # noqa: ANN401 - fields of the station
    station = Station(clock=FakeClock(), **own)
    station.plug_in("a car")
    station.write(16.0)
    station.cycle()
    station.set_draw((16.0, 16.0, 16.0), 11_040.0)
    station.events.clear()
    return station


def told(station: Station) -> list[str]:
    return [each["event"] for each in station.events]


@pytest.mark.parametrize(
    ("reasons", "says", "goes_on"),
    [(False, "WaitingForEnergy", "ChargingResumed"), (True, "ChargingPausedEVSE", "ChargingStarted")],
)
def test_a_limit_of_0_while_charging_is_told_as_its_era_does(reasons: bool, says: str, goes_on: str) -> None:
    station = charging(reasons=reasons)
    station.write(0.0)
    station.cycle()
    state, event = station.state, station.events[-1]

    station.write(16.0)
    station.cycle()

    assert (state, told(station), station.state) == (says, [says, goes_on], "Charging")
    assert event.get("charging_paused_evse") == ({"reasons": ["NoEnergy"]} if reasons else None)


def test_a_car_that_follows_a_lack_of_energy_does_not_pause_by_itself() -> None:
    station = charging()
    station.write(0.0)
    station.cycle()

    station.set_draw((0.0, 0.0, 0.0), 0.0)
    station.write(16.0)
    station.cycle()

    assert told(station) == ["WaitingForEnergy", "PrepareCharging"]


@ERAS
def test_only_what_charges_can_be_paused(reasons: bool) -> None:
    station = Station(clock=FakeClock(), reasons=reasons)
    without_car = station.pause()
    station.plug_in("a car")
    before_it_draws = station.pause()
    station.set_draw((16.0, 16.0, 16.0), 11_040.0)
    while_charging, again = station.pause(), station.pause()

    assert (without_car, before_it_draws, while_charging, again) == (False, False, True, False)


def test_the_end_of_a_persons_pause_leads_through_waiting_for_energy() -> None:
    station = charging()
    station.pause()
    ended, state = station.resume(), station.state
    station.cycle()

    assert (ended, state, station.state) == (True, "WaitingForEnergy", "Charging")
    assert told(station) == ["ChargingPausedEVSE", "WaitingForEnergy", "ChargingResumed"]


def test_from_2026_02_the_end_of_a_persons_pause_waits_for_nothing() -> None:
    station = charging(reasons=True)
    station.pause()
    station.resume()

    assert told(station) == ["ChargingPausedEVSE", "ChargingStarted"]


@pytest.mark.parametrize(("spares", "enforced_a"), [(True, 6.0), (False, 16.0)])
def test_a_car_that_pauses_is_told_the_least_where_the_evse_asks_for_no_more(
    spares: bool, enforced_a: float
) -> None:
    station = charging(spares_when_paused=spares)
    station.set_draw((0.0, 0.0, 0.0), 0.0)
    paused = station.state, station.enforced_a
    station.set_draw((6.0, 6.0, 6.0), 4140.0)

    assert paused == ("ChargingPausedEV", enforced_a)
    assert (station.state, station.enforced_a) == ("Charging", 16.0)


@pytest.mark.parametrize(
    ("version", "interface", "said", "heard"),
    [
        ((2023, 8, 0), "internal", 2, 2),
        ((2026, 2, 1), "internal", 2, 2),
        ((2026, 2, 1), "api", 0, 0),
        ((9999, 0, 0), "api_v1", 2, 0),
    ],
)
def test_the_twin_speaks_with_the_qos_of_its_version(
    version: tuple[int, int, int], interface: str, said: int, heard: int
) -> None:
    profile = Profile(version=version, interface=interface)

    assert (profile.qos_said, profile.qos_heard) == (said, heard)

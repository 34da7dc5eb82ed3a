"""What a simulated Easee charger does that has lost its cloud."""

import pytest

from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_circuit import EaseeCircuitModel
from simulator.chargers.easee_device import EaseeDevice
from tests.fakes.clock import FakeClock

FALLBACK_A, LIMITED_BY_FALLBACK, FALLBACK_TOO_LOW = (8.0, 8.0, 8.0), 30, 3


@pytest.fixture
def circuit() -> EaseeCircuitModel:
    """Hand out a circuit whose fallback was commissioned."""
    return EaseeCircuitModel(clock=FakeClock(), fallback_a=FALLBACK_A)


def twin_on(circuit: EaseeCircuitModel, *, is_master: bool = True) -> EaseeTwin:
    clock = circuit.clock
    twin = EaseeTwin(device=EaseeDevice(clock=clock, circuit=circuit, is_master=is_master), clock=clock)
    twin.plug_in("a car")
    return twin


def test_a_master_without_its_cloud_keeps_to_the_fallback(circuit: EaseeCircuitModel) -> None:
    twin = twin_on(circuit)
    before_a = twin.offered_a

    twin.vanish()

    assert (before_a, twin.offered_a, twin.device.reason) == (32.0, 8.0, LIMITED_BY_FALLBACK)


def test_a_fallback_below_6_a_pauses_and_says_why(circuit: EaseeCircuitModel) -> None:
    twin = twin_on(circuit)
    circuit.fallback_a = (0.0, 0.0, 0.0)

    twin.vanish()

    assert (twin.offered_a, twin.device.reason) == (0.0, FALLBACK_TOO_LOW)


def test_the_fallback_lifts_no_limit(circuit: EaseeCircuitModel) -> None:
    twin = twin_on(circuit)
    twin.device.set_dynamic(6.0, None)

    twin.vanish()

    assert twin.offered_a == 6.0


def test_the_fallback_holds_for_the_chargers_that_hang_on_the_master(circuit: EaseeCircuitModel) -> None:
    master = EaseeTwin(device=EaseeDevice(clock=circuit.clock, circuit=circuit), clock=circuit.clock)
    secondary = twin_on(circuit, is_master=False)

    master.vanish()

    assert secondary.offered_a == 8.0


def test_a_secondary_without_its_cloud_changes_nothing(circuit: EaseeCircuitModel) -> None:
    secondary = twin_on(circuit, is_master=False)

    secondary.vanish()

    assert secondary.offered_a == 32.0


async def test_the_fallback_ends_when_the_cloud_is_back_and_limits_are_as_they_were(
    circuit: EaseeCircuitModel,
) -> None:
    twin = twin_on(circuit)
    twin.device.set_dynamic(16.0, None)
    twin.vanish()

    await twin.come_back()

    assert (twin.offered_a, twin.device.reboots) == (16.0, 0)


async def test_a_restart_ends_the_fallback_too(circuit: EaseeCircuitModel) -> None:
    twin = twin_on(circuit)
    twin.vanish()

    await twin.restart()

    assert (twin.offered_a, circuit.is_offline) == (32.0, False)

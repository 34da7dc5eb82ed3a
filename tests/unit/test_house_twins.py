"""The house and the real twins, coupled without opening a socket."""

import pytest

from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.units import ChargerId, CircuitId
from simulator.chargers.lektrico import LektricoTwin
from simulator.house.base_load import SteadyLoad
from simulator.house.car import ORDINARY, Car
from simulator.house.house import House
from simulator.house.sockets import Outlet, SwitchingOutlet, Tap, wire
from simulator.meters.modbus_twin import ModbusMeterTwin
from tests.fakes.clock import FakeClock

MAIN, LEFT = CircuitId("main"), ChargerId("left")
SITE = Site(
    circuits=(Circuit(id=MAIN, limit_a=(25.0, 25.0, 25.0)),), chargers=(ChargerSpec(id=LEFT, circuit=MAIN),)
)


def test_a_lektrico_twin_charges_a_car_of_the_house_and_a_modbus_twin_can_be_told() -> None:
    house = House(
        SITE, starts=FakeClock().now(), base_loads={MAIN: (SteadyLoad((230.0, 0.0, 0.0)),)}, sag_v_per_a=0.0
    )
    charger: Outlet = LektricoTwin(clock=FakeClock())
    meter = ModbusMeterTwin("eastron_sdm630")
    wiring = wire(house, {LEFT: charger}, [Tap(meter, lambda: house.root)])
    house.plug_in(LEFT, Car(ORDINARY))

    for _ in range(300):
        wiring.step(0.1)

    assert isinstance(charger, SwitchingOutlet)
    assert charger.offered_a >= 16.0
    assert house.root.currents_a == pytest.approx((17.0, 16.0, 16.0))

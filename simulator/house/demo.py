"""The demo house: two cars, an oven, a cloud and a kettle behind a 25 A fuse."""

from datetime import UTC, datetime

from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.units import ChargerId, CircuitId, MeterId
from simulator.house.appliances import kitchen_and_bath
from simulator.house.base_load import BaseLoad
from simulator.house.car import ONE_PHASE, ORDINARY, Car
from simulator.house.house import House
from simulator.house.household import Household
from simulator.house.programs import Appliance, steady, thermostat
from simulator.house.script import Scene, Script
from simulator.house.solar import Clouds, Solar, SolarPlant

# A bright noon: the sun is up for as long as anybody will watch.
NOON = datetime(2026, 6, 24, 11, tzinfo=UTC)

ROUND_S = 150.0

DEMO_SITE = Site(
    id="demo",
    circuits=(Circuit(id=CircuitId("main"), limit_a=(25.0, 25.0, 25.0), meter=MeterId("grid")),),
    chargers=(
        ChargerSpec(id=ChargerId("left"), circuit=CircuitId("main"), max_a=16.0),
        ChargerSpec(id=ChargerId("right"), circuit=CircuitId("main"), max_a=32.0),
    ),
)

_SCRIPTED = (
    # 13.9 A on L1, where both cars charge; hot for longer than the scene lasts.
    Appliance(name="oven", program=thermostat(3200.0, on_s=45.0, off_s=100.0, heat_up_s=540.0)),
    Appliance(name="kettle", program=steady(2200.0, 150.0)),
)


def demo_house(
    seed: int, *, site: Site = DEMO_SITE, starts: datetime = NOON, base_loads: tuple[BaseLoad, ...] = ()
) -> House:
    """Build the house of `phasewise demo`, with a script of two and a half minutes that repeats.

    The first two chargers of `site` play. Behind 25 A both cars fill L1, so that the oven, the cloud (as far
    as the sun was counted) and the kettle each come as a step larger than what is spare. `base_loads` are
    added to the quiet household.
    """
    quiet = tuple(one for one in kitchen_and_bath() if one.always)
    household = Household((*quiet, *_SCRIPTED), seed=seed)
    plant = SolarPlant(peak_w=5000.0, inverter_w=5000.0)
    return House(
        site,
        starts=starts,
        base_loads={site.circuits[0].id: (household, *base_loads)},
        solar=Solar(plant, Clouds(f"{seed}/sky", cloudy_s=0.0)),
        happenings=(_script(site.chargers[0].id, site.chargers[1].id),),
    )


def _script(first: ChargerId, second: ChargerId) -> Script:
    return Script(
        (
            Scene(at_s=2.0, act=lambda house: house.plug_in(first, Car(ORDINARY, soc_pct=35.0))),
            Scene(at_s=5.0, act=lambda house: house.plug_in(second, Car(ONE_PHASE, soc_pct=50.0))),
            Scene(at_s=46.0, act=lambda house: house.switch("oven", on=True)),
            Scene(at_s=62.0, act=lambda house: house.cloud(depth=0.8, seconds=25.0)),
            Scene(at_s=90.0, act=lambda house: house.switch("oven", on=False)),
            Scene(at_s=112.0, act=lambda house: house.switch("kettle", on=True)),
            Scene(at_s=124.0, act=lambda house: house.switch("kettle", on=False)),
            Scene(at_s=138.0, act=lambda house: house.unplug(second)),
            Scene(at_s=146.0, act=lambda house: house.unplug(first)),
        ),
        repeats_s=ROUND_S,
    )

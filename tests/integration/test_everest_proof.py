"""What proves a limit that EVerest does not answer, on a real broker."""

import pytest

from simulator.chargers.everest_profile import Profile
from tests.integration.everest_stations import API, API_2023, V1, house, until

UNANSWERED = pytest.mark.parametrize("profile", [API_2023, API, V1], ids=["API 2023", "API", "API v1"])


@UNANSWERED
async def test_a_cut_while_the_car_pauses_counts_and_holds_when_the_car_goes_on(profile: Profile) -> None:
    async with house(profile) as bench, bench.running():
        station = bench.twin.station
        station.spares_when_paused = True
        bench.plug_in()
        await bench.charger.set_limit(16.0)
        await until(bench, 16.0)
        bench.draw((16.0, 16.0, 16.0))
        bench.draw((0.0, 0.0, 0.0))
        paused_a = station.enforced_a

        await bench.charger.set_limit(8.0)
        await until(bench, 8.0)
        bench.draw((6.0, 6.0, 6.0))

        assert (paused_a, station.enforced_a) == (6.0, 8.0)

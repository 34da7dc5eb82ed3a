"""The mixed example: every kind of charger and both brokers under one daemon, broken one after the other."""

from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio

from controller.domain.units import ChargerId, CircuitId
from tests.integration.mixed_house import (
    BAY,
    BRISK,
    CHARGERS,
    GARAGE,
    KILN,
    LEFT,
    MAIN,
    OVEN,
    YARD,
    MixedHouse,
    mixed_house,
)
from tests.integration.mixed_losses import LOSSES, Loss

pytestmark = pytest.mark.asyncio(loop_scope="module")

# From what happens to the last ampere less, charger, wire and car take some 8 s.
LONGEST_OVER_S = 12.0
# Of what a fuse bears before it acts.
MOST_USED = 0.1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MixedHouse]:
    """Start the whole site once; every test leaves it as healthy as it found it."""
    async with mixed_house(tmp_path_factory.mktemp("mixed")) as found:
        with found.clock.at(BRISK):
            await found.until(found.all_are_there, 120.0, "everybody is there")
        found.plug_in(*CHARGERS)
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def living(site: MixedHouse) -> MixedHouse:
    """Hand out the site while every car charges."""
    await site.until_all_charge()
    site.begin()
    return site


def assert_unharmed(living: MixedHouse) -> None:
    """Check that no phase of any circuit bore too much for too long since the test began."""
    assert living.witness.longest_over_s < LONGEST_OVER_S, living.said
    assert living.witness.worst < MOST_USED, living.said


async def test_cars_at_all_five_systems_charge_inside_every_limit(living: MixedHouse) -> None:
    with living.clock.at(BRISK):
        await living.live(30.0)

    assert min(living.drawn_a(charger) for charger in CHARGERS) >= 6.0
    assert living.witness.longest_over_s == 0.0


async def test_a_car_that_leaves_frees_its_room_for_the_others(living: MixedHouse) -> None:
    others = [charger for charger in CHARGERS if charger != BAY]
    before_a = {charger: living.drawn_a(charger) for charger in others}
    freed_a = living.drawn_a(BAY)
    try:
        living.house.unplug(BAY)

        with living.clock.at(BRISK):
            await living.until(
                lambda: sum(living.drawn_a(each) - before_a[each] for each in others) >= freed_a - 2.0,
                200.0,
                "the others use the room",
            )
        assert living.flow_a(YARD) == 0.0
    finally:
        living.plug_in(BAY)
    await living.until_all_charge()
    assert_unharmed(living)


@pytest.mark.parametrize(("machine", "circuit"), [(OVEN, MAIN), (KILN, GARAGE)])
async def test_an_overload_is_cut_in_time(living: MixedHouse, machine: str, circuit: CircuitId) -> None:
    try:
        living.house.switch(machine, on=True)
        await living.until(lambda: living.witness.over(circuit).longest_s > 0.0, 20.0, "it is an overload")
        await living.live(15.0)

        assert living.flow_a(circuit) <= living.limit_a(circuit)
    finally:
        living.house.switch(machine, on=False)
    await living.until_all_charge()
    assert_unharmed(living)


@pytest.mark.parametrize("lost", LOSSES)
async def test_a_loss_harms_no_circuit_and_is_made_up_for_once_healed(living: MixedHouse, lost: str) -> None:
    loss = LOSSES[lost]
    held_a = {charger: living.drawn_a(charger) for charger in CHARGERS}
    await loss.lose(living)
    try:
        with living.clock.at(BRISK):
            await living.until(lambda: loss.is_noticed(living), 60.0, "the loss is noticed")
        living.house.switch(OVEN, on=True)
        await living.live(15.0)

        assert loss.is_noticed(living)
        assert living.flow_a(MAIN) <= living.limit_a(MAIN), living.said
        assert_kept_what_is_lost(living, loss, held_a)
    finally:
        living.house.switch(OVEN, on=False)
        await loss.heal(living)
    await living.until(lambda: not loss.is_noticed(living), 120.0, "it is back")
    await living.until_all_charge()
    assert_unharmed(living)


async def test_the_room_of_a_silent_charger_is_given_to_nobody_even_when_its_car_draws_nothing(
    living: MixedHouse,
) -> None:
    loss, held_a = LOSSES[LEFT], living.drawn_a(LEFT)
    await loss.lose(living)
    try:
        with living.clock.at(BRISK):
            await living.until(lambda: loss.is_noticed(living), 60.0, "the loss is noticed")
            living.house.unplug(LEFT)
            await living.live(40.0)

        assert living.flow_a(MAIN) <= living.limit_a(MAIN) - held_a + 1.0
    finally:
        living.plug_in(LEFT)
        await loss.heal(living)
    await living.until_all_charge()
    assert_unharmed(living)


def assert_kept_what_is_lost(living: MixedHouse, loss: Loss, held_a: Mapping[ChargerId, float]) -> None:
    """Check that a silent charger keeps its promise, and that nobody draws by a meter that is silent."""
    if loss.charger is not None:
        assert living.least_promises_a[loss.charger] >= held_a[loss.charger]
    if loss.circuit is not None:
        for spec in living.house.site.below[loss.circuit]:
            assert living.drawn_a(spec.id) <= (0.0 if spec.abilities.can_pause else spec.min_a)

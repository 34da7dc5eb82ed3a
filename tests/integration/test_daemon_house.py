"""The daemon in a house: cars get their share, and give way to the oven."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from controller.app.summary import summary_of
from controller.domain.units import CircuitId
from controller.domain.writes import Kind
from controller.settings import load
from tests.integration.living import LEFT, NOON, RIGHT, Living, Place, daemon_in, living_in, playing
from tests.integration.living_witness import FUSE_A

MAIN = CircuitId("main")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Hand out a configured place."""
    found = Place(tmp_path)
    found.write()
    return found


@pytest.fixture
async def living(place: Place) -> AsyncIterator[Living]:
    """Hand out a house with its daemon."""
    async with living_in(place) as house:
        yield house


async def test_a_car_that_plugs_in_charges_at_its_share(living: Living) -> None:
    living.plug_in(LEFT)

    await living.until(
        lambda: bool(living.ticks) and living.decision.chargers[LEFT].share_a == 16.0, 60.0, "it has a share"
    )
    await living.until(lambda: living.drawn_a(LEFT) == 16.0, 60.0, "the car draws 16 A")


async def test_two_cars_share_what_the_fuse_leaves(living: Living) -> None:
    await living.both_charge()
    await living.until(
        lambda: living.limit_a(LEFT) + living.limit_a(RIGHT) >= 22.0, 60.0, "nothing is left unused"
    )

    assert abs(living.limit_a(LEFT) - living.limit_a(RIGHT)) <= 2.0
    assert living.witness.longest_over_s < 10.0


async def test_the_oven_pushes_no_phase_over_the_fuse_for_longer_than_ten_seconds(living: Living) -> None:
    await living.both_charge()

    living.house.switch("oven", on=True)
    await living.live(30.0)
    await living.until(lambda: _promised_beside_the_top_a(living) <= FUSE_A, 60.0, "all promises fit")

    assert living.witness.longest_over_s < 10.0
    assert living.witness.protection.worst < 0.2
    assert any(write.kind is Kind.URGENT for write in living.writes)


def _promised_beside_the_top_a(living: Living) -> float:
    """Tell what may flow on the fullest phase at the largest background that was measured in the window."""
    seen = living.decision.memory.circuits[MAIN].seen
    promised_a = living.decision.circuits[MAIN].promised_a
    tops_a = (max(best_a[index] for _, best_a, _ in seen) for index in range(3))
    return max(top_a + held_a for top_a, held_a in zip(tops_a, promised_a, strict=True))


async def test_the_cars_get_their_amperes_back_after_the_oven(living: Living) -> None:
    await living.both_charge()
    living.house.switch("oven", on=True)
    await living.live(30.0)

    living.house.switch("oven", on=False)

    await living.until(
        lambda: living.drawn_a(LEFT) + living.drawn_a(RIGHT) >= 21.0, 120.0, "the cars have it back"
    )
    assert living.witness.protection.worst < 0.2


async def test_the_end_lowers_what_is_not_safe_alone(
    place: Place,
) -> None:
    async with playing(place) as living:
        async with daemon_in(living):
            await living.both_charge()

        assert living.limit_a(LEFT) == living.limit_a(RIGHT) == 0.0


async def test_a_start_interrupts_no_car_that_charges_within_its_limit(place: Place) -> None:
    async with playing(place) as living:
        for charger in (LEFT, RIGHT):
            living.twin(charger).device.em_a = 10
        living.plug_in(LEFT, RIGHT)
        await living.live(30.0)
        assert min(living.drawn_a(LEFT), living.drawn_a(RIGHT)) == 10.0

        async with daemon_in(living):
            await living.until(
                lambda: any(write.kind is Kind.RAISE for write in living.writes),
                90.0,
                "there is room for more",
            )
            drawn = living.drawn_a(LEFT), living.drawn_a(RIGHT)
            told = [write for write in living.writes if write.kind is not Kind.RAISE]

        assert told == []
        assert drawn == (10.0, 10.0)


async def test_a_tick_follows_every_sample_of_the_meter(living: Living) -> None:
    await living.until(lambda: bool(living.ticks), 30.0, "the first tick")
    before, began_s = len(living.ticks), living.clock.mono_s()

    await living.live(30.0)

    per_s = (len(living.ticks) - before) / (living.clock.mono_s() - began_s)
    assert per_s >= 0.9


async def test_a_fault_in_the_decision_leaves_safe_currents_and_ends_the_daemon(place: Place) -> None:
    async with playing(place) as living:
        running = asyncio.ensure_future(living.daemon.run())  # noqa: TID251 - its end is what is looked at
        await living.both_charge()

        living.parts.loop.policies = replace(living.parts.loop.policies, registry={})
        await asyncio.wait([running])

        fault = running.exception()
        assert isinstance(fault, ExceptionGroup)
        assert fault.subgroup(KeyError) is not None
        assert living.limit_a(LEFT) == living.limit_a(RIGHT) == 0.0


async def test_a_task_that_is_cancelled_says_farewell_all_the_same(place: Place) -> None:
    async with playing(place) as living:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(living.daemon.run())
            await living.both_charge()
            running.cancel()

        assert living.limit_a(LEFT) == living.limit_a(RIGHT) == 0.0


async def test_the_day_is_summed_up_from_the_journal(place: Place) -> None:
    async with living_in(place) as living:
        living.plug_in(LEFT)
        await living.until(lambda: living.drawn_a(LEFT) == 16.0, 60.0, "the car charges")
        await living.live(30.0)

    said = await summary_of(load(place.path, {}), NOON + timedelta(days=1), "UTC")

    assert said.startswith(f"{NOON.date()}: 1 session, ")
    assert "(grid " in said
    assert "peak L1 1" in said

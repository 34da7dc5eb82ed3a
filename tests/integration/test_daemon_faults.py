"""The daemon in a house where things break: meter, chargers, broker, database."""

import resource
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from controller.commands import SetMode
from tests.integration.living import (
    LEFT,
    RIGHT,
    Living,
    Place,
    daemon_in,
    living_in,
    playing,
)
from tests.mqtt_observer import observing
from tests.servers import Mosquitto

# What the core grants a silent meter, and what the devices need to obey.
METER_TTL_S, REACTION_S = 5.0, 3.0


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


def _both_at(living: Living, limit_a: float) -> bool:
    return living.limit_a(LEFT) == living.limit_a(RIGHT) == limit_a


def _both_draw(living: Living) -> bool:
    return min(living.drawn_a(LEFT), living.drawn_a(RIGHT)) >= 9.0


async def test_without_its_meter_the_chargers_go_to_what_is_safe_and_come_back_with_it(
    living: Living,
) -> None:
    await living.both_charge()

    await living.gateway.stop()
    took_s = await living.until(lambda: _both_at(living, 0.0), 30.0, "both are safe")
    assert took_s <= METER_TTL_S + REACTION_S

    await living.gateway.start()
    await living.until(lambda: _both_draw(living), 120.0, "both charge again")
    assert living.witness.longest_over_s < 10.0


async def test_a_frozen_meter_counts_as_none(living: Living) -> None:
    await living.both_charge()

    living.meter.faults.frozen = True
    took_s = await living.until(lambda: _both_at(living, 0.0), 40.0, "both are safe")
    assert took_s <= 6.0 + METER_TTL_S + REACTION_S + 1.0

    living.meter.faults.frozen = False
    await living.until(lambda: _both_draw(living), 120.0, "both charge again")


async def test_a_meter_without_values_counts_as_none(living: Living) -> None:
    await living.both_charge()

    living.meter.faults.missing = True

    took_s = await living.until(lambda: _both_at(living, 0.0), 30.0, "both are safe")
    assert took_s <= METER_TTL_S + REACTION_S + 1.0


async def test_a_dead_charger_keeps_its_promise_and_delays_nobody(living: Living) -> None:
    await living.both_charge()

    await living.twin(LEFT).stop()
    await living.until(lambda: living.decision.chargers[LEFT].silent, 60.0, "it counts as silent")
    living.house.switch("oven", on=True)
    await living.live(20.0)

    assert living.decision.chargers[LEFT].promise_a >= living.limit_a(LEFT) >= 6.0
    await living.settles_below_the_fuse()
    assert living.witness.longest_over_s < 10.0
    assert living.witness.protection.worst < 0.2


async def test_a_charger_that_comes_back_is_picked_up_again(living: Living) -> None:
    await living.both_charge()
    await living.twin(LEFT).stop()
    await living.until(lambda: living.decision.chargers[LEFT].silent, 60.0, "it counts as silent")

    await living.twin(LEFT).start()

    await living.until(lambda: not living.decision.chargers[LEFT].silent, 30.0, "it is heard")
    living.house.switch("oven", on=True)
    await living.until(lambda: living.limit_a(LEFT) < 9.0, 30.0, "it obeys again")


async def test_a_rebooted_charger_is_caught_before_the_fuse_minds(living: Living) -> None:
    await living.both_charge()
    living.house.switch("oven", on=True)
    await living.live(20.0)

    await living.twin(LEFT).restart()
    await living.live(60.0)

    assert living.limit_a(LEFT) + living.limit_a(RIGHT) <= 13.0
    assert living.witness.longest_over_s < 15.0
    assert living.witness.protection.worst < 0.2


async def test_a_charger_that_answers_late_is_waited_for_by_nobody(living: Living) -> None:
    await living.both_charge()
    living.twin(LEFT).faults.delay_s = 8.0

    living.house.switch("oven", on=True)
    await living.live(60.0)

    assert living.witness.longest_over_s < 20.0
    assert living.witness.protection.worst < 0.2
    await living.settles_below_the_fuse()


async def test_a_charger_that_refuses_keeps_its_promise_and_is_not_pestered(living: Living) -> None:
    living.plug_in(LEFT)
    await living.until(lambda: living.drawn_a(LEFT) == 16.0, 90.0, "the car charges")
    living.twin(LEFT).faults.refuse = -4
    living.twin(LEFT).faults.only = frozenset({"em_current.set", "dynamic_current.set"})
    before = len(living.writes)

    living.house.switch("oven", on=True)
    await living.live(60.0)

    told = [write for write in living.writes[before:] if write.charger == LEFT]
    assert living.decision.chargers[LEFT].promise_a >= 16.0
    # While the fuse is overloaded it gets another chance every 5 s, and not at every tick.
    assert 1 <= len(told) <= 60 / 5 + 1


async def test_a_charger_that_keeps_nothing_of_what_it_took_stays_budgeted(living: Living) -> None:
    await living.both_charge()
    living.twin(LEFT).faults.em_ignored = True

    living.house.switch("oven", on=True)
    await living.live(40.0)

    # Either the other knob works, or its promise stands and the other charger gives way.
    verdict = living.decision.chargers[LEFT]
    assert living.drawn_a(LEFT) <= verdict.promise_a + 1.0
    assert living.witness.protection.worst < 0.2
    await living.settles_below_the_fuse()


async def test_a_dead_meter_and_a_dead_charger_hold_up_no_start(place: Place) -> None:
    async with living_in(place) as living:
        await living.until(
            lambda: bool(living.ticks) and living.decision.chargers[LEFT].promise_a == 0.0, 60.0, "idle"
        )

    async with playing(place) as living:
        await living.gateway.stop()
        await living.twin(LEFT).stop()
        async with daemon_in(living):
            began_s = living.clock.mono_s()
            await living.until(lambda: len(living.ticks) >= 3, 60.0, "ticks")
            assert living.clock.mono_s() - began_s < 30.0

            await living.gateway.start()
            living.plug_in(RIGHT)

            await living.until(lambda: living.limit_a(RIGHT) == 16.0, 90.0, "the other one charges")


async def test_an_unwritable_database_stops_raises_and_no_cut_and_heals(place: Place, living: Living) -> None:
    living.plug_in(LEFT)
    await living.until(lambda: living.drawn_a(LEFT) == 16.0, 90.0, "one car charges")
    lock = sqlite3.connect(place.database, timeout=10.0, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")

    living.plug_in(RIGHT)
    await living.live(40.0)
    assert living.limit_a(RIGHT) == 0.0
    living.house.switch("oven", on=True)
    await living.until(lambda: living.limit_a(LEFT) < 16.0, 15.0, "cuts go on")
    living.house.switch("oven", on=False)

    lock.execute("ROLLBACK")
    lock.close()
    await living.until(lambda: _both_draw(living), 180.0, "both charge once it heals")
    assert living.witness.protection.worst < 0.2


async def test_a_full_disk_is_survived(living: Living) -> None:
    await living.both_charge()
    ticks = len(living.ticks)

    with _full_disk():
        living.house.switch("oven", on=True)
        await living.live(40.0)
        recording = living.parts.desk.journal.recording
        await living.settles_below_the_fuse()
        living.house.switch("oven", on=False)

    assert not recording
    assert len(living.ticks) > ticks + 30
    await living.until(lambda: _both_draw(living), 180.0, "both charge once there is room again")
    assert living.witness.protection.worst < 0.2


@contextmanager
def _full_disk() -> Iterator[None]:
    """Let no file of this process grow."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_killed_broker_costs_nothing_but_its_messages(place: Place, broker: Mosquitto) -> None:
    place.write(place.text(more=f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n'))
    async with living_in(place, speed=2.0) as living:
        living.plug_in(LEFT)
        await living.until(lambda: living.drawn_a(LEFT) == 16.0, 60.0, "the car charges")
        before, began_s = len(living.ticks), living.clock.mono_s()

        broker.kill()
        await living.live(12.0)
        broker.start()

        assert len(living.ticks) - before >= 0.9 * (living.clock.mono_s() - began_s)
        async with observing(broker.port) as observer:
            await observer.until_says("phasewise/home/availability", b"online")
            await observer.until_says("phasewise/home/charger/left/mode", b"fast")
            observer.publish("phasewise/home/charger/left/mode/set", "off")
            await living.until(lambda: living.limit_a(LEFT) == 0.0, 30.0, "the command is obeyed")


async def test_a_taken_port_costs_the_page_until_it_is_free(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        place.write(place.text().replace("[dashboard]\nport = 0", f"[dashboard]\nport = {port}"))
        async with living_in(place) as living:
            await living.until(lambda: "page is lost: cannot listen on" in caplog.text, 60.0, "the warning")
            other.close()

            await living.until(lambda: _answers(port), 60.0, "the page is there")

    assert caplog.text.count("page is lost") == 1


def _answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


async def test_what_people_asked_is_found_again_once_the_database_is_back(place: Place) -> None:
    async with living_in(place) as living:
        await living.until(lambda: bool(living.ticks), 30.0, "the first tick")
        assert living.parts.desk.take(SetMode(charger=LEFT, mode="off")) is None
    lock = sqlite3.connect(place.database, timeout=10.0, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")

    async with living_in(place) as living:
        await living.until(lambda: bool(living.ticks), 60.0, "the first tick without a database")
        assert living.parts.board.requests == {}
        lock.execute("ROLLBACK")
        lock.close()

        await living.until(lambda: living.parts.board.requests.get(LEFT) is not None, 90.0, "the wish")
        assert living.parts.board.requests[LEFT].mode == "off"

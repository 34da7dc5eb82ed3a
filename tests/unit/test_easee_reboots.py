"""What a reboot of an Easee charger does to what is believed of its limit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from adapters.chargers.easee.device import EaseeDevice
from adapters.chargers.easee.knob import Knob
from adapters.chargers.easee.messages import Observed
from adapters.chargers.easee.reboots import Reboots
from tests.fakes.clock import FakeClock
from tests.unit.easee_quiet import QuietPath, device_on, told

LIMIT, REBOOT = 48, 89
CONFIRM_S = 20.0


@dataclass
class Bay:
    """A charger that was told 16 A a while ago, and whose last reboot is known."""

    clock: FakeClock
    path: QuietPath
    device: EaseeDevice

    def tell(self, id_: int, value: object, ago_s: float = 0.0, age_s: float = 0.0) -> None:
        """Tell an observation, of some seconds ago by the device's clock."""
        told(self.path, id_, value, self.at(ago_s), age_s)

    def at(self, ago_s: float) -> datetime:
        """Tell an instant."""
        return self.clock.now() - timedelta(seconds=ago_s)

    @property
    def limit(self) -> tuple[float, ...] | None:
        """What is believed to be in force."""
        return self.device.knob.stands_at(self.clock.mono_s())


@asynccontextmanager
async def bay() -> AsyncIterator[Bay]:
    clock = FakeClock()
    path = QuietPath(clock)
    path.answers = True
    found = Bay(clock, path, device_on(path, clock))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(found.device.run(lambda: None))
        await clock.advance(1.0)
        found.tell(REBOOT, 1, ago_s=86_400.0, age_s=86_400.0)
        found.tell(LIMIT, 32.0)
        await clock.advance(10.0)
        async with found.device.writing:
            await found.device.write((16.0,), (16,))
        found.tell(LIMIT, 16.0)
        await clock.advance(60.0)
        assert found.limit == (16.0,)
        yield found
        running.cancel()


async def test_since_a_reboot_nobody_believes_the_limit_that_stood() -> None:
    async with bay() as found:
        found.tell(REBOOT, 4)

        assert found.limit is None


async def test_a_second_reboot_for_the_same_reason_is_one_by_its_instant() -> None:
    async with bay() as found:
        found.tell(REBOOT, 1)

        assert found.limit is None


async def test_what_a_charger_tells_after_its_reboot_stands_though_its_clock_stepped_back() -> None:
    async with bay() as found:
        found.tell(REBOOT, 4, ago_s=600.0)
        found.tell(LIMIT, 32.0, ago_s=599.0)

        assert found.limit == (32.0,)
        assert found.device.latest.number(LIMIT) == 32.0


async def test_a_reset_that_is_told_just_before_its_reboot_is_believed() -> None:
    async with bay() as found:
        found.tell(LIMIT, 32.0)
        found.tell(REBOOT, 4)

        assert found.limit == (32.0,)


async def test_a_reset_that_is_told_just_before_its_reboot_is_believed_though_the_clock_stepped_back() -> (
    None
):
    async with bay() as found:
        found.tell(LIMIT, 16.0)
        found.tell(LIMIT, 32.0, ago_s=600.0)
        found.tell(REBOOT, 4, ago_s=600.0)

        assert found.limit == (32.0,)


async def test_of_two_limits_of_the_second_of_a_reboot_the_larger_is_believed() -> None:
    async with bay() as found:
        found.tell(LIMIT, 32.0)
        found.tell(LIMIT, 10.0)
        found.tell(REBOOT, 4)

        assert found.limit == (32.0,)


async def test_a_limit_from_before_a_reboot_that_arrives_after_it_proves_nothing() -> None:
    async with bay() as found:
        before = found.at(60.0)
        found.tell(REBOOT, 4)
        told(found.path, LIMIT, 16.0, before)
        found.tell(LIMIT, 10.0, ago_s=300.0)

        assert found.limit is None


@pytest.mark.parametrize("age_s", [0.0, 86_400.0])
async def test_a_reboot_that_is_known_changes_nothing_however_often_it_is_told(age_s: float) -> None:
    async with bay() as found:
        since = found.at(0.0) - timedelta(seconds=86_400.0 + 71.0)
        for _ in range(50):
            told(found.path, REBOOT, 1, since, age_s)
            await found.clock.advance(1.0)

        assert found.limit == (16.0,)
        assert found.path.commands == [(16,)]


async def test_older_reboots_that_are_replayed_change_nothing() -> None:
    async with bay() as found:
        for days in (5, 2, 9):
            found.tell(REBOOT, days, ago_s=86_400.0 * days, age_s=86_400.0 * days)

        assert found.limit == (16.0,)


async def test_the_cloud_tells_the_last_reboot_again_and_nothing_changes() -> None:
    async with bay() as found:
        known = Observed(id=REBOOT, value=1, at=found.at(86_400.0 + 70.0))
        for _ in range(3):
            found.device.follower.known((known,), is_last_word=True)

        assert found.limit == (16.0,)


async def test_a_reboot_of_which_only_the_cloud_tells_is_one() -> None:
    async with bay() as found:
        since = found.at(30.0)
        await found.clock.advance(10.0)
        before = Observed(id=LIMIT, value=16.0, at=found.at(80.0))
        found.device.follower.known((before, Observed(id=REBOOT, value=4, at=since)), is_last_word=True)

        assert found.limit is None


async def test_a_limit_of_which_nothing_is_told_since_a_reboot_is_written_once_more() -> None:
    async with bay() as found:
        for _ in range(10):
            found.tell(REBOOT, 4)
            await found.clock.advance(2.0)
        await found.clock.advance(10.0 * CONFIRM_S)

        assert found.path.commands == [(16,), (16,)]
        assert found.limit == (16.0,)


async def test_a_limit_that_is_told_since_a_reboot_is_left_to_whoever_decides() -> None:
    async with bay() as found:
        found.tell(REBOOT, 4)
        await found.clock.advance(1.0)
        found.tell(LIMIT, 32.0)
        await found.clock.advance(10.0 * CONFIRM_S)

        assert found.path.commands == [(16,)]
        assert found.limit == (32.0,)


async def test_a_limit_that_nobody_wrote_counts_at_its_most_where_nothing_is_told_since_a_reboot() -> None:
    clock = FakeClock()
    path = QuietPath(clock)
    device = device_on(path, clock, lifted=(32.0,))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(device.run(lambda: None))
        await clock.advance(1.0)
        told(path, LIMIT, 10.0, clock.now())
        await clock.advance(10.0)
        told(path, REBOOT, 4, clock.now())
        await clock.advance(10.0 * CONFIRM_S)

        assert device.knob.stands_at(clock.mono_s()) == (32.0,)
        assert not path.commands
        running.cancel()


def test_what_a_charger_took_before_it_started_anew_is_not_in_force() -> None:
    at = FakeClock().now()
    knob = Knob(confirm_s=CONFIRM_S)
    knob.begin((16.0,), at)
    knob.restart(at)
    knob.accept((16.0,), 1.0)

    assert knob.stands_at(1000.0) is None
    assert knob.is_gone


def test_the_first_reboot_that_is_told_is_one_only_if_it_is_told_live() -> None:
    at = FakeClock().now()

    assert not Reboots().is_new(1, at, is_live=False)
    assert Reboots().is_new(1, at, is_live=True)

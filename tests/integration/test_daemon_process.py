"""The daemon as a process of its own: signals, sudden death, exit status."""

import asyncio
import os
import random
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.integration.living import LEFT, RIGHT, Living, Place, Process, playing, unread
from tests.integration.living_witness import FUSE_A

# Twins here share the wall clock with the daemon, so nothing runs faster than it is.
REAL = 1.0
HASTE = "[timing]\nraise_gap_s = 2\nraise_step_a = 32\nwindow_s = 3\n"
# Fresh interpreters on a busy machine take their time.
START_S = 30.0


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Hand out a configured place."""
    found = Place(tmp_path, more=HASTE)
    found.write()
    return found


@asynccontextmanager
async def _house(place: Place) -> AsyncIterator[tuple[Living, Process]]:
    async with playing(place, REAL) as living:
        process = Process(place)
        try:
            yield living, process
        finally:
            await process.kill()


async def _charging(living: Living) -> None:
    await living.until(lambda: living.limit_a(LEFT) == living.limit_a(RIGHT) == 0.0, START_S, "both idle")
    living.plug_in(LEFT, RIGHT)
    await living.until(lambda: living.drawn_a(LEFT) + living.drawn_a(RIGHT) >= 18.0, 60.0, "both cars charge")


async def test_sigterm_lowers_what_is_not_safe_alone_and_ends_well(place: Place) -> None:
    async with _house(place) as (living, process):
        await process.start()
        await _charging(living)

        process.send(signal.SIGTERM)

        assert await process.ended() == 0
        assert living.limit_a(LEFT) == living.limit_a(RIGHT) == 0.0
        assert "leaving: lowered" in process.log


async def test_a_wrong_configuration_is_one_line_and_status_2(place: Place) -> None:
    place.write(place.text().replace("eastron_sdm630", "no_such_meter"))
    process = Process(place)

    await process.start()

    assert await process.ended() == 2
    (line,) = process.log.splitlines()
    assert line.startswith(f"{place.path}: meters[grid].map = 'no_such_meter': ")


async def test_sighup_reloads_a_good_file_while_cars_charge_on_and_refuses_a_bad_one(place: Place) -> None:
    async with _house(place) as (living, process):
        await process.start()
        await _charging(living)
        limits = [living.limit_a(LEFT), living.limit_a(RIGHT)]

        with unread(lambda: process.log) as said:
            place.write(place.text().replace("eastron_sdm630", "no_such_meter"))
            process.send(signal.SIGHUP)
            await living.until(lambda: "reload refused" in said(), 10.0, "the refusal")
            assert "no_such_meter" in said()

        with unread(lambda: process.log) as said:
            place.write(place.text(more=HASTE.replace("= 2", "= 3", 1)))
            process.send(signal.SIGHUP)
            await living.until(lambda: "configuration reloaded" in said(), 10.0, "the reload")
            for _ in range(40):
                await living.live(0.1)
                limits += [living.limit_a(LEFT), living.limit_a(RIGHT)]
            assert "meter grid is there" in said()

        assert min(limits) > 0


async def test_a_charger_that_a_reload_removes_stays_budgeted_and_one_that_it_adds_starts(
    place: Place,
) -> None:
    async with _house(place) as (living, process):
        place.write(place.text(chargers=("left",)))
        await process.start()
        await living.until(lambda: living.limit_a(LEFT) == 0.0, START_S, "the idle one is told so")

        place.write()
        await living.until(lambda: living.limit_a(RIGHT) == 0.0, 15.0, "the added one is told too")
        living.plug_in(RIGHT)
        await living.until(lambda: living.limit_a(RIGHT) == 16.0, 30.0, "it charges")

        place.write(place.text(chargers=("left",)))
        await living.until(lambda: process.log.count("configuration reloaded") == 2, 15.0, "the reload")
        living.plug_in(LEFT)
        await living.live(15.0)

        assert living.limit_a(RIGHT) == 16.0
        assert living.limit_a(LEFT) <= FUSE_A - 16.0
        assert living.witness.longest_over_s < 10.0


async def test_the_service_manager_hears_of_start_life_and_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []
    with _manager(place.folder) as manager:
        monkeypatch.setenv("NOTIFY_SOCKET", manager.getsockname())
        async with _house(place) as (living, process):
            await process.start()
            loop = asyncio.get_running_loop()
            while heard.count(b"WATCHDOG=1") < 3:
                async with asyncio.timeout(START_S):
                    heard.append(await loop.sock_recv(manager, 100))
            process.send(signal.SIGTERM)
            await process.ended()
            await living.live(0.1)
            while len(heard) < 100:
                try:
                    heard.append(manager.recv(100))
                except BlockingIOError:
                    break

    assert heard[0] == b"READY=1"
    assert b"STOPPING=1" in heard


@contextmanager
def _manager(folder: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listening:
        listening.bind(str(folder / "notify"))
        yield listening


async def test_sudden_death_at_any_instant_endangers_nothing(place: Place) -> None:
    seed = int(os.environ.get("PHASEWISE_SEED", "7"))
    instants = random.Random(seed)  # noqa: S311 - reproducible, printed below
    print(f"seed {seed}")  # noqa: T201 - so that a failure can be repeated
    async with _house(place) as (living, process):
        await process.start()
        await _charging(living)
        for round_number in range(4):
            living.house.switch("oven", on=round_number % 2 == 0)
            await living.live(instants.uniform(0.0, 4.0))

            await process.kill()
            left_with = living.limit_a(LEFT), living.limit_a(RIGHT)
            await living.live(instants.uniform(0.2, 1.5))
            assert (living.limit_a(LEFT), living.limit_a(RIGHT)) == left_with
            await process.start()
            await living.live(instants.uniform(2.0, 6.0))

        living.house.switch("oven", on=False)
        await living.until(
            lambda: living.drawn_a(LEFT) + living.drawn_a(RIGHT) >= 18.0, 60.0, "both cars charge again"
        )
        # The oven may come in the last moment before a death: until the next start nobody can cut.
        assert living.witness.protection.worst < 0.2
        assert living.witness.longest_over_s < 20.0


async def test_promises_come_back_from_the_journal_after_sudden_death(place: Place) -> None:
    async with _house(place) as (living, process):
        await process.start()
        await _charging(living)
        await process.kill()
        recorded = dict(
            sqlite3.connect(place.database).execute("SELECT charger, promise_a FROM promises").fetchall()
        )
        assert recorded["left"] >= living.limit_a(LEFT)
        assert recorded["right"] >= living.limit_a(RIGHT)

        await living.twin(LEFT).stop()
        left_a = living.limit_a(LEFT)
        with unread(lambda: process.log) as said:
            await process.start()
            await living.until(lambda: "charger left is lost" in said(), START_S, "it is missed")
        await living.live(20.0)

        # The one that is away keeps its part of the fuse, and not the whole nameplate.
        assert 6.0 <= living.limit_a(RIGHT) <= FUSE_A - left_a

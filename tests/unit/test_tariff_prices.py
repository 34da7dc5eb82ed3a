import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from controller.errors import DeviceUnreachable, RecordError
from controller.ports import KnownPrices
from controller.prices import Prices
from tests.fakes.clock import FakeClock
from tests.fakes.prices import FakePriceStore, FakeTariff, slot

# 1 June in Berlin: midnight is 22:00 UTC, one in the afternoon is 11:00 UTC.
MORNING = datetime(2026, 6, 1, 6, 20, tzinfo=UTC)
AFTERNOON = datetime(2026, 6, 1, 11, 2, tzinfo=UTC)
TONIGHT = datetime(2026, 6, 1, 22, tzinfo=UTC)
TOMORROW_NIGHT = datetime(2026, 6, 2, 22, tzinfo=UTC)


def known_prices(clock: FakeClock, tariff: FakeTariff, store: FakePriceStore | None = None) -> Prices:
    return Prices(tariff, store or FakePriceStore(), clock, timezone="Europe/Berlin")


@asynccontextmanager
async def fetching(prices: Prices) -> AsyncIterator[asyncio.Task[None]]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(prices.fetch())
        yield task
        task.cancel()


async def test_before_noon_the_rest_of_the_day_is_enough() -> None:
    clock, tariff, store = FakeClock(MORNING), FakeTariff(lambda: TONIGHT), FakePriceStore()
    prices = known_prices(clock, tariff, store)

    await prices.fetch()

    assert tariff.asked == [(datetime(2026, 6, 1, 6, tzinfo=UTC), TOMORROW_NIGHT)]
    assert prices.slots()[0].starts == datetime(2026, 6, 1, 6, tzinfo=UTC)
    assert prices.slots()[-1].ends == TONIGHT
    assert prices.fetched == MORNING
    assert store.recorded == [("fake", 16, MORNING)]


async def test_after_publication_it_asks_until_tomorrow_is_known() -> None:
    clock = FakeClock(AFTERNOON)
    late = AFTERNOON + timedelta(minutes=40)
    tariff = FakeTariff(lambda: TOMORROW_NIGHT if clock.now() >= late else TONIGHT)
    prices = known_prices(clock, tariff)

    async with fetching(prices) as task:
        await clock.advance(3 * 3600)

        assert task.done()
    assert prices.slots()[-1].ends == TOMORROW_NIGHT
    assert len(tariff.asked) == 7


async def test_each_try_waits_longer_up_to_half_an_hour() -> None:
    clock = FakeClock(AFTERNOON)
    tries_s: list[float] = []

    def nothing_new() -> datetime:
        tries_s.append(clock.mono_s())
        return TONIGHT

    async with fetching(known_prices(clock, FakeTariff(nothing_new))):
        await clock.advance(6000)

    assert [later - earlier for earlier, later in pairwise(tries_s)] == [60, 120, 300, 600, 900, 1800, 1800]


async def test_a_day_of_failures_stays_below_a_hundred_questions() -> None:
    clock, tariff = FakeClock(AFTERNOON), FakeTariff(lambda: TONIGHT)
    tariff.error = DeviceUnreachable("no answer")

    async with fetching(known_prices(clock, tariff)) as task:
        await clock.advance(24 * 3600)

        assert task.done()
    assert len(tariff.asked) < 50


async def test_known_prices_stay_while_the_provider_is_away() -> None:
    clock, tariff = FakeClock(MORNING), FakeTariff(lambda: TONIGHT)
    prices = known_prices(clock, tariff)
    await prices.fetch()
    tariff.error = DeviceUnreachable("no answer")
    await clock.advance(6 * 3600)

    async with fetching(prices):
        await clock.advance(3600)

        assert prices.slots()[-1].ends == TONIGHT
        assert prices.fetched == MORNING


async def test_a_lost_provider_is_reported_once_and_so_is_its_return(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "controller.prices")
    clock, tariff = FakeClock(AFTERNOON), FakeTariff(lambda: TOMORROW_NIGHT)
    tariff.error = DeviceUnreachable("no answer")

    async with fetching(known_prices(clock, tariff)):
        await clock.advance(3600)
        tariff.error = None
        await clock.advance(3600)

    assert [record.getMessage() for record in caplog.records] == [
        "prices of fake: not fetched, trying again: no answer",
        "prices of fake: fetched again",
    ]


async def test_prices_outlive_a_restart_with_their_age() -> None:
    yesterday = MORNING - timedelta(days=1)
    store = FakePriceStore(KnownPrices(slots=(slot(MORNING),), fetched=yesterday))
    prices = known_prices(FakeClock(MORNING), FakeTariff(lambda: TONIGHT), store)

    await prices.recall()

    assert (prices.slots(), prices.fetched) == ((slot(MORNING),), yesterday)


async def test_slots_never_overlap_whatever_was_stored() -> None:
    hour, quarter = slot(MORNING), slot(MORNING + timedelta(minutes=15), 0.1, timedelta(minutes=15))
    store = FakePriceStore(KnownPrices(slots=(quarter, hour), fetched=MORNING))
    prices = known_prices(FakeClock(MORNING), FakeTariff(lambda: TONIGHT), store)

    await prices.recall()

    assert prices.slots() == (hour,)


async def test_a_store_that_fails_leaves_the_prices_unknown() -> None:
    store = FakePriceStore(error=RecordError("locked"))
    prices = known_prices(FakeClock(MORNING), FakeTariff(lambda: TONIGHT), store)

    await prices.recall()

    assert (prices.slots(), prices.fetched) == ((), None)


async def test_what_is_over_is_not_told() -> None:
    clock = FakeClock(MORNING)
    prices = known_prices(clock, FakeTariff(lambda: TONIGHT))
    await prices.fetch()

    await clock.advance(2 * 3600)

    assert prices.slots()[0].starts == datetime(2026, 6, 1, 8, tzinfo=UTC)


async def test_new_slots_take_the_place_of_those_that_they_overlap() -> None:
    hour = datetime(2026, 6, 1, 6, tzinfo=UTC)
    stored = KnownPrices(slots=(slot(hour, 9.0, timedelta(hours=2)),), fetched=MORNING - timedelta(days=1))
    prices = known_prices(FakeClock(MORNING), FakeTariff(lambda: TONIGHT), FakePriceStore(stored))
    await prices.recall()

    await prices.fetch()

    assert {one.import_per_kwh for one in prices.slots()} == {0.3}
    assert len(prices.slots()) == 16


async def test_what_is_recalled_late_replaces_nothing_newer() -> None:
    store = FakePriceStore(KnownPrices(slots=(slot(MORNING, 9.0),), fetched=MORNING - timedelta(days=1)))
    prices = known_prices(FakeClock(MORNING), FakeTariff(lambda: TONIGHT), store)
    await prices.fetch()

    await prices.recall()

    assert prices.fetched == MORNING


@pytest.mark.parametrize("missing", [0, 5, 15])
async def test_a_gap_is_not_complete(missing: int) -> None:
    day = [slot(datetime(2026, 6, 1, 6 + hour, tzinfo=UTC)) for hour in range(16)]
    whole, gap = KnownPrices(slots=tuple(day)), KnownPrices(slots=tuple(day[:missing] + day[missing + 1 :]))

    assert await recalled(whole)
    assert not await recalled(gap)


async def recalled(known: KnownPrices) -> bool:
    prices = known_prices(FakeClock(MORNING), FakeTariff(lambda: TONIGHT), FakePriceStore(known))
    await prices.recall()
    return prices.is_complete()


@pytest.mark.parametrize(("now", "hours"), [((2026, 3, 28), 47), ((2026, 10, 24), 49)])
async def test_the_day_that_summer_time_changes_is_asked_for_whole(
    now: tuple[int, int, int], hours: int
) -> None:
    midnight = datetime(*now, tzinfo=UTC).replace(hour=23 if hours == 47 else 22) - timedelta(days=1)
    tariff = FakeTariff(lambda: midnight + timedelta(days=9))
    prices = known_prices(FakeClock(midnight), tariff)

    await prices.fetch()

    assert tariff.asked == [(midnight, midnight + timedelta(hours=hours))]

from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.store.journal import SqlJournal
from controller.prices import Prices
from tests.fakes.clock import FakeClock
from tests.fakes.prices import FakeTariff

MORNING = datetime(2026, 6, 1, 6, 20, tzinfo=UTC)
TONIGHT = datetime(2026, 6, 1, 22, tzinfo=UTC)


async def test_prices_and_their_age_outlive_a_restart_in_a_real_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'phasewise.sqlite'}"
    clock, tariff = FakeClock(MORNING), FakeTariff(lambda: TONIGHT)
    journal = SqlJournal(url, clock)
    await journal.open()
    await Prices(tariff, journal, clock, "Europe/Berlin").fetch()
    await journal.close()
    await clock.advance(3600)
    again = SqlJournal(url, clock)
    await again.open()

    prices = Prices(tariff, again, clock, "Europe/Berlin")
    await prices.recall()

    await again.close()
    assert prices.fetched == MORNING
    assert prices.slots()[0].starts == MORNING.replace(minute=0) + timedelta(hours=1)
    assert prices.slots()[-1].ends == TONIGHT

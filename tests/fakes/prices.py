"""A tariff and a store of prices that do as a test tells them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from controller.domain.readings import PriceSlot
from controller.errors import DeviceError, RecordError
from controller.ports import KnownPrices

HOUR = timedelta(hours=1)


def slot(starts: datetime, price: float = 0.3, length: timedelta = HOUR) -> PriceSlot:
    """Make one slot."""
    return PriceSlot(starts=starts, ends=starts + length, import_per_kwh=price)


class FakeTariff:
    """Implements the Tariff port: hourly prices up to whatever is published, or an error."""

    name = "fake"

    def __init__(self, published_until: Callable[[], datetime]) -> None:
        self.published_until = published_until
        self.error: DeviceError | None = None
        self.asked: list[tuple[datetime, datetime]] = []

    async def prices(self, since: datetime, until: datetime) -> tuple[PriceSlot, ...]:
        """Answer."""
        self.asked.append((since, until))
        if self.error is not None:
            raise self.error
        end, slots = min(until, self.published_until()), []
        while since < end:
            slots.append(slot(since))
            since += HOUR
        return tuple(slots)


class FakePriceStore:
    """Keeps prices in memory, or fails."""

    def __init__(self, known: KnownPrices | None = None, error: RecordError | None = None) -> None:
        self.known, self.error = known or KnownPrices(), error
        self.recorded: list[tuple[str, int, datetime]] = []

    def record_prices(self, source: str, slots: Sequence[PriceSlot], fetched: datetime) -> None:
        """Note that something was recorded."""
        self.recorded.append((source, len(slots), fetched))

    async def load_prices(self, source: str) -> KnownPrices:  # noqa: ARG002 - the port's signature
        """Tell what the test put there."""
        if self.error is not None:
            raise self.error
        return self.known

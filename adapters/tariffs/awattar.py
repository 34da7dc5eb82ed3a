"""aWATTar: hourly day-ahead prices of Germany and Austria, without an account.

The feed is free within fair use, 100 questions a day.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from adapters.catalog import Surroundings
from adapters.tariffs.market import MarketTariff, instant, is_per_mwh, market_price
from adapters.tariffs.settings import Address, MarketSettings
from controller.domain.readings import PriceSlot
from controller.errors import DeviceNonsense

MS_PER_S = 1000

LONGEST = timedelta(hours=1)


class AwattarSettings(MarketSettings):
    """The keys of `kind = "awattar"`."""

    country: Literal["DE", "AT"] = "DE"
    """Whose prices."""
    base_url: Address | None = None
    """Where the feed is; default: that of the country."""


class AwattarSource:
    """How aWATTar asks and answers."""

    def __init__(self, name: str, settings: AwattarSettings) -> None:
        self.name = name
        self._settings = settings
        base_url = settings.base_url or f"https://api.awattar.{settings.country.lower()}"
        self.url = f"{base_url.rstrip('/')}/v1/marketdata"

    def question(self, since: datetime, until: datetime) -> Mapping[str, str]:
        """Ask for a span in milliseconds since 1970."""
        return {"start": _ms(since), "end": _ms(until)}

    def slots(self, answer: object) -> tuple[PriceSlot, ...]:
        """Read the list of priced hours; one that makes no sense is left out."""
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise DeviceNonsense(f"{self.url}: expected a list of prices in data")
        slots = [slot for row in rows if (slot := self._slot(row)) is not None]
        if rows and not slots:
            raise DeviceNonsense(f"{self.url}: not one of {len(rows)} prices could be understood")
        return tuple(sorted(slots, key=lambda slot: slot.starts))

    def _slot(self, row: object) -> PriceSlot | None:
        if not isinstance(row, dict) or not is_per_mwh(row.get("unit")):
            return None
        starts = instant(row.get("start_timestamp"), MS_PER_S)
        ends = instant(row.get("end_timestamp"), MS_PER_S)
        price = market_price(row.get("marketprice"))
        if starts is None or ends is None or price is None or not starts < ends <= starts + LONGEST:
            return None
        return PriceSlot(
            starts=starts,
            ends=ends,
            import_per_kwh=self._settings.import_price(price),
            export_per_kwh=self._settings.export_price(price),
        )


def build(name: str, settings: AwattarSettings, surroundings: Surroundings) -> MarketTariff:  # noqa: ARG001 - the catalog's signature
    """Build the tariff."""
    return MarketTariff(AwattarSource(name, settings), settings)


def _ms(at: datetime) -> str:
    return str(int(at.timestamp()) * MS_PER_S)

"""Energy-Charts (Fraunhofer ISE): day-ahead prices of Europe's bidding zones, without an account.

Quarter hours since the markets changed on 1 October 2025, hours before. The answer tells starts only.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from adapters.catalog import Surroundings
from adapters.tariffs.market import MarketTariff, instant, is_per_mwh, market_price
from adapters.tariffs.settings import Address, MarketSettings
from controller.domain.readings import PriceSlot
from controller.errors import DeviceNonsense

SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=1)


class EnergyChartsSettings(MarketSettings):
    """The keys of `kind = "energy_charts"`."""

    zone: Annotated[
        str,
        Field(
            pattern=r"^[A-Z][A-Za-z0-9-]{1,19}$", json_schema_extra={"expects": "a zone like DE-LU or NO1"}
        ),
    ] = "DE-LU"
    """The bidding zone: `DE-LU`, `AT`, `NL`, `CH`, `NO1` and so on."""
    base_url: Address = "https://api.energy-charts.info"
    """Where the service is."""


class EnergyChartsSource:
    """How Energy-Charts asks and answers."""

    def __init__(self, name: str, settings: EnergyChartsSettings) -> None:
        self.name = name
        self._settings = settings
        self.url = f"{settings.base_url.rstrip('/')}/price"

    def question(self, since: datetime, until: datetime) -> Mapping[str, str]:
        """Ask for a span in ISO 8601, UTC; its end is part of it."""
        return {"bzn": self._settings.zone, "start": _iso(since), "end": _iso(until)}

    def slots(self, answer: object) -> tuple[PriceSlot, ...]:
        """Read the columns of starts and prices; a start without a price is a gap."""
        starts, prices = self._columns(answer)
        spans = _spans(starts)
        slots = [
            PriceSlot(
                starts=start,
                ends=start + spans[start],
                import_per_kwh=self._settings.import_price(price),
                export_per_kwh=self._settings.export_price(price),
            )
            for start, price in zip(starts, prices, strict=True)
            if start is not None and price is not None
        ]
        if any(price is not None for price in prices) and not slots:
            raise DeviceNonsense(f"{self.url}: not one of {len(prices)} prices could be understood")
        return tuple(sorted(slots, key=lambda slot: slot.starts))

    def _columns(self, answer: object) -> tuple[list[datetime | None], list[float | None]]:
        columns = answer if isinstance(answer, dict) else {}
        starts, prices = columns.get("unix_seconds"), columns.get("price")
        if not isinstance(starts, list) or not isinstance(prices, list) or len(starts) != len(prices):
            raise DeviceNonsense(f"{self.url}: expected unix_seconds and price, equally long")
        if starts and not is_per_mwh(columns.get("unit")):
            raise DeviceNonsense(
                f"{self.url}: expected prices in EUR / MWh, not {columns.get('unit')!r}"[:160]
            )
        return [instant(start) for start in starts], [market_price(price) for price in prices]


def build(name: str, settings: EnergyChartsSettings, surroundings: Surroundings) -> MarketTariff:  # noqa: ARG001 - the catalog's signature
    """Build the tariff."""
    return MarketTariff(EnergyChartsSource(name, settings), settings)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _spans(starts: list[datetime | None]) -> dict[datetime, timedelta]:
    """Tell how long each slot lasts: until the next one, but no longer than the one before it.

    So neither a gap nor the change from hours to quarter hours makes a slot longer than it is.
    """
    known = sorted({start for start in starts if start is not None})
    if len(known) == 1:
        return {known[0]: SHORTEST}
    steps = [min(LONGEST, later - earlier) for earlier, later in pairwise(known)]
    before = [steps[0], *steps] if steps else []
    after = [*steps, steps[-1]] if steps else []
    return {start: min(pair) for start, *pair in zip(known, before, after, strict=True)}

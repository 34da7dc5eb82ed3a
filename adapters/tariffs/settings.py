"""Settings that tariffs share, and how a market price becomes what the household pays."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

KWH_PER_MWH = 1000.0


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("expected a time zone like Europe/Berlin") from error
    return name


Zone = Annotated[
    str,
    Field(min_length=1, json_schema_extra={"expects": "a time zone like Europe/Berlin"}),
    AfterValidator(_zone),
]

Address = Annotated[
    str, Field(pattern=r"^https?://[^\s]+$", json_schema_extra={"expects": "an address, http:// or https://"})
]

Price = Annotated[float, Field(ge=-100, le=100)]
"""Per kWh, in any currency."""


class TariffSettings(BaseModel):
    """What every kind of tariff has."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    currency: Annotated[
        str, Field(pattern=r"^[A-Z]{3}$", json_schema_extra={"expects": "three capital letters"})
    ] = "EUR"
    """For display."""


class MarketSettings(TariffSettings):
    """What every day-ahead market has: import costs (market + surcharge_per_kwh) * factor."""

    timezone: Zone = "Europe/Berlin"
    """The zone whose calendar days the market sells."""
    surcharge_per_kwh: Price = 0.0
    """Grid fees, levies and margin on each kWh, before tax."""
    factor: Annotated[float, Field(gt=0, le=10)] = 1.0
    """Tax on all of it: 1.19 for 19 %."""
    export_per_kwh: Price | None = None
    """A fixed feed-in price; without it none is known, unless `export_at_market`."""
    export_at_market: bool = False
    """Export earns the bare market price."""
    timeout_s: Annotated[float, Field(ge=0.1, le=120)] = 20.0
    """How long to wait for an answer."""

    def import_price(self, market_per_mwh: float) -> float:
        """Tell what a kWh costs the household.

        >>> MarketSettings(surcharge_per_kwh=0.15, factor=1.2).import_price(50.0)
        0.24
        """
        return round((market_per_mwh / KWH_PER_MWH + self.surcharge_per_kwh) * self.factor, 6)

    def export_price(self, market_per_mwh: float) -> float | None:
        """Tell what a kWh earns, if that is known."""
        return market_per_mwh / KWH_PER_MWH if self.export_at_market else self.export_per_kwh

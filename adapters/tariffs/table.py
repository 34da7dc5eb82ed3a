"""Table: a fixed price, or prices by weekday and time of day, from the settings alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from adapters.catalog import Surroundings
from adapters.tariffs.settings import Price, TariffSettings, Zone
from controller.domain.readings import PriceSlot

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Fine enough for every tariff and every offset of a time zone from UTC that is in force.
QUARTER = timedelta(minutes=15)

QUARTERS_A_DAY = 96

QuarterHour = Annotated[
    str,
    Field(
        pattern=r"^(([01][0-9]|2[0-3]):(00|15|30|45)|24:00)$",
        json_schema_extra={"expects": 'a time on a quarter hour like "06:30", up to "24:00"'},
    ),
]


class FixedSettings(TariffSettings):
    """The keys of `kind = "fixed"`."""

    import_per_kwh: Price
    """What a kWh costs."""
    export_per_kwh: Price | None = None
    """What a kWh earns."""
    timezone: Zone = "UTC"
    """Makes no difference to a fixed price."""


class Row(BaseModel):
    """`[[tariff.rows]]`: one price and when it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    days: Annotated[tuple[Day, ...], Field(min_length=1)] = DAYS
    """On which days it begins."""
    start: Annotated[QuarterHour, Field(alias="from")] = "00:00"
    """From when, by the clock on the wall."""
    end: Annotated[QuarterHour, Field(alias="to")] = "24:00"
    """Until when; not after `from` means on the next day."""
    import_per_kwh: Price
    """What a kWh costs."""
    export_per_kwh: Price | None = None
    """What a kWh earns."""

    def quarters(self) -> Iterator[int]:
        """List the quarter hours of the week that it covers, from Monday 00:00 on."""
        start, end = _quarter(self.start), _quarter(self.end)
        length = end - start if end > start else end - start + QUARTERS_A_DAY
        for day in self.days:
            first = DAYS.index(day) * QUARTERS_A_DAY + start
            yield from ((first + index) % (len(DAYS) * QUARTERS_A_DAY) for index in range(length))


class TableSettings(TariffSettings):
    """The keys of `kind = "table"`."""

    timezone: Zone
    """Whose clock the times are by."""
    rows: Annotated[tuple[Row, ...], Field(min_length=1)]
    """Together they cover every quarter hour of the week once."""

    @model_validator(mode="after")
    def _covers_the_week_once(self) -> Self:
        taken: dict[int, int] = {}
        for number, row in enumerate(self.rows, start=1):
            for quarter in row.quarters():
                if quarter in taken:
                    raise ValueError(
                        f"expected rows that do not overlap: rows {taken[quarter]} and {number}"
                        f" both hold on {_named(quarter)}"
                    )
                taken[quarter] = number
        for quarter in range(len(DAYS) * QUARTERS_A_DAY):
            if quarter not in taken:
                raise ValueError(f"expected rows without a gap: none holds on {_named(quarter)}")
        return self

    def by_quarter(self) -> tuple[Row, ...]:
        """Tell the row of every quarter hour of the week."""
        rows = {quarter: row for row in self.rows for quarter in row.quarters()}
        return tuple(rows[quarter] for quarter in sorted(rows))


class TableTariff:
    """Implements the Tariff port from a table; summer time moves the prices with the clock on the wall."""

    def __init__(self, name: str, rows: tuple[Row, ...], timezone: str) -> None:
        self.name = name
        self._rows, self._zone = rows, ZoneInfo(timezone)

    async def prices(self, since: datetime, until: datetime) -> tuple[PriceSlot, ...]:
        """Work out a span: one slot an hour, or shorter where the price changes within it."""
        slots: list[PriceSlot] = []
        at = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        while at < until:
            row = self._row(at)
            slot = _slot(row, at)
            if slots and at.minute and _same_price(slots[-1], slot):
                slot = _slot(row, slots.pop().starts, slot.ends)
            slots.append(slot)
            at += QUARTER
        return tuple(slot for slot in slots if slot.ends > since)

    def _row(self, at: datetime) -> Row:
        local = at.astimezone(self._zone)
        quarter = local.hour * 4 + local.minute // 15
        return self._rows[local.weekday() * QUARTERS_A_DAY + quarter]


def build_fixed(name: str, settings: FixedSettings, surroundings: Surroundings) -> TableTariff:  # noqa: ARG001 - the catalog's signature
    """Build a tariff that never changes."""
    row = Row(import_per_kwh=settings.import_per_kwh, export_per_kwh=settings.export_per_kwh)
    return TableTariff(name, (row,) * (len(DAYS) * QUARTERS_A_DAY), settings.timezone)


def build_table(name: str, settings: TableSettings, surroundings: Surroundings) -> TableTariff:  # noqa: ARG001 - the catalog's signature
    """Build a tariff by weekday and time of day."""
    return TableTariff(name, settings.by_quarter(), settings.timezone)


def _quarter(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 4 + int(minutes) // 15


def _named(quarter: int) -> str:
    day, rest = divmod(quarter, QUARTERS_A_DAY)
    return f"{DAYS[day]} {rest // 4:02}:{rest % 4 * 15:02}"


def _same_price(left: PriceSlot, right: PriceSlot) -> bool:
    return (left.import_per_kwh, left.export_per_kwh) == (right.import_per_kwh, right.export_per_kwh)


def _slot(row: Row, starts: datetime, ends: datetime | None = None) -> PriceSlot:
    return PriceSlot(
        starts=starts,
        ends=ends or starts + QUARTER,
        import_per_kwh=row.import_per_kwh,
        export_per_kwh=row.export_per_kwh,
    )

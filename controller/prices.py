"""Prices: fetched early, kept with their age, tried again on a fixed rhythm; the loop only reads them."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from controller.domain.readings import PriceSlot
from controller.errors import DeviceError, RecordError
from controller.ports import Clock, KnownPrices, Tariff

# The auction ends at noon; its result is out at about 12:45, and at the providers from 13:00 on.
PUBLISHED = time(13, 0)

# Even a whole day of failures stays below the 100 questions that the most modest provider grants.
RETRY_S = (60.0, 120.0, 300.0, 600.0, 900.0, 1800.0)

LONGEST_TRY = timedelta(hours=20)

HOUR = timedelta(hours=1)

_log = logging.getLogger(__name__)


class PriceStore(Protocol):
    """Where prices outlive a restart; the journal is one."""

    def record_prices(self, source: str, slots: Sequence[PriceSlot], fetched: datetime) -> None:
        """Note prices; a slot that starts at the same instant is replaced."""

    async def load_prices(self, source: str) -> KnownPrices:
        """Tell the prices from now on, with their age."""


class Prices:
    """Knows the prices of one tariff."""

    def __init__(self, tariff: Tariff, store: PriceStore, clock: Clock, timezone: str = "UTC") -> None:
        self._tariff, self._store, self._clock = tariff, store, clock
        self._zone = ZoneInfo(timezone)
        self._known = KnownPrices()
        self._is_lost = False

    @property
    def fetched(self) -> datetime | None:
        """When they were last fetched; `None` when never."""
        return self._known.fetched

    def slots(self) -> tuple[PriceSlot, ...]:
        """Tell what is known from now on, sorted."""
        now = self._clock.now()
        return tuple(slot for slot in self._known.slots if slot.ends > now)

    def is_complete(self) -> bool:
        """Tell whether everything is known that should be published by now, without a gap."""
        at, until = self._clock.now(), self._published_until()
        for slot in self.slots():
            if slot.starts > at:
                return False
            at = max(at, slot.ends)
        return at >= until

    async def recall(self) -> None:
        """Bring back what was known before a restart, unless something newer is there."""
        try:
            known = await self._store.load_prices(self._tariff.name)
        except RecordError as error:
            _log.warning("prices of %s: nothing recalled: %s", self._tariff.name, error)
            return
        if self._known.fetched is None:
            self._known = replace(known, slots=_disjoint(known.slots))

    async def fetch(self) -> None:
        """Fetch until everything published is known, waiting longer after each try; then return.

        Whoever calls this once a day and at start has the prices as early as they are out.
        """
        give_up = self._clock.now() + LONGEST_TRY
        tries = 0
        while not (await self._refresh() and self.is_complete()) and self._clock.now() < give_up:
            await self._clock.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
            tries += 1

    async def _refresh(self) -> bool:
        now = self._clock.now()
        since = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        try:
            slots = await self._tariff.prices(since, self._end_of_day(now, days=1))
        except DeviceError as error:
            self._say_lost(error)
            return False
        self._say_back()
        if slots:
            self._known = KnownPrices(slots=_merged(self._known.slots, slots, since), fetched=now)
            self._store.record_prices(self._tariff.name, slots, now)
        return True

    def _published_until(self) -> datetime:
        now = self._clock.now()
        is_out = now.astimezone(self._zone).time() >= PUBLISHED
        return self._end_of_day(now, days=1 if is_out else 0)

    def _end_of_day(self, now: datetime, days: int) -> datetime:
        """Find the midnight that ends a local day, whether it has 23, 24 or 25 hours."""
        day = now.astimezone(self._zone).date() + timedelta(days=days + 1)
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    def _say_lost(self, error: DeviceError) -> None:
        if not self._is_lost:
            _log.warning("prices of %s: not fetched, trying again: %s", self._tariff.name, error)
        self._is_lost = True

    def _say_back(self) -> None:
        if self._is_lost:
            _log.info("prices of %s: fetched again", self._tariff.name)
        self._is_lost = False


def _merged(old: Sequence[PriceSlot], new: Sequence[PriceSlot], since: datetime) -> tuple[PriceSlot, ...]:
    """Put new slots in place of the old ones that they overlap; forget what is over."""
    kept = [slot for slot in old if slot.ends > since and not _overlaps_any(slot, new)]
    return _disjoint([*kept, *new])


def _disjoint(slots: Sequence[PriceSlot]) -> tuple[PriceSlot, ...]:
    """Sort slots; of two that overlap the earlier one counts."""
    found: list[PriceSlot] = []
    for slot in sorted(slots, key=lambda slot: slot.starts):
        if not found or slot.starts >= found[-1].ends:
            found.append(slot)
    return tuple(found)


def _overlaps_any(slot: PriceSlot, others: Sequence[PriceSlot]) -> bool:
    return any(other.starts < slot.ends and slot.starts < other.ends for other in others)

"""Market: what day-ahead providers have in common: one HTTP question, and prices that make sense."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

import httpx

from adapters.tariffs.settings import MarketSettings
from controller.domain.readings import PriceSlot
from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable

TOO_MANY_REQUESTS = 429

SERVER_ERROR = 500

# The harmonised day-ahead limits are -500 and 4,000 EUR/MWh and rise in steps of 1,000 when they are met.
MOST_PER_MWH = 20_000.0

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

# Beyond any time stamp; an integer without end would not fit a float, and NaN is never below it.
MOST_NUMBER = 1e15

SHOWN_CHARACTERS = 80


class Source(Protocol):
    """What makes one provider different from the others."""

    name: str
    url: str

    def question(self, since: datetime, until: datetime) -> Mapping[str, str]:
        """Ask for a span, as query parameters."""

    def slots(self, answer: object) -> tuple[PriceSlot, ...]:
        """Read its answer, sorted by time.

        Raises:
            DeviceNonsense: not one price could be understood.
        """


class MarketTariff:
    """Implements the Tariff port for any source."""

    def __init__(self, source: Source, settings: MarketSettings) -> None:
        self.name = source.name
        self._source, self._timeout_s = source, settings.timeout_s

    async def prices(self, since: datetime, until: datetime) -> tuple[PriceSlot, ...]:
        """Fetch what is known of a span."""
        answer = await _ask(self._source.url, self._source.question(since, until), self._timeout_s)
        return tuple(slot for slot in self._source.slots(answer) if slot.ends > since and slot.starts < until)


async def _ask(url: str, question: Mapping[str, str], timeout_s: float) -> object:
    # Reading the system's certificates takes long on a small machine; the loop must not wait for it.
    client = await asyncio.to_thread(httpx.AsyncClient, timeout=timeout_s, follow_redirects=True)
    async with client:
        try:
            async with asyncio.timeout(timeout_s):
                answer = await client.get(url, params=dict(question))
        except (httpx.TransportError, TimeoutError) as error:
            raise DeviceUnreachable(f"{url}: no answer: {type(error).__name__}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeviceNonsense(f"{url}: not understood: {type(error).__name__}") from error
    return _content(url, answer)


def _content(url: str, answer: httpx.Response) -> object:
    status = answer.status_code
    if status == TOO_MANY_REQUESTS or status >= SERVER_ERROR:
        raise DeviceUnreachable(f"{url}: HTTP {status}")
    if not answer.is_success:
        raise DeviceRefused(f"{url}: HTTP {status}: {_shown(answer.text)}", code=status)
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError) as error:
        raise DeviceNonsense(f"{url}: no JSON: {_shown(answer.text)}") from error


def _shown(text: str) -> str:
    return " ".join(text[:SHOWN_CHARACTERS].split())


def instant(value: object, per_second: int = 1) -> datetime | None:
    """Turn a provider's time stamp into an instant; `None` when it cannot be one."""
    number = _number(value)
    if number is None or not EARLIEST.timestamp() <= number / per_second <= LATEST.timestamp():
        return None
    return datetime.fromtimestamp(number / per_second, UTC)


def market_price(value: object) -> float | None:
    """Turn a provider's number into a price per MWh; `None` when it cannot be one."""
    number = _number(value)
    return number if number is not None and abs(number) <= MOST_PER_MWH else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= MOST_NUMBER else None


def is_per_mwh(unit: object) -> bool:
    """Tell whether a unit is EUR per MWh, however it is written.

    >>> is_per_mwh("Eur/MWh"), is_per_mwh("EUR / MWh"), is_per_mwh("ct/kWh")
    (True, True, False)
    """
    return isinstance(unit, str) and unit.replace(" ", "").lower() in ("eur/mwh", "€/mwh")

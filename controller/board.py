"""Board: the latest reading of everything, and how writes ended; the loop takes a snapshot of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from controller.domain.readings import (
    Answer,
    ChargerState,
    Draw,
    MeterReading,
    PersonRequest,
    PriceSlot,
    SiteCap,
    VehicleState,
)
from controller.domain.samples import FUTURE_S
from controller.domain.site import Site
from controller.domain.snapshot import Memory, MeterPlace, Snapshot, Timing
from controller.domain.units import ChargerId, CircuitId, MeterId, Phases
from controller.ports import Clock

# Draws older than the oldest window by this are not needed by anybody.
_SLACK_S = 1.0
# However fast a charger talks: closer draws replace each other, so that those of a whole window are kept.
_APART_S = 0.2


class Board:
    """What devices and people said last. One task writes at a time: everything runs on one event loop."""

    def __init__(self, clock: Clock, site: Site, places: tuple[MeterPlace, ...], timing: Timing) -> None:
        self._clock = clock
        self.site, self.places, self.timing = site, places, timing
        self._lag_s = max((place.lag_s for place in places), default=0.0)
        self.meters: dict[MeterId, MeterReading] = {}
        self.chargers: dict[ChargerId, ChargerState] = {}
        self.limiters: dict[CircuitId, tuple[float, Phases]] = {}
        self.vehicles: dict[ChargerId, VehicleState] = {}
        self.requests: dict[ChargerId, PersonRequest] = {}
        self.cap: SiteCap | None = None
        self.prices: tuple[PriceSlot, ...] = ()
        self.recorded_a: dict[ChargerId, float] = {}
        self.recorded_limiters_a: dict[CircuitId, Phases] = {}
        self.recorded_lapses_mono_s: dict[ChargerId, float] = {}
        self.recorded_limiters_lapse_mono_s: dict[CircuitId, float] = {}
        self.out_of_service: frozenset[ChargerId] = frozenset()
        self.memory = Memory()
        self._answers: list[Answer] = []
        self.news = asyncio.Event()
        """Set when something happened that the loop should act on now."""

    def meter(self, reading: MeterReading) -> None:
        """Take a sample; a fresh sample is what the loop waits for."""
        before = self.meters.get(reading.id)
        if self._is_no_news(reading.at_mono_s, None if before is None else before.at_mono_s):
            return
        self.meters[reading.id] = reading
        self.news.set()

    def charger(self, state: ChargerState) -> None:
        """Take a state, and keep the draws of the alignment window."""
        before = self.chargers.get(state.id)
        if self._is_no_news(state.at_mono_s, None if before is None else before.at_mono_s):
            return
        told = tuple(draw for draw in state.draws if not self._is_to_come(draw.at_mono_s))
        draws = _joined(() if before is None else before.draws, told, self._oldest_s())
        self.chargers[state.id] = replace(state, draws=draws if state.draws else ())

    def _is_no_news(self, at_mono_s: float, before_mono_s: float | None) -> bool:
        """Tell whether something was overtaken on its way, or claims to be of an instant to come.

        One of the future would keep everything out that is true until then.
        """
        if self._is_to_come(at_mono_s):
            return True
        return before_mono_s is not None and at_mono_s < before_mono_s

    def _is_to_come(self, at_mono_s: float) -> bool:
        return not at_mono_s <= self._clock.mono_s() + FUTURE_S

    def _oldest_s(self) -> float:
        """Tell how far back a window may reach: longer by the lag, from a sample that lags and has aged."""
        window_s = self.timing.window_s + self._lag_s
        return self._clock.mono_s() - window_s - self._lag_s - self.timing.meter_ttl_s - _SLACK_S

    def limiter(self, circuit: CircuitId, at_mono_s: float, limit_a: Phases) -> None:
        """Take what a circuit's limiter was read back at."""
        before = self.limiters.get(circuit)
        if not self._is_no_news(at_mono_s, None if before is None else before[0]):
            self.limiters[circuit] = (at_mono_s, limit_a)

    def answer(self, answer: Answer) -> None:
        """Take how a write ended."""
        self._answers.append(answer)
        self.news.set()

    def take_answers(self) -> tuple[Answer, ...]:
        """Hand over the answers since the last time."""
        answers, self._answers = tuple(self._answers), []
        return answers

    def request(self, charger: ChargerId, request: PersonRequest | None) -> None:
        """Take what a person asked; `None` forgets it."""
        if request is None:
            self.requests.pop(charger, None)
        else:
            self.requests[charger] = request
        self.news.set()

    def snapshot(self, *, recording: bool) -> Snapshot:
        """Freeze everything for one tick and hand over the answers since the last."""
        return Snapshot(
            at=self._clock.now(),
            mono_s=self._clock.mono_s(),
            site=self.site,
            timing=self.timing,
            places=self.places,
            meters=dict(self.meters),
            chargers=dict(self.chargers),
            limiters=dict(self.limiters),
            vehicles=dict(self.vehicles),
            requests=_in_force(self.requests, self._clock.now()),
            cap=self.cap,
            prices=self.prices,
            answers=self.take_answers(),
            recorded_a=self.recorded_a,
            recorded_limiters_a=self.recorded_limiters_a,
            recorded_lapses_mono_s=self.recorded_lapses_mono_s,
            recorded_limiters_lapse_mono_s=self.recorded_limiters_lapse_mono_s,
            out_of_service=self.out_of_service,
            recording=recording,
            memory=self.memory,
        )


def _joined(before: tuple[Draw, ...], new: tuple[Draw, ...], oldest_s: float) -> tuple[Draw, ...]:
    """Append what is new and drop what no window reaches, but keep the one that was in force before it."""
    joined = list(before)
    for draw in new:
        if joined and draw.at_mono_s <= joined[-1].at_mono_s:
            continue
        if len(joined) > 1 and draw.at_mono_s < joined[-2].at_mono_s + _APART_S:
            joined.pop()
        joined.append(draw)
    first = 0
    while first + 1 < len(joined) and joined[first + 1].at_mono_s <= oldest_s:
        first += 1
    return tuple(joined[first:])


def _in_force(requests: Mapping[ChargerId, PersonRequest], now: datetime) -> dict[ChargerId, PersonRequest]:
    """Leave out the parts that have expired, so that neither policies nor people see them."""
    return {charger: _unexpired(request, now) for charger, request in requests.items()}


def _unexpired(request: PersonRequest, now: datetime) -> PersonRequest:
    if request.limit_until is not None and request.limit_until <= now:
        request = replace(request, limit_a=None, limit_until=None)
    if request.boost_until is not None and request.boost_until <= now:
        request = replace(request, boost_until=None)
    if request.plan is not None and request.plan.by <= now:
        request = replace(request, plan=None)
    return request

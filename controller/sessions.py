"""Sessions: from plug-in to plug-out, with energy by source and what the grid's part of it cost.

Energy comes from the charger's own session counter where it tells one, else from its power over time. Each
piece is split by the mix of sources (`sources.py`) averaged over the time since the counter last moved, so
that a coarse counter is not judged by the instant at which it happens to step. What flowed while we were
not looking counts, but its source is unknown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from controller.domain.readings import ChargerState, Plug
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.sources import NOTHING, UNKNOWN, Mix, charger_power_w, source_mix

MAX_GAP_S = 60.0
"""After a longer pause nobody knows what flowed in between, or where it came from."""

_WH_PER_KWH = 1000.0
_S_PER_H = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One car at one charger."""

    charger: ChargerId
    started: datetime
    seen: datetime
    """Up to here it is counted."""
    ended: datetime | None = None
    session_id: str | None = None
    """The charger's own name for it."""
    counter_wh: float | None = None
    """The charger's counter at `seen`; what it showed before the car came is not counted."""
    energy_wh: Mix = NOTHING
    """Wh by source."""
    cost: float | None = None
    """Grid energy times the price of its slot; `None` while nothing was priced."""
    unpriced_wh: float = 0.0
    """Energy from the grid without a known price, or from nobody knows where."""
    peak_a: float | None = None
    """The largest line current seen; `None` when the draw cannot be seen."""

    @property
    def total_wh(self) -> float:
        """The energy of all sources."""
        return self.energy_wh.total


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    """A session in the making: what no restart needs to remember."""

    session: Session
    mono_s: float | None
    """When it was last fed; `None`: before this process began."""
    since_step: Mix = NOTHING
    """What it drew since energy was last counted, by source: watts times seconds."""


class Sessions:
    """Turns ticks into sessions. Deterministic; knows no clock but the snapshots'."""

    def __init__(self) -> None:
        self._tracks: dict[ChargerId, _Track] = {}
        self._seen_empty: set[ChargerId] = set()

    @property
    def open(self) -> tuple[Session, ...]:
        """The sessions that still go on."""
        return tuple(track.session for track in self._tracks.values())

    def resume(self, sessions: Iterable[Session]) -> None:
        """Take up the sessions that were open when an earlier process ended."""
        for session in sessions:
            self._tracks[session.charger] = _Track(session=session, mono_s=None)

    def feed(self, snapshot: Snapshot) -> tuple[Session, ...]:
        """Count one tick; tell the sessions that ended with it."""
        mix = source_mix(snapshot)
        ended = [self._feed_one(snapshot, state, mix) for state in snapshot.chargers.values()]
        return tuple(session for session in ended if session is not None)

    def _feed_one(self, snapshot: Snapshot, state: ChargerState, mix: Mix) -> Session | None:
        track = self._tracks.get(state.id)
        if state.plug is Plug.A:
            self._seen_empty.add(state.id)
            return self._close(snapshot, state, mix)
        if track is None:
            self._open(snapshot, state)
            return None
        if _is_another(track, state):
            del self._tracks[state.id]
            self._open(snapshot, state)
            return replace(track.session, ended=track.session.seen)
        self._tracks[state.id] = _advanced(track, snapshot, state, mix)
        return None

    def _close(self, snapshot: Snapshot, state: ChargerState, mix: Mix) -> Session | None:
        track = self._tracks.pop(state.id, None)
        if track is None:
            return None
        if track.mono_s is None:
            return replace(track.session, ended=track.session.seen)
        counter_wh = state.session_wh if _same_counter(track.session, state) else None
        last = _advanced(track, snapshot, replace(state, session_wh=counter_wh), mix)
        return replace(last.session, ended=snapshot.at)

    def _open(self, snapshot: Snapshot, state: ChargerState) -> None:
        if not state.plug.car or state.plug is Plug.UNKNOWN:
            return
        # A counter that we did not see start tells energy that already flowed, from nobody knows where; at a
        # charger that we saw empty it still shows the car before.
        missed_wh = 0.0 if state.id in self._seen_empty else state.session_wh or 0.0
        self._seen_empty.discard(state.id)
        session = Session(
            charger=state.id,
            started=snapshot.at,
            seen=snapshot.at,
            session_id=state.session_id,
            counter_wh=state.session_wh,
            energy_wh=Mix(unknown=missed_wh),
            unpriced_wh=missed_wh,
            peak_a=_peak_a(None, state),
        )
        self._tracks[state.id] = _Track(session=session, mono_s=snapshot.mono_s)


def _is_another(track: _Track, state: ChargerState) -> bool:
    """Tell whether a charger speaks of another session than the one that we follow."""
    known, told = track.session.session_id, state.session_id
    if known is not None and told is not None and known != told:
        return True
    # After a restart a counter that went back is the only sign that the car changed meanwhile.
    return track.mono_s is None and known is None and _went_back(track.session, state)


def _went_back(session: Session, state: ChargerState) -> bool:
    return (
        session.counter_wh is not None
        and state.session_wh is not None
        and state.session_wh < session.counter_wh
    )


def _same_counter(session: Session, state: ChargerState) -> bool:
    return state.session_id == session.session_id and not _went_back(session, state)


def _advanced(track: _Track, snapshot: Snapshot, state: ChargerState, mix: Mix) -> _Track:
    elapsed_s = None if track.mono_s is None else max(0.0, snapshot.mono_s - track.mono_s)
    watched = elapsed_s is not None and elapsed_s <= MAX_GAP_S
    power_w = _power_w(snapshot, state)
    # A charger that does not tell its power weighs every second alike.
    weight = 1.0 if power_w is None else power_w
    drawn = track.since_step.plus(mix.scaled(weight * (elapsed_s or 0.0))) if watched else UNKNOWN
    flow_wh = _counted_wh(track.session, state)
    if flow_wh is None:
        flow_wh = (power_w or 0.0) * (elapsed_s or 0.0) / _S_PER_H if watched else 0.0
    parts = _split(flow_wh, drawn if drawn.total > 0.0 else mix)
    session = replace(
        _with_energy(track.session, snapshot, parts),
        seen=snapshot.at,
        session_id=state.session_id or track.session.session_id,
        counter_wh=track.session.counter_wh if state.session_wh is None else state.session_wh,
        peak_a=_peak_a(track.session.peak_a, state),
    )
    return _Track(session=session, mono_s=snapshot.mono_s, since_step=NOTHING if flow_wh > 0.0 else drawn)


def _power_w(snapshot: Snapshot, state: ChargerState) -> float | None:
    silent = snapshot.mono_s - state.at_mono_s > MAX_GAP_S
    power_w = None if silent else charger_power_w(snapshot.site, state)
    return None if power_w is None else max(0.0, power_w)


def _counted_wh(session: Session, state: ChargerState) -> float | None:
    """Tell how far the counter moved; `None` when the charger has none."""
    if state.session_wh is None:
        # A counter that is only missing for now will tell this piece when it comes back.
        return None if session.counter_wh is None else 0.0
    if session.counter_wh is None:
        return max(0.0, state.session_wh - session.total_wh)
    began_at_wh = 0.0 if _went_back(session, state) else session.counter_wh
    return state.session_wh - began_at_wh


def _split(flow_wh: float, drawn: Mix) -> Mix:
    return drawn.scaled(flow_wh / drawn.total) if flow_wh > 0.0 else NOTHING


def _with_energy(session: Session, snapshot: Snapshot, parts: Mix) -> Session:
    if parts.total <= 0.0:
        return session
    price = _price_per_kwh(snapshot)
    priced = price is not None and parts.unknown < parts.total
    cost = (session.cost or 0.0) + parts.grid / _WH_PER_KWH * (price or 0.0) if priced else session.cost
    return replace(
        session,
        energy_wh=session.energy_wh.plus(parts),
        cost=cost,
        unpriced_wh=session.unpriced_wh + parts.unknown + (parts.grid if price is None else 0.0),
    )


def _price_per_kwh(snapshot: Snapshot) -> float | None:
    slots = (slot for slot in snapshot.prices if slot.starts <= snapshot.at < slot.ends)
    slot = next(slots, None)
    return None if slot is None else slot.import_per_kwh


def _peak_a(peak_a: float | None, state: ChargerState) -> float | None:
    draw_a = state.draw_a
    if draw_a is None:
        return peak_a
    return max(draw_a) if peak_a is None else max(peak_a, *draw_a)

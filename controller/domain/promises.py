"""Promises: the most a charger may believe it is allowed to draw, and the rules that move it.

The page of one charger moves by four events: a write is sent, a write is answered, a limit is read back,
time passes. Rules by their number in the ledger:

1. a promise rises before its write leaves, so room is counted with every unconfirmed cut at its old value;
3. it falls only after read-back (a write that may still arrive keeps counting) and after the car followed;
4. silence changes nothing but adds what the charger may fall back to by itself;
5. a lease that can have lapsed adds what it lapses to;
6. a page that nobody has read starts at the journal's word or the nameplate.
"""

from dataclasses import replace

from controller.domain.changing import changed
from controller.domain.readings import Answer, ChargerState, Outcome
from controller.domain.site import Abilities
from controller.domain.snapshot import InFlight, Promise, Snapshot

# When a charger was heard is noted this much of its time to live apart: pages that rest stay as they are.
_COARSE = 1 / 3

# The shell tells how every write ended, and holds one for as long as another is under way. One that it lost
# track of counts as given up after this and twice its time of delivery.
FORGOTTEN_S = 90.0

# A draw may exceed the offer by this much before it counts as more than promised (H10).
OVERDRAW_A = 1.0
OVERDRAW_SHARE = 0.05

# Half a step of the finest knob that chargers have.
_SAME_A = 0.05


def promised_a(page: Promise) -> float:
    """Tell the promise in A on each phase: the limit in force or anything that may still arrive.

    >>> promised_a(Promise(settled_a=6, in_flight=(InFlight(write=1, limit_a=16, sent_mono_s=0),)))
    16
    """
    if not page.in_flight:
        return page.settled_a
    return max(page.settled_a, *(write.limit_a for write in page.in_flight))


def opened(
    recorded_a: float | None, nameplate_a: float, now_s: float, lapses_mono_s: float | None = None
) -> Promise:
    """Open a page after a start: the journal's word may still be on its way; without one the nameplate.

    It may have been silent for long already: what it falls back to by itself counts until it is heard.
    """
    if recorded_a is None:
        return Promise(settled_a=nameplate_a, lapses_mono_s=lapses_mono_s)
    late = InFlight(write=0, limit_a=recorded_a, sent_mono_s=now_s, unanswered=True)
    return Promise(settled_a=recorded_a, in_flight=(late,), lapses_mono_s=lapses_mono_s)


def sent(page: Promise, write: int, limit_a: float, now_s: float, lease_s: float | None) -> Promise:
    """Count a write from before it leaves (rules 1 and 2)."""
    lapses_s = None if lease_s is None else now_s + lease_s
    flight = InFlight(write=write, limit_a=limit_a, sent_mono_s=now_s, lapses_mono_s=lapses_s)
    return replace(page, in_flight=(*page.in_flight, flight))


def answers_of(snapshot: Snapshot) -> dict[int, Answer]:
    """Sort how writes ended by their number; none ended later than now (rule 7)."""
    now_s = snapshot.mono_s
    return {
        answer.write: answer if answer.at_mono_s <= now_s else replace(answer, at_mono_s=now_s)
        for answer in snapshot.answers
    }


def answered(page: Promise, answer: Answer) -> Promise:
    """Note how a write ended; only a certain *no* forgets it."""
    if answer.outcome in (Outcome.REFUSED, Outcome.NOT_SENT):
        return replace(page, in_flight=tuple(f for f in page.in_flight if f.write != answer.write))
    if answer.outcome is Outcome.DELIVERED:
        return replace(page, in_flight=tuple(_taken(f, answer) for f in page.in_flight))
    return replace(page, in_flight=_given_up(page.in_flight, answer.write, answer.at_mono_s))


def _taken(flight: InFlight, answer: Answer) -> InFlight:
    if flight.write != answer.write:
        return flight
    return replace(flight, answered_mono_s=max(answer.at_mono_s, flight.sent_mono_s))


def _given_up(flights: tuple[InFlight, ...], write: int, at_s: float) -> tuple[InFlight, ...]:
    """Note that a write got no answer: it may have left as late as it was given up.

    An older one of the same limit and lease that got none either adds nothing to it.
    """
    given_up = next((f for f in flights if f.write == write), None)
    if given_up is None:
        return flights
    lost = replace(given_up, unanswered=True, sent_mono_s=max(given_up.sent_mono_s, at_s))
    return tuple(lost if f is given_up else f for f in flights if not _is_outlived(f, lost))


def _is_outlived(flight: InFlight, lost: InFlight) -> bool:
    same = flight.limit_a == lost.limit_a and flight.lapses_mono_s == lost.lapses_mono_s
    return same and flight.unanswered and 0 < flight.write < lost.write


def under_way(page: Promise) -> InFlight | None:
    """Find the latest write while no reading has shown what became of it; an older one is not the latest."""
    if page.in_flight and page.in_flight[-1].write > page.shown:
        return page.in_flight[-1]
    return None


def heard(page: Promise, state: ChargerState, abilities: Abilities) -> Promise:
    """Take a fresh state: read-back settles what it proves, a draw above the promise raises it."""
    if page.heard_mono_s is None or state.at_mono_s - page.heard_mono_s >= abilities.read_ttl_s * _COARSE:
        page = changed(page, heard_mono_s=state.at_mono_s)
    if state.limit_a is not None:
        page = _read_back(page, state.limit_a, state.at_mono_s, abilities.delivery_s)
    if page.cut_a is not None and state.draws and state.draws[-1].at_mono_s >= page.cut_mono_s:
        draw_a = max(state.draws[-1].currents_a)
        page = _followed(page) if draw_a <= tolerated_a(page.cut_a) else page
    return overdrawn(page, state)


def overdrawn(page: Promise, state: ChargerState) -> Promise:
    """Raise the promise to a draw that is clearly above it (H10)."""
    draw_a = max(state.draws[-1].currents_a) if state.draws else 0.0
    if draw_a <= page.settled_a or draw_a <= tolerated_a(promised_a(page)):
        return page
    return replace(page, settled_a=draw_a)


def tolerated_a(limit_a: float) -> float:
    """Tell the largest draw that still counts as obeying a limit (H10)."""
    return limit_a + max(OVERDRAW_A, OVERDRAW_SHARE * limit_a)


def is_same(told_a: float, read_a: float) -> bool:
    """Tell whether a limit read back is the one that was told: devices round to their own decimals."""
    return abs(told_a - read_a) <= _SAME_A


def _read_back(page: Promise, limit_a: float, at_s: float, delivery_s: float) -> Promise:
    flights = page.in_flight
    if flights and (proven := tuple(f for f in flights if _arrived_before(f, at_s, delivery_s))):
        page = _proven(page, proven, limit_a)
    if page.known and limit_a == (page.settled_a if page.cut_a is None else page.cut_a):
        return page  # nothing new
    if limit_a >= page.settled_a:
        return replace(page, settled_a=limit_a, known=True, cut_a=None)
    if page.cut_a is None or limit_a < page.cut_a:
        return replace(page, known=True, cut_a=limit_a, cut_mono_s=at_s)
    return replace(page, known=True, cut_a=limit_a)


def _proven(page: Promise, proven: tuple[InFlight, ...], limit_a: float) -> Promise:
    """Take writes off that a reading has shown the outcome of.

    One above the limit that was read may have been in force, unseen, until a later one replaced it: the car
    has its time to follow from now on.
    """
    highest_a = max(flight.limit_a for flight in proven)
    page = replace(
        page,
        in_flight=tuple(f for f in page.in_flight if f not in proven),
        shown=max(page.shown, proven[-1].write),
        lapses_mono_s=_lapse(page, proven, limit_a),
    )
    if highest_a <= limit_a or is_same(highest_a, limit_a):
        return page
    return replace(page, settled_a=max(page.settled_a, highest_a), cut_a=None)


def _arrived_before(flight: InFlight, at_s: float, delivery_s: float) -> bool:
    """Tell whether a reading of this instant shows what the write did, or that it never will."""
    if flight.answered_mono_s is not None:
        return at_s >= flight.answered_mono_s
    return flight.unanswered and at_s > flight.sent_mono_s + delivery_s


def _lapse(page: Promise, proven: tuple[InFlight, ...], limit_a: float) -> float | None:
    """Tell when the limit in force may lapse: the lease of the newest answered write that reads back.

    Where only unanswered writes read back, it may be theirs, or the one before if that was the same limit:
    the earliest counts.
    """
    in_force = [f for f in proven if is_same(f.limit_a, limit_a)]
    certain = [f for f in in_force if f.answered_mono_s is not None]
    if certain:
        return certain[-1].lapses_mono_s
    before_a = page.settled_a if page.cut_a is None else page.cut_a
    is_theirs = bool(in_force) and page.known and not is_same(before_a, limit_a)
    ends = [f.lapses_mono_s for f in in_force] + ([] if is_theirs else [page.lapses_mono_s])
    return min((end for end in ends if end is not None), default=None)


def _followed(page: Promise) -> Promise:
    if page.cut_a is None:
        return page
    return replace(page, settled_a=page.cut_a, cut_a=None)


def lease_ends_s(page: Promise) -> float | None:
    """Tell from when on a lease may lapse, of the limit in force or of one that may still arrive."""
    ends = [flight.lapses_mono_s for flight in page.in_flight if flight.lapses_mono_s is not None]
    if page.lapses_mono_s is not None:
        ends.append(page.lapses_mono_s)
    return min(ends, default=None)


def aged(page: Promise, abilities: Abilities, now_s: float, nameplate_a: float) -> Promise:
    """Let time pass: cars follow, leases lapse, silent chargers may have fallen back (rules 3, 4, 5).

    A lease that was given while it was configured otherwise lapses to nobody knows what: the nameplate.
    """
    if page.in_flight:
        page = _forgotten(page, abilities.delivery_s, now_s)
    if page.cut_a is not None and now_s >= page.cut_mono_s + abilities.follow_s:
        page = _followed(page)
    if page.lapses_mono_s is not None or page.in_flight:
        lapses_to_a = nameplate_a if abilities.lapses_to_a is None else abilities.lapses_to_a
        page = _lapsed(page, lapses_to_a, now_s)
    if abilities.fallback_a is not None and page.settled_a < abilities.fallback_a:
        heard_s = page.heard_mono_s
        if heard_s is None or now_s >= heard_s + max(abilities.fallback_after_s, abilities.read_ttl_s):
            page = replace(page, settled_a=abilities.fallback_a)
    return page


def _lapsed(page: Promise, lapses_to_a: float, now_s: float) -> Promise:
    """Count what a lease falls back to, also that of a write which nobody has read back yet.

    A reading that shows the limit after its lease may have ended proves nothing for the next second: it
    counts until another write is in force.
    """
    if page.settled_a >= lapses_to_a:
        return page
    ends_s = lease_ends_s(page)
    return page if ends_s is None or now_s < ends_s else replace(page, settled_a=lapses_to_a)


def _forgotten(page: Promise, delivery_s: float, now_s: float) -> Promise:
    def is_lost(flight: InFlight) -> bool:
        pending = flight.answered_mono_s is None and not flight.unanswered
        return pending and now_s >= flight.sent_mono_s + FORGOTTEN_S + 2.0 * delivery_s

    if not any(is_lost(flight) for flight in page.in_flight):
        return page
    flights = tuple(
        replace(f, unanswered=True, sent_mono_s=now_s) if is_lost(f) else f for f in page.in_flight
    )
    return replace(page, in_flight=flights)


def latest_limit_a(page: Promise, read_a: float | None) -> float:
    """Tell the limit that is or soon will be in force: the last one sent, else the last one read."""
    latest = under_way(page)
    if latest is not None:
        return latest.limit_a
    if read_a is not None:
        return read_a
    return page.settled_a if page.cut_a is None else page.cut_a

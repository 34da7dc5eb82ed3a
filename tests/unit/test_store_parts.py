"""The parts of the journal that need no database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from adapters.store.means import condensed
from adapters.store.outbox import Entry, Importance, Outbox
from adapters.store.promise_board import PromiseBoard
from adapters.store.sampling import MINUTE_S, Sampler, unpacked
from adapters.store.standing import unexpired
from adapters.store.ticks import Context, lines_of, pack, unpack
from controller.domain.readings import PersonPlan, PersonRequest, Plug
from controller.domain.units import ChargerId
from controller.domain.writes import Decision
from controller.journal import Novelty
from controller.ports import RecordedLimiter
from tests.fakes.recorded_house import (
    GARAGE,
    LIMITED,
    MAIN,
    NOON,
    SITE,
    YARD,
    charger,
    decision,
    leased,
    limited,
    limiter_promise,
    on,
    promise,
    snapshot,
    verdict,
    write,
)


def entry(importance: Importance) -> Entry:
    """Make an entry that does nothing."""

    def nothing(_: Connection) -> None:
        return None

    return Entry(importance=importance, apply=nothing)


def test_a_full_outbox_gives_up_the_oldest_of_the_least_important() -> None:
    outbox = Outbox(2)
    session, old, new = entry(Importance.SESSION), entry(Importance.READING), entry(Importance.READING)

    for each in (old, session, new):
        outbox.put(each)

    assert outbox.take(9) == (session, new)
    assert outbox.dropped == {Importance.READING: 1}


def test_an_outbox_full_of_better_things_gives_up_the_newcomer() -> None:
    outbox = Outbox(1)
    session = entry(Importance.SESSION)

    outbox.put(session)
    outbox.put(entry(Importance.READING))

    assert outbox.take(9) == (session,)


def test_what_is_put_back_keeps_its_place() -> None:
    outbox = Outbox(9)
    first, second, third = (entry(Importance.WRITE) for _ in range(3))
    for each in (first, second, third):
        outbox.put(each)

    outbox.put_back(outbox.take(2))

    assert outbox.take(9) == (first, second, third)


def test_only_what_persons_asked_is_urgent() -> None:
    outbox = Outbox(9)
    outbox.put(entry(Importance.SESSION))
    assert not outbox.urgent

    outbox.put(entry(Importance.PERSON))

    assert outbox.urgent


def test_a_promise_is_unwritten_until_the_database_has_it() -> None:
    board = PromiseBoard()
    board.put([promise(16.0)])
    waiting = board.unwritten

    board.written(waiting)

    assert waiting == (promise(16.0),)
    assert board.unwritten == ()


def test_a_newer_promise_stays_unwritten_when_the_older_one_arrives() -> None:
    board = PromiseBoard()
    board.put([promise(10.0)])
    waiting = board.unwritten
    board.put([promise(16.0)])

    board.written(waiting)

    assert board.unwritten == (promise(16.0),)


def test_a_raise_that_waited_for_its_turn_never_undercuts_a_later_tick() -> None:
    board = PromiseBoard()
    board.follow(snapshot(0), decision(0, verdict(promise_a=20.0)))

    board.put([promise(16.0)])

    assert [waiting.promise_a for waiting in board.unwritten] == [20.0]


def test_a_confirmed_cut_lowers_what_is_on_record() -> None:
    board = PromiseBoard()
    board.put([promise(16.0)])

    board.follow(snapshot(0), decision(0, verdict(promise_a=6.0)))

    assert [waiting.promise_a for waiting in board.unwritten] == [6.0]


def test_a_raise_of_the_same_tick_is_never_undercut_by_its_verdict() -> None:
    board = PromiseBoard()

    board.follow(snapshot(0), decision(0, verdict(promise_a=6.0), writes=(write(promise_a=16.0),)))

    assert [waiting.promise_a for waiting in board.unwritten] == [16.0]


def test_an_unchanged_promise_is_not_written_again() -> None:
    board = PromiseBoard()
    board.follow(snapshot(0), decision(0, verdict(promise_a=6.0)))
    board.written(board.unwritten)

    board.follow(snapshot(1), decision(1, verdict(promise_a=6.0)))

    assert board.unwritten == ()


def test_after_an_outage_every_promise_is_written_again() -> None:
    board = PromiseBoard()
    board.loaded([promise(16.0)])
    unwritten_before = board.unwritten

    board.distrust()

    assert not unwritten_before
    assert board.unwritten == (promise(16.0),)


def test_a_limiters_raise_that_waited_for_its_turn_undercuts_a_later_tick_on_no_phase() -> None:
    board = PromiseBoard()
    board.follow(on(LIMITED, snapshot(0)), limited(decision(0), (20.0, 6.0, 6.0)))

    board.put([limiter_promise((16.0, 16.0, 6.0))])

    assert [one.promise_a for one in board.unwritten if isinstance(one, RecordedLimiter)] == [
        (20.0, 16.0, 6.0)
    ]


def test_a_charger_and_a_circuit_of_one_name_keep_promises_of_their_own() -> None:
    board = PromiseBoard()

    board.put([promise(16.0, ChargerId(MAIN)), limiter_promise()])

    assert len(board.unwritten) == 2


def test_a_lease_that_ends_otherwise_is_written_again() -> None:
    board = PromiseBoard()
    board.follow(snapshot(0), leased(decision(0), 1060.0))
    board.written(board.unwritten)

    board.follow(snapshot(1), leased(decision(1), 1090.0))

    assert [waiting.lapses_mono_s for waiting in board.unwritten] == [1090.0]


def test_of_two_leases_the_one_that_ends_first_waits_to_be_written() -> None:
    board = PromiseBoard()
    board.follow(snapshot(0), leased(decision(0), 1060.0))

    board.put([replace(promise(16.0), lapses_mono_s=1030.0)])

    assert [(one.promise_a, one.lapses_mono_s) for one in board.unwritten] == [(16.0, 1030.0)]


def test_a_charger_out_of_service_stays_on_record_with_its_promise() -> None:
    board = PromiseBoard()
    gone = replace(snapshot(0), out_of_service=frozenset({GARAGE}))

    board.follow(gone, replace(decision(0), chargers={GARAGE: verdict(promise_a=0.0)}))

    assert [waiting.promise_a for waiting in board.unwritten] == [10.0]


def kept(*decisions: Decision) -> list[float]:
    """Tell which ticks are worth keeping, as seconds after noon."""
    novelty = Novelty(heartbeat_s=60.0, ripple_s=10.0)
    return [each.mono_s - 1000.0 for each in decisions if novelty.worth_keeping(each)]


def test_a_quiet_house_is_kept_once_a_heartbeat() -> None:
    assert kept(*(decision(float(at_s)) for at_s in range(130))) == [0.0, 60.0, 120.0]


def test_a_write_is_always_kept() -> None:
    assert kept(decision(0), decision(1), decision(2, writes=(write(),))) == [0.0, 2.0]


@pytest.mark.parametrize(
    "changed",
    [
        replace(verdict(), mode="off"),
        replace(verdict(), plug=Plug.B),
        replace(verdict(), silent=True),
        replace(verdict(), limit_a=6.0),
        replace(verdict(), reasons=()),
    ],
)
def test_a_charger_that_changes_is_kept_at_once(changed: object) -> None:
    assert kept(decision(0), decision(1, changed)) == [0.0, 1.0]  # type: ignore[arg-type]


def test_numbers_inside_reasons_may_ripple() -> None:
    assert kept(decision(0), decision(1, verdict(value=5.0))) == [0.0]


def test_shares_that_drift_are_kept_now_and_then() -> None:
    drifting = (decision(float(at_s), verdict(share_a=10.0 + at_s / 100)) for at_s in range(25))

    assert kept(*drifting) == [0.0, 10.0, 20.0]


def test_a_monotonic_clock_that_begins_anew_is_kept() -> None:
    assert kept(decision(500.0), decision(3.0)) == [500.0, 3.0]


def test_a_minute_is_handed_out_when_the_next_begins() -> None:
    sampler = Sampler()
    done = [
        minute for at_s in range(61) for minute in sampler.feed(snapshot(float(at_s), grid_w=10.0 * at_s))
    ]

    grid = next(minute for minute in done if minute.device == "meter:grid")
    assert grid.starts == NOON
    assert len(grid.samples) == MINUTE_S
    assert grid.mean_row["power_w"] == pytest.approx(295.0)


def test_a_reading_that_was_seen_before_is_not_sampled_again() -> None:
    sampler = Sampler()
    tick = snapshot(1.0)
    sampler.feed(tick)

    sampler.feed(replace(tick, mono_s=tick.mono_s + 1.0, at=tick.at + timedelta(seconds=1)))

    assert [len(minute.samples) for minute in sampler.flush()] == [1, 1]


def test_samples_come_back_without_the_columns_that_nobody_told() -> None:
    sampler = Sampler()
    sampler.feed(snapshot(1.25, charger(1.0, power_w=690.0), grid_w=12.34))

    bodies = {minute.device: unpacked(bytes(minute.sample_row["body"])) for minute in sampler.flush()}  # type: ignore[call-overload]

    assert bodies["meter:grid"][0]["power_w"] == 12.3
    assert bodies["charger:garage"][0] == {
        "at_s": 1.0,
        "l1_a": 1.0,
        "l2_a": 1.0,
        "l3_a": 1.0,
        "power_w": 690.0,
        "limit_a": 10.0,
        "plug": "C",
    }


def test_a_value_that_is_missing_is_not_part_of_the_mean() -> None:
    sampler = Sampler()
    for at_s, power_w in ((1.0, 100.0), (2.0, None), (3.0, 300.0)):
        sampler.feed(snapshot(at_s, grid_w=power_w))

    grid = next(minute for minute in sampler.flush() if minute.device == "meter:grid")

    assert grid.mean_row["power_w"] == 200.0
    assert grid.mean_row["import_wh"] is None


def minutes(*powers_w: tuple[float | None, int]) -> Iterator[dict[str, object]]:
    """Tell minutes from noon on, with the samples behind each mean."""
    for index, (power_w, count) in enumerate(powers_w):
        told = dict.fromkeys(("l1_a", "l2_a", "l3_a", "soc_pct", "limit_a", "export_wh", "session_wh"))
        starts: datetime = NOON + timedelta(minutes=index)
        yield {
            **told,
            "device": "meter:grid",
            "starts": starts,
            "count": count,
            "power_w": power_w,
            "import_wh": None if power_w is None else 1000.0 + index,
        }


def test_a_quarter_hour_weighs_its_minutes_by_their_samples() -> None:
    (quarter,) = condensed(minutes((100.0, 60), (400.0, 30), (None, 5)))

    assert quarter["power_w"] == 200.0
    assert quarter["count"] == 95
    assert quarter["import_wh"] == 1001.0


def test_quarter_hours_end_on_the_clock() -> None:
    quarters = list(condensed(minutes(*((1.0, 60) for _ in range(31)))))

    assert [quarter["starts"] for quarter in quarters] == [
        NOON + timedelta(minutes=minute) for minute in (0, 15, 30)
    ]


def test_what_a_person_asked_for_a_time_is_over_when_the_time_is() -> None:
    request = PersonRequest(
        mode="fast",
        limit_a=8.0,
        limit_until=NOON,
        boost_until=NOON + timedelta(hours=1),
        plan=PersonPlan(by=NOON, energy_wh=1.0),
        session_limit_wh=9.0,
    )

    assert unexpired(request, NOON) == PersonRequest(
        mode="fast", boost_until=NOON + timedelta(hours=1), session_limit_wh=9.0
    )


def test_a_limit_without_an_end_stays() -> None:
    assert unexpired(PersonRequest(limit_a=8.0), NOON) == PersonRequest(limit_a=8.0)


def test_a_tick_comes_back_from_its_row() -> None:
    first = lines_of(snapshot(0.0, charger(0.0)), decision(0.0))
    later = lines_of(snapshot(9.0, charger(9.0), charger(9.0, YARD)), decision(9.0, verdict(share_a=7.0)))
    context = Context.of(SITE, None, first)

    assert unpack(context, pack(context, later)) == later


def test_a_tick_that_resembles_the_first_one_takes_little_room() -> None:
    first = lines_of(snapshot(0.0, charger(0.0)), decision(0.0))
    later = lines_of(snapshot(9.0, charger(9.0)), decision(9.0, verdict(share_a=7.0)))
    context = Context.of(SITE, None, first)

    assert len(pack(context, later)) * 10 < len(later)

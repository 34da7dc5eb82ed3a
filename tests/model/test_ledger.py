"""The ledger, walked through exhaustively on two chargers; each rule is also seen to matter."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from controller.domain import cases, decision, promises
from controller.domain.readings import Answer, ChargerState
from controller.domain.room import Bound, Room
from controller.domain.site import Abilities, ChargerSpec
from controller.domain.snapshot import InFlight, Promise
from tests.model.walk import explore, fair, healed

# Longer than any wait in the core: dwell, follow, delivery, the longest back-off.
HEALED_STEPS = 24
SILENT_STEPS = 10


@pytest.mark.parametrize(("faults", "busy", "at_least"), [(1, True, 5_000), (2, False, 20_000)])
def test_no_interleaving_breaks_a_promise(
    faults: int, busy: bool, at_least: int, record_property: Callable[[str, object], None]
) -> None:
    walk = explore(faults=faults, busy=busy)

    record_property("states", len(walk.worlds))
    print(f"{len(walk.worlds)} states visited")  # noqa: T201 - how much was proven belongs to the proof
    assert walk.violation == ""
    assert len(walk.worlds) >= at_least


def test_healed_faults_lead_to_the_fair_shares_and_then_to_silence() -> None:
    worlds = list(explore(faults=1).worlds.values())

    for world in worlds[::4]:
        end, last_write = healed(world, HEALED_STEPS)
        limits_a = (end.devices[0].limit_a, end.devices[1].limit_a)
        assert limits_a in fair(end.devices), f"{world} ends at {limits_a}"
        assert last_write <= HEALED_STEPS - SILENT_STEPS, f"{world} still writes in step {last_write}"


def _a_raise_is_not_counted(
    page: Promise, write: int, limit_a: float, now_s: float, lease_s: float | None
) -> Promise:
    return page if limit_a > page.settled_a else promises.sent(page, write, limit_a, now_s, lease_s)


def _every_write_counts_as_arrived(_flight: InFlight, _at_s: float, _delivery_s: float) -> bool:
    return True


def _a_lost_write_is_forgotten_at_once(flight: InFlight, at_s: float, _delivery_s: float) -> bool:
    return flight.unanswered or (flight.answered_mono_s is not None and at_s >= flight.answered_mono_s)


def _cars_follow_at_once(page: Promise, abilities: Abilities, now_s: float, nameplate_a: float) -> Promise:
    return promises_aged(page, replace(abilities, follow_s=0.0), now_s, nameplate_a)


def _a_restart_trusts_nothing_old(
    _recorded_a: float | None, _nameplate_a: float, now_s: float, _lapses_mono_s: float | None
) -> Promise:
    return Promise(settled_a=0.0, heard_mono_s=now_s)


def _unanswered_is_refused(page: Promise, answer: Answer) -> Promise:
    return replace(page, in_flight=tuple(f for f in page.in_flight if f.write != answer.write))


def _room_is_endless(_room: Room, charger: ChargerSpec) -> Bound:
    return Bound(spare_a=1e9, circuit=charger.circuit)


def _a_full_ledger_does_not_stop_small_raises(room: Room, charger: ChargerSpec) -> Bound:
    bound = room_bound(room, charger)
    return replace(bound, spare_a=max(0.0, bound.spare_a))


def _silence_frees_the_promise(
    page: Promise, abilities: Abilities, now_s: float, nameplate_a: float
) -> Promise:
    page = promises_aged(page, abilities, now_s, nameplate_a)
    is_silent = page.heard_mono_s is not None and now_s - page.heard_mono_s > abilities.read_ttl_s
    return replace(page, settled_a=0.0, in_flight=()) if is_silent else page


def _a_cut_is_believed_before_read_back(page: Promise, state: ChargerState, abilities: Abilities) -> Promise:
    page = promises_heard(page, state, abilities)
    lowest_a = min((f.limit_a for f in page.in_flight), default=page.settled_a)
    return replace(page, settled_a=min(page.settled_a, lowest_a), in_flight=())


promises_aged, promises_heard, room_bound = promises.aged, promises.heard, Room.bound


def _what_was_in_force_unseen_is_forgotten(
    page: Promise, proven: tuple[InFlight, ...], _limit_a: float
) -> Promise:
    flights = tuple(f for f in page.in_flight if f not in proven)
    return replace(page, in_flight=flights, shown=max(page.shown, proven[-1].write))


REMOVED = [
    pytest.param(decision, "sent", _a_raise_is_not_counted, id="rule 1 and 2: promise before the raise"),
    pytest.param(Room, "bound", _room_is_endless, id="rule 1: a raise waits for room"),
    pytest.param(
        Room, "bound", _a_full_ledger_does_not_stop_small_raises, id="rule 1: the ledger still holds"
    ),
    pytest.param(promises, "_arrived_before", _every_write_counts_as_arrived, id="rule 3: read-back"),
    pytest.param(promises, "_arrived_before", _a_lost_write_is_forgotten_at_once, id="rule 3: last delivery"),
    pytest.param(
        promises, "_proven", _what_was_in_force_unseen_is_forgotten, id="rule 3: a limit that nobody saw"
    ),
    pytest.param(cases, "heard", _a_cut_is_believed_before_read_back, id="rule 3: release after the cut"),
    pytest.param(cases, "aged", _cars_follow_at_once, id="rule 3: the car's time to follow"),
    pytest.param(cases, "answered", _unanswered_is_refused, id="rule 3: an unanswered write counts"),
    pytest.param(cases, "aged", _silence_frees_the_promise, id="rule 4: silence keeps the promise"),
    pytest.param(cases, "opened", _a_restart_trusts_nothing_old, id="rule 6: restart"),
]


@pytest.mark.parametrize(("module", "name", "broken"), REMOVED)
def test_the_walk_finds_what_goes_wrong_without_a_rule(
    module: object, name: str, broken: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, broken)

    walk = explore(faults=1)

    assert walk.violation != ""

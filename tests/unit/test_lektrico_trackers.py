from dataclasses import replace

from adapters.chargers.lektrico.answers import ChargerInfo, SystemCurrents
from adapters.chargers.lektrico.settings import Knob
from adapters.chargers.lektrico.state import Heard
from adapters.chargers.lektrico.trackers import Heartbeat, Kept, PersonPause, ReadBack
from controller.domain.readings import Plug

PAUSED = Heard(
    at_mono_s=0.0,
    info=ChargerInfo(is_paused=True, session_id=1),
    currents=SystemCurrents(),
    limit_a=16.0,
    knob=Knob.EM,
)


def looked(*polls: Heard, plug: Plug = Plug.B, since_write_s: float = 60.0) -> bool:
    pause = PersonPause(resume_s=10.0)
    for poll in polls:
        pause.look(poll, plug, since_write_s)
    return pause.holds


def test_a_pause_that_our_limit_does_not_explain_is_a_persons() -> None:
    assert looked(PAUSED)


def test_the_state_alone_tells_a_pause() -> None:
    assert looked(replace(PAUSED, info=ChargerInfo(extended_charger_state="B_PAUSE")))


def test_a_pause_at_zero_is_ours() -> None:
    assert not looked(replace(PAUSED, limit_a=0.0))


def test_a_pause_right_after_a_raise_may_still_be_ours() -> None:
    assert not looked(PAUSED, since_write_s=3.0)


def test_a_pause_that_another_limit_explains_is_no_persons() -> None:
    assert not looked(replace(PAUSED, currents=SystemCurrents(dynamic_a=0.0)))


def test_an_ocpp_limit_of_zero_that_means_none_explains_no_pause() -> None:
    assert looked(replace(PAUSED, currents=SystemCurrents(ocpp_a=0.0)))


def test_a_persons_pause_outlives_our_own_cut_to_zero() -> None:
    assert looked(PAUSED, replace(PAUSED, limit_a=0.0))


def test_a_persons_pause_ends_with_the_session() -> None:
    next_session = replace(PAUSED, limit_a=0.0, info=ChargerInfo(is_paused=True, session_id=2))

    assert not looked(PAUSED, next_session)


def test_a_persons_pause_ends_when_the_charger_reports_none() -> None:
    assert not looked(PAUSED, replace(PAUSED, info=ChargerInfo(is_paused=False, session_id=1)))


def test_an_empty_plug_holds_nobodys_pause() -> None:
    assert not looked(PAUSED, plug=Plug.A)


def test_a_limit_that_is_read_back_is_kept() -> None:
    read_back = ReadBack(settle_s=2.0)
    read_back.wrote(10.0, 100.0)

    assert read_back.read(10.0, 100.0) is Kept.YES


def test_another_value_is_lost_only_after_time_to_settle() -> None:
    read_back = ReadBack(settle_s=2.0)
    read_back.wrote(10.0, 100.0)

    assert [read_back.read(16.0, 101.0), read_back.read(16.0, 102.0)] == [Kept.NOT_YET, Kept.NO]


def test_what_another_writes_after_our_limit_was_kept_is_no_loss() -> None:
    read_back = ReadBack(settle_s=2.0)
    read_back.wrote(10.0, 100.0)
    read_back.read(10.0, 100.0)

    assert read_back.read(16.0, 110.0) is Kept.YES


def test_losses_in_a_row_are_counted_until_one_is_kept() -> None:
    read_back = ReadBack(settle_s=2.0)
    counted = []
    for told_a, read_a in ((10.0, 16.0), (10.0, 16.0), (10.0, 10.0)):
        read_back.wrote(told_a, 100.0)
        read_back.read(read_a, 105.0)
        counted.append(read_back.lost)

    assert counted == [1, 2, 0]


def test_nothing_is_repeated_before_the_charger_complained() -> None:
    heartbeat = Heartbeat(rewrite_s=10.0)
    heartbeat.beat(0.0)

    assert heartbeat.due_in_s(1e9) > 0.0


def test_the_limit_is_repeated_at_once_when_the_charger_complains() -> None:
    heartbeat = Heartbeat(rewrite_s=10.0)
    heartbeat.look(offline=True, mono_s=50.0)

    assert heartbeat.due_in_s(50.0) == 0.0


def test_each_further_complaint_halves_the_rhythm_down_to_two_seconds() -> None:
    heartbeat, rhythms = Heartbeat(rewrite_s=10.0), []
    for _ in range(5):
        heartbeat.look(offline=True, mono_s=0.0)
        heartbeat.look(offline=False, mono_s=1.0)
        rhythms.append(heartbeat.interval_s)

    assert rhythms == [10.0, 5.0, 2.5, 2.0, 2.0]


def test_a_complaint_that_goes_on_is_said_once() -> None:
    heartbeat = Heartbeat(rewrite_s=10.0)

    assert [heartbeat.look(offline=True, mono_s=0.0) for _ in range(3)] == [True, False, False]

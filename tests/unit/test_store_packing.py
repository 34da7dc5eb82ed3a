"""A tick comes back from its row as it went in, and takes little room there."""

from adapters.store.ticks import Context, lines_of, pack, unpack
from tests.fakes.recorded_house import SITE, YARD, charger, decision, snapshot, verdict


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

from dataclasses import replace
from datetime import datetime

from controller.domain.reasons import Code, Reason
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.domain.writes import ChargerVerdict, Decision, Kind, Write
from simulator.demo.headless import News
from simulator.house.demo import NOON, demo_house
from tests.fakes.example_tick import DECISION, GARAGE, SNAPSHOT

LEFT = ChargerId("left")
WANTS = Reason(code=Code.FULL_POWER, by="full_power", current_a=16.0)
FULL = Reason(code=Code.CIRCUIT, by="main", phase=1, current_a=12.0)
OVER = Reason(code=Code.URGENT, by="main", phase=1, current_a=0.0, value=7.7)


def told(kind: Kind, limit_a: float, *reasons: Reason) -> str:
    """Tell what is said when the limit of a charger goes from 10 A to another one."""
    lines: list[str] = []

    def tell(at: datetime, text: str) -> None:
        assert at == NOON
        lines.append(text)

    news = News(demo_house(1), tell)
    before = replace(DECISION.chargers[GARAGE], limit_a=10.0)
    after = replace(before, share_a=12.0, limit_a=limit_a, reasons=reasons)
    hear(news, SNAPSHOT, before)
    hear(news, SNAPSHOT, after, Write(number=1, charger=LEFT, kind=kind, limit_a=limit_a, promise_a=limit_a))
    (line,) = lines
    return line


def hear(news: News, snapshot: Snapshot, verdict: ChargerVerdict, *writes: Write) -> None:
    decision: Decision = replace(DECISION, chargers={LEFT: verdict}, writes=writes)
    news.hear(snapshot, decision)


def test_a_change_is_told_with_what_bound_the_share() -> None:
    assert told(Kind.RAISE, 12.0, WANTS, FULL) == "left 10 -> 12 A (raise), share 12 A: main L1 leaves 12 A"


def test_an_urgent_cut_is_told_with_what_is_too_much() -> None:
    line = told(Kind.URGENT, 0.0, WANTS, FULL, OVER)

    assert line == "left 10 -> 0 A (urgent): main L1 is 7.7 A above its limit: cut at once"

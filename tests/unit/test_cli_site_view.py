from dataclasses import replace
from typing import Any

from rich.console import Console

from controller.cli.site_view import bar, site_view
from controller.report import site_report
from tests.fakes.example_tick import DECISION, MAIN, SNAPSHOT


def shown(**more: Any) -> str:  # noqa: ANN401 - JSON
    screen = Console(width=120)
    with screen.capture() as captured:
        screen.print(site_view({**site_report(SNAPSHOT, DECISION), **more}))
    return captured.get()


def test_people_see_what_billed_calls_cost() -> None:
    usage = {"vehicle blue": {"says": "calls this month: 3 data; 0.01 USD so far"}}

    assert "vehicle blue: calls this month: 3 data; 0.01 USD so far" in shown(usage=usage)


def test_a_journal_that_counts_no_calls_tells_none() -> None:
    assert "calls this month" not in shown()


def test_a_bar_is_read_without_colours() -> None:
    assert bar(10.0, 25.0, 10).plain == "━━━━──────"
    assert bar(30.0, 25.0, 10).plain == "━━━━━━━━━━"
    assert bar(None, 25.0, 10).plain == "??????????"


def test_what_is_left_behind_a_silent_meter_is_not_known() -> None:
    blind = replace(DECISION, circuits={MAIN: replace(DECISION.circuits[MAIN], blind=True)})

    first = next(line for line in shown(**site_report(SNAPSHOT, blind)).splitlines() if "L1" in line)
    assert first.split()[-1] == "-"


def test_what_is_lost_stands_above_the_figures_and_a_mere_hint_below() -> None:
    lines = shown(
        lost={"charger garage": "no answer"}, warnings=["no meter measures the supply"]
    ).splitlines()

    (lost,) = (number for number, line in enumerate(lines) if "charger garage is lost: no answer" in line)
    (hint,) = (number for number, line in enumerate(lines) if "no meter measures the supply" in line)
    assert lost < lines.index(next(line for line in lines if "circuit" in line)) < hint

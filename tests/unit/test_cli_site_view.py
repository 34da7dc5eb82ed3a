from typing import Any

from rich.console import Console

from controller.cli.site_view import site_view
from controller.report import site_report
from tests.fakes.example_tick import DECISION, SNAPSHOT


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

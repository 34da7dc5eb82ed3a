from controller.report import site_report
from dashboard.page import status_page
from tests.fakes.example_tick import DECISION, SNAPSHOT


def test_what_is_lost_stands_above_the_tables_and_a_mere_hint_below() -> None:
    lost, hints = {"charger <garage>": "no answer"}, ["no meter measures the supply"]

    page = status_page({**site_report(SNAPSHOT, DECISION), "lost": lost, "warnings": hints})

    alarm = page.index("charger &lt;garage&gt; is lost: no answer")
    assert alarm < page.index("<table") < page.index("no meter measures the supply")

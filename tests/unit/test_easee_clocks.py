"""How far our clock is from Easee's, and what that makes of responses."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.chargers.easee.clocks import Clocks
from adapters.chargers.easee.correlation import Correlation
from adapters.chargers.easee.messages import Response

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEY = ("EH1", 48)
NONE = timedelta(0)


def clocks_of(seems_s: list[float], every_s: float = 6.0) -> Clocks:
    """Hear messages that seem to have needed so long."""
    clocks = Clocks(skew_s=5.0)
    for n, one_s in enumerate(seems_s):
        now = NOON + timedelta(seconds=n * every_s)
        clocks.hear(now - timedelta(seconds=one_s), now, n * every_s)
    return clocks


def test_the_least_of_many_messages_tells_how_far_ahead_we_are() -> None:
    assert clocks_of([60.4, 63.0, 60.2]).ahead == timedelta(seconds=60.2)


@pytest.mark.parametrize(
    "seems_s", [[60.0, 60.0], [0.3, 4.0, 4.9], [60.0, 0.4, 60.0], [-60.0] * 3, [7200.0] * 3]
)
def test_too_few_messages_and_differences_that_are_small_or_absurd_are_not_counted_on(
    seems_s: list[float],
) -> None:
    assert clocks_of(seems_s).ahead == NONE


def test_a_burst_that_waited_somewhere_proves_nothing() -> None:
    assert clocks_of([60.0] * 50, every_s=0.01).ahead == NONE


@pytest.mark.parametrize(("seems_s", "side"), [(60.0, "ahead of"), (-60.0, "behind")])
def test_clocks_that_differ_are_said_once(
    seems_s: float, side: str, caplog: pytest.LogCaptureFixture
) -> None:
    clocks_of([seems_s] * 9)

    assert [record.message.split(":")[0] for record in caplog.records] == [
        f"this host's clock is 60 s {side} Easee's"
    ]


def test_clocks_that_agree_are_not_worth_a_word(caplog: pytest.LogCaptureFixture) -> None:
    clocks_of([0.4] * 9)

    assert not caplog.records


async def test_a_response_is_ours_by_the_clock_that_we_are_known_to_be_ahead_of() -> None:
    correlation = Correlation(skew_s=5.0)
    waiting = correlation.expect(KEY, NOON)
    made = Response(id=48, accepted=True, at=NOON - timedelta(seconds=60))

    unknown = correlation.settle(KEY, made)

    assert not unknown
    assert correlation.settle(KEY, made, timedelta(seconds=60))
    assert waiting.answer.done()


async def test_an_earlier_response_is_not_ours_though_our_clock_is_ahead() -> None:
    correlation = Correlation(skew_s=5.0)
    correlation.expect(KEY, NOON)
    made = Response(id=48, accepted=True, at=NOON - timedelta(seconds=90))

    assert not correlation.settle(KEY, made, timedelta(seconds=60))
    assert correlation.early_s(KEY, made) == 90.0

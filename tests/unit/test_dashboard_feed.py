import json
from collections.abc import AsyncIterator

from controller.domain.snapshot import Snapshot
from controller.domain.writes import Decision
from controller.loop import Listener
from dashboard.feed import MOST_LISTENERS, MOST_WAITING, Feed
from tests.fakes.example_tick import DECISION, SNAPSHOT


class Ticks:
    """Stands for the loop."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self.latest: tuple[Snapshot, Decision] | None = None

    def tick(self) -> None:
        """Make one."""
        self.latest = (SNAPSHOT, DECISION)
        for listener in self.listeners:
            listener(SNAPSHOT, DECISION)


def feed_of(ticks: Ticks) -> Feed:
    return Feed(ticks)  # type: ignore[arg-type] # has all that a feed looks at


async def begun(feed: Feed, ticks: Ticks) -> AsyncIterator[str]:
    ticks.tick()
    events = feed.events()
    await anext(events)
    return events


async def test_a_listener_hears_the_latest_tick_at_once() -> None:
    ticks = Ticks()
    feed = feed_of(ticks)
    ticks.tick()

    event = await anext(feed.events())

    name, document = event.strip().split("\n")
    assert name == "event: tick"
    assert json.loads(document.removeprefix("data: "))["site"] == "home"


async def test_a_slow_listener_misses_ticks_and_nothing_piles_up() -> None:
    ticks = Ticks()
    feed = feed_of(ticks)
    events = await begun(feed, ticks)

    for _ in range(MOST_WAITING + 3):
        ticks.tick()

    assert feed.dropped == 3
    for _ in range(MOST_WAITING):
        await anext(events)


async def test_no_more_listeners_are_taken_than_there_is_room_for() -> None:
    ticks = Ticks()
    feed = feed_of(ticks)

    listeners = [await begun(feed, ticks) for _ in range(MOST_LISTENERS)]

    assert feed.full
    await listeners[0].aclose()  # type: ignore[attr-defined] # a generator
    assert not feed.full


async def test_a_closed_feed_ends_for_everybody() -> None:
    ticks = Ticks()
    feed = feed_of(ticks)
    events = await begun(feed, ticks)

    feed.close()

    assert [event async for event in events] == []
    assert ticks.listeners == []

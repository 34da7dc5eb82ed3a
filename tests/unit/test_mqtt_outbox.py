import asyncio

from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from adapters.wire.mqtt_messages import Message, Subscription, matches, publishable
from adapters.wire.mqtt_outbox import Outbox, Publication


def retained(topic: str, payload: bytes) -> Publication:
    return Publication(topic=topic, payload=payload, retain=True)


def once(topic: str) -> Publication:
    return Publication(topic=topic, payload=b"", retain=False)


def drained(outbox: Outbox) -> list[tuple[str, bytes]]:
    taken = []
    while (publication := outbox.take()) is not None:
        taken.append((publication.topic, publication.payload))
    return taken


def test_only_the_latest_retained_value_goes_out() -> None:
    outbox = Outbox()
    for number in range(1000):
        outbox.put(retained("a", str(number).encode()))
    assert len(outbox) == 1
    assert drained(outbox) == [("a", b"999")]


def test_every_retained_value_goes_out_again_when_asked() -> None:
    outbox = Outbox()
    outbox.put(retained("a", b"1"))
    outbox.put(retained("b", b"2"))
    drained(outbox)
    outbox.resend()
    assert drained(outbox) == [("a", b"1"), ("b", b"2")]


def test_a_topic_that_was_taken_away_stays_away_after_a_resend() -> None:
    outbox = Outbox()
    outbox.put(retained("a", b"1"))
    outbox.put(retained("a", b""))
    drained(outbox)
    outbox.resend()
    assert drained(outbox) == [("a", b"")]


def test_topics_beyond_the_bound_are_dropped_and_counted() -> None:
    outbox = Outbox(most_retained=2)
    for topic in ("a", "b", "c"):
        outbox.put(retained(topic, b"1"))
    outbox.put(retained("a", b"2"))
    assert outbox.dropped == 1
    assert drained(outbox) == [("a", b"2"), ("b", b"1")]


def test_topics_that_were_taken_away_make_room_for_new_ones() -> None:
    outbox = Outbox(most_retained=2)
    for topic, payload in (("a", b"1"), ("b", b"1"), ("a", b""), ("c", b"1")):
        outbox.put(retained(topic, payload))
    assert outbox.dropped == 0
    assert drained(outbox) == [("b", b"1"), ("c", b"1")]


def test_what_is_not_retained_drops_the_oldest() -> None:
    outbox = Outbox(most_waiting=2)
    for topic in ("a", "b", "c"):
        outbox.put(once(topic))
    assert outbox.dropped == 1
    assert [topic for topic, _ in drained(outbox)] == ["b", "c"]


def test_what_is_not_retained_is_worth_nothing_later() -> None:
    outbox = Outbox()
    outbox.put(once("a"))
    outbox.put(retained("b", b"1"))
    outbox.forget_waiting()
    assert outbox.dropped == 1
    assert drained(outbox) == [("b", b"1")]


def test_a_topic_that_no_broker_takes_is_dropped() -> None:
    outbox = Outbox()
    for topic in ("", "a/+", "a/#", "a\0b", "x" * 70_000, "\ud800"):
        outbox.put(retained(topic, b"1"))
    assert outbox.dropped == 6
    assert len(outbox) == 0


LEVELS = st.lists(st.sampled_from(["a", "b", "", "+", "$x"]), min_size=1, max_size=4)


@given(
    wanted=st.tuples(LEVELS, st.booleans()).map(lambda pair: "/".join(pair[0] + ["#"] * pair[1])),
    topic=LEVELS.map("/".join).filter(publishable),
)
def test_filters_fit_as_paho_says(wanted: str, topic: str) -> None:
    assert matches(wanted, topic) == topic_matches_sub(wanted, topic)


async def test_a_full_subscription_drops_the_oldest_and_counts() -> None:
    subscription = Subscription(("#",), bound=3)
    for number in range(10):
        subscription.put(Message(topic=str(number), payload=b"", retained=False, at_mono_s=float(number)))
    assert subscription.dropped == 7
    assert [(await anext(subscription)).topic for _ in range(3)] == ["7", "8", "9"]


async def test_closing_ends_the_iteration_and_says_so_once() -> None:
    closed: list[Subscription] = []
    with Subscription(("#",), on_close=closed.append) as subscription:
        subscription.put(Message(topic="a", payload=b"", retained=False, at_mono_s=0.0))
        subscription.close()
        assert [message async for message in subscription] == []
    assert closed == [subscription]


async def test_a_full_queue_lets_others_run_between_two_messages() -> None:
    subscription = Subscription(("#",), bound=1000)
    turns = 0

    def take_a_turn() -> None:
        nonlocal turns
        turns += 1
        loop.call_soon(take_a_turn)

    for _ in range(100):
        subscription.put(Message(topic="a", payload=b"", retained=False, at_mono_s=0.0))
    loop = asyncio.get_running_loop()
    loop.call_soon(take_a_turn)
    for _ in range(100):
        await anext(subscription)
    assert turns >= 99


def test_what_was_given_up_is_dropped_and_what_follows_goes_out() -> None:
    outbox = Outbox()
    outbox.put(Publication(topic="raise", payload=b"", retain=False, until_mono_s=5.0))
    outbox.put(Publication(topic="cut", payload=b"", retain=False, until_mono_s=6.0))

    taken = outbox.take(5.5)

    assert taken is not None
    assert (taken.topic, outbox.dropped) == ("cut", 1)


def test_a_retained_value_is_never_given_up_and_keeps_its_qos() -> None:
    outbox = Outbox()
    outbox.put(Publication(topic="a", payload=b"1", retain=True, qos=1, until_mono_s=5.0))

    taken = outbox.take(100.0)

    assert taken is not None
    assert (taken.topic, taken.qos) == ("a", 1)

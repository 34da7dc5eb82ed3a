"""What waits for the database: in order, and a full outbox gives up the least important first."""

from sqlalchemy import Connection

from adapters.store.outbox import Entry, Importance, Outbox


def entry(importance: Importance) -> Entry:
    """Make an entry that does nothing."""

    def nothing(_: Connection) -> None:
        return None

    return Entry(importance=importance, apply=nothing)


def test_a_full_outbox_gives_up_the_oldest_of_the_least_important() -> None:
    outbox = Outbox(2)
    session, old, new = entry(Importance.SESSION), entry(Importance.READING), entry(Importance.READING)

    for each in (old, session, new):
        outbox.put(each)

    assert outbox.take(9) == (session, new)
    assert outbox.dropped == {Importance.READING: 1}


def test_an_outbox_full_of_better_things_gives_up_the_newcomer() -> None:
    outbox = Outbox(1)
    session = entry(Importance.SESSION)

    outbox.put(session)
    outbox.put(entry(Importance.READING))

    assert outbox.take(9) == (session,)


def test_what_is_put_back_keeps_its_place() -> None:
    outbox = Outbox(9)
    first, second, third = (entry(Importance.WRITE) for _ in range(3))
    for each in (first, second, third):
        outbox.put(each)

    outbox.put_back(outbox.take(2))

    assert outbox.take(9) == (first, second, third)


def test_only_what_persons_asked_is_urgent() -> None:
    outbox = Outbox(9)
    outbox.put(entry(Importance.SESSION))
    assert not outbox.urgent

    outbox.put(entry(Importance.PERSON))

    assert outbox.urgent

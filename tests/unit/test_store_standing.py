"""What a person asked for a time is over when the time is."""

from datetime import timedelta

from adapters.store.standing import unexpired
from controller.domain.readings import PersonPlan, PersonRequest
from tests.fakes.recorded_house import NOON


def test_what_a_person_asked_for_a_time_is_over_when_the_time_is() -> None:
    request = PersonRequest(
        mode="fast",
        limit_a=8.0,
        limit_until=NOON,
        boost_until=NOON + timedelta(hours=1),
        plan=PersonPlan(by=NOON, energy_wh=1.0),
        session_limit_wh=9.0,
    )

    assert unexpired(request, NOON) == PersonRequest(
        mode="fast", boost_until=NOON + timedelta(hours=1), session_limit_wh=9.0
    )


def test_a_limit_without_an_end_stays() -> None:
    assert unexpired(PersonRequest(limit_a=8.0), NOON) == PersonRequest(limit_a=8.0)

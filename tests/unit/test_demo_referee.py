from dataclasses import replace

from controller.domain.readings import MeterReading
from controller.domain.units import MeterId, Phases
from controller.domain.writes import Kind, Write
from simulator.demo.referee import Referee
from simulator.house.demo import DEMO_SITE, demo_house
from simulator.house.house import House
from simulator.meters.quantities import Quantities
from tests.fakes.example_tick import DECISION, SNAPSHOT

LEFT = DEMO_SITE.chargers[0].id
QUIET: Phases = (10.0, 10.0, 10.0)
OVER: Phases = (10.0, 30.0, 10.0)


class Scene:
    """A house that stands still while currents are told to its referee."""

    def __init__(self) -> None:
        self.house: House = demo_house(1)
        self.referee = Referee(self.house, "B")

    def flows(self, currents_a: Phases, seconds: float) -> None:
        """Let it flow for a while."""
        for _ in range(round(seconds * 10)):
            self.house.at_s += 0.1
            self.referee.set_quantities(Quantities(currents_a=currents_a))

    def sampled(self, currents_a: Phases, *writes: Write) -> None:
        """Let the meter show it."""
        grid = MeterId("grid")
        reading = MeterReading(id=grid, at_mono_s=self.house.at_s, currents_a=currents_a)
        snapshot = replace(SNAPSHOT, site=DEMO_SITE, meters={grid: reading})
        self.referee.hear(snapshot, replace(DECISION, writes=writes))


def test_the_time_above_a_limit_counts_from_the_sample_that_shows_it() -> None:
    scene = Scene()
    scene.flows(OVER, 3.0)
    scene.sampled(OVER)
    scene.flows(OVER, 5.0)
    scene.flows(QUIET, 5.0)

    score = scene.referee.score
    assert round(score.worst_s, 1) == 5.0
    assert score.spells == 1
    assert score.peak_a == 30.0
    assert scene.referee.passed


def test_an_overload_that_lasts_fails_the_demo() -> None:
    scene = Scene()
    scene.flows(OVER, 0.1)
    scene.sampled(OVER)
    scene.flows(OVER, 10.5)

    assert not scene.referee.passed


def test_a_sample_of_before_shows_nothing() -> None:
    scene = Scene()
    scene.flows(OVER, 0.1)
    scene.sampled(QUIET)
    scene.flows(OVER, 4.0)

    assert scene.referee.score.worst_s == 0.0


def test_a_breaker_that_comes_near_to_tripping_fails_the_demo() -> None:
    scene = Scene()
    scene.flows((70.0, 0.0, 0.0), 0.5)

    assert scene.referee.protection.worst > 0.2
    assert not scene.referee.passed


def test_writes_are_counted_by_kind() -> None:
    scene = Scene()
    scene.sampled(QUIET, Write(number=1, charger=LEFT, limit_a=6.0, kind=Kind.CUT, promise_a=16.0))

    assert scene.referee.score.writes[Kind.CUT] == 1
    assert scene.referee.score.writes[Kind.RAISE] == 0

"""A High Mobility charger that may be asked once an hour is asked so, and believed as long as configured."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from adapters.catalog import Surroundings
from adapters.chargers.high_mobility.charger import HighMobilityCharger
from adapters.chargers.high_mobility.client import HomeCharger
from adapters.chargers.high_mobility.settings import HighMobilitySettings
from adapters.wire.autoapi.messages import Message
from adapters.wire.autoapi.properties import Availability, Property
from adapters.wire.autoapi.units import FREQUENCY
from controller.domain.readings import ChargerState, Plug
from controller.domain.samples import is_fresh
from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.units import CircuitId
from simulator.chargers.high_mobility import HighMobilityTwin
from tests.fakes.clock import FakeClock
from tests.unit.high_mobility_told import BAY, answer, quantity


@dataclass
class Cloud:
    """Answers at once, from a charger that says how often it may be asked."""

    times: float
    unit: str
    name: str = "scripted"
    kept: bool = False
    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def state(self, names: Sequence[str] = (), *, urgent: bool = False) -> Message:
        """Answer, and keep what was asked."""
        del urgent
        self.asked.append(tuple(names))
        told = (
            Property(name="chargingStatus", value="plugged_in"),
            Property(name="chargeCurrent", value=quantity(10.0, "amperes")),
        )
        return answer(*(part for part in told if not names or part.name in names))

    async def availability(self, names: Sequence[str] = ()) -> Message:
        """Tell the pace."""
        del names
        rate = quantity(self.times, self.unit, FREQUENCY)
        told = Availability(update_rate="trip", rate_limit=rate, applies_per="app")
        return answer(Property(name="chargeCurrent", availability=told))

    async def set(self, command: str, sent: Sequence[Property], *, urgent: bool = False) -> Message | None:
        """Take anything."""
        del command, sent, urgent
        return None

    async def close(self) -> None:
        """End."""
        self.kept = False


def charger_of(cloud: Cloud, clock: FakeClock, read_ttl_s: float | None = None) -> HighMobilityCharger:
    settings = HighMobilitySettings.model_validate(HighMobilityTwin(clock=clock).keys())
    abilities = settings.abilities
    abilities = replace(abilities, read_ttl_s=read_ttl_s or abilities.read_ttl_s)
    spec = ChargerSpec(id=BAY, circuit=CircuitId("main"), abilities=abilities)
    site = Site(circuits=(Circuit(id=spec.circuit, limit_a=(25.0, 25.0, 25.0)),), chargers=(spec,))
    charger = HighMobilityCharger(BAY, settings, Surroundings(clock=clock, site=site))
    charger._client = HomeCharger(cloud)  # noqa: SLF001 - the seam below the protocol
    return charger


@asynccontextmanager
async def running(charger: HighMobilityCharger, clock: FakeClock) -> AsyncIterator[list[ChargerState]]:
    states: list[ChargerState] = []
    async with asyncio.TaskGroup() as group:
        task = group.create_task(charger.run(states.append))
        await clock.settle()
        yield states
        task.cancel()


@pytest.mark.parametrize(("times", "unit"), [(1.0, "times_per_hour"), (20.0, "times_per_day")])
async def test_a_charger_that_may_be_asked_that_rarely_is_asked_once_an_hour(times: float, unit: str) -> None:
    clock, cloud = FakeClock(), Cloud(times, unit)
    async with running(charger_of(cloud, clock), clock):
        await clock.advance(3599.0)
        within_the_hour = len(cloud.asked)
        await clock.advance(1.0)

        assert (within_the_hour, len(cloud.asked)) == (1, 2)


async def test_between_two_questions_an_hour_apart_it_is_believed_if_its_abilities_say_so() -> None:
    clock, cloud = FakeClock(), Cloud(1.0, "times_per_hour")
    charger = charger_of(cloud, clock, read_ttl_s=3620.0)
    fresh = []
    async with running(charger, clock) as states:
        for _ in range(20):
            await clock.advance(599.0)
            fresh.append(is_fresh(states[-1].at_mono_s, clock.mono_s(), charger.abilities.read_ttl_s))

    assert all(fresh)


@pytest.mark.parametrize(("read_ttl_s", "plug"), [(None, Plug.UNKNOWN), (3620.0, Plug.B)])
async def test_a_read_back_carries_the_plug_only_as_long_as_it_is_believed(
    read_ttl_s: float | None, plug: Plug
) -> None:
    clock, cloud = FakeClock(), Cloud(1.0, "times_per_hour")
    charger = charger_of(cloud, clock, read_ttl_s)
    async with running(charger, clock) as states:
        await clock.advance(1800.0)
        await charger.set_limit(10.0)

        assert (states[-1].limit_a, states[-1].plug) == (10.0, plug)


async def test_that_its_own_limit_would_be_slower_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    clock, cloud = FakeClock(), Cloud(20.0, "times_per_day")
    charger = charger_of(cloud, clock)
    with caplog.at_level("INFO"):
        for _ in range(2):  # as after it was lost
            async with running(charger, clock):
                await clock.advance(8000.0)

    said = [record.message for record in caplog.records if "limit would be slower" in record.message]
    assert said == ["bay: its own limit would be slower, a question every 4320 s: it is asked every 3600 s"]


@pytest.mark.parametrize(
    ("times", "unit", "read_ttl_s", "says"),
    [
        (64.0, "times_per_minute", None, []),
        (2.0, "times_per_minute", None, []),
        (1.0, "times_per_minute", None, ["every 60 s and is believed for 50 s", "read_ttl_s = 80"]),
        (1.0, "times_per_hour", None, ["every 3600 s and is believed for 50 s", "read_ttl_s = 3620"]),
        (1.0, "times_per_hour", 3620.0, []),
        (20.0, "times_per_day", 3620.0, ["limit is a question every 4320 s: it is asked every 3600 s"]),
    ],
)
async def test_a_probe_says_what_its_pace_costs(
    times: float, unit: str, read_ttl_s: float | None, says: list[str]
) -> None:
    probe = await charger_of(Cloud(times, unit), FakeClock(), read_ttl_s).probe()

    warned = "\n".join(warning for warning in probe.warnings if "every" in warning)
    assert all(word in warned for word in says)
    assert bool(warned) is bool(says)

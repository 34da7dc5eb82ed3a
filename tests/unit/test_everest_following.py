"""What a charger run by EVerest makes of what it hears, step by step."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from adapters.catalog import Surroundings
from adapters.chargers.everest.charger import EverestCharger
from controller.domain.readings import ChargerState, Plug, VehicleState
from controller.domain.site import ChargerSpec
from controller.domain.units import CircuitId
from controller.ports import TellsVehicle
from tests.contracts.bench import CHARGER, site
from tests.fakes.clock import FakeClock
from tests.fakes.everest import FakeEverest, FakeLink, everest_settings

SPEC = ChargerSpec(id=CHARGER, circuit=CircuitId("main"))


class Scene:
    """A charger that runs, on a clock that only moves when told."""

    def __init__(self, version: str = "2023.8.0") -> None:
        self.clock = FakeClock()
        self.everest = FakeEverest(self.clock)
        settings = everest_settings(version)
        around = Surroundings(clock=self.clock, site=site(abilities=settings.abilities(SPEC)))
        self.charger = EverestCharger(CHARGER, settings, around)
        link = FakeLink(self.everest)
        self.charger.link = self.charger.line.link = link
        self.states: list[ChargerState] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run it meanwhile."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.charger.run(self.states.append))
            await self.clock.settle()
            yield
            task.cancel()

    async def enforce(self, limit_a: float) -> None:
        """End a cycle and let it be heard."""
        self.everest.enforce(limit_a)
        await self.clock.settle()

    @property
    def limits_a(self) -> list[float]:
        """Every limit that was sent."""
        sent = [json.loads(payload)["data"]["args"]["value"] for _, payload in self.everest.published]
        return [each["schedule_import"][0]["limits_to_leaves"]["ac_max_current_A"] for each in sent]


async def test_what_was_enforced_before_a_restart_proves_nothing_after_it() -> None:
    scene = Scene()
    async with scene.running():
        await scene.charger.set_limit(10.0)
        await scene.enforce(10.0)
        before_a = scene.states[-1].limit_a

        scene.everest.say("everest/ready", b"true")
        scene.everest.tell("session_event", {"uuid": "s", "event": "PrepareCharging"})
        await scene.clock.settle()

    assert (before_a, scene.states[-1].limit_a) == (10.0, None)
    assert scene.limits_a == [10.0, 10.0]


async def test_events_that_may_have_been_missed_leave_the_plug_unknown() -> None:
    scene = Scene()
    async with scene.running():
        await scene.charger.set_limit(10.0)
        scene.everest.tell("session_event", {"uuid": "s", "event": "ChargingStarted"})
        await scene.enforce(10.0)
        before = scene.states[-1].plug
        scene.everest.sessions += 1  # The broker was lost and found again.
        await scene.enforce(10.0)

    assert (before, scene.states[-1].plug) == (Plug.C, Plug.UNKNOWN)
    assert scene.limits_a == [10.0, 10.0]


async def test_a_limit_that_others_overwrite_is_not_repeated_faster_than_everest_wants() -> None:
    scene = Scene()
    async with scene.running():
        await scene.charger.set_limit(10.0)
        for _ in range(20):
            await scene.clock.advance(1.0)
            await scene.enforce(20.0)

    assert scene.states[-1].limit_a == 20.0
    assert 2 <= len(scene.limits_a) <= 1 + 20 / 5.0


async def test_a_limit_that_lapsed_is_told() -> None:
    scene = Scene("2024.9.1")
    async with scene.running():
        await scene.charger.set_limit(16.0, lease_s=12.0)
        told_a = []
        for enforced_a in (16.0, 16.0, 0.0):
            await scene.clock.advance(5.0)
            await scene.enforce(enforced_a)
            told_a.append(scene.states[-1].limit_a)

    assert told_a == [16.0, 16.0, 0.0]


@pytest.mark.parametrize(
    ("info", "told"),
    [
        ({"soc": 55.0, "battery_capacity": 60_000.0}, (55.0, 60_000.0)),
        ({"soc": 55}, (55.0, None)),
        ({"soc": 101.0, "battery_capacity": -1.0}, (None, None)),
        ({"soc": "55"}, (None, None)),
        ({}, (None, None)),
    ],
)
async def test_what_the_car_says_of_its_battery_is_passed_on(
    info: dict[str, object], told: tuple[float | None, float | None]
) -> None:
    scene = Scene()
    cars: list[VehicleState] = []
    assert isinstance(scene.charger, TellsVehicle)
    scene.charger.on_vehicle = cars.append
    async with scene.running():
        scene.everest.tell("ev_info", info)
        await scene.clock.settle()

    assert [(car.soc_pct, car.capacity_wh) for car in cars] == [told]


@pytest.mark.parametrize(
    ("version", "off_s", "said"),
    [
        ("2024.9.1", 90.0, ["its clock is 90 s ahead of ours: limits lapse so much too early"]),
        ("2024.9.1", -90.0, ["its clock is 90 s behind ours: limits lapse so much too late"]),
        ("2024.9.1", 4.0, []),
        ("2023.8.0", 90.0, []),
    ],
)
async def test_a_clock_that_is_off_is_said_once_where_limits_lapse_by_it(
    version: str, off_s: float, said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene(version)
    caplog.clear()
    at = f"{scene.clock.now() + timedelta(seconds=off_s):%Y-%m-%dT%H:%M:%S}.000Z"
    async with scene.running():
        for _ in range(3):
            told = json.dumps({"state": "Unplugged", "datetime": at})
            scene.everest.say("everest_api/connector_1/var/session_info", told)
        await scene.clock.settle()

    assert [record.message for record in caplog.records] == [f"bay: {text}" for text in said]


@pytest.mark.parametrize("at", ["", "yesterday", "2026-99-99T00:00:00Z", "2026-06-01T12:00:00"])
async def test_a_time_that_is_none_says_nothing_of_the_clock(
    at: str, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene("2024.9.1")
    caplog.clear()
    async with scene.running():
        told = json.dumps({"state": "Unplugged", "datetime": at})
        scene.everest.say("everest_api/connector_1/var/session_info", told)
        await scene.clock.settle()

    assert not caplog.records


async def test_a_limit_waits_for_no_repetition_that_hangs() -> None:
    scene = Scene()
    async with scene.running(), asyncio.TaskGroup() as group:
        await scene.charger.set_limit(16.0)
        scene.everest.answers = False
        await scene.clock.advance(4.0)
        await scene.enforce(20.0)
        repeated_a = list(scene.limits_a)

        cuts = [group.create_task(scene.charger.set_limit(limit_a)) for limit_a in (8.0, 6.0)]
        await scene.clock.settle()
        cut_a = list(scene.limits_a)
        for cut in cuts:
            cut.cancel()

    assert (repeated_a, cut_a) == ([16.0, 16.0], [16.0, 16.0, 8.0])

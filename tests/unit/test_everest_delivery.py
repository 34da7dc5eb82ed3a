"""When a limit counts that EVerest does not answer, and what an answer is where it does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.catalog import Surroundings
from adapters.chargers.everest.charger import EverestCharger
from adapters.chargers.everest.signs import Signs
from adapters.wire.mqtt_messages import EXACTLY_ONCE
from controller.domain.readings import ChargerState
from controller.domain.site import ChargerSpec
from controller.domain.units import CircuitId
from controller.errors import DeviceNonsense
from tests.contracts.bench import CHARGER, site
from tests.fakes.clock import FakeClock
from tests.fakes.everest import FakeApi, FakeEverest, FakeLink, everest_settings

PATIENCE_S = 10.0
SPEC = ChargerSpec(id=CHARGER, circuit=CircuitId("main"))
EITHER_API = pytest.mark.parametrize("interface", ["api", "api_v1"])


class Scene:
    """A charger behind one of the APIs, on a clock that only moves when told."""

    def __init__(self, interface: str) -> None:
        self.clock = FakeClock()
        settings = everest_settings("2025.10.0", interface=interface, answer_s=30.0)
        self.broker = FakeApi(self.clock, settings)
        around = Surroundings(clock=self.clock, site=site(abilities=settings.abilities(SPEC)))
        self.charger = EverestCharger(CHARGER, settings, around)
        self.charger.link = self.charger.line.link = FakeLink(self.broker)
        self.states: list[ChargerState] = []

    @asynccontextmanager
    async def running_at(self, limit_a: float) -> AsyncIterator[None]:
        """Run it meanwhile, with a limit in force."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.charger.run(self.states.append))
            await self.clock.settle()
            first = group.create_task(self.charger.set_limit(limit_a))
            await self.cycles(limit_a, 3)
            await first
            await self.cycles(limit_a, 1)
            yield
            task.cancel()

    async def cycles(self, enforced_a: float, count: int) -> None:
        """End cycles and let them be heard."""
        for _ in range(count):
            await self.clock.advance(1.0)
            self.broker.enforce(enforced_a)
            await self.clock.settle()

    @property
    def limit_a(self) -> float | None:
        """What counts as in force."""
        return self.states[-1].limit_a

    @property
    def writes(self) -> list[tuple[str, bytes]]:
        """Every limit that was sent."""
        ends = ("/set_limit_amps", "/set_external_limits")
        return [each for each in self.broker.published if each[0].endswith(ends)]


@EITHER_API
async def test_a_lost_cut_is_not_confirmed_by_what_a_car_that_pauses_was_given_before(interface: str) -> None:
    scene = Scene(interface)
    async with scene.running_at(16.0), asyncio.TaskGroup() as group:
        await scene.cycles(6.0, 2)  # The car pauses.
        scene.broker.loses = True
        cut = group.create_task(scene.charger.set_limit(8.0))
        await scene.cycles(6.0, 10)
        ended, limit_a = cut.done(), scene.limit_a
        cut.cancel()

    assert (ended, limit_a) == (False, 16.0)


@EITHER_API
async def test_a_cut_that_was_handed_out_counts_after_two_cycles_though_the_car_pauses(
    interface: str,
) -> None:
    scene = Scene(interface)
    async with scene.running_at(16.0), asyncio.TaskGroup() as group:
        await scene.cycles(6.0, 2)
        cut = group.create_task(scene.charger.set_limit(8.0))
        await scene.clock.settle()
        await scene.cycles(6.0, 1)
        too_early = (cut.done(), scene.limit_a)
        await scene.cycles(6.0, 2)
        confirmed = (cut.done(), scene.limit_a)

    assert (too_early, confirmed) == ((False, 16.0), (True, 8.0))


@EITHER_API
async def test_a_car_that_pauses_for_long_has_no_limit_written_again(interface: str) -> None:
    scene = Scene(interface)
    async with scene.running_at(16.0), asyncio.TaskGroup() as group:
        before = len(scene.writes)
        await scene.cycles(6.0, 2)
        group.create_task(scene.charger.set_limit(8.0))
        await scene.cycles(6.0, 100)

    assert (len(scene.writes) - before, scene.limit_a) == (1, 8.0)


@EITHER_API
async def test_cycles_that_ended_before_a_limit_was_handed_out_do_not_count(interface: str) -> None:
    scene = Scene(interface)
    async with scene.running_at(16.0), asyncio.TaskGroup() as group:
        scene.broker.loses = True
        cut = group.create_task(scene.charger.set_limit(8.0))
        await scene.cycles(6.0, 5)
        scene.broker.say(*scene.writes[-1])  # It was slow, not lost.
        await scene.cycles(6.0, 1)
        too_early = cut.done()
        await scene.cycles(6.0, 1)

    assert (too_early, cut.done()) == (False, True)


@EITHER_API
async def test_everything_goes_and_comes_exactly_once(interface: str) -> None:
    scene = Scene(interface)
    async with scene.running_at(16.0):
        heard = {each.qos for each in scene.broker.subscriptions}

    assert heard == {EXACTLY_ONCE}
    assert set(scene.broker.qos_of.values()) == {EXACTLY_ONCE}


class Call:
    """A call of an internal command that a test answers."""

    def __init__(self) -> None:
        self.everest = FakeEverest(FakeClock())
        self.everest.answers = False
        settings = everest_settings("2023.8.0", answer_s=30.0)
        around = Surroundings(clock=FakeClock(), site=site(abilities=settings.abilities(SPEC)))
        self.charger = EverestCharger(CHARGER, settings, around)
        self.charger.link = self.charger.line.link = FakeLink(self.everest)

    async def answered(self, *payloads: bytes) -> object:
        """Call, and say these on its topic; `ID` stands for the call's own."""
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            call = group.create_task(self._call())
            await FakeClock().settle()
            topic, sent = self.everest.published[-1]
            own = json.loads(sent)["data"]["id"].encode()
            for payload in payloads:
                self.everest.say(topic, payload.replace(b"ID", own))
            return await call

    async def _call(self) -> object:
        return await self.charger.commands["get_id"].call()


ANSWER = b'{"name":"get_id","type":"result","data":{"id":"ID","origin":"connector_1","retval":7}}'


@pytest.mark.parametrize(
    "foreign",
    [
        b"\xff\x00",
        b"[]",
        b'{"name":"get_id"}',
        b'{"name":"get_id","type":"result","data":{"id":"other","origin":"connector_1"}}',
        b'{"name":"get_id","type":"call","data":7}',
    ],
)
async def test_what_makes_no_sense_and_answers_somebody_else_does_not_fail_our_call(foreign: bytes) -> None:
    assert await Call().answered(foreign, ANSWER) == 7


async def test_an_answer_to_our_call_that_makes_no_sense_fails_it() -> None:
    with pytest.raises(ExceptionGroup) as failed:
        await Call().answered(b'{"name":"get_id","type":"result","data":{"id":"ID","origin":"connector_1"}}')

    assert failed.group_contains(DeviceNonsense)


async def test_internal_messages_go_and_come_exactly_once() -> None:
    call = Call()

    await call.answered(ANSWER)

    assert set(call.everest.qos_of.values()) == {EXACTLY_ONCE}


async def test_a_beat_that_arrived_before_an_instant_does_not_count_however_late_it_is_read() -> None:
    signs, clock = Signs(), FakeClock()
    async with asyncio.TaskGroup() as group:
        waits = group.create_task(signs.until(lambda: True, 2, 5.0))
        await clock.settle()
        done = []
        for arrived_mono_s in (3.0, 4.0, 5.0, 6.0, 7.0):
            signs.beat(arrived_mono_s)
            await clock.settle()
            done.append(waits.done())

    assert done == [False, False, False, False, True]

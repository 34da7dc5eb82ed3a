import asyncio
from datetime import timedelta

import pytest

from controller.domain.readings import Plug
from controller.errors import DeviceRefused, DeviceUnreachable
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_circuit import EaseeCircuitModel
from simulator.chargers.easee_cloud import EaseeCloudTwin
from simulator.chargers.easee_device import EaseeDevice
from simulator.chargers.easee_faults import BodyForm, EaseeFaults
from simulator.chargers.easee_words import Sent
from tests.contracts.easee_bay import bay, sent
from tests.contracts.easee_bench import EaseeBench, charger_of, connection_of, operator


async def test_a_limit_is_one_command_in_the_words_of_the_document() -> None:
    async with bay(operator="Somebody", answer_s=30.0) as bench:
        before = bench.clock.now()

        told = await sent(bench, 13.0, lease_s=300.0)

        assert (told.id, told.arguments, told.origin) == (48, {1: "13", 2: "5"}, "Somebody.Easee")
        assert timedelta(seconds=29) < told.expires - before < timedelta(seconds=31)


async def test_without_a_lease_a_limit_has_no_time_to_live() -> None:
    async with bay() as bench:
        assert (await sent(bench, 13.0)).arguments == {1: "13"}


@pytest.mark.parametrize("form", list(BodyForm))
@pytest.mark.parametrize("text_values", [True, False])
async def test_every_form_of_body_is_understood(form: BodyForm, *, text_values: bool) -> None:
    async with bay(EaseeFaults(form=form, text_values=text_values), cloud=False) as bench:
        bench.plug_in()
        bench.draw((10.0, 10.0, 10.0))

        await bench.charger.set_limit(10.0)

        state = await bench.heard.until(lambda state: state.draw_a == (10.0, 10.0, 10.0))
        assert (state.plug, state.limit_a) == (Plug.C, 10.0)


async def test_messages_that_arrive_twice_change_nothing() -> None:
    async with bay(EaseeFaults(twice=True)) as bench:
        for limit_a in (16.0, 8.0, 12.0):
            await bench.charger.set_limit(limit_a)

        assert (await bench.heard.until(lambda state: state.limit_a is not None)).limit_a == 12.0


async def test_a_response_that_overtakes_its_observation_proves_nothing_yet() -> None:
    async with bay(EaseeFaults(lose_observations=frozenset({48})), confirm_s=60.0) as bench:
        await bench.charger.set_limit(9.0)

        assert bench.heard.latest.limit_a is None
        await bench.twin.tell(48, 9.0)
        await bench.heard.until(lambda state: state.limit_a == 9.0)


async def test_an_accepted_limit_that_is_never_observed_counts_at_the_larger_value() -> None:
    async with bay(EaseeFaults(lose_observations=frozenset({48})), confirm_s=0.2) as bench:
        await bench.twin.tell(48, 32.0)
        await bench.charger.set_limit(9.0)

        await bench.heard.until(lambda state: state.limit_a == 32.0)


async def test_a_renewal_is_confirmed_by_its_response_alone() -> None:
    async with bay() as bench:
        await bench.charger.set_limit(9.0, 300.0)
        await bench.heard.until(lambda state: state.limit_a == 9.0)
        commands = len(bench.twin.commands)

        answered_mono_s = await bench.charger.set_limit(9.0, 300.0)

        assert bench.heard.latest.limit_a == 9.0
        assert bench.heard.latest.at_mono_s >= answered_mono_s
        assert len(bench.twin.commands) == commands + 1


async def test_an_old_observation_that_arrives_late_is_no_news() -> None:
    async with bay() as bench:
        await bench.charger.set_limit(9.0)
        await bench.heard.until(lambda state: state.limit_a == 9.0)

        await bench.twin.tell(48, 20.0, bench.clock.now() - timedelta(minutes=3))

        assert (await bench.heard.polled_anew(3)).limit_a == 9.0


async def test_what_is_not_understood_is_refused_and_harms_nobody() -> None:
    async with bay(cloud=False) as bench:
        serial = bench.twin.device.serial
        for key, body in (
            (f"{serial}.O.48", b"\xff\xfe"),
            (f"{serial}.O.48", b'{"Id": 22, "Value": 6}'),
            (f"{serial}.O.48", b'{"Value": "many"}'),
            (f"{serial}.O.9999", b'{"Value": 1}'),
            (f"{serial}.P.1", b"{}"),
            ("EH999999.O.48", b'{"Value": 6}'),
            ("nonsense", b""),
        ):
            await bench.twin.publish_raw(key, body)
        await bench.charger.set_limit(9.0)

        assert (await bench.heard.until(lambda state: state.limit_a == 9.0)).limit_a == 9.0


async def test_an_unanswered_command_is_repeated_once_with_a_new_deadline() -> None:
    async with bay(EaseeFaults(deaf=True), answer_s=0.3) as bench:
        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(9.0)

        first, second = [told.expires for told in bench.twin.commands]
        assert second - first >= timedelta(seconds=0.3)


async def test_a_charger_that_answers_nothing_is_silent_until_it_is_heard_again() -> None:
    async with bay(EaseeFaults(deaf=True), answer_s=0.2, cloud=False) as bench:
        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(9.0)
        assert "answered neither" in await bench.until_lost()
        silent_since = len(bench.heard.states)

        await bench.twin.tell(150, 30.0)

        state = await bench.heard.until(lambda _: len(bench.heard.states) > silent_since)
        assert state.limit_a is None


async def test_the_cloud_tells_of_a_charger_without_power_that_it_has_lost_it() -> None:
    stream = await asyncio.to_thread(operator)
    async with EaseeTwin(stream) as twin, EaseeCloudTwin(stream, twin) as cloud:
        charger = charger_of(twin, connection_of(stream, cloud))
        twin.vanish()

        told = await charger.commands["observations"].call()

        assert isinstance(told, dict)
        assert told["250 ConnectedToCloud"] is False


async def test_a_command_to_a_charger_that_is_away_expires_and_never_acts() -> None:
    async with bay(answer_s=0.2) as bench:
        await bench.charger.set_limit(9.0)
        bench.twin.vanish()
        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(20.0)

        await bench.clock.sleep(0.3)
        await bench.twin.restart()

        assert bench.holds_a() == 32.0


async def test_somebody_elses_response_confirms_nothing_of_ours() -> None:
    async with bay(EaseeFaults(deaf=True), answer_s=0.5, skew_s=0.0) as bench:
        foreign = Sent(id=29, expires=bench.clock.now(), made=bench.clock.now())
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(_failing(bench, 9.0))
            await bench.twin.until_commanded()
            await bench.twin.respond(foreign, accepted=True)
            old = Sent(id=48, expires=bench.clock.now(), made=bench.clock.now() - timedelta(minutes=1))
            await bench.twin.respond(old, accepted=True)

        assert isinstance(writing.result(), DeviceUnreachable)


async def _failing(bench: EaseeBench, limit_a: float) -> Exception | None:
    try:
        await bench.charger.set_limit(limit_a)
    except DeviceUnreachable as error:
        return error
    return None


async def test_a_secondary_is_not_limited_by_a_circuit_that_it_does_not_know() -> None:
    clock = SystemClock()
    device = EaseeDevice(clock=clock, circuit=EaseeCircuitModel(clock=clock), is_master=False)
    async with bay(device=device) as bench:
        for id_ in (22, 23, 24):
            await bench.twin.tell(id_, 6.0)

        state = await bench.heard.polled_anew(2)
        assert state.ceiling_by == "charger maximum"


async def test_what_is_kept_in_flash_is_never_written_by_limits() -> None:
    async with bay() as bench:
        bench.plug_in()
        for limit_a in (16.0, 6.0, 0.0, 32.0):
            await bench.charger.set_limit(limit_a, 300.0)

        assert bench.twin.device.flash_writes.total() == 0
        assert {told.id for told in bench.twin.commands} == {48}


async def test_a_limit_that_lapses_is_seen() -> None:
    async with bay(speed=120.0, beat_s=3.0, silence_s=1200.0, answer_s=30.0, confirm_s=20.0) as bench:
        await bench.charger.set_limit(8.0, 60.0)
        await bench.heard.until(lambda state: state.limit_a == 8.0)

        await bench.heard.until(lambda state: state.limit_a == 32.0)


async def test_a_broker_that_knows_nobody_by_that_serial_is_a_certain_no() -> None:
    async with bay() as bench:
        await bench.twin.stop()

        with pytest.raises(DeviceRefused, match="to nobody"):
            await bench.charger.set_limit(9.0)

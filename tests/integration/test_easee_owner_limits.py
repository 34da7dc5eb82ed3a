"""Limits over an owner's account: taken, refused, lost, kept to itself by the cloud."""

import asyncio
from datetime import timedelta

import pytest

from controller.errors import (
    CredentialsError,
    DeviceError,
    DeviceNonsense,
    DeviceRefused,
    DeviceUnreachable,
)
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_cloud import EaseeCloudTwin
from simulator.chargers.easee_words import Sent
from tests.contracts.easee_bench import EaseeOwnerBench
from tests.integration.easee_owners import bay, followed, until

LIMIT = "commands/set_dynamic_charger_current"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, DeviceNonsense),
        (403, CredentialsError),
        (404, DeviceRefused),
        (429, DeviceRefused),
        (500, DeviceUnreachable),
        (502, DeviceUnreachable),
        (503, DeviceUnreachable),
        (504, DeviceUnreachable),
    ],
)
async def test_a_limit_that_the_cloud_does_not_take_is_told_apart(
    status: int, error: type[DeviceError | CredentialsError]
) -> None:
    async with bay() as bench:
        await followed(bench)
        await bench.charger.set_limit(16.0)
        bench.cloud.commands.faults.statuses[LIMIT] = status

        with pytest.raises(error):
            await bench.charger.set_limit(8.0)

        assert bench.holds_a() == 16.0


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        ("600", "600 s"),
        ("43200", "43200 s"),
        ("999999", "86400 s"),
        ("Sat, 01 Jan 2039 00:00:00 GMT", "86400 s"),
        ("soon", "60 s"),
    ],
)
async def test_who_asked_too_often_leaves_the_cloud_alone_for_as_long_as_it_says(
    told: str, waits: str
) -> None:
    async with bay() as bench:
        await followed(bench)
        bench.cloud.commands.faults.statuses[LIMIT] = 429
        bench.cloud.commands.faults.retry_after = told
        with pytest.raises(DeviceRefused, match=f" {waits}"):
            await bench.charger.set_limit(8.0)
        bench.cloud.commands.faults.statuses.clear()
        asked = bench.cloud.asked.total()

        for limit_a in (8.0, 9.0, 10.0):
            with pytest.raises(DeviceRefused, match="too often"):
                await bench.charger.set_limit(limit_a)

        assert bench.cloud.asked.total() == asked
        assert bench.lost == []


async def test_a_refusal_after_an_unanswered_command_is_no_certain_no() -> None:
    async with bay(answer_s=0.5) as bench:
        await followed(bench)
        bench.twin.faults.lose_responses = True
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(_failing(bench, 8.0))
            await bench.twin.until_commanded()
            bench.cloud.commands.faults.statuses[LIMIT] = 404

        assert isinstance(writing.result(), DeviceUnreachable)
        assert bench.holds_a() == 8.0


async def _failing(bench: EaseeOwnerBench, limit_a: float) -> Exception | None:
    try:
        await bench.charger.set_limit(limit_a)
    except DeviceError as error:
        return error
    return None


async def test_a_response_that_the_hub_loses_is_asked_for() -> None:
    async with bay() as bench:
        await followed(bench)
        bench.cloud.hub.faults.loses = frozenset({"CommandResponse"})

        await bench.charger.set_limit(8.0)

        await bench.heard.until(lambda state: state.limit_a == 8.0)


async def test_a_response_to_an_earlier_command_of_somebody_else_confirms_nothing() -> None:
    async with bay(answer_s=0.5, skew_s=0.0) as bench:
        await followed(bench)
        bench.twin.faults.deaf = True
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(_failing(bench, 9.0))
            await bench.twin.until_commanded()
            long_ago = bench.clock.now() - timedelta(minutes=1)
            await bench.twin.respond(Sent(id=48, expires=long_ago, made=long_ago), accepted=True)

        assert isinstance(writing.result(), DeviceUnreachable)


async def test_a_limit_that_a_cloud_keeps_to_itself_since_a_reset_gets_through() -> None:
    def prepare(cloud: EaseeCloudTwin, _: EaseeTwin) -> None:
        cloud.commands.faults.forwards_changes_only = True

    async with bay(prepare) as bench:
        await followed(bench)
        await bench.charger.set_limit(10.0)
        await bench.twin.restart()
        await bench.heard.until(lambda state: state.limit_a == 32.0)

        await bench.charger.set_limit(10.0)

        assert [sent.arguments[1] for sent in bench.twin.commands] == ["10", "9", "10"]
        await bench.heard.until(lambda state: state.limit_a == 10.0)


async def test_a_limit_that_stands_is_not_sent_again_through_a_cloud_that_knows_it() -> None:
    def prepare(cloud: EaseeCloudTwin, _: EaseeTwin) -> None:
        cloud.commands.faults.forwards_changes_only = True

    async with bay(prepare) as bench:
        await followed(bench)
        await bench.charger.set_limit(10.0)
        await bench.heard.until(lambda state: state.limit_a == 10.0)

        await bench.charger.set_limit(10.0)

        assert [sent.arguments[1] for sent in bench.twin.commands] == ["10"]
        assert bench.heard.latest.limit_a == 10.0


async def test_a_time_to_live_is_renewed_though_the_cloud_forwards_changes_alone() -> None:
    def prepare(cloud: EaseeCloudTwin, _: EaseeTwin) -> None:
        cloud.commands.faults.forwards_changes_only = True

    async with bay(prepare) as bench:
        await followed(bench)
        for _ in range(2):
            await bench.charger.set_limit(10.0, 300.0)

        told = [(sent.arguments[1], sent.arguments[2]) for sent in bench.twin.commands]
        assert told == [("10", "5"), ("9", "5"), ("10", "5")]


async def test_a_cloud_that_forwards_nothing_is_no_confirmation() -> None:
    async with bay() as bench:
        await followed(bench)
        bench.cloud.commands.faults.statuses[LIMIT] = 200

        with pytest.raises(DeviceUnreachable, match="to itself"):
            await bench.charger.set_limit(10.0)

        assert bench.holds_a() == 6.0


async def test_plugging_in_resets_the_limit_and_it_is_repeated_at_once() -> None:
    def prepare(cloud: EaseeCloudTwin, _: EaseeTwin) -> None:
        cloud.commands.faults.forwards_changes_only = True

    async with bay(prepare) as bench:
        await followed(bench)
        await bench.charger.set_limit(8.0)
        await bench.heard.until(lambda state: state.limit_a == 8.0)
        await bench.clock.sleep(1.1)  # The charger tells when in whole seconds.

        bench.plug_in()
        await bench.heard.until(lambda state: state.plug.car)

        await until(lambda: bench.offered_a() == 8.0)


async def test_a_charger_that_is_away_gets_no_old_limit_when_it_is_back() -> None:
    def prepare(cloud: EaseeCloudTwin, _: EaseeTwin) -> None:
        cloud.commands.faults.command_life_s = 0.5

    async with bay(prepare, answer_s=0.3) as bench:
        await followed(bench)
        bench.twin.vanish()
        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(20.0)
        await bench.clock.sleep(0.6)

        await bench.twin.restart()

        assert bench.holds_a() == 32.0

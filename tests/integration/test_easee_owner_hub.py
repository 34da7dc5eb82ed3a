"""What an owner's hub tells: states, replays, silence, nonsense."""

import pytest

from controller.domain.readings import Plug
from controller.errors import (
    DeviceUnreachable,
)
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_cloud import EaseeCloudTwin
from tests.integration.easee_owners import bay, followed, path_of, until


async def test_state_and_limits_come_over_the_hub() -> None:
    async with bay() as bench:
        await followed(bench)
        asked = bench.cloud.asked["/state/EH000281/observations"]
        bench.plug_in()
        await bench.charger.set_limit(9.0)

        state = await bench.heard.until(lambda state: state.limit_a == 9.0 and state.plug is Plug.B)

        assert state.ceiling_a == 32.0
        assert bench.cloud.asked["/state/EH000281/observations"] == asked


async def test_a_hub_that_drops_everybody_is_subscribed_to_again_every_time() -> None:
    async with bay() as bench:
        for times in (1, 2, 3):
            await followed(bench)
            assert path_of(bench).hub.connections == times
            bench.cloud.hub.drop()
            await until(lambda: not path_of(bench).hub.up)
        await followed(bench)
        bench.other_writes(20)

        await bench.heard.until(lambda state: state.limit_a == 20.0)
        assert bench.lost == []
        assert bench.cloud.hub.subscriptions == ["EH000281"] * 4


async def test_what_changed_while_the_hub_was_away_is_replayed() -> None:
    async with bay(poll_s=300.0) as bench:
        await followed(bench)
        bench.cloud.hub.faults.status = 503
        bench.cloud.hub.drop()
        await until(lambda: not path_of(bench).hub.up)
        bench.other_writes(20)
        await until(lambda: bench.twin.known[48][0] == 20.0)
        bench.cloud.hub.faults.status = None

        await bench.heard.until(lambda state: state.limit_a == 20.0)


async def test_a_replayed_state_is_as_old_as_it_says_and_no_sign_of_life() -> None:
    def prepare(_: EaseeCloudTwin, twin: EaseeTwin) -> None:
        twin.faults.skew_s = -600.0

    async with bay(prepare, silence_s=1.0) as bench:
        await followed(bench)

        assert "nothing heard" in await bench.until_lost()
        assert bench.heard.states == []


async def test_while_the_hub_is_away_the_state_is_asked_for() -> None:
    def prepare(cloud: EaseeCloudTwin, _: EaseeTwin) -> None:
        cloud.hub.faults.status = 503

    async with bay(prepare) as bench:
        await bench.heard.until(lambda state: state.limit_a == 6.0)
        bench.other_writes(20)
        await bench.heard.until(lambda state: state.limit_a == 20.0)
        answered_mono_s = await bench.charger.set_limit(9.0)

        await bench.heard.until(lambda state: state.limit_a == 9.0 and state.at_mono_s >= answered_mono_s)
        assert any(path.startswith("/api/commands/EH000281/48/") for path in bench.cloud.asked)
        assert bench.lost == []


async def test_a_limit_is_read_back_at_once_while_nobody_tells_that_it_took_effect() -> None:
    def prepare(cloud: EaseeCloudTwin, _: EaseeTwin) -> None:
        cloud.hub.faults.status = 503

    async with bay(prepare, poll_s=300.0) as bench:
        await bench.heard.until(lambda state: state.limit_a == 6.0)

        answered_mono_s = await bench.charger.set_limit(9.0)

        await bench.heard.until(lambda state: state.limit_a == 9.0 and state.at_mono_s >= answered_mono_s)


async def test_a_state_that_was_asked_for_is_as_old_as_the_question() -> None:
    def prepare(cloud: EaseeCloudTwin, _: EaseeTwin) -> None:
        cloud.hub.faults.status = 503

    async with bay(prepare, poll_s=30.0, beat_s=0.02) as bench:
        await bench.heard.polled_anew(5)

        assert len({state.at_mono_s for state in bench.heard.states}) == 1


async def test_a_charger_that_the_hub_denies_is_asked_for() -> None:
    def prepare(cloud: EaseeCloudTwin, _: EaseeTwin) -> None:
        cloud.hub.faults.denied = frozenset({"EH000281"})

    async with bay(prepare) as bench:
        await until(lambda: bench.cloud.hub.subscriptions != [])
        bench.other_writes(20)

        await bench.heard.until(lambda state: state.limit_a == 20.0)


async def test_neither_hub_nor_cloud_is_a_loss_and_both_come_back() -> None:
    async with bay() as bench:
        await followed(bench)
        await bench.cloud.stop()
        assert "127.0.0.1" in await bench.until_lost()
        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(9.0)
        await bench.cloud.start()
        silent_since = len(bench.heard.states)

        await bench.heard.until(lambda _: len(bench.heard.states) > silent_since)
        await bench.charger.set_limit(11.0)
        assert bench.holds_a() == 11.0


async def test_a_hub_that_says_that_it_ends_is_opened_again() -> None:
    async with bay() as bench:
        await followed(bench)
        bench.cloud.hub.close("Server is shutting down")
        await until(lambda: path_of(bench).hub.connections == 2)
        await followed(bench)

        await bench.charger.set_limit(9.0)
        assert bench.lost == []


async def test_a_slow_hub_that_says_everything_twice_confuses_nobody() -> None:
    def prepare(cloud: EaseeCloudTwin, _: EaseeTwin) -> None:
        cloud.hub.faults.slow_s, cloud.hub.faults.twice = 0.005, True

    async with bay(prepare) as bench:
        await followed(bench)
        for limit_a in (16.0, 8.0, 12.0):
            await bench.charger.set_limit(limit_a)

        await bench.heard.until(lambda state: state.limit_a == 12.0)


@pytest.mark.parametrize(
    "nonsense",
    [
        "<html>",
        b"\xff\xfe\x00",
        '{"type": 1, "target": "ProductUpdate", "arguments": [5]}\x1e',
        '{"type": 1, "target": "ProductUpdate", "arguments": "EH000281"}\x1e',
        '{"type": 1, "target": "ProductUpdate", "arguments": [{"mid": "EH000281", "id": 48, "value": "?"}]}',
        '{"type": 1, "target": "CommandResponse", "arguments": [{"serialNumber": "EH000281", "id": 48}]}',
        '{"type": 2, "invocationId": {}, "item": 1}\x1e',
        '{"type": 99}\x1e[]\x1e"\x1e',
    ],
)
async def test_what_a_hub_says_without_sense_is_counted_and_ends_nothing(nonsense: str | bytes) -> None:
    async with bay() as bench:
        await followed(bench)
        bench.cloud.hub.say(nonsense)
        await until(lambda: path_of(bench).refused > 0)

        await bench.charger.set_limit(9.0)

        assert path_of(bench).hub.connections == 1
        assert bench.lost == []


async def test_an_update_about_another_charger_changes_nothing_here() -> None:
    async with bay() as bench:
        await followed(bench)
        update = '{"mid": "EH999999", "id": 48, "value": "20", "timestamp": "2027-01-01T00:00:00Z"}'
        bench.cloud.hub.say(f'{{"type": 1, "target": "ProductUpdate", "arguments": [{update}]}}\x1e')
        await until(lambda: path_of(bench).strangers == 1)

        assert (await bench.heard.polled_anew(2)).limit_a == 6.0


@pytest.mark.parametrize(
    "negotiation", [b"", b"<html>", b"[1]", b"{}", b'{"connectionId": 5}', b'{"url": "http://"}']
)
async def test_a_hub_that_negotiates_nonsense_is_away_and_found_again(negotiation: bytes) -> None:
    def prepare(cloud: EaseeCloudTwin, _: EaseeTwin) -> None:
        cloud.hub.faults.negotiation = negotiation

    async with bay(prepare) as bench:
        await bench.heard.until(lambda state: state.limit_a == 6.0)
        await until(lambda: bench.cloud.hub.negotiations > 0)
        bench.cloud.hub.faults.negotiation = None

        await followed(bench)
        assert bench.lost == []


async def test_a_hub_that_sends_us_on_is_followed_with_its_token_alone() -> None:
    async with bay() as bench:
        await followed(bench)
        other = EaseeCloudTwin(None, bench.twin)
        other._tokens["its own"] = 1e12  # noqa: SLF001 - as it would grant
        async with other:
            further = f'{{"url": "{other.hub_url}", "accessToken": "its own"}}'
            bench.cloud.hub.faults.negotiation = further.encode()
            bench.cloud.hub.drop()

            await until(lambda: other.hub.subscriptions == ["EH000281"])

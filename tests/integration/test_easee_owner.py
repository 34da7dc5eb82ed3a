"""An Easee charger of an ordinary account: REST and a hub that drops, replays, is slow, talks nonsense."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from adapters.chargers.easee.charger import EaseeCharger
from adapters.chargers.easee.owner import OwnerPath, owner_for
from adapters.chargers.easee.settings import EaseeSettings
from controller.domain.readings import Plug
from controller.errors import (
    CredentialsError,
    DeviceError,
    DeviceNonsense,
    DeviceRefused,
    DeviceUnreachable,
)
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_circuit import EaseeCircuitModel
from simulator.chargers.easee_cloud import EaseeCloudTwin
from simulator.chargers.easee_device import EaseeDevice
from simulator.chargers.easee_words import Sent
from simulator.chargers.web import WebServer
from tests.contracts.bench import PATIENCE_S
from tests.contracts.easee_bench import QUICK, EaseeOwnerBench, charger_of, owner_of

PATIENT: dict[str, object] = {"silence_s": 60.0, "draw_ttl_s": 60.0, "answer_s": 6.0}


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await SystemClock().sleep(0.02)


@asynccontextmanager
async def bay(
    prepare: Callable[[EaseeCloudTwin, EaseeTwin], None] = lambda *_: None,
    **own: Any,  # noqa: ANN401 - settings of the adapter
) -> AsyncIterator[EaseeOwnerBench]:
    """A bay whose charger repeats nothing but temperature and voltages; its limit stands at 6 A.

    Of two limits of one second the larger is believed: what is written later has to be larger.
    """
    twin = EaseeTwin()
    twin.device.dynamic_a = 6.0
    async with EaseeCloudTwin(None, twin) as cloud:
        prepare(cloud, twin)
        async with twin:
            bench = EaseeOwnerBench(twin, charger_of(twin, owner_of(cloud) | PATIENT | own), cloud)
            async with bench.running():
                yield bench


def path_of(bench: EaseeOwnerBench) -> OwnerPath:
    charger = bench.charger
    assert isinstance(charger, EaseeCharger)
    path = charger._device.path  # noqa: SLF001 - counts what no state tells
    assert isinstance(path, OwnerPath)
    return path


async def followed(bench: EaseeOwnerBench) -> None:
    """Wait until the hub tells everything."""
    await until(lambda: path_of(bench).hub.has_told(bench.twin.device.serial))


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


async def test_a_token_that_ends_early_is_renewed_for_commands_and_hub() -> None:
    async with bay() as bench:
        await followed(bench)
        bench.cloud.forget_tokens()
        await bench.charger.set_limit(9.0)
        assert bench.holds_a() == 9.0
        bench.cloud.forget_tokens()
        bench.cloud.hub.drop()

        await until(lambda: path_of(bench).hub.connections == 2)
        assert bench.cloud.asked["/api/accounts/login"] == 3


async def test_a_wrong_password_is_the_owners_to_put_right() -> None:
    twin = EaseeTwin()
    async with twin, EaseeCloudTwin(None, twin) as cloud:
        charger = charger_of(twin, owner_of(cloud) | {"account_password": "wrong-and-secret"})

        with pytest.raises(CredentialsError) as refused:
            await charger.run(lambda _: None)

        assert "wrong-and-secret" not in str(refused.value)


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


async def test_who_asked_too_often_leaves_the_cloud_alone_for_as_long_as_it_says() -> None:
    async with bay() as bench:
        await followed(bench)
        bench.cloud.commands.faults.statuses[LIMIT] = 429
        bench.cloud.commands.faults.retry_after = "600"
        with pytest.raises(DeviceRefused, match="600 s"):
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


async def test_chargers_of_one_account_share_one_conversation_and_hand_it_on() -> None:
    clock = SystemClock()
    devices = [
        EaseeDevice(clock=clock, serial=name, circuit=EaseeCircuitModel(clock=clock))
        for name in ("EH1", "EH2")
    ]
    twins = [EaseeTwin(None, device, clock) for device in devices]
    async with twins[0], twins[1], EaseeCloudTwin(None, *twins) as cloud:
        keys = owner_of(cloud) | PATIENT
        one, two = (EaseeOwnerBench(twin, charger_of(twin, keys, clock), cloud, clock) for twin in twins)
        async with AsyncExitStack() as later:
            async with one.running():
                await followed(one)  # The first leads.
                await later.enter_async_context(two.running())
                await followed(two)
                assert (cloud.hub.talks, path_of(one)) == (1, path_of(two))
                await one.charger.set_limit(9.0)
                await two.charger.set_limit(12.0)
            await followed(two)
            two.other_writes(7)
            await two.heard.until(lambda state: state.limit_a == 7.0)

        assert (one.holds_a(), two.holds_a(), two.lost) == (9.0, 7.0, [])


async def test_a_probe_says_how_it_is_reached_and_when_the_hub_is_away() -> None:
    twin = EaseeTwin()
    async with twin, EaseeCloudTwin(None, twin) as cloud:
        charger = charger_of(twin, owner_of(cloud))
        well = await charger.probe()
        cloud.hub.faults.status = 503
        unwell = await charger.probe()

        assert "REST" in well.control_path
        assert not any("hub" in one for one in well.warnings)
        assert any("HTTP 503" in one for one in unwell.warnings)
        assert cloud.hub.subscriptions == []


async def test_the_hub_is_opened_by_nobody_who_only_commands() -> None:
    twin = EaseeTwin()
    async with twin, EaseeCloudTwin(None, twin) as cloud:
        answer = (
            await charger_of(twin, owner_of(cloud) | PATIENT)
            .commands["set_smart_charging"]
            .call(smart_charging=True)
        )

        assert answer == {"accepted": True, "comment": None, "result_code": None}
        assert twin.device.smart
        assert cloud.hub.negotiations == 0


async def test_no_secret_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with bay() as bench:
        await followed(bench)
        await bench.charger.set_limit(9.0)
        bench.cloud.hub.say("<html>")
        bench.cloud.hub.drop()
        await until(lambda: path_of(bench).hub.connections == 2)
        await bench.cloud.stop()
        await bench.until_lost()

    assert "made up" not in caplog.text
    assert "access-" not in caplog.text
    assert "refresh-" not in caplog.text


async def test_nothing_hangs_when_it_is_stopped_while_the_hub_says_nothing() -> None:
    async def answer(_: object) -> None:
        await asyncio.Event().wait()

    server = WebServer(answer)
    await server.start()
    try:
        keys = {
            "serial": "EH1",
            "access": "owner",
            "account_user": "me",
            "account_password": "hush",
            "api_url": server.url,
            "hub_url": f"{server.url}/hubs/chargers",
        }
        path = owner_for(EaseeSettings.model_validate(QUICK | keys), SystemClock())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await path.hub.serve()
    finally:
        await server.stop()


@pytest.mark.parametrize(("access", "strange"), [("owner", "aio_pika"), ("operator", "websockets")])
def test_each_way_loads_its_own_libraries_alone(access: str, strange: str) -> None:
    keys = {
        "owner": "'access': 'owner', 'account_user': 'me', 'account_password': 'hush'",
        "operator": "'host': 'broker', 'queue': 'q', 'exchange': 'x', 'user': 'me', 'password': 'hush'",
    }
    code = f"""
import sys
from adapters.catalog import Surroundings
from adapters.chargers.easee import build
from adapters.chargers.easee.settings import EaseeSettings
from controller.system_clock import SystemClock
from tests.contracts.bench import site
assert not {{"httpx", "aio_pika", "websockets"}} & set(sys.modules)
settings = EaseeSettings.model_validate({{"serial": "EH1", {keys[access]}}})
build("bay", settings, Surroundings(clock=SystemClock(), site=site()))
print({strange!r} in sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert told.strip() == "False"

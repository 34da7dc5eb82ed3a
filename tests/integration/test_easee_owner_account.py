"""An owner's account: tokens, conversations that are shared, probes, secrets, ends."""

import asyncio
import logging
import subprocess
import sys
from contextlib import AsyncExitStack

import pytest

from adapters.chargers.easee.owner import owner_for
from adapters.chargers.easee.settings import EaseeSettings
from controller.errors import (
    CredentialsError,
)
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_circuit import EaseeCircuitModel
from simulator.chargers.easee_cloud import EaseeCloudTwin
from simulator.chargers.easee_device import EaseeDevice
from simulator.chargers.web import WebServer
from tests.contracts.easee_bench import QUICK, EaseeOwnerBench, charger_of, owner_of
from tests.integration.easee_owners import PATIENT, bay, followed, path_of, until


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

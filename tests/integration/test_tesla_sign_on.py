import asyncio
import json
import logging
from pathlib import Path

import pytest

from adapters.wire.oauth import Grant, TokenKeeper
from adapters.wire.token_file import TokenFile, Tokens
from controller.errors import CredentialsError, DeviceUnreachable
from controller.system_clock import SystemClock
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_faults import Faults

TOKEN = frozenset({"token"})


def keeper(twin: TeslaTwin, path: Path | None, refresh: str = "refresh-0", **own: object) -> TokenKeeper:
    known: dict[str, object] = {"url": twin.token_url, "client_id": "phasewise-test", "timeout_s": 1.0}
    grant = Grant(refresh=refresh, **(known | own))  # type: ignore[arg-type]
    return TokenKeeper(grant, None if path is None else TokenFile(path), SystemClock())


async def test_the_first_refresh_token_comes_from_the_settings_and_the_next_from_the_file(
    tmp_path: Path,
) -> None:
    async with TeslaTwin() as twin:
        first = await keeper(twin, tmp_path / "tokens").access()
        twin.sign_on.expire()
        again = await keeper(twin, tmp_path / "tokens").renewed(first)

        assert (first, again) == ("access-1", "access-2")
        assert twin.sign_on.refused == 0


async def test_a_token_that_is_good_is_not_exchanged(tmp_path: Path) -> None:
    async with TeslaTwin() as twin:
        await keeper(twin, tmp_path / "tokens").access()
        await keeper(twin, tmp_path / "tokens").access()

        assert twin.sign_on.exchanges == 1


async def test_the_next_refresh_token_is_on_the_disk_before_its_access_token_is_used(tmp_path: Path) -> None:
    async with TeslaTwin() as twin:
        await keeper(twin, tmp_path / "tokens").access()

        assert json.loads((tmp_path / "tokens").read_text())["refresh"] == twin.sign_on.refresh


async def test_whoever_is_broken_off_loses_no_token(tmp_path: Path) -> None:
    async with TeslaTwin() as twin:
        twin.faults = Faults(only=TOKEN, delay_s=0.2)
        impatient = keeper(twin, tmp_path / "tokens")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await impatient.access()
        await _until_saved(tmp_path / "tokens", twin)

        assert await keeper(twin, tmp_path / "tokens").access() == "access-1"
        assert twin.sign_on.exchanges == 1


async def test_a_lost_answer_is_survived_where_the_service_takes_the_token_once_more(tmp_path: Path) -> None:
    async with TeslaTwin() as twin:
        await keeper(twin, tmp_path / "tokens").access()
        twin.sign_on.expire()
        twin.sign_on.takes_previous = True
        twin.faults = Faults(only=TOKEN, deaf=True)
        with pytest.raises(DeviceUnreachable):
            await keeper(twin, tmp_path / "tokens").renewed("access-1")
        twin.faults = Faults()

        assert await keeper(twin, tmp_path / "tokens").renewed("access-1") == "access-3"


async def test_a_token_used_twice_is_refused_once_and_never_sent_again(tmp_path: Path) -> None:
    async with TeslaTwin() as twin:
        twin.sign_on.refresh = "used-by-somebody-else"
        lost = keeper(twin, tmp_path / "tokens")
        for _ in range(3):
            with pytest.raises(CredentialsError, match="sign on anew"):
                await lost.access()

        assert twin.sign_on.refused == 1


async def test_a_newly_configured_token_replaces_the_file(tmp_path: Path) -> None:
    async with TeslaTwin() as twin:
        await keeper(twin, tmp_path / "tokens").access()
        twin.sign_on.refresh = "signed-on-anew"
        twin.sign_on.expire()

        assert await keeper(twin, tmp_path / "tokens", refresh="signed-on-anew").access() == "access-2"


async def test_what_cannot_be_kept_is_not_asked_for(tmp_path: Path) -> None:
    async with TeslaTwin() as twin:
        with pytest.raises(CredentialsError, match="kept"):
            await keeper(twin, tmp_path / "no such folder" / "tokens").access()

        assert twin.sign_on.exchanges == 0


async def test_two_who_need_a_token_exchange_one(tmp_path: Path) -> None:
    async with TeslaTwin() as twin:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(keeper(twin, tmp_path / "tokens").access()) for _ in range(4)]

        assert {task.result() for task in tasks} == {"access-1"}
        assert twin.sign_on.exchanges == 1


async def test_a_service_that_is_silent_is_not_hammered(tmp_path: Path) -> None:
    async with TeslaTwin() as twin:
        twin.faults = Faults(only=TOKEN, reset=True)
        patient = keeper(twin, tmp_path / "tokens")
        for _ in range(3):
            with pytest.raises(DeviceUnreachable):
                await patient.access()

        assert len(twin.named("token")) == 1


async def test_a_service_that_fails_is_not_hammered(tmp_path: Path) -> None:
    async with TeslaTwin() as twin:
        twin.faults = Faults(only=TOKEN, status=503)
        patient = keeper(twin, tmp_path / "tokens")
        for _ in range(3):
            with pytest.raises(DeviceUnreachable):
                await patient.access()

        assert len(twin.named("token")) == 1


async def test_the_token_before_is_tried_at_once_where_the_newest_is_refused(tmp_path: Path) -> None:
    TokenFile(tmp_path / "tokens").save(Tokens(refresh="lost-on-its-way", previous="refresh-0"))
    async with TeslaTwin() as twin:
        assert await keeper(twin, tmp_path / "tokens", refresh="").access() == "access-1"
        assert (twin.sign_on.refused, twin.sign_on.exchanges) == (1, 1)


async def test_the_owner_service_is_asked_in_json(tmp_path: Path) -> None:
    async with TeslaTwin("owner") as twin:
        await keeper(twin, tmp_path / "tokens", client_id="ownerapi", as_json=True, scope="openid").access()

        assert twin.named("token")[0].body == {
            "grant_type": "refresh_token",
            "client_id": "ownerapi",
            "refresh_token": "refresh-0",
            "scope": "openid",
        }


async def test_tokens_stand_in_no_message(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with TeslaTwin() as twin:
        twin.sign_on.refresh = "another"
        with pytest.raises(CredentialsError) as refused:
            await keeper(twin, tmp_path / "tokens", refresh="secret-refresh").access()

        assert "secret" not in f"{refused.value}{refused.value.__cause__}{caplog.text}"


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"access_token": 7}', b'{"access_token": null}'])
async def test_nonsense_from_the_service_is_no_token(tmp_path: Path, body: bytes) -> None:
    async with TeslaTwin() as twin:
        twin.faults = Faults(only=TOKEN, body=body)

        with pytest.raises(DeviceUnreachable):
            await keeper(twin, tmp_path / "tokens").access()


async def _until_saved(path: Path, twin: TeslaTwin) -> None:
    async with asyncio.timeout(3.0):
        while not holds(path, twin.sign_on.refresh):
            await SystemClock().sleep(0.02)


def holds(path: Path, token: str) -> bool:
    return path.exists() and token in path.read_text()

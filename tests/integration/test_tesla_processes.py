"""Single-use tokens between programs that share a file, one of which may die at the worst instant."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.wire.oauth import Grant, TokenKeeper
from adapters.wire.token_file import TokenFile
from controller.errors import CredentialsError
from controller.system_clock import SystemClock
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_faults import Faults
from tests.phasewise import REPOSITORY

TOKEN = frozenset({"token"})
PATIENCE_S = 30.0

PROGRAM = """
import asyncio, sys
from adapters.wire.oauth import Grant, TokenKeeper
from adapters.wire.token_file import TokenFile
from controller.system_clock import SystemClock

url, file = sys.argv[1:]
grant = Grant(url=url, client_id="phasewise-test", refresh="refresh-0")
print(asyncio.run(TokenKeeper(grant, TokenFile(file), SystemClock()).access()))
"""


@asynccontextmanager
async def program(twin: TeslaTwin, file: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run another program that needs an access token; it is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        twin.token_url,
        str(file),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def printed(process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(PATIENCE_S):
        told, _ = await process.communicate()
    return told.decode().strip()


def keeper(twin: TeslaTwin, file: Path) -> TokenKeeper:
    grant = Grant(url=twin.token_url, client_id="phasewise-test", refresh="refresh-0")
    return TokenKeeper(grant, TokenFile(file), SystemClock())


async def killed_with_the_answer_on_its_way(twin: TeslaTwin, file: Path) -> None:
    """Let a program die after the service took its token and before it heard of the next one."""
    twin.faults = Faults(only=TOKEN, obeyed_delay_s=60.0)
    async with program(twin, file) as process, asyncio.timeout(PATIENCE_S):
        while twin.sign_on.exchanges == 0:
            await SystemClock().sleep(0.02)
        process.kill()
    twin.faults = Faults()


async def test_two_programs_that_start_together_exchange_one_token(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    async with TeslaTwin() as twin, program(twin, file) as one, program(twin, file) as other:
        told = {await printed(one), await printed(other)}

        assert told == {"access-1"}
        assert (twin.sign_on.exchanges, twin.sign_on.refused) == (1, 0)


async def test_a_program_that_dies_with_the_answer_on_its_way_keeps_nobody_out(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    async with TeslaTwin() as twin:
        await killed_with_the_answer_on_its_way(twin, file)
        twin.sign_on.takes_previous = True

        assert await keeper(twin, file).access() == "access-2"
        assert json.loads(file.read_text())["refresh"] == "refresh-2"


async def test_a_token_that_died_with_a_program_is_said_and_a_new_one_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    async with TeslaTwin() as twin:
        await killed_with_the_answer_on_its_way(twin, file)
        with pytest.raises(CredentialsError, match="a person has to sign on anew"):
            await keeper(twin, file).access()
        grant = Grant(url=twin.token_url, client_id="phasewise-test", refresh=twin.sign_on.refresh)

        assert await TokenKeeper(grant, TokenFile(file), SystemClock()).access() == "access-2"


async def test_only_the_owner_reads_what_a_program_left_behind(tmp_path: Path) -> None:
    async with TeslaTwin() as twin:
        await killed_with_the_answer_on_its_way(twin, tmp_path / "tokens")
        await keeper_of_previous(twin, tmp_path / "tokens").access()

        assert modes(tmp_path) == {0o600}


def modes(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in folder.iterdir()}


def keeper_of_previous(twin: TeslaTwin, file: Path) -> TokenKeeper:
    twin.sign_on.takes_previous = True
    return keeper(twin, file)

"""Whoever needs another token, while somebody keeps the tokens locked."""

import asyncio
from pathlib import Path

import pytest

from adapters.wire.oauth import Grant, TokenKeeper
from adapters.wire.token_file import TokenFile
from controller.errors import DeviceUnreachable
from tests.fakes.clock import FakeClock


async def test_everybody_who_waits_for_locked_tokens_is_told_after_the_same_time(tmp_path: Path) -> None:
    clock, path = FakeClock(), tmp_path / "tokens"
    # Nobody serves this address: it is not asked.
    grant = Grant(url="http://127.0.0.1:1", client_id="phasewise-test", refresh="refresh-0")
    shut_out = TokenKeeper(grant, TokenFile(path), clock)

    async def told() -> None:
        with pytest.raises(DeviceUnreachable, match=str(path)):
            await shut_out.renewed("access-0")

    async with TokenFile(path).alone(clock), asyncio.TaskGroup() as group:
        waiting = [group.create_task(told()) for _ in range(3)]
        await clock.advance(31.0)

        assert [task.done() for task in waiting] == [True, True, True]

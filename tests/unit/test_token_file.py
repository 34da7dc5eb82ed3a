import asyncio
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.wire.token_file import TokenFile, Tokens
from controller.errors import DeviceUnreachable, RecordError
from tests.fakes.clock import FakeClock

TOKENS = Tokens(access="a", expires=datetime(2026, 6, 1, tzinfo=UTC), refresh="r", previous="p", seed="s")


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "tokens")
    file.save(TOKENS)

    assert file.load() == TOKENS


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text("{}")
    path.chmod(0o644)
    TokenFile(path).save(TOKENS)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_leftover_of_a_crash_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".tokens.new").write_text("half of")
    file = TokenFile(tmp_path / "tokens")
    file.save(TOKENS)

    assert file.load() == TOKENS
    assert [path.name for path in tmp_path.iterdir()] == ["tokens"]


def test_no_file_is_no_tokens(tmp_path: Path) -> None:
    assert TokenFile(tmp_path / "tokens").load() is None


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecordError):
        TokenFile(tmp_path / "gone" / "tokens").save(TOKENS)


def test_tokens_are_never_shown() -> None:
    secret = Tokens(access="secret-a", refresh="secret-r", previous="secret-p")

    assert "secret" not in repr(secret)


@given(
    content=st.binary(max_size=40)
    | st.dictionaries(st.text(max_size=8), st.integers()).map(lambda held: json.dumps(held).encode())
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_file_is_tokens_or_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokens"
    path.write_bytes(content)
    try:
        held = TokenFile(path).load()
    except RecordError:
        return
    assert held is not None


async def test_only_one_refreshes_at_a_time(tmp_path: Path) -> None:
    clock = FakeClock()
    order: list[str] = []

    async def refresh() -> None:
        async with TokenFile(tmp_path / "tokens").alone(clock):
            order.append("other")

    async with asyncio.TaskGroup() as group:
        async with TokenFile(tmp_path / "tokens").alone(clock):
            group.create_task(refresh())
            await clock.advance(1.0)
            order.append("one")
        await clock.advance(1.0)

    assert order == ["one", "other"]


async def test_a_lock_that_is_never_given_back_is_waited_for_half_a_minute_and_named(tmp_path: Path) -> None:
    clock = FakeClock()
    path = tmp_path / "tokens"

    async def refresh() -> None:
        with pytest.raises(DeviceUnreachable, match=str(path)):
            await TokenFile(path).alone(clock).__aenter__()

    async with TokenFile(path).alone(clock), asyncio.TaskGroup() as group:
        waiting = group.create_task(refresh())
        await clock.advance(29.0)
        was_waiting = not waiting.done()
        await clock.advance(2.0)

        assert (was_waiting, waiting.done()) == (True, True)


async def test_a_lock_that_was_waited_for_in_vain_is_had_once_it_is_free(tmp_path: Path) -> None:
    clock = FakeClock()
    file = TokenFile(tmp_path / "tokens")
    async with file.alone(clock):
        with pytest.raises(DeviceUnreachable):
            await file.alone(clock, clock.mono_s()).__aenter__()

    async with file.alone(clock, clock.mono_s()):
        assert file.load() is None

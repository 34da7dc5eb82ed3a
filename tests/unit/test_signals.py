"""Signals: heard in the main thread while a block lasts, and nowhere else."""

import asyncio
import signal

from controller.signals import listening


async def test_a_signal_is_heard_while_the_block_lasts() -> None:
    heard = asyncio.Event()

    with listening({signal.SIGUSR1: heard.set}):
        signal.raise_signal(signal.SIGUSR1)
        await heard.wait()

    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL


async def test_another_thread_runs_without_and_leaves_the_signals_alone() -> None:
    async def block() -> int:
        with listening({signal.SIGUSR1: asyncio.Event().set}):
            return int(signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL)

    assert await asyncio.to_thread(asyncio.run, block()) == 1

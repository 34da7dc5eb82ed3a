"""Signals: what the operating system tells the process, heard for as long as a block lasts."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from signal import Signals


@contextmanager
def listening(reactions: Mapping[Signals, Callable[[], None]]) -> Iterator[None]:
    """React to signals inside the running loop.

    Python gives signals to the main thread alone: in any other there is nothing to listen to, and whoever
    runs the main thread has to stop us.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    for number, reaction in reactions.items():
        loop.add_signal_handler(number, reaction)
    try:
        yield
    finally:
        for number in reactions:
            loop.remove_signal_handler(number)

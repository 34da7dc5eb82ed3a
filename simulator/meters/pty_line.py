"""A serial line without hardware: two pseudo-terminals, joined."""

import os
import select
import tty
from threading import Thread
from typing import Self

_CHUNK = 4096


class PtyLine:
    """Two ends of a line; open `ours` in one program and `theirs` in the other."""

    def __init__(self) -> None:
        self.ours, self.theirs = "", ""
        self._files: tuple[int, ...] = ()
        self._stop = -1
        self._wire: Thread | None = None

    async def __aenter__(self) -> Self:
        near, near_end = os.openpty()
        far, far_end = os.openpty()
        stopped, self._stop = os.pipe()
        for end in (near_end, far_end):
            tty.setraw(end)
        self.ours, self.theirs = os.ttyname(near_end), os.ttyname(far_end)
        self._files = (near, near_end, far, far_end, stopped, self._stop)
        # A thread, because closing a serial port blocks until the other end has taken all that was written.
        self._wire = Thread(target=_carry, args=(near, far, stopped), daemon=True)
        self._wire.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        os.write(self._stop, b".")
        if self._wire is not None:
            self._wire.join()
        for file in self._files:
            os.close(file)


def _carry(near: int, far: int, stopped: int) -> None:
    other = {near: far, far: near}
    while True:
        ready, _, _ = select.select([near, far, stopped], [], [])
        if stopped in ready:
            return
        for source in ready:
            os.write(other[source], os.read(source, _CHUNK))

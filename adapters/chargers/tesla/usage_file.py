"""Usage file: a month's calls, summed over every program and car that names the same file."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from adapters.wire.token_file import write_whole

_OWNER_ONLY: Final = 0o600


class UsageFile:
    """Counts by name; whatever else stands in the file counts as nothing."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def load(self, month: str) -> dict[str, int]:
        """Read the counts of a month."""
        try:
            held = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(held, dict) or held.get("month") != month:
            return {}
        return {name: count for name, count in held.items() if type(count) is int and count >= 0}

    def add(self, month: str, more: Mapping[str, int]) -> dict[str, int]:
        """Add to a month's counts and tell the sums.

        Raises:
            OSError: nothing was added: the disk does not take it, or somebody else is adding just now.
        """
        with self._alone():
            held = self.load(month)
            sums = held | {name: held.get(name, 0) + count for name, count in more.items()}
            write_whole(self._path, json.dumps({"month": month, **sums}))
        return sums

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = os.open(f"{self._path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _OWNER_ONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # Nobody waits here: a limit may be due.
            yield
        finally:
            os.close(lock)

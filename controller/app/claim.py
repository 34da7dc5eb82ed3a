"""Claim: a configuration, and a journal, belong to one daemon at a time; two would promise the same room."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from controller.errors import SettingsError

_log = logging.getLogger("phasewise")


_RUNS = "another phasewise runs this configuration: stop that one first, or ask it for `status`"
_RECORDS = "another phasewise keeps this journal: stop that one first, or name another file in `database.url`"


@contextmanager
def journal_held(journal: Path | None) -> Iterator[None]:
    """Hold a SQLite journal by a lock file beside it, for as long as the block lasts.

    Not by the file itself: whoever closes it once more lets go of SQLite's own locks. A folder that cannot be
    written to is the journal's own trouble.

    Raises:
        SettingsError: another daemon holds it.
    """
    if journal is None:
        yield
        return
    lock = journal.with_name(f"{journal.name}.lock")
    try:
        lock.touch()
    except OSError:
        yield
        return
    with Claim(lock, _RECORDS).held():
        yield


class Claim:
    """A lock on a file; the system lets go of it when the process ends, however it ends."""

    def __init__(self, path: Path, says: str = _RUNS) -> None:
        self._path, self._says = path, says
        self._file: BinaryIO | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it for as long as the block lasts; errors as for `renew`."""
        try:
            self.renew()
            yield
        finally:
            self._keep(None)

    def renew(self) -> None:
        """Hold the file that is there now: an editor may have put another one in its place.

        Raises:
            SettingsError: another daemon holds it, or it is gone.
        """
        try:
            file = self._path.open("rb")
        except OSError as error:
            raise SettingsError(str(self._path), "", None, f"cannot be read: {error.strerror}") from error
        if self._file is not None and os.path.sameopenfile(self._file.fileno(), file.fileno()):
            file.close()
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise SettingsError(str(self._path), "", None, self._says) from error
        except OSError as error:  # a file system without locks
            _log.warning("%s: cannot be locked: see that no second daemon runs it (%s)", self._path, error)
        self._keep(file)

    def _keep(self, file: BinaryIO | None) -> None:
        before, self._file = self._file, file
        if before is not None:
            before.close()

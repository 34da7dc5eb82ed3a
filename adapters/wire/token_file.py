"""Token file: the tokens of an account, kept so that no crash loses the only one that is still good."""

import fcntl
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from controller.errors import DeviceUnreachable, RecordError
from controller.ports import Clock

_OWNER_ONLY: Final = 0o600
_LOOK_S: Final = 0.1
LOCK_WAIT_S: Final = 30.0
"""How long another program may refresh; one that was stopped meanwhile would hold the lock for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What an account has; never shown."""

    access: str = field(default="", repr=False)
    expires: datetime | None = None
    """When the access token ends; `None`: unknown, it is used until it is refused."""
    refresh: str = field(default="", repr=False)
    """Good for one use."""
    previous: str = field(default="", repr=False)
    """The refresh token before: what is left if an answer never arrived."""
    seed: str = ""
    """Fingerprint of the configured token that this chain began with."""

    def is_good(self, now: datetime) -> bool:
        """Tell whether the access token may still be accepted."""
        return bool(self.access) and (self.expires is None or now < self.expires)


class TokenFile:
    """One account's tokens on the disk: replaced as a whole, readable by their owner alone."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def load(self) -> Tokens | None:
        """Read the tokens; `None` when there are none yet.

        Raises:
            RecordError: there is something else, or it cannot be read.
        """
        try:
            held = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise RecordError(f"{self._path}: cannot be read as tokens") from error
        if not isinstance(held, dict):
            raise RecordError(f"{self._path}: holds no tokens")
        words = {key: held[key] for key in ("access", "refresh", "previous", "seed") if _is_text(held, key)}
        return Tokens(expires=_instant(held.get("expires")), **words)

    def save(self, tokens: Tokens) -> None:
        """Return once the tokens are on the disk; a crash leaves the old ones or the new ones, whole.

        Raises:
            RecordError: they are not.
        """
        held = {
            "access": tokens.access,
            "refresh": tokens.refresh,
            "previous": tokens.previous,
            "seed": tokens.seed,
            "expires": None if tokens.expires is None else tokens.expires.isoformat(),
        }
        try:
            write_whole(self._path, json.dumps(held))
        except OSError as error:
            raise RecordError(f"{self._path}: cannot be written: {error.strerror}") from error

    @asynccontextmanager
    async def alone(self, clock: Clock, until_s: float | None = None) -> AsyncIterator[None]:
        """Keep every other program and task from refreshing meanwhile.

        Waits until this monotonic instant, without one for `LOCK_WAIT_S`; what is free is had at once.

        Raises:
            RecordError: the folder cannot be written to.
            DeviceUnreachable: somebody else keeps the lock.
        """
        last_s = clock.mono_s() + LOCK_WAIT_S if until_s is None else until_s
        try:
            lock = os.open(f"{self._path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _OWNER_ONLY)
        except OSError as error:
            raise RecordError(f"{self._path}: cannot be locked: {error.strerror}") from error
        try:
            while not _locked(lock):
                if clock.mono_s() >= last_s:
                    raise DeviceUnreachable(f"{self._path}: another program keeps it locked")
                await clock.sleep(_LOOK_S)
            yield
        finally:
            os.close(lock)


def write_whole(path: Path, text: str) -> None:
    """Replace a file by another that is complete and on the disk, mode 0600."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, _OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)  # The name, too, has to survive a power cut.
    finally:
        os.close(folder)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_text(held: dict[str, object], key: str) -> bool:
    return isinstance(held.get(key), str)


def _instant(raw: object) -> datetime | None:
    if not isinstance(raw, str):
        return None
    try:
        instant = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)

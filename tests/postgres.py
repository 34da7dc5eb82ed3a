"""A PostgreSQL server of the tests' own, on a port that the system hands out."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.servers import free_port, program

# Debian keeps the programs of each major version in a folder of their own.
FOLDERS = tuple(str(folder) for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))


class Postgres:
    """A server that trusts everybody on loopback; it refuses to run as root, so root lends it a user."""

    def __init__(self) -> None:
        self._initdb, self._pg_ctl = program("initdb", *FOLDERS), program("pg_ctl", *FOLDERS)
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="phasewise-postgres-"))
        self._user = _lent_user()
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._run(self._initdb, "-U", "house", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8")

    def url(self, database: str = "postgres") -> str:
        """Tell where a database of this server is."""
        return f"postgresql://house@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it and return once it answers."""
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run(self._pg_ctl, "-w", "-l", str(self._folder / "log"), "-o", settings, "start")

    def crash(self) -> None:
        """End every process at once, without a farewell to anybody."""
        self._run(self._pg_ctl, "-m", "immediate", "-w", "stop")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang without closing a connection."""
        first = int((self._folder / "postmaster.pid").read_text().split()[0])
        processes = [psutil.Process(first), *psutil.Process(first).children()]
        for process in processes:
            process.suspend()
        yield
        for process in processes:
            process.resume()

    def remove(self) -> None:
        """Crash it and delete all that it wrote."""
        self.crash()
        shutil.rmtree(self._folder)

    def _run(self, *command: str) -> None:
        words = [*command, "-D", str(self._folder)]
        quiet = subprocess.DEVNULL
        subprocess.run(words, check=True, user=self._user, cwd=self._folder, stdin=quiet, stdout=quiet)


def _lent_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"

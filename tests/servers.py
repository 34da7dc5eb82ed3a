"""Real servers that tests start, kill and start again, on ports that the system hands out."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")


def program(name: str, *folders: str) -> str:
    """Find a server's program; without it the test is skipped, except where CI promised to have it."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *SYSTEM_FOLDERS, *folders))
    found = shutil.which(name, path=path)
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is not installed, and under CI it has to be")
    pytest.skip(f"{name} is not installed")


def free_port() -> int:
    """Let the system hand out a port, for a server that wants to be told one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Mosquitto:
    """An MQTT broker that forgets everything when it is killed."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.port = free_port()
        self._program = program("mosquitto")
        self._config = folder / "mosquitto.conf"
        # As root it would drop to another user, who cannot read the test's folder.
        user = getpass.getuser()
        says = ("log_type information", "log_dest stderr", "connection_messages false")
        # With a bound it drops messages to a test that reads more slowly than it writes, even the very last.
        lines = (f"user {user}", *says, "max_queued_messages 0")
        listener = (f"listener {self.port} 127.0.0.1", *(settings or ("allow_anonymous true",)))
        self._config.write_text("\n".join((*lines, *listener, "")))
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and return once it listens."""
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._config)], stderr=subprocess.PIPE, text=True
        )
        said = []
        assert self._process.stderr is not None
        for line in self._process.stderr:
            said.append(line)
            if line.rstrip().endswith("running"):
                return
        self.kill()
        pytest.fail(f"mosquitto did not start: {''.join(said)}")

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it hang without closing anything."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._process = None

    def _signal(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)

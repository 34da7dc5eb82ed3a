"""A RabbitMQ broker of the tests' own, on ports that the system hands out, seen by no other Erlang node."""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

from tests.servers import free_port, program

# The start script on the path insists on root and writes outside of our folder; this one does neither.
FOLDER = "/usr/lib/rabbitmq/bin"

# Schedulers that spin while they wait would slow down the tests beside them; no other node has business here.
_CALM = "+sbwt none +sbwtdcpu none +sbwtdio none"
_ALONE = "-kernel inet_dist_use_interface {127,0,0,1}"


class RabbitMq:
    """A broker whose guest has every right; durable queues survive a kill. It takes some 5 s to start.

    Erlang nodes find each other through epmd: ours gets one of its own, so that neither a system's broker nor
    another test run is in the way. As root it lends the broker an unprivileged user.
    """

    def __init__(self) -> None:
        self._server, self._epmd = _server(), program("epmd")
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="phasewise-rabbitmq-"))
        self._user = _lent_user()
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._env = self._environment()
        self._names: subprocess.Popen[bytes] | None = None
        self._node: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it is, with a login."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start it and return once it listens."""
        if self._names is None:
            self._names = subprocess.Popen(
                [self._epmd, "-port", self._env["ERL_EPMD_PORT"], "-address", "127.0.0.1"],
                user=self._user,
                env=self._env,
            )
        self._node = subprocess.Popen(
            [self._server],
            user=self._user,
            env=self._env,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._await_start()

    def kill(self) -> None:
        """Kill it as a power cut would."""
        node, self._node = self._node, None
        if node is None:
            return
        os.killpg(node.pid, signal.SIGKILL)
        node.wait()
        if node.stdout is not None:
            node.stdout.close()

    def freeze(self) -> None:
        """Let it hang without closing anything."""
        if self._node is not None:
            os.killpg(self._node.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self._node is not None:
            os.killpg(self._node.pid, signal.SIGCONT)

    def remove(self) -> None:
        """Kill it and delete all that it wrote."""
        self.kill()
        if self._names is not None:
            self._names.kill()
            self._names.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _await_start(self) -> None:
        said = []
        assert self._node is not None
        assert self._node.stdout is not None
        for line in self._node.stdout:
            said.append(line)
            if "completed with" in line:
                return
        self.kill()
        pytest.fail(f"rabbitmq-server did not start: {''.join(said)}")

    def _environment(self) -> dict[str, str]:
        folder = str(self._folder)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": folder,
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(free_port()),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"phasewise-{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/none.env",
            "RABBITMQ_CONFIG_FILE": f"{folder}/none",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{_CALM} {_ALONE}",
        }


@cache
def shared() -> RabbitMq:
    """Hand out the one broker of this process; whoever kills it starts it again."""
    broker = RabbitMq()
    atexit.register(broker.remove)
    broker.start()
    return broker


def forget_shared() -> None:
    """Remove the broker of this process, if it has one; a worker that is killed runs no `atexit`."""
    if shared.cache_info().currsize:
        shared().remove()
        shared.cache_clear()


def _server() -> str:
    """Find the start script; where a distribution puts it elsewhere, the one on the path has to do."""
    debians = Path(FOLDER) / "rabbitmq-server"
    return str(debians) if debians.exists() else program("rabbitmq-server")


def _lent_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "rabbitmq" if "rabbitmq" in names else "nobody"

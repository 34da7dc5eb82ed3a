"""Service manager: what systemd hears, and that its absence troubles nobody."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.app.service_manager import ServiceManager


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    """Listen as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listening:
        listening.bind(str(tmp_path / "notify"))
        yield listening


def test_it_speaks_to_the_socket_that_it_was_given(listener: socket.socket) -> None:
    manager = ServiceManager(listener.getsockname())

    manager.tell("READY=1")

    assert listener.recv(100) == b"READY=1"


def test_it_finds_the_socket_in_the_environment(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", listener.getsockname())

    ServiceManager().tell("WATCHDOG=1")

    assert listener.recv(100) == b"WATCHDOG=1"


def test_it_speaks_to_an_abstract_socket(tmp_path: Path) -> None:
    name = f"phasewise-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listening:
        listening.bind(f"\0{name}")

        ServiceManager(f"@{name}").tell("READY=1")

        assert listening.recv(100) == b"READY=1"


def test_without_a_manager_it_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    ServiceManager().tell("READY=1")


def test_a_manager_that_does_not_listen_for_a_while_hears_the_next_word(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    manager = ServiceManager(address)
    manager.tell("WATCHDOG=1")

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listening:
        listening.bind(address)
        manager.tell("WATCHDOG=1")

        assert listening.recv(100) == b"WATCHDOG=1"


def test_a_full_socket_does_not_end_the_watchdog(listener: socket.socket) -> None:
    manager = ServiceManager(listener.getsockname())
    for _ in range(2000):
        manager.tell("WATCHDOG=1")
    while True:
        try:
            listener.recv(100)
        except BlockingIOError:
            break

    manager.tell("STOPPING=1")

    assert listener.recv(100) == b"STOPPING=1"

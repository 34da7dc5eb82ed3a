"""Server: the page and the API on the configured address, in the daemon's own event loop."""

import logging
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import uvicorn

from controller.desk import Desk
from controller.ports import TellsUsage
from controller.settings import Settings
from controller.supervision import Watch
from dashboard.api import create_app
from dashboard.feed import Feed

_log = logging.getLogger("phasewise.dashboard")

# Whoever is in the middle of an answer gets this long at the end.
GOODBYE_S = 1
MOST_CONNECTIONS = 100


class _Server(uvicorn.Server):
    """A server that leaves signals to the daemon."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(
    desk: Desk, settings: Settings, watches: Mapping[str, Watch], usages: Mapping[str, TellsUsage]
) -> None:
    """Serve until cancelled; an address that is not to be had costs one warning and the page."""
    host, port = settings.dashboard.host, settings.dashboard.port
    try:
        listener = listening(host, port)
    except OSError as error:
        _log.warning("no page and no API: cannot listen on %s:%d: %s", host, port, error.strerror or error)
        return
    feed = Feed(desk.loop)
    address = f"{host}:{listener.getsockname()[1]}"
    app = create_app(desk, settings, watches, usages, feed)
    server = _Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=GOODBYE_S,
        )
    )
    _log.info("page and API: http://%s/", address)
    try:
        await server.serve(sockets=[listener])
    finally:
        feed.close()
        if server.started:
            await server.shutdown(sockets=[listener])
        listener.close()


def listening(host: str, port: int) -> socket.socket:
    """Bind the address.

    Raises:
        OSError: it is taken, or not one of this machine.
    """
    (family, kind, protocol, _, address), *_ = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener

"""Service manager: tell systemd that we are ready, alive, reloading or leaving (sd_notify protocol)."""

import os
import socket
from contextlib import suppress


class ServiceManager:
    """Speaks to the socket that the service manager named; silent where there is none."""

    def __init__(self, address: str | None = None) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET") if address is None else address

    def tell(self, state: str) -> None:
        """Send one state, like `READY=1` or `WATCHDOG=1`; a manager that is gone is no reason to stop."""
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with (
            suppress(OSError),  # full or gone for now: the next word may get through
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as channel,
        ):
            channel.sendto(state.encode(), address)

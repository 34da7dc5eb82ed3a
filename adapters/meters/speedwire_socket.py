"""A UDP socket that keeps the latest telegrams and the instants they arrived."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from controller.errors import DeviceUnreachable
from controller.ports import Clock

# A few meters a second share the group; what is not read in time is dropped, the oldest first.
_KEPT = 32

Arrival = tuple[float, bytes]


class Telegrams(asyncio.DatagramProtocol):
    """What arrived and was not yet looked at."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._arrivals: asyncio.Queue[Arrival] = asyncio.Queue(_KEPT)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:  # noqa: ARG002 - asyncio's
        """Keep a telegram; drop the oldest when nobody reads."""
        if self._arrivals.full():
            self._arrivals.get_nowait()
        self._arrivals.put_nowait((self._clock.mono_s(), data))

    async def next(self) -> Arrival:
        """Wait for the next telegram."""
        return await self._arrivals.get()


@asynccontextmanager
async def listening(
    bind: str, port: int, group: str | None, interface: str, clock: Clock
) -> AsyncIterator[Telegrams]:
    """Listen on a port, as a member of a multicast group unless there is none.

    Raises:
        DeviceUnreachable: the address or the group is not to be had on this host.
    """
    receiver = _bound(bind, port, group, interface)
    loop = asyncio.get_running_loop()
    transport, telegrams = await loop.create_datagram_endpoint(lambda: Telegrams(clock), sock=receiver)
    try:
        yield telegrams
    finally:
        transport.close()


def _bound(bind: str, port: int, group: str | None, interface: str) -> socket.socket:
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        receiver.setblocking(False)  # noqa: FBT003 - the standard library's signature
        # Other programs of the house may listen to the same meter.
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        receiver.bind((bind, port))
        if group is not None:
            membership = socket.inet_aton(group) + socket.inet_aton(interface)
            receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    except OSError as error:
        receiver.close()
        where = f"{bind}:{port}" + (f", group {group} on {interface}" if group else "")
        raise DeviceUnreachable(f"cannot listen on {where}: {error.strerror or error}") from error
    return receiver

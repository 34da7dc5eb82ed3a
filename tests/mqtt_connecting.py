"""Our own connection to a broker, as tests of it begin and end one."""

import asyncio
import threading

from adapters.wire.mqtt import Broker, Connection
from controller.system_clock import SystemClock
from tests.mqtt_observer import PATIENCE_S

AVAILABILITY = "phasewise/home/availability"


def connection_to(port: int, **more: object) -> Connection:
    """Make a connection that is not opened yet."""
    broker = Broker(host="127.0.0.1", port=port, client_id="phasewise-home", **more)  # type: ignore[arg-type]
    return Connection(broker, SystemClock(), availability=AVAILABILITY)


async def until_no_thread_is_left() -> None:
    """Wait until the library has ended every thread of ours."""
    async with asyncio.timeout(PATIENCE_S):
        while any("phasewise-home" in thread.name for thread in threading.enumerate()):
            await SystemClock().sleep(0.01)

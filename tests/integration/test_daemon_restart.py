"""The daemon after a restart: what the journal says counts before anything was read."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from adapters.store.journal import SqlJournal
from controller.app.daemon import Daemon
from controller.domain.promises import promised_a
from controller.domain.units import CircuitId, Phases
from controller.domain.writes import Decision
from controller.ports import Recorded, RecordedLimiter
from controller.system_clock import SystemClock
from tests.servers import free_port

NOON = datetime(2026, 6, 24, 11, tzinfo=UTC)
CARPORT = CircuitId("carport")

CONFIG = """
[[circuits]]
id = "main"
limit_a = 25
background_a = 0
[[circuits]]
id = "carport"
parent = "main"
limit_a = 20
background_a = 0
[circuits.limiter]
kind = "easee"
serial = "EH000281"
host = "127.0.0.1"
port = {port}
queue = "q"
exchange = "x"
user = "guest"
password_env = "BROKER"
[dashboard]
port = 0
[database]
url = "{url}"
"""


async def first_tick(folder: Path, *promises: Recorded) -> Decision:
    """Start a daemon, whose devices are all away, on a journal that holds these promises."""
    url, clock = f"sqlite:///{folder}/journal.sqlite", SystemClock()
    journal = SqlJournal(url, clock)
    await journal.open()
    await journal.record_promises(promises)
    await journal.close()
    path = folder / "config.toml"
    await asyncio.to_thread(path.write_text, CONFIG.format(port=free_port(), url=url))
    daemon = Daemon(path, clock, {"BROKER": "guest"})
    seen: asyncio.Queue[Decision] = asyncio.Queue()
    daemon.on_parts.append(
        lambda parts: parts.loop.listeners.append(lambda _, decision: seen.put_nowait(decision))
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(daemon.run())
        decision = await seen.get()
        daemon.stop()
    return decision


async def test_a_limiter_that_is_away_counts_at_its_recorded_promise(tmp_path: Path) -> None:
    recorded_a: Phases = (9.0, 10.0, 11.0)

    decision = await first_tick(tmp_path, RecordedLimiter(circuit=CARPORT, promise_a=recorded_a, at=NOON))

    pages = decision.memory.circuits[CARPORT].limiter
    assert pages is not None
    assert tuple(promised_a(page) for page in pages) == recorded_a

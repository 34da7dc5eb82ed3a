"""What the daemon of a house costs: `python -m benchmarks.daemon [SECONDS]`.

Twins of a grid meter, panels and two chargers on loopback; the daemon as a process of its own, as a service
manager starts it. Start-up counts from the start of the process to the first decision, that the daemon itself
tells over the service manager's socket.
"""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

import psutil
from rich.console import Console

from benchmarks.figures import Figure
from benchmarks.journal_growth import record
from controller.system_clock import SystemClock
from simulator.chargers.lektrico import LektricoTwin
from simulator.meters.modbus_twin import ModbusTwin
from simulator.meters.quantities import Quantities
from simulator.meters.twin_meter import TwinMeter, map_of

SECONDS = 60.0
STARTS = 4
JOURNAL_HOURS = 2.0
MOST_MEMORY_MB, MOST_CPU_PCT, MOST_START_S = 120.0, 5.0, 2.0

_CLOCK = SystemClock()
_AREA = "daemon of a house"
_PATIENCE_S = 30.0
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s*(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Where a configuration stands, and where the daemon tells that it decides."""

    config: Path
    notify: Path


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    """Start the twins of a house, where loads flicker and two cars charge."""
    meters = [TwinMeter(meter_map=map_of("eastron_sdm630")) for _ in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        async with (
            ModbusTwin(dict(enumerate(meters, start=1))) as modbus,
            LektricoTwin() as one,
            LektricoTwin() as two,
        ):
            place = House(config=Path(folder) / "config.toml", notify=Path(folder) / "notify")
            place.config.write_text(_configuration(folder, modbus.port, one.port, two.port), encoding="utf-8")
            async with asyncio.TaskGroup() as tasks:
                living = tasks.create_task(_live(meters, (one, two)))
                yield place
                living.cancel()


def _configuration(folder: str, meters: int, *chargers: int) -> str:
    meter = f'map = "eastron_sdm630"\nhost = "127.0.0.1"\nport = {meters}\n'
    text = (
        '[[circuits]]\nid = "main"\nlimit_a = 25\n'
        f'[[meters]]\nid = "grid"\nunit_id = 1\n{meter}'
        f'[[meters]]\nid = "solar"\nrole = "solar"\nunit_id = 2\n{meter}'
        f'[dashboard]\nport = 0\n[database]\nurl = "sqlite:///{folder}/journal.sqlite"\n'
    )
    for number, port in enumerate(chargers):
        text += f'[[chargers]]\nid = "cp{number}"\nkind = "lektrico"\nhost = "127.0.0.1"\nport = {port}\n'
    return text


async def _live(meters: list[TwinMeter], chargers: tuple[LektricoTwin, ...]) -> None:
    dice = Random(1)
    for twin in chargers:
        twin.plug_in("a car")
    while True:
        for twin in chargers:
            drawn_a = max(0.0, twin.offered_a - dice.uniform(0.2, 0.4))
            twin.set_draw((drawn_a, drawn_a, drawn_a), 690.0 * drawn_a)
        sun_a = dice.uniform(2.0, 2.2)
        total_a = sum(twin.offered_a for twin in chargers) - sun_a + dice.uniform(1.0, 1.5)
        meters[0].set_quantities(Quantities(currents_a=(total_a, total_a, total_a)))
        meters[1].set_quantities(Quantities(currents_a=(sun_a, sun_a, sun_a)))
        await _CLOCK.sleep(0.5)


@contextmanager
def daemon(place: House, *python: str) -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    """Start the daemon, and end it as a service manager does."""
    place.notify.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(place.notify))
        told.settimeout(_PATIENCE_S)
        command = [sys.executable, *python, "-m", "controller", "run", "-c", str(place.config)]
        process = subprocess.Popen(
            command, env={**os.environ, "NOTIFY_SOCKET": str(place.notify)}, stderr=subprocess.PIPE
        )
        try:
            yield process, told
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=_PATIENCE_S)


def first_decision_s(place: House) -> tuple[float, float]:
    """Tell how long a start takes, and how much of that the process itself was at work."""
    started_s = perf_counter()
    with daemon(place) as (process, told):
        while told.recv(4096) != b"WATCHDOG=1":
            continue
        spent = psutil.Process(process.pid).cpu_times()
        return perf_counter() - started_s, spent.user + spent.system


def running(place: House, seconds: float) -> tuple[float, float]:
    """Let it run; tell its resident memory in MB and its share of one core in %."""
    with daemon(place) as (process, told):
        while told.recv(4096) != b"WATCHDOG=1":
            continue
        seen = psutil.Process(process.pid)
        _hear(told, 10.0)  # the page and its libraries are loaded by then
        before = seen.cpu_times()
        _hear(told, seconds)
        after = seen.cpu_times()
        used_s = after.user + after.system - before.user - before.system
        return seen.memory_info().rss / 1e6, 100.0 * used_s / seconds


def _hear(told: socket.socket, seconds: float) -> None:
    """Take what the daemon tells for so long."""
    ends_s = perf_counter() + seconds
    while perf_counter() < ends_s:
        told.recv(4096)


def imports_s() -> list[tuple[str, float]]:
    """Tell how long each package takes to import before the daemon can be made, slowest first."""
    code = "import controller.cli.run, adapters.chargers.lektrico.charger, adapters.meters.modbus_meter"
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], check=True, capture_output=True, text=True
    ).stderr
    spent: Counter[str] = Counter()
    for micros, module in _IMPORT.findall(told):
        spent[module.split(".")[0]] += int(micros)
    return [(package, micros / 1e6) for package, micros in spent.most_common()]


async def measure(seconds: float) -> list[Figure]:
    """Measure a house."""
    async with house() as place:
        await asyncio.to_thread(first_decision_s, place)  # makes the database, warms the disk's cache
        starts = [await asyncio.to_thread(first_decision_s, place) for _ in range(STARTS)]
        memory_mb, cpu_pct = await asyncio.to_thread(running, place, seconds)
    start_s, work_s = (median(each) for each in zip(*starts, strict=True))
    return [
        Figure(area=_AREA, says="start to first decision", value=start_s, unit="s", at_most=MOST_START_S),
        Figure(area=_AREA, says="of it the process at work", value=work_s, unit="s"),
        Figure(area=_AREA, says="resident memory", value=memory_mb, unit="MB", at_most=MOST_MEMORY_MB),
        Figure(
            area=_AREA, says="share of one core at a 1 s tick", value=cpu_pct, unit="%", at_most=MOST_CPU_PCT
        ),
    ]


def growth_mb(hours: float) -> float:
    """Tell what the database grows by in a day."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(record(Path(folder) / "journal.db", hours))
        return sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6 / hours * 24


def figures(seconds: float = SECONDS) -> list[Figure]:
    """Measure."""
    found = asyncio.run(measure(seconds))
    imports = imports_s()
    total_s = sum(spent_s for _, spent_s in imports)
    found.append(Figure(area=_AREA, says="of it importing (traced)", value=total_s, unit="s"))
    found += [
        Figure(area=_AREA, says=f"  importing {name}", value=spent, unit="s") for name, spent in imports[:6]
    ]
    found.append(Figure(area=_AREA, says="database growth a day", value=growth_mb(JOURNAL_HOURS), unit="MB"))
    return found


def main() -> None:
    """Print the figures."""
    console = Console()
    for figure in figures(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS):
        console.print(f"{figure.says}: {figure.shown} {figure.wanted} {figure.verdict}")


if __name__ == "__main__":
    main()

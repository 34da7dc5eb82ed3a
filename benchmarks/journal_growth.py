"""What the journal of a house grows by in a day: `python -m benchmarks.journal_growth [HOURS]`.

One grid meter, panels and two chargers at a tick a second, through the real `decide()` and the real SQLite
file: a car that follows the sun by day under passing clouds, another that charges in the evening, appliances
that switch on and off. Prints the bytes of each table for a day.
"""

import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import pi, sin
from pathlib import Path

from adapters.store.journal import SqlJournal
from controller.domain.decision import decide
from controller.domain.readings import (
    Answer,
    ChargerState,
    Draw,
    MeterReading,
    MeterRole,
    Outcome,
    Plug,
    PriceSlot,
)
from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.snapshot import Memory, MeterPlace, Snapshot
from controller.domain.units import ChargerId, CircuitId, MeterId, Phases
from controller.domain.writes import Decision
from controller.policy_files.reading import load
from tests.fakes.clock import FakeClock

MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)
MAIN, GRID, SUN = CircuitId("main"), MeterId("grid"), MeterId("sun")
SITE = Site(
    circuits=(Circuit(id=MAIN, limit_a=(25.0, 25.0, 25.0), meter=GRID),),
    chargers=(
        ChargerSpec(id=ChargerId("carport"), circuit=MAIN, mode="min_solar"),
        ChargerSpec(id=ChargerId("garage"), circuit=MAIN, mode="fast", phases=(2, 3, 1)),
    ),
)
PLACES = (
    MeterPlace(id=GRID, role=MeterRole.CIRCUIT, circuit=MAIN),
    MeterPlace(id=SUN, role=MeterRole.SOLAR, circuit=MAIN),
)
PRICES = tuple(
    PriceSlot(
        starts=MIDNIGHT + timedelta(minutes=15 * index),
        ends=MIDNIGHT + timedelta(minutes=15 * (index + 1)),
        import_per_kwh=round(0.25 + 0.1 * sin(index / 96 * 4 * pi), 4),
    )
    for index in range(96)
)
VOLTAGE_V = 230.0


@dataclass
class Car:
    """A car on one charger: there from hour to hour, follows its limit after some seconds."""

    id: ChargerId
    arrives_h: float
    leaves_h: float
    limit_a: float = 16.0
    drawn_a: float = 0.0
    session_wh: float = 0.0
    coming: deque[float] = field(default_factory=lambda: deque([0.0] * 5, maxlen=5))
    draws: deque[Draw] = field(default_factory=lambda: deque(maxlen=10))

    def step(self, at_s: float, dice: random.Random) -> None:
        """Live for a second."""
        here = self.arrives_h <= at_s / 3600 < self.leaves_h
        self.session_wh = self.session_wh + self.drawn_a * VOLTAGE_V * 3 / 3600 if here else 0.0
        self.drawn_a = self.coming[0] if here else 0.0
        self.coming.append(max(0.0, self.limit_a - 0.3) if here and self.limit_a >= 6.0 else 0.0)
        noise_a = dice.uniform(-0.05, 0.05) if self.drawn_a else 0.0
        line_a = round(self.drawn_a + noise_a, 2)
        self.draws.append(Draw(at_mono_s=at_s, currents_a=(line_a, line_a, line_a)))

    def state(self, at_s: float) -> ChargerState:
        """Tell the charger's word."""
        here = self.arrives_h <= at_s / 3600 < self.leaves_h
        plug = Plug.A if not here else Plug.C if self.limit_a >= 6.0 else Plug.B
        return ChargerState(
            id=self.id,
            at_mono_s=at_s,
            plug=plug,
            limit_a=self.limit_a,
            draws=tuple(self.draws),
            session_wh=round(self.session_wh),
            power_w=round(sum(self.draws[-1].currents_a) * VOLTAGE_V),
        )


@dataclass
class House:
    """Appliances, sun and cars, second by second."""

    dice: random.Random
    cars: tuple[Car, ...]
    running: dict[int, tuple[float, float]] = field(default_factory=dict)
    cloud: float = 1.0

    def step(self, at_s: float) -> tuple[Phases, float]:
        """Live for a second; tell the household's currents and the sun's power."""
        for phase in (0, 1, 2):
            if self.running.get(phase, (0.0, 0.0))[0] <= at_s and self.dice.random() < 1 / 600:
                self.running[phase] = (at_s + self.dice.expovariate(1 / 400), self.dice.uniform(1.0, 9.0))
        if self.dice.random() < 1 / 120:
            self.cloud = self.dice.uniform(0.25, 1.0)
        for car in self.cars:
            car.step(at_s, self.dice)
        sun_w = max(0.0, sin((at_s / 3600 - 6) / 12 * pi)) * 9000.0 * self.cloud
        return self._household_a(at_s), round(sun_w + self.dice.uniform(-5, 5), 1)

    def _household_a(self, at_s: float) -> Phases:
        def line_a(phase: int) -> float:
            ends_s, current_a = self.running.get(phase, (0.0, 0.0))
            return round(0.8 + (current_a if at_s < ends_s else 0.0) + self.dice.uniform(-0.05, 0.05), 3)

        return line_a(0), line_a(1), line_a(2)


def ticks(hours: float) -> Iterator[tuple[Snapshot, Decision]]:
    """Run the house through the real core."""
    cars = (Car(ChargerId("carport"), 7.5, 17.0), Car(ChargerId("garage"), 18.0, 23.0))
    house, policies, memory = House(random.Random(7), cars), load(None), Memory()
    answers: tuple[Answer, ...] = ()
    for second in range(int(hours * 3600)):
        snapshot = look(house, float(second), memory, answers)
        decision = decide(snapshot, policies)
        memory = decision.memory
        answers = tuple(
            Answer(write=write.number, outcome=Outcome.DELIVERED, at_mono_s=second + 0.2)
            for write in decision.writes
        )
        limits_a = {write.charger: write.limit_a for write in decision.writes}
        for car in cars:
            car.limit_a = limits_a.get(car.id, car.limit_a)
        yield snapshot, decision


def look(house: House, at_s: float, memory: Memory, answers: tuple[Answer, ...]) -> Snapshot:
    """Read every device."""
    household_a, sun_w = house.step(at_s)
    cars_a = sum(car.draws[-1].currents_a[0] for car in house.cars)
    line_a = [round(current_a + cars_a - sun_w / 690.0, 3) for current_a in household_a]
    grid = MeterReading(
        id=GRID,
        at_mono_s=at_s,
        currents_a=(line_a[0], line_a[1], line_a[2]),
        power_w=round(sum(line_a) * VOLTAGE_V, 1),
        voltages_v=(
            round(house.dice.gauss(231, 0.5), 1),
            round(house.dice.gauss(232, 0.5), 1),
            round(house.dice.gauss(230, 0.5), 1),
        ),
        import_wh=round(1e6 + at_s),
        export_wh=round(2e6 + at_s / 2),
    )
    return Snapshot(
        at=MIDNIGHT + timedelta(seconds=at_s),
        mono_s=at_s + 0.1,
        site=SITE,
        places=PLACES,
        meters={GRID: grid, SUN: MeterReading(id=SUN, at_mono_s=at_s, power_w=sun_w)},
        chargers={car.id: car.state(at_s) for car in house.cars},
        prices=tuple(slot for slot in PRICES if slot.ends > MIDNIGHT + timedelta(seconds=at_s)),
        answers=answers,
        memory=memory,
    )


async def record(file: Path, hours: float) -> float:
    """Record so many hours; tell the seconds that `record_tick` took of the loop's own time."""
    clock = FakeClock(MIDNIGHT, 0.0)
    journal = SqlJournal(str(file), clock)
    await journal.open()
    spent_s = 0.0
    for second, (snapshot, decision) in enumerate(ticks(hours)):
        began_s = time.perf_counter()
        journal.record_tick(snapshot, decision)
        spent_s += time.perf_counter() - began_s
        if second % 10 == 0:
            await clock.advance(10.0)
            await journal.beat()
    await journal.close()
    return spent_s


def table_bytes(file: Path) -> dict[str, tuple[int, int]]:
    """Tell rows and bytes of each table, its indexes included."""
    with closing(sqlite3.connect(file)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: (
                connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0],  # noqa: S608 - its own tables
                _bytes(connection, name),
            )
            for name in names
        }


def _bytes(connection: sqlite3.Connection, table: str) -> int:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    lengths = " + ".join(f"coalesce(length(CAST({column} AS BLOB)), 0)" for column in columns)
    return int(connection.execute(f"SELECT coalesce(sum({lengths}), 0) FROM {table}").fetchone()[0])  # noqa: S608 - as above


def main() -> None:
    """Print what a day takes."""
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 24.0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "phasewise.db"
        spent_s = asyncio.run(record(file, hours))
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        for name, (rows, length) in sorted(table_bytes(file).items()):
            print(f"{name:16} {rows:8} rows {length / 1e6:8.3f} MB of values")
        a_day = size / 1e6 / hours * 24
        print(f"file             {size / 1e6:8.2f} MB after {hours:g} h, {a_day:.2f} MB a day")
        print(f"record_tick      {spent_s / (hours * 3600) * 1e6:8.1f} us a tick")


if __name__ == "__main__":
    main()

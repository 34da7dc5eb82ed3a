"""A recorded demo: the real daemon over a simulated house, its journal left behind for others to ask."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from controller.cli.demo import play
from controller.system_clock import SystemClock
from simulator.clock import ScaledClock
from simulator.demo.referee import Referee
from simulator.house.demo import NOON

SPEED, LASTS_S = 8.0, 56.0


@dataclass(frozen=True)
class Record:
    """What a played demo left behind."""

    config: Path
    referee: Referee


def record(folder: Path) -> Record:
    """Play until some seconds after the oven."""
    clock = ScaledClock(SystemClock(), speed=SPEED, starts=NOON)
    referee = asyncio.run(play(folder, clock, LASTS_S, seed=1, headless=True))
    return Record(config=folder / "config.toml", referee=referee)

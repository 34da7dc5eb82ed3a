"""`phasewise demo`: a simulated house, its twins and the real daemon in one process."""

import asyncio
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Protocol

import typer

from controller.app.daemon import Daemon
from controller.app.parts import Parts
from controller.cli.group import command_group
from controller.cli.logs import quiet
from controller.cli.output import console
from controller.domain.snapshot import Snapshot
from controller.domain.writes import Decision
from controller.settings import load
from controller.system_clock import SystemClock
from simulator.clock import ScaledClock
from simulator.demo.config import demo_config
from simulator.demo.headless import News, summary
from simulator.demo.picture import Picture
from simulator.demo.referee import LONGEST_S, MOST_OF_FUSE, Referee
from simulator.house.demo import NOON, demo_house
from simulator.house.house import House
from simulator.stage import Stage

app = command_group()

_SPEEDS = (0.2, 20.0)
# A referee looks as often as this in the house's own time, and at least so often in ours.
_STEP_S = 0.1
_DRAW_S = 0.25


@app.command(epilog="Example: phasewise demo --minutes 3 --speed 2")
def demo(
    minutes: Annotated[
        float, typer.Option(min=0.1, max=1440, help="How long, in minutes of the house.")
    ] = 5.0,
    speed: Annotated[
        float, typer.Option(min=_SPEEDS[0], max=_SPEEDS[1], help="How fast its time runs.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Which household.")] = 1,
    *,
    headless: Annotated[bool, typer.Option("--headless", help="Plain lines instead of a picture.")] = False,
) -> None:
    """Show a simulated house being balanced: two cars, an oven, a cloud and a kettle behind 25 A.

    The house stands behind twins on real sockets (Modbus TCP, HTTP); the daemon is the real one. Exits with 1
    if a phase stays above its limit for more than 10 s after the sample that shows it, or if the model of the
    fuse comes beyond 20 %.
    """
    clock = ScaledClock(SystemClock(), speed=speed, starts=NOON)
    with tempfile.TemporaryDirectory(prefix="phasewise-demo-") as folder:
        referee = asyncio.run(play(Path(folder), clock, minutes * 60.0, seed, headless=headless))
    for line in summary(referee):
        typer.echo(line)
    if not referee.passed:
        typer.echo(f"not well: expected at most {LONGEST_S:g} s and {MOST_OF_FUSE:.0%}")
        raise typer.Exit(1)


async def play(folder: Path, clock: ScaledClock, lasts_s: float, seed: int, *, headless: bool) -> Referee:
    """Play the demo; its configuration and its journal stay in the folder."""
    path = folder / "config.toml"
    path.write_text(demo_config(str(folder / "journal.sqlite")), encoding="utf-8")
    settings = load(path, os.environ)
    house = demo_house(seed, site=settings.site)
    referee = Referee(house)
    address = f"http://127.0.0.1:{settings.dashboard.port}/"
    screen: Screen = Lines() if headless else Picture(house, referee, address, console(), speed=clock.speed)
    daemon = Daemon(path, clock, os.environ)
    _listen(daemon, house, referee, screen)
    with screen, _logging_to(screen, house):
        async with Stage(settings, house, clock, watchers=[referee]) as stage:
            await _run(daemon, stage, clock, lasts_s, screen)
    return referee


class Screen(AbstractContextManager["Screen"], Protocol):
    """Where the demo is shown, while it is entered."""

    def tell(self, at: datetime, text: str) -> None:
        """Show that something happened."""

    def hear(self, snapshot: Snapshot, decision: Decision) -> None:
        """Take in a tick."""

    def refresh(self) -> None:
        """Show the present state."""


class Lines(AbstractContextManager["Lines"]):
    """Plain lines on standard output."""

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""

    def tell(self, at: datetime, text: str) -> None:
        """Print a line."""
        typer.echo(f"{at:%H:%M:%S} {text}")

    def hear(self, snapshot: Snapshot, decision: Decision) -> None:
        """Show nothing: what changed is told as an event."""

    def refresh(self) -> None:
        """Show nothing: lines stay as they are."""


def _listen(daemon: Daemon, house: House, referee: Referee, screen: Screen) -> None:
    """Let the referee and the screen hear every tick."""
    news = News(house, screen.tell)

    def hear(parts: Parts) -> None:
        parts.loop.listeners += [referee.hear, news.hear, screen.hear]

    daemon.on_parts.append(hear)


@contextmanager
def _logging_to(screen: Screen, house: House) -> Iterator[None]:
    """Show among the events what is logged as trouble."""
    told = _Told(house, screen)
    quiet()
    # A twin that moves on between two questions looks like a meter with crossed wires; and the calendar's
    # library does not know that this house has a time of its own.
    noises = [logging.getLogger(name) for name in ("adapters.meters", "apscheduler")]
    levels = [noise.level for noise in noises]
    for noise in noises:
        noise.setLevel(logging.ERROR)
    logging.root.addHandler(told)
    try:
        yield
    finally:
        logging.root.removeHandler(told)
        for noise, level in zip(noises, levels, strict=True):
            noise.setLevel(level)


class _Told(logging.Handler):
    """Shows what the daemon logs among the events."""

    def __init__(self, house: House, screen: Screen) -> None:
        super().__init__(logging.WARNING)
        self._house, self._screen = house, screen

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        self._screen.tell(self._house.now, record.getMessage())


async def _run(daemon: Daemon, stage: Stage, clock: ScaledClock, lasts_s: float, screen: Screen) -> None:
    """Let everything live until the time is over or a signal ends the daemon."""

    async def ending() -> None:
        await clock.sleep(lasts_s)
        daemon.stop()

    async def drawing() -> None:
        while True:
            screen.refresh()
            await SystemClock().sleep(_DRAW_S)

    async with asyncio.TaskGroup() as tasks:
        beside = [
            tasks.create_task(stage.run(_STEP_S)),
            tasks.create_task(ending()),
            tasks.create_task(drawing()),
        ]
        try:
            await daemon.run()
        finally:
            for task in beside:
                task.cancel()

"""Picture: the demo live on a terminal, readable at 80 columns and at ease from 110 on."""

from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.domain.writes import Decision
from simulator.demo.cars import cars_panel
from simulator.demo.phases import History, fuse_panel
from simulator.demo.referee import Referee
from simulator.house.house import House

# From here on what flows and who charges stand side by side.
WIDE = 110
# What a line about a car needs.
_CARS = 64

_EVENTS = 40


class Picture(AbstractContextManager["Picture"]):
    """Draws house, referee and the latest tick while it is entered."""

    def __init__(
        self, house: House, referee: Referee, address: str, console: Console, *, speed: float = 1.0
    ) -> None:
        self._house, self._referee, self._address, self._speed = house, referee, address, speed
        self._console = console
        self._live = Live(console=console, screen=True, auto_refresh=False)
        self._history = History(house)
        self._events: deque[tuple[datetime, str]] = deque(maxlen=_EVENTS)
        self._tick: tuple[Snapshot, Decision] | None = None

    def __enter__(self) -> Self:
        """Take over the terminal."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the terminal back."""
        self._live.stop()

    def tell(self, at: datetime, text: str) -> None:
        """Add an event."""
        self._events.append((at, text))

    def hear(self, snapshot: Snapshot, decision: Decision) -> None:
        """Take in a tick."""
        self._tick = (snapshot, decision)

    def refresh(self) -> None:
        """Draw."""
        self._history.look()
        self._live.update(self.drawn(), refresh=True)

    def drawn(self) -> RenderableType:
        """Draw everything as it is now."""
        width, height = self._console.size
        if width < WIDE:
            return Group(*self._stacked(width, height))
        return Group(self._title(), *self._side_by_side(width, height))

    def _stacked(self, width: int, height: int) -> Iterator[RenderableType]:
        title, fuse = self._title(), fuse_panel(self._house, self._referee, self._history, width)
        cars = cars_panel(self._house, self._decision)
        yield from (title, fuse, cars)
        used = sum(len(self._console.render_lines(part)) for part in (title, fuse, cars))
        yield self._events_panel(height - used - 1)

    def _side_by_side(self, width: int, height: int) -> Iterator[RenderableType]:
        left = min(width // 2, width - _CARS)
        columns = Table.grid(expand=True)
        columns.add_column(width=left)
        columns.add_column(width=width - left)
        fuse = fuse_panel(self._house, self._referee, self._history, left)
        columns.add_row(fuse, cars_panel(self._house, self._decision))
        yield columns
        yield self._events_panel(height - len(self._console.render_lines(columns)) - 2)

    @property
    def _decision(self) -> Decision | None:
        return None if self._tick is None else self._tick[1]

    def _title(self) -> Text:
        title = Text(" Phasewise", style="bold")
        title.append(f"  {self._house.now:%H:%M:%S}", style="not bold")
        if self._speed != 1.0:
            title.append(f"  {self._speed:g}x", style="not bold dim")
        if (price := self._price()) is not None:
            title.append(f"  {price:.2f} EUR/kWh", style="not bold")
        title.append(f"  {self._address}", style="not bold dim")
        title.append("  Ctrl-C ends", style="not bold dim")
        title.no_wrap, title.overflow = True, "ellipsis"
        return title

    def _price(self) -> float | None:
        if self._tick is None:
            return None
        snapshot = self._tick[0]
        slots = (slot for slot in snapshot.prices if slot.starts <= snapshot.at < slot.ends)
        return next((slot.import_per_kwh for slot in slots), None)

    def _events_panel(self, height: int) -> RenderableType:
        lines = max(1, height - 2)
        table = Table.grid(padding=(0, 1))
        table.add_column(style="dim", no_wrap=True, min_width=8)
        table.add_column(no_wrap=True, overflow="ellipsis")
        for at, text in list(self._events)[-lines:]:
            table.add_row(f"{at:%H:%M:%S}", _styled(text, self._house))
        return Panel(
            table, title="What happens", title_align="left", border_style="bright_black", height=lines + 2
        )


def _styled(text: str, house: House) -> Text:
    """Set what the controller does apart from what the house does."""
    ours = any(text.startswith(f"{ChargerId(name)} ") for name in house.bays)
    return Text(text, style="cyan" if ours else "default", no_wrap=True, overflow="ellipsis")

"""Phases against their fuse: bars of what flows, a short history, and the model of the fuse."""

from collections import deque
from itertools import cycle

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from simulator.demo.headless import times
from simulator.demo.referee import Referee
from simulator.house.house import House

# A bar ends at this multiple of the fuse.
_FULL_SCALE = 1.28
_LABEL = 14
_BORDER = 4

HOUSE_STYLE = "yellow"
CAR_STYLES = ("cyan", "magenta", "blue", "green")

_BLOCKS = " ▁▂▃▄▅▆▇█"
# One column of the history; long enough for a minute and a half on a narrow terminal.
_COLUMN_S = 2.0
_COLUMNS = 120


class History:
    """The largest current of each phase in each of the last spans."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.columns: dict[int, deque[float]] = {phase: deque(maxlen=_COLUMNS) for phase in house.site.phases}
        self._next_s = house.at_s

    def look(self) -> None:
        """Take in what flows now."""
        fresh = self._house.at_s >= self._next_s
        if fresh:
            self._next_s = self._house.at_s + _COLUMN_S
        for phase, column in self.columns.items():
            current_a = self._house.root.currents_a[phase - 1]
            if fresh:
                column.append(current_a)
            elif column:
                column[-1] = max(column[-1], current_a)


def fuse_panel(house: House, referee: Referee, history: History, width: int) -> RenderableType:
    """Draw each phase against the fuse."""
    room = width - _LABEL - _BORDER
    table = Table.grid(padding=(0, 1))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for phase in house.site.phases:
        current_a, limit_a = house.root.currents_a[phase - 1], referee.limit_a[phase - 1]
        shown = Text(f"{current_a:5.1f} A", style="bold red" if current_a > limit_a else "default")
        table.add_row(f"L{phase}", _bar(house, phase, limit_a, room), shown)
        table.add_row("", _sparks(history.columns[phase], limit_a, room), "")
    return Panel(
        Group(table, _legend(house), _fuse(referee)),
        title=f"Main fuse {max(referee.limit_a):g} A",
        title_align="left",
        border_style="red" if referee.protection.tripped else "bright_black",
    )


def _bar(house: House, phase: int, limit_a: float, room: int) -> Text:
    """Draw what flows as household, then each car; the sun takes away from the front."""
    per_cell_a = limit_a * _FULL_SCALE / room
    mark = round(limit_a / per_cell_a)
    cells: list[tuple[str, str]] = []
    for style, current_a in _parts(house, phase):
        cells += [("█", style)] * round(current_a / per_cell_a)
    cells = (cells + [("─", "bright_black")] * room)[:room]
    over = house.root.currents_a[phase - 1] > limit_a
    cells[min(mark, room - 1)] = ("┃", "bold red" if over else "bold white")
    bar = Text()
    for glyph, style in cells:
        bar.append(glyph, style=style)
    return bar


def _parts(house: House, phase: int) -> list[tuple[str, float]]:
    cars = [
        (style, bay.flow.currents_a[phase - 1])
        for style, bay in zip(cycle(CAR_STYLES), house.bays.values(), strict=False)
    ]
    rest_a = house.root.currents_a[phase - 1] - sum(current_a for _, current_a in cars)
    parts = [(HOUSE_STYLE, max(0.0, rest_a))]
    covered_a = max(0.0, -rest_a)
    for style, current_a in cars:
        shown_a = max(0.0, current_a - covered_a)
        covered_a = max(0.0, covered_a - current_a)
        parts.append((style, shown_a))
    return parts


def _sparks(column: deque[float], limit_a: float, room: int) -> Text:
    """Draw the last minutes, one glyph a span; red where a phase was above its limit."""
    sparks = Text()
    for current_a in list(column)[-room:]:
        level = round(max(0.0, current_a) / (limit_a * _FULL_SCALE) * (len(_BLOCKS) - 1))
        style = "red" if current_a > limit_a else "bright_black"
        sparks.append(_BLOCKS[min(level, len(_BLOCKS) - 1)], style=style)
    return sparks


def _legend(house: House) -> Text:
    legend = Text("   ").append("█", style=HOUSE_STYLE).append(" house ", style="dim")
    for style, name in zip(cycle(CAR_STYLES), house.bays, strict=False):
        legend.append("█", style=style).append(f" {name} ", style="dim")
    solar_w = house.solar_flow.power_w
    return legend.append(
        f" sun {solar_w / 1000:.1f} kW  grid {house.root.power_w / 1000:.1f} kW", style="dim"
    )


def _fuse(referee: Referee) -> RenderableType:
    worst, now = referee.protection.worst, max(referee.state.values())
    score = referee.score
    text = Text(f"fuse {now:.1%} melted, at most {worst:.1%}", style="dim")
    if score.spells:
        text.append(f"; {times(score.spells)} above the limit, up to {score.worst_s:.1f} s", style="dim")
    return Padding(text, (0, 0, 0, 3))

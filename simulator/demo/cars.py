"""Cars: who charges with what, and why."""

from itertools import cycle

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from controller.domain.sentences import sentence
from controller.domain.writes import ChargerVerdict, Decision
from simulator.demo.phases import CAR_STYLES
from simulator.house.house import Bay, House


def cars_panel(house: House, decision: Decision | None) -> RenderableType:
    """Draw every bay: the car, what it was told, what it draws, and the sentence that says why."""
    parts: list[RenderableType] = []
    for style, (name, bay) in zip(cycle(CAR_STYLES), house.bays.items(), strict=False):
        verdict = None if decision is None else decision.chargers.get(name)
        parts += [_headline(name, style, bay, verdict), _why(verdict)]
    return Panel(Group(*parts), title="Chargers", title_align="left", border_style="bright_black")


def _headline(name: str, style: str, bay: Bay, verdict: ChargerVerdict | None) -> Text:
    line = Text("█ ", style=style).append(f"{name:<7}", style="bold default")
    if bay.car is None:
        return line.append("free", style="dim default")
    told = "-" if verdict is None else f"{verdict.limit_a:g} A"
    phases = "1 phase" if bay.car.lines == 1 else f"{bay.car.lines} phases"
    line.append(f"{bay.car.model.name} {bay.car.soc_pct:.0f} %, {phases}", style="default")
    line.append(f"  told {told}, draws {max(bay.device_a):.1f} A", style="bold default")
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _why(verdict: ChargerVerdict | None) -> RenderableType:
    said = "waits for the first tick" if verdict is None else sentence(verdict)
    return Padding(Text(said, style="dim"), (0, 0, 0, 2))

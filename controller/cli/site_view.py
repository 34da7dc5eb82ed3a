"""The site as people read it on a terminal, from the document that the API tells."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from controller.cli.asking import Document
from controller.cli.output import amps, plain_table
from controller.notices import alarms, notes

_BAR = 20
_NEARLY = 0.9


def site_view(document: Document) -> RenderableType:
    """Draw the whole site."""
    return Group(*_lines(document))


def _lines(document: Document) -> Iterator[RenderableType]:
    yield _title(document)
    if document.get("source") == "journal":
        yield Text("the daemon is not running; this is what its journal recorded last", style="yellow")
    yield from (Text(alarm, style="bold red") for alarm in alarms(document))
    yield ""
    yield circuits_table(document["circuits"])
    yield ""
    yield chargers_table(document["chargers"])
    hints = [Text(note, style="yellow") for note in notes(document)]
    if hints:
        yield ""
        yield from hints
    usages = document.get("usage", {})
    if usages:
        yield ""
        yield from (Text(f"{name}: {usage['says']}") for name, usage in usages.items())


def _title(document: Document) -> Text:
    title = Text(document["site"], style="bold")
    at = datetime.fromisoformat(document["at"]).astimezone()
    title.append(f"  {at:%Y-%m-%d %H:%M:%S}", style="default")
    for name, power_w in document["power_w"].items():
        if power_w is not None:
            title.append(f"  {name} {power_w / 1000:.1f} kW", style="default")
    if document["price_per_kwh"] is not None:
        title.append(f"  {document['price_per_kwh']:.3f} per kWh", style="default")
    return title


def circuits_table(circuits: list[dict[str, Any]]) -> Table:
    """Draw what flows through each circuit against what it bears."""
    table = plain_table("circuit", "", "now", "limit", "", "left", right=("now", "limit", "left"))
    for circuit in circuits:
        for index, limit_a in enumerate(circuit["limit_a"]):
            if limit_a:
                name = circuit["id"] if index == 0 else ""
                measured_a = circuit["measured_a"][index]
                table.add_row(
                    name,
                    f"L{index + 1}",
                    amps(measured_a),
                    amps(limit_a),
                    bar(measured_a, limit_a, _BAR),
                    amps(circuit["headroom_a"][index]),
                )
    return table


def chargers_table(chargers: list[dict[str, Any]]) -> Table:
    """Draw what each charger gets, and why."""
    table = plain_table("charger", "mode", "told", "draws", "why", right=("told", "draws"))
    for charger in chargers:
        drawn_a = charger["drawn_a"]
        table.add_row(
            charger["id"],
            charger["mode"],
            amps(charger["limit_a"]),
            amps(None if drawn_a is None else max(drawn_a)),
            charger["sentence"],
        )
    return table


def bar(value: float | None, limit: float, width: int) -> Text:
    """Draw a value against its limit; green, yellow near it, red above."""
    if value is None:
        return Text("?" * width, style="dim")
    share = max(0.0, value) / limit
    filled = min(width, round(share * width))
    style = "red" if share > 1.0 else "yellow" if share > _NEARLY else "green"
    return Text("━" * filled, style=style).append("─" * (width - filled), style="bright_black")

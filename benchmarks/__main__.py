"""All benchmarks, one table: `python -m benchmarks [PART ...] [--json FILE]`.

The parts are `allocation`, `decide`, `sense_to_act`, `daemon` and `easee`; without a name all of them run, in
about six minutes. `easee` needs a RabbitMQ on the machine and is left out without one. The exit status is 0
whatever the figures say: they depend on the machine.
"""

import argparse
import json
import logging
import os
import platform
import shutil
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure

PARTS = ("allocation", "decide", "sense_to_act", "daemon", "easee")
NEEDS = {"easee": "rabbitmq-server"}
"""Servers that a part starts for itself."""
FOLDERS = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


def main() -> None:
    """Measure, print, and write if asked."""
    chosen = _arguments()
    # The twins say every request that a daemon leaves behind when it is stopped.
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    console = Console(width=100)
    found: list[Figure] = []
    for part in chosen.parts or PARTS:
        needed = NEEDS.get(part)
        if needed is not None and shutil.which(needed, path=FOLDERS) is None:
            console.print(f"{part}: left out, for {needed} is not installed")
            continue
        with console.status(f"measuring {part} ..."):
            found += import_module(f"benchmarks.{part}").figures()
    console.print(_table(found))
    missed = sum(figure.reached is False for figure in found)
    console.print(f"{platform.python_implementation()} {platform.python_version()}; targets missed: {missed}")
    if chosen.json is not None:
        chosen.json.write_text(json.dumps([_plain(figure) for figure in found], indent=1), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure what Phasewise promises."
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    chosen = parser.parse_args()
    for part in chosen.parts:
        if part not in PARTS:
            parser.error(f"unknown part {part!r}: expected one of {', '.join(PARTS)}")
    return chosen


def _table(found: list[Figure]) -> Table:
    shown = Table(title="Phasewise, measured")
    for heading in ("", "figure", "measured", "wanted", "verdict"):
        shown.add_column(heading, justify="right" if heading == "measured" else "left")
    area = ""
    for figure in found:
        first = "" if figure.area == area else figure.area
        area = figure.area
        shown.add_row(first, figure.says, figure.shown, figure.wanted, figure.verdict, end_section=False)
    return shown


def _plain(figure: Figure) -> dict[str, object]:
    return {**asdict(figure), "verdict": figure.verdict}


if __name__ == "__main__":
    main()

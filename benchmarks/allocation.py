"""How long sharing takes, beside linear programs on the same instance: `python -m benchmarks.allocation`.

Medians of several runs in one process. `filling` is the sharing alone, continuous and with all minima
fitting: exactly what the sequence of linear programs computes. `allocate` is everything: rows, admission,
filling, whole steps, reasons.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from benchmarks.instances import problem
from benchmarks.linear import Program, max_min, most_in_sum, program
from controller.domain.allocation import allocate
from controller.domain.allocation.admission import admit
from controller.domain.allocation.filling import fill
from controller.domain.allocation.preparing import prepare
from controller.domain.shares import Problem

SIZES = (1, 50, 1000, 10_000)
LARGEST_SEQUENCE = 1000
TOLERANCE_A = 1e-6
WAITED_LIMIT_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of one size."""

    chargers: int
    rows_binding_pct: float
    allocate_ms: float
    filling_ms: float
    one_program_ms: float
    sequence: "Sequence | None"


class Sequence(NamedTuple):
    """The figures of the sequence of linear programs."""

    ms: float
    programs: int
    differs_a: float


def main() -> None:
    """Measure every size and print the table."""
    rows = [measure(chargers) for chargers in SIZES]
    table = Table(title="Sharing on a tree of depth 4, 8 chargers a leaf (medians, ms)")
    for heading in (
        "chargers",
        "rows binding",
        "allocate",
        "filling",
        "one linprog",
        "linprog sequence",
        "sequence / filling",
        "differs by",
    ):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*_cells(row))
    console = Console(width=120)
    console.print(table)
    by_size = {row.chargers: row for row in rows}
    growth = by_size[10_000].allocate_ms / by_size[1000].allocate_ms
    console.print(f"10,000 chargers take {growth:.1f} times as long as 1,000 (at most 25 wanted).")


def measure(chargers: int) -> Row:
    """Measure one size."""
    continuous, stepped = problem(chargers, step_a=0.0), problem(chargers)
    linear = program(continuous)
    runs = 31 if chargers <= LARGEST_SEQUENCE else 7
    return Row(
        chargers=chargers,
        rows_binding_pct=_rows_binding_pct(continuous),
        allocate_ms=_median_ms(lambda: allocate(stepped), runs),
        filling_ms=median(_filling_ms(continuous) for _ in range(runs)),
        one_program_ms=_median_ms(lambda: most_in_sum(linear), 5),
        sequence=_sequence(continuous, linear) if chargers <= LARGEST_SEQUENCE else None,
    )


def figures() -> list[Figure]:
    """Measure every size and tell what is wanted of it."""
    by_size = {chargers: measure(chargers) for chargers in SIZES}
    one, ten = by_size[LARGEST_SEQUENCE], by_size[SIZES[-1]]
    area = "allocation"
    found = [
        Figure(area=area, says=f"{chargers:,} chargers, everything", value=row.allocate_ms, unit="ms")
        for chargers, row in by_size.items()
    ]
    if one.sequence is not None:
        ratio = one.sequence.ms / one.filling_ms
        says = f"linprog sequence by filling at {LARGEST_SEQUENCE:,}"
        found += [
            Figure(area=area, says=says, value=ratio, unit="times", at_least=40),
            Figure(
                area=area, says="they differ by", value=one.sequence.differs_a, unit="A", at_most=TOLERANCE_A
            ),
        ]
    growth = ten.allocate_ms / one.allocate_ms
    says = f"{SIZES[-1]:,} by {LARGEST_SEQUENCE:,} chargers"
    return [*found, Figure(area=area, says=says, value=growth, unit="times", at_most=25)]


def _cells(row: Row) -> list[str]:
    cells = [
        f"{row.chargers:,}",
        f"{row.rows_binding_pct:.0f} %",
        f"{row.allocate_ms:.2f}",
        f"{row.filling_ms:.2f}",
        f"{row.one_program_ms:.1f}",
    ]
    if row.sequence is None:
        return [*cells, "-", "-", "-"]
    ratio = row.sequence.ms / row.filling_ms
    return [
        *cells,
        f"{row.sequence.ms:.0f} ({row.sequence.programs})",
        f"{ratio:.0f}",
        f"{row.sequence.differs_a:.0e} A",
    ]


def _rows_binding_pct(continuous: Problem) -> float:
    headroom_a = allocate(continuous).headroom_a.values()
    left = [phase_a for phases in headroom_a for phase_a in phases]
    return 100.0 * sum(phase_a < TOLERANCE_A for phase_a in left) / len(left)


def _filling_ms(continuous: Problem) -> float:
    rows = prepare(continuous)
    (contenders,) = admit(rows, WAITED_LIMIT_S)
    started = perf_counter()
    fill(rows, contenders)
    return (perf_counter() - started) * 1000.0


def _sequence(continuous: Problem, linear: Program) -> Sequence:
    started = perf_counter()
    current_a, programs = max_min(linear)
    ms = (perf_counter() - started) * 1000.0
    ours = np.array([share.current_a for share in allocate(continuous).shares])
    return Sequence(ms, programs, float(np.abs(ours - current_a).max()))


def _median_ms(call: Callable[[], object], runs: int) -> float:
    call()
    return median(_once_ms(call) for _ in range(runs))


def _once_ms(call: Callable[[], object]) -> float:
    started = perf_counter()
    call()
    return (perf_counter() - started) * 1000.0


if __name__ == "__main__":
    main()

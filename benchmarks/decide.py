"""How long a whole tick takes, beside one linear program on the same instance: `python -m benchmarks.decide`.

The sites of `benchmarks.instances`: every circuit with its own meter, every charger with a car and five
draws, all read at instants of their own, memory in the steady state of many ticks before. Reasons, plan and
the memory for the next tick are included. The linear program is the largest weighted sum of the same
currents under the same limits: one call of `scipy.optimize.linprog` with sparse rows. All times are this
process's own, so that whatever else runs on the machine counts less.
"""

from dataclasses import dataclass
from statistics import median
from time import process_time

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from benchmarks.instances import problem
from benchmarks.linear import most_in_sum, program
from benchmarks.site_at_work import SiteAtWork, at_work
from controller.collector import settle
from controller.domain.decision import decide
from controller.domain.modes import Policies
from controller.policy_files import load

SIZES = (1, 50, 1000, 10_000)
JUDGED, LARGEST = 1000, 10_000
MOST_PROGRAMS, MOST_GROWTH = 3.0, 25.0

# Limits are given and taken until nothing moves; then windows and sessions fill at the pace of a real tick.
COARSE_TICKS, COARSE_S = 6, 11.0
FINE_TICKS = 12
# The household grows by so much on the tick that is to have its plan full of cuts.
STEP_A = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of one size, in ms."""

    chargers: int
    steady: float
    cutting: float
    """The tick after the household has grown: urgent cuts in the plan."""
    writes: int
    """How many it sends."""
    solar: float | None
    """In mode `solar` without any sun: every policy of it asked, nobody charging."""
    one_program: float


def main() -> None:
    """Measure every size and print the table."""
    rows = [measure(chargers) for chargers in SIZES]
    console = Console(width=120)
    console.print(table(rows))
    for figure in judged(rows):
        console.print(f"{figure.says}: {figure.shown} {figure.wanted} {figure.verdict}")


def table(rows: list[Row]) -> Table:
    """Put the figures of every size beside each other."""
    shown = Table(title="decide() on a tree of depth 4, 8 chargers a leaf (medians, ms of this process)")
    for heading in ("chargers", "fast", "fast, cutting", "writes", "solar", "one linprog"):
        shown.add_column(heading, justify="right")
    for row in rows:
        times = (row.steady, row.cutting, row.solar, row.one_program)
        steady, cutting, solar, one_program = ("-" if ms is None else f"{ms:.2f}" for ms in times)
        shown.add_row(f"{row.chargers:,}", steady, cutting, str(row.writes), solar, one_program)
    return shown


def measure(chargers: int) -> Row:
    """Measure one size."""
    policies, runs = load(None), 21 if chargers <= JUDGED else 7
    site = settled(chargers, "fast", policies)
    linear = program(problem(chargers, step_a=0.0))
    # Turn by turn, so that whatever else the machine does meets both.
    steady, programs = [], []
    for _ in range(runs):
        steady.append(_tick_ms(site, policies)[0])
        started_s = process_time()
        most_in_sum(linear)
        programs.append(1000.0 * (process_time() - started_s))
    cutting, writes = _cutting_ms(site, policies)
    return Row(
        chargers=chargers,
        steady=median(steady),
        cutting=cutting,
        writes=writes,
        solar=_solar_ms(chargers, policies, runs) if chargers <= JUDGED else None,
        one_program=median(programs),
    )


def _solar_ms(chargers: int, policies: Policies, runs: int) -> float:
    site = settled(chargers, "solar", policies)
    return median(_tick_ms(site, policies)[0] for _ in range(runs))


def settled(chargers: int, mode: str, policies: Policies) -> SiteAtWork:
    """Run a site into its steady state, in a process that keeps its collector quiet as the daemon does."""
    settle()
    site = at_work(problem(chargers), mode)
    for tick in range(COARSE_TICKS + FINE_TICKS):
        site.obey(decide(site.next_snapshot(COARSE_S if tick < COARSE_TICKS else 1.0), policies))
    return site


def _tick_ms(site: SiteAtWork, policies: Policies) -> tuple[float, int]:
    snapshot = site.next_snapshot()
    started_s = process_time()
    decision = decide(snapshot, policies)
    spent_ms = 1000.0 * (process_time() - started_s)
    site.obey(decision)
    return spent_ms, len(decision.writes)


def _cutting_ms(site: SiteAtWork, policies: Policies) -> tuple[float, int]:
    household_a = site.background_a
    site.background_a = (household_a[0] + STEP_A, household_a[1] + STEP_A, household_a[2] + STEP_A)
    return _tick_ms(site, policies)


def judged(rows: list[Row]) -> list[Figure]:
    """Tell what is wanted of the sizes."""
    by_size = {row.chargers: row for row in rows}
    one, ten = by_size[JUDGED], by_size[LARGEST]
    area = "decide()"
    found = [
        Figure(area=area, says=f"{row.chargers:,} chargers in mode fast", value=row.steady, unit="ms")
        for row in rows
    ]
    found += [
        Figure(area=area, says=f"{row.chargers:,} chargers in mode solar", value=row.solar, unit="ms")
        for row in rows
        if row.solar is not None
    ]
    return [
        *found,
        Figure(area=area, says=f"one linprog at {JUDGED:,}", value=one.one_program, unit="ms"),
        Figure(
            area=area,
            says=f"decide() by one linprog at {JUDGED:,}",
            value=one.steady / one.one_program,
            unit="times",
            at_most=MOST_PROGRAMS,
        ),
        Figure(
            area=area,
            says=f"{LARGEST:,} by {JUDGED:,} chargers",
            value=ten.steady / one.steady,
            unit="times",
            at_most=MOST_GROWTH,
        ),
    ]


def figures() -> list[Figure]:
    """Measure."""
    return judged([measure(chargers) for chargers in SIZES])


if __name__ == "__main__":
    main()

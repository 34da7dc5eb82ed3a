"""`phasewise allocate`: the pure allocator on a file."""

from pathlib import Path
from typing import Annotated

import typer

from controller.allocate_file import answer, read_problem
from controller.cli.group import command_group
from controller.cli.options import Json
from controller.cli.output import amps, console, input_text, plain_table, print_json
from controller.domain.allocation import allocate as shared
from controller.domain.sentences import clause
from controller.domain.shares import Allocation

app = command_group()


@app.command(epilog="Example: phasewise allocate site.json --json")
def allocate(
    file: Annotated[Path, typer.Argument(help="Circuits and chargers as JSON; - reads standard input.")],
    *,
    json: Json = False,
) -> None:
    """Share the currents of circuits among chargers: minima first, then weighted max-min fair.

    The file is described by `phasewise schema allocate`.
    """
    problem = read_problem(input_text(file), str(file))
    allocation = shared(problem)
    if json:
        print_json(answer(allocation, problem))
    else:
        _show(allocation)


def _show(allocation: Allocation) -> None:
    table = plain_table("charger", "share", "because", right=("share",))
    for share in allocation.shares:
        table.add_row(share.id, amps(share.current_a), "; ".join(clause(one) for one in share.reasons))
    left = plain_table("circuit", "left on L1", "L2", "L3", right=("left on L1", "L2", "L3"))
    for circuit, headroom_a in allocation.headroom_a.items():
        left.add_row(circuit, *(amps(one) for one in headroom_a))
    console().print(table, "", left)

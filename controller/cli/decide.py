"""`phasewise decide`: one recorded tick again, perhaps under other policies."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from controller.cli.group import command_group
from controller.cli.options import Json, Policies
from controller.cli.output import amps, console, input_text, plain_table
from controller.codec import decision_json, snapshot_from_json
from controller.domain.decision import decide as decided
from controller.domain.sentences import sentence
from controller.domain.writes import Decision
from controller.errors import SettingsError
from controller.policy_files import load as load_policies

app = command_group()


@app.command(
    epilog="Example: phasewise export snapshots --format jsonl --from -1h | head -1 | phasewise decide -"
)
def decide(
    file: Annotated[Path, typer.Argument(help="A snapshot as JSON; - reads standard input.")],
    policies: Policies = None,
    *,
    json: Json = False,
) -> None:
    """Decide one recorded tick again, under the modes that come with Phasewise or those of a file.

    A running daemon tells its latest snapshot at /api/v1/snapshot; `phasewise export snapshots` has recorded
    ones. The file is described by `phasewise schema snapshot`.
    """
    text = input_text(file).strip()
    if not text:
        raise SettingsError(str(file), "", None, "expected a snapshot as JSON, but it is empty")
    snapshot = snapshot_from_json(text.encode(), str(file))
    decision = decided(snapshot, load_policies(policies))
    if json:
        sys.stdout.write(decision_json(decision).decode() + "\n")
    else:
        _show(decision)


def _show(decision: Decision) -> None:
    table = plain_table("charger", "limit", "write", "why", right=("limit",))
    writes = {write.charger: write.kind.value for write in decision.writes}
    for charger, verdict in decision.chargers.items():
        table.add_row(charger, amps(verdict.limit_a), writes.get(charger, "-"), sentence(verdict))
    console().print(table, markup=False)

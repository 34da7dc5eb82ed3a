"""`phasewise check`: what is wrong with a configuration, and what the site is without us."""

import asyncio
import os
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Console

from controller.app.equipment import equip
from controller.app.files import Files
from controller.cli.group import command_group
from controller.cli.logs import quiet
from controller.cli.options import DEFAULT_CONFIG, Config, Json
from controller.cli.output import amps, console, counted, plain_table, print_json
from controller.cli.probing import Finding, probe_all
from controller.domain.commissioning import Proof
from controller.domain.modes import Policies
from controller.settings import Settings
from controller.system_clock import SystemClock

app = command_group()


@app.command(epilog="Example: phasewise check -c config.toml --probe")
def check(
    config: Config = DEFAULT_CONFIG,
    *,
    probe: Annotated[bool, typer.Option("--probe", help="Also ask every device who it is.")] = False,
    json: Json = False,
) -> None:
    """Check a configuration and its policies, and show what the site is without us.

    The table tells what may flow if the controller were gone for good: every charger at the most that it
    may do alone, the household at its declared worst. Nothing is written to any device. Exits with 2 if a
    setting is wrong, with 1 if a probed device is not well.
    """
    settings, policies = Files(config, os.environ).read()
    findings = asyncio.run(_examined(settings, policies, probe=probe))
    if json:
        print_json(_document(settings, policies, findings))
    else:
        _show(settings, policies, findings)
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


async def _examined(settings: Settings, policies: Policies, *, probe: bool) -> tuple[Finding, ...]:
    """Build every device as the daemon would, so that a wrong register map shows too; ask them if wanted."""
    quiet()
    equipment = equip(settings, policies, SystemClock(), visiting=True)
    return await probe_all(equipment) if probe else ()


def _document(settings: Settings, policies: Policies, findings: tuple[Finding, ...]) -> dict[str, Any]:
    proof = settings.proof
    return {
        "file": str(settings.path),
        "well": all(finding.well for finding in findings),
        "warnings": list(settings.warnings),
        "modes": {name: mode.says for name, mode in policies.modes.items()},
        "proof": {
            "holds": proof.holds,
            "rows": [
                {
                    "circuit": row.circuit,
                    "phase": row.phase,
                    "background_a": row.background_a,
                    "chargers_a": row.chargers_a,
                    "without_us_a": row.without_us_a,
                    "limit_a": row.limit_a,
                    "holds": row.holds,
                }
                for row in proof.rows
            ],
            "powers": [
                {
                    "circuit": row.circuit,
                    "background_w": row.background_w,
                    "chargers_w": row.chargers_w,
                    "without_us_w": row.without_us_w,
                    "limit_w": row.limit_w,
                    "holds": row.holds,
                }
                for row in proof.powers
            ],
            "assumptions": list(proof.assumptions),
            "proposals_a": dict(proof.proposals),
        },
        "devices": [finding.document() for finding in findings],
    }


def _show(settings: Settings, policies: Policies, findings: tuple[Finding, ...]) -> None:
    screen = console()
    screen.print(
        f"{settings.path}: valid. {counted(len(settings.site.circuits), 'circuit')},"
        f" {counted(len(settings.meters), 'meter')}, {counted(len(settings.chargers), 'charger')};"
        f" modes: {', '.join(policies.modes)}",
        markup=False,
    )
    for warning in settings.warnings:
        screen.print(f"warning: {warning}", markup=False, style="yellow")
    screen.print()
    _show_proof(settings.proof, screen)
    if findings:
        screen.print()
        screen.print("\n".join(line for finding in findings for line in finding.lines()), markup=False)


def _show_proof(proof: Proof, screen: Console) -> None:
    screen.print("Without us:", style="bold")
    right = ("household", "chargers", "together", "limit")
    table = plain_table("circuit", "", *right, "", right=right)
    for row in proof.rows:
        verdict = "holds" if row.holds else f"over by {amps(row.without_us_a - row.limit_a)}"
        currents = (row.background_a, row.chargers_a, row.without_us_a, row.limit_a)
        table.add_row(
            row.circuit,
            f"L{row.phase}",
            *(amps(one) for one in currents),
            verdict,
            style="green" if row.holds else "red",
        )
    for power in proof.powers:
        verdict = "holds" if power.holds else f"over by {_watts(power.without_us_w - power.limit_w)}"
        watts = (power.background_w, power.chargers_w, power.without_us_w, power.limit_w)
        style = "green" if power.holds else "red"
        table.add_row(power.circuit, "power", *(_watts(one) for one in watts), verdict, style=style)
    screen.print(table)
    screen.print("\n".join(_footnotes(proof)), markup=False)


def _watts(power_w: float) -> str:
    return f"{power_w:,.0f} W"


def _footnotes(proof: Proof) -> Iterator[str]:
    yield "Assumed:"
    yield from (f"  {assumption}" for assumption in proof.assumptions)
    if proof.holds:
        yield "The site is safe without us."
    elif proof.proposals:
        yield "It would hold if each of these chargers, left alone, went to at most (fallback_a, reset_a):"
        yield from (f"  {charger}: {amps(current_a)}" for charger, current_a in proof.proposals.items())
    else:
        yield "No fallback of the chargers makes it hold: the household alone may be too much."

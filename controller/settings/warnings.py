"""Warnings: what is legal but worth a line in `check`, log and status."""

from collections.abc import Iterator

from controller.domain.commissioning import Proof
from controller.domain.site import Circuit, Site
from controller.settings.tables import Tables

# The modes that live on the surplus at the grid meter.
SOLAR_MODES = ("solar", "min_solar")
# The mode that charges by prices alone.
PRICED_MODE = "cheap"


def warnings_of(tables: Tables, site: Site, proof: Proof) -> tuple[str, ...]:
    """List what an operator should know, but may want so."""
    return (
        *_about_meters(tables, site),
        *_about_chargers(site),
        *_about_prices(tables, site),
        *_about_proof(proof, site, tables.site.accept),
    )


def _about_meters(tables: Tables, site: Site) -> Iterator[str]:
    root = site.circuits[0]
    solar = [charger.id for charger in site.chargers if charger.mode in SOLAR_MODES]
    if root.meter is None and "no_root_meter" not in tables.site.accept:
        needs = f"; {', '.join(solar)} cannot charge from the sun without one" if solar else ""
        yield f"circuits[{root.id}]: no meter measures the supply{needs}"


def _about_chargers(site: Site) -> Iterator[str]:
    if not site.chargers:
        yield "chargers: there is none; nothing will be controlled"
    for charger in site.chargers:
        limit_a = min(site.circuit[charger.circuit].limit_a[phase - 1] for phase in charger.phases)
        if limit_a < charger.min_a:
            yield (
                f"chargers[{charger.id}]: its circuit bears {limit_a:g} A,"
                f" less than its minimum of {charger.min_a:g} A; it can never charge"
            )


def _about_prices(tables: Tables, site: Site) -> Iterator[str]:
    priced = [charger.id for charger in site.chargers if charger.mode == PRICED_MODE]
    if priced and tables.tariff is None:
        yield f"tariff: there is none; {', '.join(priced)} cannot tell cheap hours without prices"


def _about_proof(proof: Proof, site: Site, accepted: tuple[str, ...]) -> Iterator[str]:
    if "no_proof" in accepted:
        return
    for power in proof.powers:
        if not power.holds:
            yield (
                f"circuits[{power.circuit}]: not proven safe without us: up to {power.without_us_w:,.0f} W,"
                f" {power.limit_w:,.0f} W allowed; `phasewise check` shows the table"
            )
    broken = [row for row in proof.rows if not row.holds]
    if broken:
        worst = max(broken, key=lambda row: row.without_us_a - row.limit_a)
        yield (
            f"circuits[{worst.circuit}]: not proven safe without us: up to {worst.without_us_a:g} A"
            f" on L{worst.phase}, {worst.limit_a:g} A allowed; `phasewise check` shows the table"
            f"{_undeclared(site.circuit[worst.circuit])}"
        )


def _undeclared(circuit: Circuit) -> str:
    if circuit.worst_background_a is not None or circuit.background_a is not None:
        return ""
    return (
        "; it counts as filled by the household, and every stop of the daemon pauses every car there,"
        " until worst_background_a is declared"
    )

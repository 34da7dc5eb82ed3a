"""Loading: from a file to settings, or to every reason why not."""

from collections.abc import Mapping
from pathlib import Path

from controller.domain.commissioning import Proof
from controller.settings.assembly import assemble
from controller.settings.checks import check
from controller.settings.complaints import Complaints
from controller.settings.reading import read
from controller.settings.secrets import Place
from controller.settings.service_tables import DashboardSettings
from controller.settings.settings import Settings
from controller.settings.tables import read_door, read_tables


def load(path: Path, env: Mapping[str, str]) -> Settings:
    """Read a configuration; secrets that it names come from `env` or from files.

    Raises:
        SettingsError: the first value that is wrong; `others` holds what else is.
    """
    complaints = Complaints(path)
    tables = read_tables(read(path), Place(env=env, folder=path.parent), complaints)
    settings = assemble(path, tables, check(tables, complaints))
    if tables.site.require_proof and not settings.proof.holds:
        complaints.add("site.require_proof", value=True, expected=_what_would_hold(settings.proof))
        complaints.raise_any()
    return settings


def load_door(path: Path, env: Mapping[str, str]) -> tuple[str, DashboardSettings]:
    """Read the site's name and where its daemon listens, out of a file that may be wrong elsewhere.

    Raises:
        SettingsError: it is no TOML, or one of these is wrong itself.
    """
    return read_door(read(path), Place(env=env, folder=path.parent), Complaints(path))


def _what_would_hold(proof: Proof) -> str:
    if not proof.proposals:
        return "a site that is safe without us, but the worst background alone is over a limit"
    ways = ", ".join(f"{charger} at most {current_a:g} A" for charger, current_a in proof.proposals.items())
    return f"a site that is safe without us, like with {ways} (fallback_a, reset_a)"

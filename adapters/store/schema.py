"""Schema: brings a database to the revision that this code was written for.

Alembic is loaded only when there is something to do: a daemon that starts on an up-to-date database spares
its time and memory.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, MetaData, inspect, text

import migrations
from adapters.store.database import in_our_words, shown
from adapters.store.tables import metadata
from controller.errors import SettingsError

if TYPE_CHECKING:
    from alembic.config import Config

# Any number will do, as long as nobody else locks on it.
_ADVISORY_LOCK = 7_274_127_394


def bring_up_to_date(engine: Engine) -> str:
    """Run the missing migrations, all or none of them; tell the revision.

    Raises:
        SettingsError: the database was made by a newer version.
        RecordError: the database does not answer.
    """
    with in_our_words(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if revision(connection) != migrations.HEAD:
            refuse_newer(connection)
            _upgrade(connection)
    return migrations.HEAD


def revision(connection: Connection) -> str | None:
    """Tell the revision that a database is at; `None` for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def refuse_newer(connection: Connection) -> None:
    """Refuse a database that this version does not know.

    Raises:
        SettingsError: its revision is none of ours.
    """
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - loaded only when needed

    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    found = revision(connection)
    if found is not None and found not in known:
        where = shown(connection.engine.url)
        raise SettingsError(
            "database",
            "",
            None,
            f"{where} was made by a newer Phasewise (revision {found}); update Phasewise",
        )


def drift(connection: Connection, expected: MetaData = metadata) -> tuple[str, ...]:
    """Tell how the tables of a database differ from those of the code, a line each."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - loaded only when needed
    from alembic.migration import MigrationContext  # noqa: PLC0415 - loaded only when needed

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return tuple(_difference(found) for found in compare_metadata(context, expected))


def _difference(found: Any) -> str:  # noqa: ANN401 - Alembic's differences are tuples of many shapes
    if isinstance(found, list):
        return "; ".join(_difference(part) for part in found)
    what, *where = found
    names = [getattr(part, "name", part) for part in where if part is not None and not isinstance(part, dict)]
    return f"{what.replace('_', ' ')}: {' '.join(str(name) for name in names)}"


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - loaded only when needed

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - loaded only when needed

    config = Config()
    folder = str(Path(migrations.__file__).parent)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config

"""Declaring: a person's word that a charger is switched off, or back (ledger rule 4)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from controller.cli.asking import NotRunning, daemon_of
from controller.domain.units import ChargerId
from controller.errors import RecordError, SettingsError
from controller.ports import Command
from controller.settings import Settings
from controller.settings.tree import id_of
from controller.system_clock import SystemClock

_SAYS = {
    "out_of_service": "declare that it is switched off: nothing stays reserved for it while it is silent",
    "in_service": "take that back",
}


def declarations(settings: Settings, charger: str) -> Mapping[str, Command]:
    """Make the commands that every charger has, also one that left the configuration."""
    return {
        name: Command(name=name, says=says, call=_call(settings, charger, name == "out_of_service"))
        for name, says in _SAYS.items()
    }


def _call(settings: Settings, charger: str, out_of_service: bool) -> Callable[[], Awaitable[object]]:  # noqa: FBT001 - private
    return partial(_declared, settings, ChargerId(charger), out_of_service=out_of_service)


async def _declared(settings: Settings, charger: ChargerId, *, out_of_service: bool) -> object:
    """Tell the daemon; without one, the journal, from which the next daemon takes it."""
    path = f"/api/v1/chargers/{charger}/out_of_service"
    method = "PUT" if out_of_service else "DELETE"
    try:
        await asyncio.to_thread(daemon_of(settings).ask, path, method)
    except NotRunning:
        await _written(settings, charger, out_of_service=out_of_service)
        return {
            "done": True,
            "by": "journal",
            "says": "the daemon is not running; it counts from its next start",
        }
    return {"done": True, "by": "daemon"}


async def _written(settings: Settings, charger: ChargerId, *, out_of_service: bool) -> None:
    """Write the declaration down.

    Raises:
        RecordError: the database did not take it.
        SettingsError: nobody has ever heard of this charger.
    """
    from adapters.store.journal import SqlJournal  # noqa: PLC0415 - loads SQLAlchemy

    journal = SqlJournal(settings.database.url.get_secret_value(), SystemClock())
    await journal.open()
    try:
        known = {*settings.site.charger, *(promise.charger for promise in await journal.load_promises())}
        if charger not in known:
            raise SettingsError(
                "command line", "device", charger, f"expected {id_of('charger', charger, known)}"
            )
        gone = await journal.load_out_of_service()
        journal.keep_out_of_service(gone | {charger} if out_of_service else gone - {charger})
        journal.record_event("out of service" if out_of_service else "in service", charger)
    finally:
        await journal.close()
    if any(journal.lost.values()) or not journal.recording:
        raise RecordError("the database did not take it")

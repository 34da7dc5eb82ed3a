"""`phasewise explain`: why a charger gets what it gets."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from controller.cli.asking import DaemonClient, Document, NotRunning, daemon_in_spite_of, daemon_of
from controller.cli.group import command_group
from controller.cli.options import DEFAULT_CONFIG, Config, Json, load_settings
from controller.cli.output import amps, console, print_json
from controller.cli.times import instant_in
from controller.errors import SettingsError
from controller.settings import Settings
from controller.settings.tree import id_of
from controller.system_clock import SystemClock

app = command_group()


@app.command(epilog="Example: phasewise explain garage --at 18:30")
def explain(
    charger: Annotated[str, typer.Argument(help="The charger's id.", show_default=False)],
    at: Annotated[
        str | None, typer.Option(help="Another time than now: RFC 3339, 18:30 or -2h; from the journal.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    *,
    json: Json = False,
) -> None:
    """Say why a charger gets what it gets: every reason, what binds it, by what margin, what would help."""
    document = _now(config, charger) if at is None else _then(load_settings(config), charger, _past(at))
    if json:
        print_json(document)
    else:
        console().print("\n".join(_lines(document)), markup=False)


def _past(text: str) -> datetime:
    at = instant_in(text, "--at")
    if at > SystemClock().now():
        raise SettingsError("command line", "--at", text, "expected a time that has passed")
    return at


def _now(config: Path, charger: str) -> Document:
    try:
        settings = load_settings(config)
    except SettingsError as wrong:
        return _asked(daemon_in_spite_of(wrong, config), charger)
    known = [spec.id for spec in settings.site.chargers]
    if charger not in known:
        raise SettingsError(str(config), "charger", charger, f"expected {id_of('charger', charger, known)}")
    try:
        return _asked(daemon_of(settings), charger)
    except NotRunning:
        return _then(settings, charger, None)


def _asked(daemon: DaemonClient, charger: str) -> Document:
    return {"source": "daemon", **daemon.ask(f"/api/v1/chargers/{quote(charger, safe='')}/explain")}


def _then(settings: Settings, charger: str, at: datetime | None) -> Document:
    from controller.cli.recorded import recorded_explanation  # noqa: PLC0415 - loads SQLAlchemy

    return recorded_explanation(settings, charger, at)


def _lines(document: Document) -> Iterator[str]:
    yield f"{document['id']}: {document['sentence']}"
    if document["source"] == "journal":
        at = datetime.fromisoformat(document["at"]).astimezone()
        yield f"  recorded     {at.isoformat(' ', 'milliseconds')}"
    yield f"  mode         {document['mode']}"
    drawn_a = document["drawn_a"]
    draws = "not known" if drawn_a is None else " ".join(amps(one) for one in drawn_a)
    yield f"  told         {amps(document['limit_a'])}, holds a promise of {amps(document['promise_a'])}"
    yield f"  draws        {draws}"
    for index, reason in enumerate(document["reasons"]):
        binds = "  <- binds" if reason == document["binds"] else ""
        yield f"  {'because' if index == 0 else '':<12} {reason['says']}{binds}"
    if document["margin_a"]:
        yield f"  margin       {amps(document['margin_a'])} more if that were gone"
    yield f"  would help   {document['would_help']}"

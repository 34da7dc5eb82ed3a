"""Recorded: what the journal says where no daemon can be asked."""

from datetime import datetime

from adapters.store.reader import Reader
from adapters.store.ticks import RecordedTick
from controller.cli.asking import Document
from controller.domain.units import ChargerId
from controller.errors import RecordError, SettingsError
from controller.report import explanation, instant, site_report
from controller.settings import Settings
from controller.settings.tree import id_of


def recorded_status(settings: Settings) -> Document:
    """Tell the site as it was recorded last; errors as for `recorded_explanation`."""
    tick = _tick(settings, None)
    return {"source": "journal", **site_report(tick.snapshot, tick.decision)}


def recorded_explanation(settings: Settings, charger: str, at: datetime | None = None) -> Document:
    """Tell why a charger got what it got at a time, or at last.

    Raises:
        RecordError: there is no journal, or nothing in it that far back.
        SettingsError: there was no such charger.
    """
    tick = _tick(settings, at)
    known = list(tick.site.charger)
    if charger not in known:
        raise SettingsError("journal", "charger", charger, f"expected {id_of('charger', charger, known)}")
    return {"source": "journal", **explanation(tick.snapshot, tick.decision, ChargerId(charger))}


def _tick(settings: Settings, at: datetime | None) -> RecordedTick:
    with Reader(settings.database.url.get_secret_value()) as reader:
        tick = reader.latest_decision() if at is None else reader.decision_at(at)
    if tick is None:
        when = "yet" if at is None else f"at or before {instant(at)}"
        raise RecordError(f"nothing is recorded {when}")
    return tick

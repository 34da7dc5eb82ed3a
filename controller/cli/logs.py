"""Logs: one line an event, as key=value or JSON; the journal of systemd brings its own time stamps."""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Literal

Level = Literal["debug", "info", "warning", "error"]
Form = Literal["text", "json"]

# Libraries that narrate; what matters of it is said by us, once.
_CHATTER = ("httpx", "httpcore", "apscheduler", "alembic", "pymodbus", "sqlalchemy", "uvicorn", "asyncio")

# sd-daemon(3): a line that begins with <N> has that priority.
_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class _Text(logging.Formatter):
    """`time=... level=warning from=phasewise.devices said="meter grid is lost: ..."`."""

    def __init__(self, *, under_systemd: bool) -> None:
        super().__init__()
        self._under_systemd = under_systemd

    def format(self, record: logging.LogRecord) -> str:
        """Write one line, and the traceback, if there is one, in the same line."""
        pairs = _fields(record)
        if self._under_systemd:
            del pairs["time"]
        line = " ".join(f"{key}={_quoted(value)}" for key, value in pairs.items())
        return f"<{_PRIORITIES.get(record.levelno, 6)}>{line}" if self._under_systemd else line


class _Json(logging.Formatter):
    """The same as one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        return json.dumps(_fields(record), ensure_ascii=False)


def start_logging(level: Level, form: Form) -> None:
    """Log to standard error from now on."""
    handler = logging.StreamHandler(sys.stderr)
    under_systemd = "JOURNAL_STREAM" in os.environ
    handler.setFormatter(_Json() if form == "json" else _Text(under_systemd=under_systemd))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    quiet(logging.DEBUG if level == "debug" else logging.WARNING)


def quiet(level: int = logging.WARNING) -> None:
    """Let libraries speak only from this level on."""
    for name in _CHATTER:
        logging.getLogger(name).setLevel(max(level, logging.INFO))
    # A device that does not answer is reported by its watch.
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


def mute() -> None:
    """Log nothing of our own: for commands whose answer, or error, says all that matters."""
    quiet()
    logging.getLogger("phasewise").addHandler(logging.NullHandler())


def _fields(record: logging.LogRecord) -> dict[str, str]:
    fields = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "from": record.name,
        "said": record.getMessage(),
    }
    if record.exc_info:
        fields["trace"] = logging.Formatter().formatException(record.exc_info)
    return fields


def _quoted(value: str) -> str:
    """Quote what has blanks, quotes or line ends in it."""
    return (
        value
        if value.isprintable() and not set(value) & set(' "=')
        else json.dumps(value, ensure_ascii=False)
    )

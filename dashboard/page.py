"""Pages without scripts: the site at a glance, and the list of endpoints."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from controller.notices import alarms, notes

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
body { color: #1d2733; background: #fbfcfd; }
.alarm { color: #b3261e; font-weight: 600; margin: .2rem 0; } .note { margin: .2rem 0; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #dde3ea; }
th { font-weight: 600; } td { vertical-align: top; } .n { text-align: right; white-space: nowrap; }
code { font-size: .9em; } p { color: #4b5b6b; }
@media (prefers-color-scheme: dark) {
  body { color: #dfe6ee; background: #14191f; } th, td { border-color: #2b3642; } p { color: #93a4b5; }
  .alarm { color: #ff8a80; }
}
"""


def status_page(report: Mapping[str, Any] | None) -> str:
    """Write the site as one page that reloads itself."""
    if report is None:
        return _page("Phasewise", "<h1>Phasewise</h1><p>No tick has been made yet.</p>")
    circuits = _table(("Circuit", "L1", "L2", "L3", "Limit"), (_circuit(one) for one in report["circuits"]))
    chargers = _table(
        ("Charger", "Mode", "Gets", "Draws", "Why"), (_charger(one) for one in report["chargers"])
    )
    body = (
        f"<h1>{escape(report['site'])}</h1>{_lines('alarm', alarms(report))}{circuits}{chargers}"
        f"{_lines('note', notes(report))}<p>{escape(report['at'])} · <a href='/api/docs'>API</a></p>"
    )
    return _page(f"{report['site']} · Phasewise", body)


def docs_page(openapi: Mapping[str, Any]) -> str:
    """List every endpoint with what it does; the schema beside it has the rest."""
    rows = (
        (f"<code>{verb.upper()} {escape(path)}</code>", escape(operation.get("description", "")))
        for path, verbs in openapi["paths"].items()
        for verb, operation in verbs.items()
    )
    body = (
        "<h1>Phasewise API</h1><p>Bodies and answers in full: "
        "<a href='/api/v1/openapi.json'>/api/v1/openapi.json</a> (OpenAPI).</p>"
        f"{_table(('Endpoint', 'Does'), rows)}"
    )
    return _page("Phasewise API", body)


def _lines(kind: str, texts: Iterable[str]) -> str:
    return "".join(f"<p class='{kind}'>{escape(text)}</p>" for text in texts)


def _circuit(circuit: Mapping[str, Any]) -> tuple[str, ...]:
    limits = "/".join(_amps(limit_a) for limit_a in circuit["limit_a"])
    name = escape(circuit["id"]) + (" (its meter is silent)" if circuit["blind"] else "")
    return name, *(_amps(one) for one in circuit["measured_a"]), limits


def _charger(charger: Mapping[str, Any]) -> tuple[str, ...]:
    drawn_a = charger["drawn_a"]
    return (
        escape(charger["id"]),
        escape(charger["mode"]),
        _amps(charger["limit_a"]),
        _amps(None if drawn_a is None else max(drawn_a)),
        escape(charger["sentence"]),
    )


def _amps(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} A"


def _table(heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _page(title: str, body: str) -> str:
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'><meta http-equiv='refresh' content='5'>"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )

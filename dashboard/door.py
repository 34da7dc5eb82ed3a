"""Door: who may come in. Judges every request before anything else sees it (H12)."""

import base64
import binascii
import hmac
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from controller.settings.service_checks import is_loopback
from controller.settings.service_tables import DashboardSettings

_ONLY_LOOK = frozenset({"GET", "HEAD", "OPTIONS"})
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="phasewise", charset="UTF-8"'}

# Health is asked by machines that know no password, and tells nothing else.
OPEN_PATHS = frozenset({"/healthz"})

# Names the site that a client means, so that it never talks to the wrong daemon.
SITE_HEADER = "phasewise-site"

_SAFETY = {
    "Content-Security-Policy": "default-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Door:
    """Lets in who calls us by our own name, is no foreign page, and knows the password if there is one."""

    def __init__(self, app: ASGIApp, settings: DashboardSettings, site: str) -> None:
        self._app, self._site = app, site
        self._host = settings.host
        self._password = None if settings.password is None else settings.password.get_secret_value()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that may not come in, and pass on the others."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, _with_safety(send))

    def _refusal(self, method: str, path: str, headers: Mapping[str, str]) -> Response | None:
        host = headers.get("host", "")
        # A page elsewhere whose name was pointed at this machine still calls us by its own name.
        if is_loopback(self._host) and not _is_ours(host, self._host):
            return PlainTextResponse("this host is not served here\n", status_code=421)
        if headers.get(SITE_HEADER, self._site) != self._site:
            return PlainTextResponse(f"this daemon looks after {self._site}\n", status_code=421)
        if method not in _ONLY_LOOK and _is_foreign(headers, host):
            return PlainTextResponse("commands from foreign pages are not taken\n", status_code=403)
        if self._password is None or path in OPEN_PATHS or _knows(headers, self._password):
            return None
        return PlainTextResponse("a password is needed\n", status_code=401, headers=_CHALLENGE)


def _is_ours(host: str, own: str) -> bool:
    name = host.rsplit(":", 1)[0] if host.rpartition("]")[2].startswith(":") or "[" not in host else host
    name = name.strip("[]").lower()
    return name == own.lower() or is_loopback(name)


def _is_foreign(headers: Mapping[str, str], host: str) -> bool:
    origin = headers.get("origin")
    if origin is not None:
        return origin.partition("://")[2] != host
    return headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def _knows(headers: Mapping[str, str], password: str) -> bool:
    """Compare in constant time; any user name will do."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        told = base64.b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(told, password.encode())


def _with_safety(send: Send) -> Send:
    """Add the headers that keep a browser from doing anything with our answers but showing them."""
    extra = [(name.lower().encode(), value.encode()) for name, value in _SAFETY.items()]

    async def sending(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            known = message.get("headers", ())
            message = {**message, "headers": [*known, *extra]}  # type: ignore[misc] # ASGI: an iterable of pairs
        await send(message)

    return sending  # type: ignore[return-value] # ASGI messages are plain dictionaries

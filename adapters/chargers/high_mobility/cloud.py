"""One HTTPS conversation with High Mobility's service."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx

from adapters.chargers.high_mobility.failures import BusyError, clipped
from adapters.wire.autoapi.kinds import Json
from adapters.wire.line import Line
from controller.errors import CredentialsError, DeviceNonsense, DeviceRefused, DeviceUnreachable

# httpx tells every address at level INFO.
logging.getLogger("httpx").setLevel(logging.WARNING)

_LARGEST_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: its status and the JSON in it."""

    status: int
    content: Json

    @property
    def is_ok(self) -> bool:
        """Whether the service did what it was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Cloud:
    """One connection, one exchange at a time; what has to go out now waits for no question."""

    def __init__(self, url: str, timeout_s: float, patience_s: float, secrets: Sequence[str] = ()) -> None:
        self.kept = False
        """Whether the connection stays open between exchanges."""
        self._url, self._timeout_s = url, timeout_s
        self._secrets = {form for secret in secrets for form in _forms(secret)}
        self._line = Line(patience_s)
        self._client: httpx.AsyncClient | None = None

    def hide(self, secret: str) -> None:
        """Let a secret show in no answer from now on."""
        self._secrets |= _forms(secret)

    @asynccontextmanager
    async def turn(self, *, urgent: bool) -> AsyncIterator[None]:
        """Hold the line for everything that belongs to one command.

        Raises:
            DeviceUnreachable: it took longer than it may, or gave way to something urgent.
        """
        async with self._line.turn(urgent=urgent):
            try:
                async with asyncio.timeout(self._timeout_s) as scope:
                    yield
            except TimeoutError as error:
                if not scope.expired():
                    raise
                raise DeviceUnreachable(f"no answer in {self._timeout_s:g} s") from error
            finally:
                if not self.kept:
                    await self._hang_up()

    async def ask(
        self,
        verb: str,
        path: str,
        *,
        body: Json = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask once, within a turn.

        Raises:
            DeviceUnreachable: no answer.
            DeviceNonsense: an answer that is no JSON.
        """
        try:
            async with self._opened().stream(
                verb, self._url + path, json=body, params=params, headers=headers
            ) as response:
                told = await _read(response, path)
        except httpx.TransportError as error:
            raise DeviceUnreachable(f"{path}: {str(error) or type(error).__name__}") from error
        except httpx.RequestError as error:
            raise DeviceNonsense(f"{path}: {str(error) or type(error).__name__}") from error
        # A secret that the service repeats goes no further.
        proofs = {form for proof in (headers or {}).values() for form in _forms(proof.split()[-1])}
        for secret in sorted(self._secrets | proofs, key=len, reverse=True):
            told = told.replace(secret, b"***")
        return Reply(status=response.status_code, content=_json(response, told, path))

    async def close(self) -> None:
        """End the connection once no exchange is under way."""
        self.kept = False
        async with self._line.turn(urgent=True):
            await self._hang_up()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=None,  # noqa: S113 - asyncio.timeout covers the whole exchange
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=30.0),
                trust_env=self._url.startswith("https"),  # No proxy stands before loopback.
            )
        return self._client

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


async def _read(response: httpx.Response, path: str) -> bytes:
    """Read an answer, as long as it stays within bounds."""
    told = b""
    async for part in response.aiter_bytes():
        told += part
        if len(told) > _LARGEST_BYTES:
            raise DeviceNonsense(f"{path}: an answer of more than {_LARGEST_BYTES} bytes")
    return told


def _forms(secret: str) -> frozenset[bytes]:
    """Tell how a secret may stand in JSON: as it is, and with its letters escaped in the usual ways."""
    if not secret:
        return frozenset()
    plain = (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    forms = (*plain, *(form.replace("/", "\\/") for form in plain))
    return frozenset(form.encode(errors="replace") for form in forms)


def _json(response: httpx.Response, body: bytes, path: str) -> Json:
    if not body:
        return None
    try:
        content: Json = json.loads(body)
    except (ValueError, RecursionError) as error:
        if response.is_error:
            return None  # The status tells enough.
        raise DeviceNonsense(f"{path}: an answer that is no JSON") from error
    return content


def complaint(reply: Reply) -> Exception:
    """Turn an answer that is no success into our words."""
    said = f"HTTP {reply.status}{_said(reply.content)}"
    if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return CredentialsError(said)
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return BusyError(said)
    if reply.status == HTTPStatus.REQUEST_TIMEOUT or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return DeviceUnreachable(said)
    if reply.status >= HTTPStatus.BAD_REQUEST:
        return DeviceRefused(said)
    return DeviceNonsense(said)


def _said(content: Json) -> str:
    """Find what an error says of itself, in any of the service's three shapes."""
    if isinstance(content, dict) and isinstance(content.get("errors"), list):
        content = content["errors"]
    if isinstance(content, list) and content:
        content = content[0]
    if not isinstance(content, dict):
        return ""
    keys = ("title", "detail", "error", "error_description", "message", "failureDescription", "errorCode")
    said = [clipped(content[key]) for key in keys if isinstance(content.get(key), str) and content[key]]
    return f": {', '.join(said)}" if said else ""

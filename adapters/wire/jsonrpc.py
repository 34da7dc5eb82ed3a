"""JSON-RPC over HTTP in the three forms that chargers in the field understand."""

import asyncio
import itertools
import json
import logging
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import quote

import httpx

from adapters.wire.jsonrpc_reply import Errors, Json, result_of
from adapters.wire.line import Line
from controller.errors import DeviceError, DeviceNonsense, DeviceUnreachable

Params = Mapping[str, Json]

# httpx tells every address at level INFO, and an address may carry a password as its query.
logging.getLogger("httpx").setLevel(logging.WARNING)


class WireForm(StrEnum):
    """How a call is put into HTTP, in the order in which they are tried."""

    POST = "post"
    """`POST /rpc/<method>`, the body is the parameters alone."""
    FRAME = "frame"
    """`POST /rpc`, the body is a whole request with id and method."""
    GET = "get"
    """`GET /rpc/<method>?key=value`, values as JSON."""


class ConnectionBrokenError(DeviceUnreachable):
    """The connection could not be made, or ended before the answer was complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a device is, and how to speak to it."""

    url: str
    question: str
    """A harmless method, to find out which form the device answers."""
    form: WireForm | None = None
    """`None`: find out."""
    timeout_s: float = 3.0
    """For a whole exchange, connecting included."""
    patience_s: float = 0.5
    """How long an urgent call waits for an ordinary one in progress."""
    user: str = ""
    password: str = ""


class JsonRpc:
    """A device that answers JSON-RPC: one connection, one request at a time, urgent ones first."""

    def __init__(self, endpoint: Endpoint, errors: Errors) -> None:
        self.form = endpoint.form
        self.kept = False
        """Whether the connection stays open between calls."""
        self._endpoint, self._errors = endpoint, errors
        self._line = Line(endpoint.patience_s)
        self._number = itertools.count(1)
        self._client: httpx.AsyncClient | None = None

    async def call(self, method: str, params: Params | None = None, *, urgent: bool = False) -> Json:
        """Ask the device.

        Raises:
            DeviceUnreachable: no answer in time; `ConnectionBrokenError`, `GaveWayError` say more.
            DeviceRefused: an error, or `false`.
            DeviceNonsense: an answer that is none.
            CredentialsError: not with this user name and password.
        """
        async with self._line.turn(urgent=urgent):
            try:
                form = self.form or await self._find_form()
                return await self._exchange(form, method, params or {})
            finally:
                if not self.kept:
                    await self._hang_up()

    def forget_form(self) -> None:
        """Find out anew which form the device answers, unless it was configured."""
        self.form = self._endpoint.form

    async def close(self) -> None:
        """End the connection once no call is under way."""
        self.kept = False
        async with self._line.turn(urgent=True):
            await self._hang_up()

    async def _find_form(self) -> WireForm:
        """Try every form with a harmless question and keep the first that is answered with an object."""
        failures: list[DeviceError] = []
        for form in WireForm:
            try:
                answer = await self._exchange(form, self._endpoint.question, {})
            except DeviceError as error:
                if isinstance(error.__cause__, httpx.ConnectError):
                    raise  # Nobody is there: no other form will help.
                failures.append(error)
                continue
            if isinstance(answer, dict):
                self.form = form
                return form
            failures.append(DeviceNonsense(f"{self._endpoint.question} was answered without an object"))
        # The most telling failure: one that was answered.
        answered = [error for error in failures if not isinstance(error, DeviceUnreachable)]
        raise (answered or failures)[0]

    async def _exchange(self, form: WireForm, method: str, params: Params) -> Json:
        verb, path, content = _request(form, method, params, next(self._number))
        try:
            async with asyncio.timeout(self._endpoint.timeout_s):
                response = await self._opened().request(verb, path, content=content, headers=_HEADERS)
        except TimeoutError as error:
            raise DeviceUnreachable(f"no answer to {method} in {self._endpoint.timeout_s:g} s") from error
        except httpx.TransportError as error:
            raise ConnectionBrokenError(f"{method}: {str(error) or type(error).__name__}") from error
        except httpx.RequestError as error:
            raise DeviceNonsense(f"{method}: {str(error) or type(error).__name__}") from error
        return result_of(response.content, response.status_code, self._errors)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            auth = _EitherAuth(self._endpoint.user, self._endpoint.password) if self._endpoint.user else None
            self._client = httpx.AsyncClient(
                base_url=self._endpoint.url,
                auth=auth,
                timeout=None,  # noqa: S113 - asyncio.timeout covers the whole exchange
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=60.0),
                trust_env=False,
            )
        return self._client

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


_HEADERS = {"Content-Type": "application/json", "Connection": "keep-alive"}


def _request(form: WireForm, method: str, params: Params, number: int) -> tuple[str, str, bytes | None]:
    """Put a call into HTTP: verb, path, body."""
    if form is WireForm.FRAME:
        # Without an id above 0 such devices never answer.
        frame = {"id": number, "src": "phasewise", "method": method, "params": params}
        return "POST", "/rpc", json.dumps(frame).encode()
    if form is WireForm.POST:
        return "POST", f"/rpc/{method}", json.dumps(params).encode()
    # The device pastes the values into JSON as they are, so strings carry their quotes.
    query = "&".join(f"{key}={quote(json.dumps(value), safe='')}" for key, value in params.items())
    return "GET", f"/rpc/{method}?{query}" if query else f"/rpc/{method}", None


class _EitherAuth(httpx.Auth):
    """Basic or Digest, as the device's first refusal asks."""

    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user, password
        self._chosen: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._chosen is None:
            response = yield request
            if response.status_code != HTTPStatus.UNAUTHORIZED:
                return
            self._chosen = self._asked_for(response.headers.get("www-authenticate", ""))
        yield from self._chosen.auth_flow(request)

    def _asked_for(self, challenge: str) -> httpx.Auth:
        if challenge.lower().startswith("digest"):
            return httpx.DigestAuth(self._user, self._password)
        return httpx.BasicAuth(self._user, self._password)

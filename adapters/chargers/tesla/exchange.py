"""Exchange: one HTTP conversation with the car's service, under one token, one budget and one line."""

import asyncio
import json
import logging
import math
import ssl
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx

from adapters.chargers.tesla.budget import Budget, Kind
from adapters.chargers.tesla.claims import scopes
from adapters.chargers.tesla.outcomes import CommandOutcome, by_status
from adapters.chargers.tesla.replies import LimitedError, Reply, other_host, quiet_s
from adapters.wire.line import Line
from adapters.wire.oauth import TokenKeeper
from adapters.wire.scrub import scrubbed
from controller.errors import CredentialsError, DeviceNonsense, DeviceUnreachable
from controller.ports import Clock

# httpx tells every address at level INFO.
logging.getLogger("httpx").setLevel(logging.WARNING)

_log = logging.getLogger("phasewise.devices")

_SIGN_ON: Final = 401
_A_PERSONS: Final = (b"mobile_access_disabled", b"mobile-access-disabled", b"login_required")
"""Reasons of a 401 that no token helps against: remote access is off, consent was withdrawn."""
_LONGEST_BYTES: Final = 1_000_000
"""No car has so much to tell."""
_LIMITED_S: Final = 60.0
"""A 429 that does not say how long, as from the command proxy, counts for this long, then twice as long."""
_LONGEST_LIMITED_S: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request."""

    verb: str
    path: str
    kind: Kind
    body: Any = None
    urgent: bool = False
    """Goes before questions."""
    free_of_budget: bool = False
    """For safety: made whatever was spent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the service is."""

    name: str
    url: str
    ca_file: str | None = None
    follows: bool = False
    """Whether it may send us to another address."""
    timeout_s: float = 20.0
    patience_s: float = 1.0


class Exchange:
    """Sends calls; refreshes a token once, follows a wrong region once, keeps quiet when told to."""

    def __init__(self, place: Place, tokens: TokenKeeper | None, budget: Budget, clock: Clock) -> None:
        self.budget = budget
        self.kept = False
        """Whether the connection stays open between calls."""
        self._configured = self._place = place
        self._tokens, self._clock = tokens, clock
        self._line = Line(place.patience_s)
        self._client: httpx.AsyncClient | None = None
        self._quiet_until_s: dict[Kind, float] = {}
        self._limited_in_row = 0

    @property
    def name(self) -> str:
        """What the car is called here."""
        return self._place.name

    @property
    def url(self) -> str:
        """Where it is reached now."""
        return self._place.url

    async def send(self, call: Call) -> Reply:
        """Make a call and return whatever was answered.

        Raises:
            LimitedError: not sent, for the budget or by the service's wish.
            DeviceUnreachable: no answer; it may have arrived.
            CredentialsError: no token to be had; not carried out.
        """
        self._refuse_unsent(call)
        # Before the line: an exchange of tokens is not broken off for a limit.
        token = "" if self._tokens is None else await self._tokens.access()
        async with self._line.turn(urgent=call.urgent):
            try:
                reply = await self._once(call, token)
                if by_status(reply.status) is CommandOutcome.REGION and await self._is_moved(reply):
                    reply = await self._once(call, token)
                other = await self._other_token(reply, token)
                if other is not None:
                    reply = await self._once(call, other)
            finally:
                if not self.kept:
                    await self._hang_up()
                    self.budget.keep()
        self._heed(call.kind, reply)
        return reply

    async def scopes(self) -> frozenset[str] | None:
        """Tell what the account's token may be used for; errors as for `send`."""
        return None if self._tokens is None else scopes(await self._tokens.access())

    async def close(self) -> None:
        """End the connection once no call is under way."""
        self.kept = False
        async with self._line.turn(urgent=True):
            await self._hang_up()
        self.budget.keep()

    def _refuse_unsent(self, call: Call) -> None:
        wait_s = self._quiet_until_s.get(call.kind, -math.inf) - self._clock.mono_s()
        if wait_s > 0.0:
            raise LimitedError(f"rate limited for another {wait_s:.0f} s")
        why = "" if call.free_of_budget else self.budget.refusal(call.kind)
        if why:
            raise LimitedError(f"not sent: {why}")

    async def _other_token(self, reply: Reply, refused: str) -> str | None:
        """Find a token that this call may be tried with once more; `None`: the answer stands."""
        if reply.status != _SIGN_ON or self._tokens is None or not _is_stale(reply):
            return None
        return await self._tokens.renewed(refused)

    async def _once(self, call: Call, token: str) -> Reply:
        what = f"{call.verb} {call.path.rsplit('/', 1)[-1].split('?')[0]}"
        self.budget.count(call.kind)
        try:
            async with asyncio.timeout(self._place.timeout_s):
                return await self._answered(call, token)
        except TimeoutError as error:
            raise DeviceUnreachable(f"no answer to {what} in {self._place.timeout_s:g} s") from error
        except httpx.TransportError as error:
            await self._go_back()
            raise DeviceUnreachable(f"{what}: {str(error) or type(error).__name__}") from error
        except httpx.RequestError as error:
            raise DeviceNonsense(f"{what}: {str(error) or type(error).__name__}") from error

    async def _answered(self, call: Call, token: str) -> Reply:
        headers = {**_HEADERS, **({"Authorization": f"Bearer {token}"} if token else {})}
        content = None if call.body is None else json.dumps(call.body).encode()
        client, body = await self._opened(), b""
        async with client.stream(call.verb, call.path, content=content, headers=headers) as response:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > _LONGEST_BYTES:
                    raise DeviceNonsense(f"an answer of more than {_LONGEST_BYTES} bytes")
        told = {name.lower(): value for name, value in response.headers.items()}
        return Reply(status=response.status_code, body=scrubbed(body, token), headers=told)

    async def _is_moved(self, reply: Reply) -> bool:
        """Go where the service of the wrong region points, if that is to be trusted."""
        url = other_host(reply, self._place.url) if self._place.follows else None
        if url is None:
            return False
        _log.info("%s: is served by %s", self._place.name, url)
        self._place = replace(self._place, url=url)
        await self._hang_up()
        return True

    async def _go_back(self) -> None:
        """Begin again where it is configured: wherever we were sent, nobody answers."""
        if self._place is not self._configured:
            self._place = self._configured
            await self._hang_up()

    def _heed(self, kind: Kind, reply: Reply) -> None:
        """Keep quiet after a 429, never shorter than it says."""
        if by_status(reply.status) is not CommandOutcome.LIMITED:
            self._limited_in_row = 0
            return
        told_s = quiet_s(reply.headers)
        guess_s = min(_LONGEST_LIMITED_S, _LIMITED_S * 2.0**self._limited_in_row)
        wait_s = guess_s if told_s is None else told_s
        self._limited_in_row = min(10, self._limited_in_row + 1)
        self._quiet_until_s[kind] = self._clock.mono_s() + wait_s
        _log.warning("%s: too many %s calls, none for %.0f s", self._place.name, kind, wait_s)

    async def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                base_url=self._place.url,
                verify=await asyncio.to_thread(_trust, self._place.ca_file),
                timeout=None,  # noqa: S113 - asyncio.timeout covers the whole exchange
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=90.0),
                trust_env=False,
            )
        return self._client

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


_HEADERS: Final = {
    "Content-Type": "application/json",
    "User-Agent": "phasewise",
    "Accept": "application/json",
}


def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Load whom to trust; off the event loop, for it takes a while."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise CredentialsError(f"{ca_file}: is no certificate that can be read") from error


def _is_stale(reply: Reply) -> bool:
    """Tell whether another token may help, or a person has to put something right."""
    return not any(reason in reply.body for reason in _A_PERSONS)

"""OAuth: an access token that is always good, from refresh tokens that are each good for one use.

A new refresh token is on the disk before its access token is used. What cannot be kept is not asked for, and
a refusal is not asked again: services lock out who hammers their sign-on.
"""

import asyncio
import hashlib
import json
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx

from adapters.wire.token_file import LOCK_WAIT_S, TokenFile, Tokens
from controller.errors import CredentialsError, DeviceUnreachable, RecordError
from controller.ports import Clock

_EARLY_S: Final = 60.0
"""An access token is renewed this long before it ends."""
_PAUSE_S: Final = 60.0
"""After a refresh without a token or a refusal the next waits this long."""
_PATIENCE_S: Final = 600.0
"""A token that is refused so soon after it took the place of a refused one is not what is wrong."""
_REFUSALS: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED})
_DEFAULT_LIFE_S: Final = 8 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """How an account is signed on."""

    url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    """For services that ask for one."""
    refresh: str = field(default="", repr=False)
    """The refresh token that the operator configured; the file's is newer once there is one."""
    access: str = field(default="", repr=False)
    """A fixed access token, where somebody else renews it."""
    scope: str = ""
    as_json: bool = False
    """Whether the request is JSON instead of a form."""
    timeout_s: float = 20.0


class _RefusedError(CredentialsError):
    """The service does not take a refresh token."""


class TokenKeeper:
    """Hands out one account's access token."""

    def __init__(self, grant: Grant, file: TokenFile | None, clock: Clock) -> None:
        self._grant, self._file, self._clock = grant, file, clock
        self._tokens: Tokens | None = None
        self._refused: set[str] = set()
        """Refresh tokens that were refused; never asked with again."""
        self._quiet_until_s = self._patient_until_s = -math.inf
        self._renewing = asyncio.Lock()

    async def access(self) -> str:
        """Tell an access token that has not ended.

        Raises:
            CredentialsError: the account has to be signed on anew by a person, or tokens cannot be kept.
            DeviceUnreachable: the service does not answer.
        """
        if self._tokens is None:
            self._tokens = await self._held()
        if self._tokens.is_good(self._clock.now()):
            return self._tokens.access
        # Whoever asks may be broken off; the answer with the next refresh token must not be.
        return await asyncio.shield(self._renewed(self._tokens.access))

    async def renewed(self, refused: str) -> str | None:
        """Tell another access token than one that was refused; errors as for `access`.

        `None`: the one before was refused too, a moment ago, and no refresh token is spent on it again yet.
        """
        return await asyncio.shield(self._instead_of(refused))

    async def _instead_of(self, refused: str) -> str | None:
        if self._clock.mono_s() < self._patient_until_s:
            held = await self._held()
            return self._taken(held) if self._may_help(held, refused) else None
        token = await self._renewed(refused)
        self._patient_until_s = self._clock.mono_s() + _PATIENCE_S
        return token

    async def _renewed(self, refused: str) -> str:
        until_s = self._clock.mono_s() + LOCK_WAIT_S
        async with self._renewing:
            if self._file is None:
                return await self._renew(refused)
            try:
                async with self._file.alone(self._clock, until_s):
                    return await self._renew(refused)
            except RecordError as error:
                raise CredentialsError(f"tokens cannot be kept, so none is asked for: {error}") from error

    async def _renew(self, refused: str) -> str:
        held = await self._held()
        if self._may_help(held, refused):
            return self._taken(held)  # Another task or program was faster.
        await self._kept(held)  # Rehearsed: a token that could not be saved would be lost.
        return self._taken(await self._exchanged(held))

    def _may_help(self, held: Tokens, refused: str) -> bool:
        return held.is_good(self._clock.now()) and held.access != refused

    def _taken(self, tokens: Tokens) -> str:
        self._tokens = tokens
        return tokens.access

    async def _held(self) -> Tokens:
        """Take what is newest; what cannot be sent is no token, and is not shown by whoever fails to."""
        held = await self._newest()
        if not all(_is_sendable(token) for token in (held.access, held.refresh, held.previous) if token):
            raise CredentialsError("a token holds characters that no token has: is it cut or wrapped?")
        return held

    async def _newest(self) -> Tokens:
        """Take the file, unless it does not stem from the configured token."""
        grant = self._grant
        seed = hashlib.sha256(grant.refresh.encode()).hexdigest()[:16] if grant.refresh else ""
        first = self._tokens or Tokens(access=grant.access, refresh=grant.refresh, seed=seed)
        if self._file is None:
            return first
        try:
            held = await asyncio.to_thread(self._file.load)
        except RecordError as error:
            raise CredentialsError(f"the tokens are lost: {error}") from error
        if held is None or (seed and held.seed != seed):
            return first if first.seed == seed else Tokens(refresh=grant.refresh, seed=seed)
        return held

    async def _exchanged(self, held: Tokens) -> Tokens:
        """Turn a refresh token into the next pair, the one before it as a last resort."""
        candidates = [token for token in (held.refresh, held.previous) if token]
        fresh = [token for token in candidates if token not in self._refused]
        if not fresh:
            why = "the sign-on was refused" if candidates else "the access token ended"
            raise CredentialsError(f"{why}: a person has to sign on anew and configure a refresh token")
        for token in fresh:
            try:
                answer = await self._asked(token)
            except _RefusedError:
                self._refused.add(token)
                continue
            tokens = _tokens(answer, token, held.seed, self._clock.now())
            await self._kept(tokens)
            return tokens
        raise CredentialsError("the refresh token is not accepted any more: a person has to sign on anew")

    async def _kept(self, tokens: Tokens) -> None:
        if self._file is not None:
            await asyncio.to_thread(self._file.save, tokens)

    async def _asked(self, refresh: str) -> dict[str, Any]:
        """Turn one in; a service that answers neither a token nor a refusal is left alone for a while."""
        now_s = self._clock.mono_s()
        if now_s < self._quiet_until_s:
            raise DeviceUnreachable("the sign-on service gave no token a moment ago")
        self._quiet_until_s = now_s + _PAUSE_S
        response = await self._answered(refresh)
        if response.status_code in _REFUSALS:
            self._quiet_until_s = -math.inf  # Whoever was refused may try the token before at once.
            raise _RefusedError("refused")
        told = _told(response)
        self._quiet_until_s = -math.inf
        return told

    async def _answered(self, refresh: str) -> httpx.Response:
        grant = self._grant
        form = {"grant_type": "refresh_token", "client_id": grant.client_id, "refresh_token": refresh}
        if grant.client_secret:
            form["client_secret"] = grant.client_secret
        if grant.scope:
            form["scope"] = grant.scope
        content = {"json": form} if grant.as_json else {"data": form}
        try:
            async with asyncio.timeout(grant.timeout_s), httpx.AsyncClient(timeout=None) as client:  # noqa: S113 - asyncio.timeout covers it
                return await client.post(grant.url, **content)  # type: ignore[arg-type]
        except (TimeoutError, httpx.RequestError) as error:
            raise DeviceUnreachable(f"the sign-on service does not answer: {type(error).__name__}") from error


def _told(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError) as error:
        raise DeviceUnreachable(f"the sign-on service answers HTTP {response.status_code}") from error
    told = answer if isinstance(answer, dict) and not response.is_error else {}
    if not _is_sendable(told.get("access_token")) or not _is_sendable(told.get("refresh_token") or "none"):
        raise DeviceUnreachable(f"the sign-on service answers HTTP {response.status_code} without a token")
    return told


def _is_sendable(token: object) -> bool:
    """Tell whether a header can hold it; others would end in the message of an error."""
    return isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token


def _tokens(answer: dict[str, Any], used: str, seed: str, now: datetime) -> Tokens:
    life_s = answer.get("expires_in")
    if isinstance(life_s, bool) or not isinstance(life_s, int | float) or not 0 < life_s < 1e9:  # noqa: PLR2004 - 30 years
        life_s = _DEFAULT_LIFE_S
    following = answer.get("refresh_token")
    return Tokens(
        access=answer["access_token"],
        expires=now + timedelta(seconds=max(0.0, life_s - _EARLY_S)),
        refresh=following if isinstance(following, str) and following else used,
        previous=used,
        seed=seed,
    )

"""Easee's cloud over REST: login, tokens, the state of a charger, where the operator's stream is."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from weakref import WeakValueDictionary

import httpx

from adapters.chargers.easee.messages import Observed, instant
from adapters.wire.amqp_broker import Broker
from controller.errors import CredentialsError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from controller.ports import Clock

# httpx tells every address at level INFO.
logging.getLogger("httpx").setLevel(logging.WARNING)

_EARLY_S: Final = 60.0
"""A token is renewed this long before it ends."""
_FALLBACK_LIFE_S: Final = 600.0
_REFUSALS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who we are at Easee."""

    url: str
    user: str
    password: str = field(repr=False)
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tokens:
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    until_mono_s: float


class EaseeCloud:
    """Asks for one account, one question at a time; its tokens are renewed before they end."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self._account, self._clock = account, clock
        self._tokens: _Tokens | None = None
        self._one = asyncio.Lock()

    async def observations(self, serial: str) -> tuple[Observed, ...]:
        """Ask for everything that the cloud knows of a charger.

        Raises:
            DeviceUnreachable, DeviceRefused, DeviceNonsense: no answer, a no, or no sense.
            CredentialsError: not with this account.
        """
        content = await self._ask(f"/state/{serial}/observations")
        listed = content.get("observations")
        if not isinstance(listed, list):
            raise DeviceNonsense("the cloud's answer lists no observations")
        return tuple(_observed(one) for one in listed if _is_observation(one))

    async def stream(self) -> Broker:
        """Ask where the operator's stream is, and for its password; errors as for `observations`."""
        content = await self._ask("/api/streams/amqp/v2")
        try:
            return Broker(
                host=_text(content, "server"),
                port=int(content.get("port", 5671)),
                tls=content.get("useSsl") is not False,
                virtual_host=str(content.get("virtualHost") or "/"),
                queue=_text(content, "queueName"),
                exchange=_text(content, "exchangeName"),
                user=_text(content, "username"),
                password=_text(content, "password"),
            )
        except (TypeError, ValueError) as error:
            raise DeviceNonsense("the cloud does not tell where its stream is") from error

    async def _ask(self, path: str) -> Mapping[str, Any]:
        async with self._one:
            status, content = await self._get(path, await self._token())
            if status in _REFUSALS:
                self._tokens = None
                status, content = await self._get(path, await self._token())
            return _checked(path, status, content)

    async def _token(self) -> str:
        tokens = self._tokens
        if tokens is not None and self._clock.mono_s() < tokens.until_mono_s:
            return tokens.access
        if tokens is not None and await self._refreshed(tokens):
            return self._tokens.access if self._tokens is not None else ""
        self._tokens = None
        account = self._account
        status, content = await self._post(
            "/api/accounts/login", {"userName": account.user, "password": account.password}
        )
        if status in (*_REFUSALS, HTTPStatus.BAD_REQUEST):
            raise CredentialsError(f"{account.url}: does not accept the account")
        self._tokens = self._taken(_checked("login", status, content))
        return self._tokens.access

    async def _refreshed(self, tokens: _Tokens) -> bool:
        status, content = await self._post(
            "/api/accounts/refresh_token", {"accessToken": tokens.access, "refreshToken": tokens.refresh}
        )
        if status != HTTPStatus.OK:
            return False
        self._tokens = self._taken(_checked("refresh", status, content))
        return True

    def _taken(self, content: Mapping[str, Any]) -> _Tokens:
        told = content.get("expiresIn")
        life_s = float(told) if isinstance(told, int | float) else _FALLBACK_LIFE_S
        return _Tokens(
            access=_text(content, "accessToken"),
            refresh=str(content.get("refreshToken") or ""),
            until_mono_s=self._clock.mono_s() + life_s - _EARLY_S,
        )

    async def _get(self, path: str, token: str) -> tuple[int, object]:
        return await self._exchange("GET", path, {"Authorization": f"Bearer {token}"}, None)

    async def _post(self, path: str, content: Mapping[str, str]) -> tuple[int, object]:
        return await self._exchange("POST", path, {}, content)

    async def _exchange(
        self, verb: str, path: str, headers: Mapping[str, str], content: Mapping[str, str] | None
    ) -> tuple[int, object]:
        account = self._account
        # Reading the system's certificates takes long on a small machine; the loop must not wait for it.
        client = await asyncio.to_thread(httpx.AsyncClient, timeout=account.timeout_s)
        async with client:
            try:
                async with asyncio.timeout(account.timeout_s):
                    answer = await client.request(verb, account.url + path, headers=headers, json=content)
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
                raise DeviceUnreachable(f"{account.url}{path}: {type(error).__name__}") from error
        try:
            return answer.status_code, json.loads(answer.content or b"null")
        except (ValueError, RecursionError):
            return answer.status_code, None


def _checked(path: str, status: int, content: object) -> Mapping[str, Any]:
    if status in _REFUSALS:
        raise CredentialsError(f"{path}: this account may not ask that")
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise DeviceUnreachable(f"{path}: HTTP {status}")
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise DeviceRefused(f"{path}: HTTP {status}", code=status)
    if not isinstance(content, dict):
        raise DeviceNonsense(f"{path}: answered without an object")
    return content


def _text(content: Mapping[str, Any], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value:
        raise DeviceNonsense(f"the cloud's answer lacks {key}")
    return value


def _is_observation(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), int) and "value" in one


def _observed(one: Mapping[str, Any]) -> Observed:
    return Observed(id=one["id"], value=one["value"], at=instant(one.get("timestamp")))


_clouds: WeakValueDictionary[tuple[Clock, Account], EaseeCloud] = WeakValueDictionary()


def cloud_for(account: Account, clock: Clock) -> EaseeCloud:
    """Hand out the one conversation of an account; it lives for as long as one of its users."""
    cloud = _clouds.get((clock, account))
    if cloud is None:
        cloud = _clouds[clock, account] = EaseeCloud(account, clock)
    return cloud

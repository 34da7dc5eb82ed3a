"""Rest: one exchange after another with Easee's cloud, which is left alone for as long as it asks to be."""

import asyncio
import json
import logging
import math
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import httpx

from adapters.wire.retry_after import retry_after_s
from controller.errors import CredentialsError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from controller.ports import Clock

# httpx tells every address at level INFO.
logging.getLogger("httpx").setLevel(logging.WARNING)

STRANGERS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
"""How the cloud says that it does not accept who we are."""

_QUIET_S: Final = 60.0
"""How long it is left alone when it does not say how long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who we are at Easee."""

    url: str
    user: str
    password: str = field(repr=False)
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the cloud answered."""

    status: int
    content: object = None
    """The body as JSON; `None` when it is empty or none."""
    is_nonsense: bool = False
    """There is a body, and it is no JSON: a page of something in between, perhaps."""
    retry_after_s: float | None = None
    """Asked too often: for so long nothing is asked."""


class Rest:
    """Exchanges; who asks too often is blocked for a day, so a 429 silences everything for a while."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self._account, self._clock = account, clock
        self._trust: ssl.SSLContext | None = None
        self._quiet_until_mono_s = -math.inf

    async def exchange(
        self, verb: str, path: str, token: str = "", content: Mapping[str, object] | None = None
    ) -> Said:
        """Ask, and wait for the answer; while the cloud wants to be left alone it is not asked.

        Raises:
            DeviceUnreachable: no answer in time; what was asked may yet be done.
        """
        left_s = self._quiet_until_mono_s - self._clock.mono_s()
        if left_s > 0.0:
            return Said(status=HTTPStatus.TOO_MANY_REQUESTS, retry_after_s=left_s)
        said = _said(await self._answer(verb, path, token, content), self._clock.now())
        if said.retry_after_s is not None:
            self._quiet_until_mono_s = self._clock.mono_s() + said.retry_after_s
        return said

    async def _answer(
        self, verb: str, path: str, token: str, content: Mapping[str, object] | None
    ) -> httpx.Response:
        account = self._account
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if self._trust is None:
            # Reading the system's certificates takes long on a small machine; the loop must not wait for it.
            self._trust = await asyncio.to_thread(httpx.create_ssl_context)
        try:
            async with (
                asyncio.timeout(account.timeout_s),
                httpx.AsyncClient(timeout=account.timeout_s, verify=self._trust) as client,
            ):
                return await client.request(verb, account.url + path, headers=headers, json=content)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise DeviceUnreachable(f"{account.url}{path}: {type(error).__name__}") from error


def checked(path: str, said: Said) -> Mapping[str, Any]:
    """Take the object out of an answer.

    Raises:
        DeviceUnreachable, DeviceRefused, DeviceNonsense, CredentialsError: there is none.
    """
    if said.status in STRANGERS:
        raise CredentialsError(f"{path}: this account may not ask that")
    if said.retry_after_s is not None:
        raise DeviceUnreachable(f"{path}: asked too often, left alone for {said.retry_after_s:.0f} s")
    if said.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise DeviceUnreachable(f"{path}: HTTP {said.status}")
    if not HTTPStatus.OK <= said.status < HTTPStatus.MULTIPLE_CHOICES:
        raise DeviceRefused(f"{path}: HTTP {said.status}", code=said.status)
    if not isinstance(said.content, dict):
        raise DeviceNonsense(f"{path}: answered without an object")
    return said.content


def text(content: Mapping[str, Any], key: str) -> str:
    """Take a text that has to be there.

    Raises:
        DeviceNonsense: it is not.
    """
    value = content.get(key)
    if not isinstance(value, str) or not value:
        raise DeviceNonsense(f"the cloud's answer lacks {key}")
    return value


def _said(answer: httpx.Response, now: datetime) -> Said:
    wait_s = None
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        told_s = retry_after_s(answer.headers, now)
        wait_s = _QUIET_S if told_s is None else told_s
    try:
        content = json.loads(answer.content or b"null")
    except (ValueError, RecursionError):
        return Said(status=answer.status_code, is_nonsense=True, retry_after_s=wait_s)
    return Said(status=answer.status_code, content=content, retry_after_s=wait_s)

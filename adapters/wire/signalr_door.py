"""The door of a SignalR hub: where a conversation begins, which the hub tells when it is asked."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx

from controller.errors import CredentialsError, DeviceNonsense, DeviceUnreachable

_MOST_HOPS: Final = 3
_STRANGERS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_WEB_SOCKET: Final = {"http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where to connect to, with what."""

    url: str
    token: str = field(repr=False)
    trust: ssl.SSLContext | None
    """`None`: it speaks no TLS."""


async def find_door(url: str, token: str, timeout_s: float) -> Door:
    """Ask a hub where to connect to; it may send us to another one, with a token for that.

    Raises:
        DeviceUnreachable: no answer.
        DeviceNonsense: no answer that tells.
        CredentialsError: not with this token.
    """
    is_secret = urlsplit(url).scheme == "https"
    # Reading the system's certificates takes long on a small machine; the loop must not wait for it.
    trust = await asyncio.to_thread(httpx.create_ssl_context) if is_secret else None
    for _ in range(_MOST_HOPS):
        told = await _asked(url, token, trust, timeout_s)
        further, its_token = told.get("url"), told.get("accessToken")
        if not isinstance(further, str):
            return Door(url=_socket_url(url, told), token=token, trust=trust)
        if urlsplit(further).scheme != urlsplit(url).scheme or not isinstance(its_token, str):
            raise DeviceNonsense(f"{url}: sends us on without a token or in the clear")
        url, token = further, its_token
    raise DeviceNonsense(f"{url}: sends us on and on")


async def _asked(url: str, token: str, trust: ssl.SSLContext | None, timeout_s: float) -> Mapping[str, Any]:
    try:
        async with httpx.AsyncClient(timeout=timeout_s, verify=trust or False) as client:
            answer = await client.post(_negotiation(url), headers={"Authorization": f"Bearer {token}"})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeviceUnreachable(f"{url}: {type(error).__name__}") from error
    if answer.status_code in _STRANGERS:
        raise CredentialsError(f"{url}: does not accept the token")
    if answer.status_code != HTTPStatus.OK:
        raise DeviceUnreachable(f"{url}: HTTP {answer.status_code}")
    try:
        told = json.loads(answer.content)
    except (ValueError, RecursionError) as error:
        raise DeviceNonsense(f"{url}: is no hub") from error
    if not isinstance(told, dict):
        raise DeviceNonsense(f"{url}: is no hub")
    return told


def _negotiation(url: str) -> str:
    """Name where a hub is asked.

    >>> _negotiation("https://streams.example.com/hubs/chargers?a=b")
    'https://streams.example.com/hubs/chargers/negotiate?a=b&negotiateVersion=1'
    """
    scheme, host, path, query, _ = urlsplit(url)
    asked = urlencode([*parse_qsl(query), ("negotiateVersion", "1")])
    return urlunsplit((scheme, host, path.rstrip("/") + "/negotiate", asked, ""))


def _socket_url(url: str, told: Mapping[str, Any]) -> str:
    """Name where the conversation is; older hubs know it by another name.

    >>> _socket_url("https://streams.example.com/hubs/chargers", {"connectionId": "a b"})
    'wss://streams.example.com/hubs/chargers?id=a+b'
    """
    name = told.get("connectionToken") or told.get("connectionId")
    if not isinstance(name, str):
        raise DeviceNonsense(f"{url}: does not tell where the conversation is")
    scheme, host, path, query, _ = urlsplit(url)
    named = urlencode([*parse_qsl(query), ("id", name)])
    return urlunsplit((_WEB_SOCKET.get(scheme, "wss"), host, path, named, ""))

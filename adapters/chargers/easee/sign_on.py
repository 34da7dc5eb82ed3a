"""Sign-on: a token for one account, renewed before it ends."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from adapters.chargers.easee.rest import STRANGERS, Account, Rest, checked, text
from controller.errors import CredentialsError
from controller.ports import Clock

_EARLY_S: Final = 60.0
"""A token is renewed this long before it ends."""
_FALLBACK_LIFE_S: Final = 600.0
_LONGEST_LIFE_S: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tokens:
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    until_mono_s: float


class SignOn:
    """Logs in once, refreshes, and logs in again when that is refused."""

    def __init__(self, account: Account, rest: Rest, clock: Clock) -> None:
        self._account, self._rest, self._clock = account, rest, clock
        self._tokens: _Tokens | None = None
        self._one = asyncio.Lock()

    async def token(self) -> str:
        """Tell the token to ask with.

        Raises:
            DeviceUnreachable, DeviceRefused, DeviceNonsense: no answer, a no, or no sense.
            CredentialsError: not with this account.
        """
        async with self._one:
            tokens = self._tokens
            if tokens is None or self._clock.mono_s() >= tokens.until_mono_s:
                tokens = self._tokens = await self._renewed(tokens) or await self._logged_in()
            return tokens.access

    def forget(self, token: str) -> None:
        """Use a token no more; it was refused before its time."""
        if self._tokens is not None and self._tokens.access == token:
            self._tokens = None

    async def _logged_in(self) -> _Tokens:
        account = self._account
        said = await self._rest.exchange(
            "POST", "/api/accounts/login", content={"userName": account.user, "password": account.password}
        )
        if said.status in (*STRANGERS, HTTPStatus.BAD_REQUEST):
            raise CredentialsError(f"{account.url}: does not accept the account")
        return self._taken(checked("login", said))

    async def _renewed(self, tokens: _Tokens | None) -> _Tokens | None:
        if tokens is None or not tokens.refresh:
            return None
        said = await self._rest.exchange(
            "POST",
            "/api/accounts/refresh_token",
            content={"accessToken": tokens.access, "refreshToken": tokens.refresh},
        )
        return self._taken(checked("refresh", said)) if said.status == HTTPStatus.OK else None

    def _taken(self, content: Mapping[str, Any]) -> _Tokens:
        return _Tokens(
            access=text(content, "accessToken"),
            refresh=str(content.get("refreshToken") or ""),
            until_mono_s=self._clock.mono_s() + _life_s(content.get("expiresIn")) - _EARLY_S,
        )


def _life_s(told: object) -> float:
    """Read how long a token lives; what makes no sense is some minutes.

    >>> _life_s(3600), _life_s("soon"), _life_s(-1), _life_s(float("nan")), _life_s(10**400)
    (3600.0, 600.0, 600.0, 600.0, 86400.0)
    """
    if isinstance(told, bool) or not isinstance(told, int | float) or not told >= 0:
        return _FALLBACK_LIFE_S
    return float(min(told, _LONGEST_LIFE_S))

"""The access token that the charger's owner granted, renewed when it ends or is refused."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from adapters.chargers.high_mobility.cloud import Cloud
from adapters.wire.oauth import TokenKeeper
from controller.errors import CredentialsError

T = TypeVar("T")


class Tokens:
    """Tries with a good token, and once more with a new one when that was refused."""

    def __init__(self, keeper: TokenKeeper, cloud: Cloud, *, renews: bool) -> None:
        self._keeper, self._cloud, self._renews = keeper, cloud, renews

    async def tried(self, attempt: Callable[[str], Awaitable[T]]) -> T:
        """Try; whatever comes back, no token shows in it.

        Raises:
            CredentialsError: refused, and there is no other token.
        """
        token = await self._keeper.access()
        self._cloud.hide(token)
        try:
            return await attempt(token)
        except CredentialsError:
            other = await self._keeper.renewed(token) if self._renews else None
            if other is None:
                raise
        self._cloud.hide(other)
        return await attempt(other)

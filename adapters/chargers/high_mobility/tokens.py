"""The access token that the charger's owner granted, renewed when it ends or is refused."""

import math
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from adapters.chargers.high_mobility.cloud import Cloud
from adapters.wire.oauth import TokenKeeper
from controller.errors import CredentialsError
from controller.ports import Clock

T = TypeVar("T")

_PATIENCE_S: Final = 600.0
"""A token that is refused so soon after its renewal is not what is wrong."""


class Tokens:
    """Tries with a good token, and once more with a new one when that was refused."""

    def __init__(self, keeper: TokenKeeper, cloud: Cloud, clock: Clock, *, renews: bool) -> None:
        self._keeper, self._cloud, self._clock, self._renews = keeper, cloud, clock, renews
        self._renewed_mono_s = -math.inf

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
            if not self._renews or self._clock.mono_s() < self._renewed_mono_s + _PATIENCE_S:
                raise
        self._renewed_mono_s = self._clock.mono_s()
        token = await self._keeper.renewed(token)
        self._cloud.hide(token)
        return await attempt(token)

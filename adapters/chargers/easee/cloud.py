"""Easee's cloud over REST: the state of a charger, commands, and whatever else an account may ask."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from weakref import WeakValueDictionary

from adapters.chargers.easee.messages import Observed, instant
from adapters.chargers.easee.replies import Reply, reply_of
from adapters.chargers.easee.rest import Account, Rest, Said, checked
from adapters.chargers.easee.settings import EaseeConnection
from adapters.chargers.easee.sign_on import SignOn
from controller.errors import DeviceNonsense
from controller.ports import Clock


class EaseeCloud:
    """Asks for one account, one question at a time; a command never waits for a question."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self._rest = Rest(account, clock)
        self._sign_on = SignOn(account, self._rest, clock)
        self._one = asyncio.Lock()

    async def observations(self, serial: str) -> tuple[Observed, ...]:
        """Ask for everything that the cloud knows of a charger.

        Raises:
            DeviceUnreachable, DeviceRefused, DeviceNonsense: no answer, a no, or no sense.
            CredentialsError: not with this account.
        """
        return observations_in(await self.ask(f"/state/{serial}/observations"))

    async def ask(self, path: str) -> Mapping[str, Any]:
        """Ask for an object; errors as for `observations`."""
        async with self._one:
            return checked(path, await self._exchange("GET", path))

    async def tell(self, path: str, content: Mapping[str, object] | None) -> Reply:
        """Send a command.

        Raises:
            DeviceUnreachable: no answer in time; it may be taken yet.
            CredentialsError, DeviceNonsense: it could not even log in.
        """
        return reply_of(await self._exchange("POST", path, content))

    async def token(self) -> str:
        """Tell the token for whatever else asks with this account; errors as for `observations`."""
        return await self._sign_on.token()

    def forget_token(self, token: str) -> None:
        """Use a token no more: somebody refused it."""
        self._sign_on.forget(token)

    async def _exchange(self, verb: str, path: str, content: Mapping[str, object] | None = None) -> Said:
        token = await self._sign_on.token()
        said = await self._rest.exchange(verb, path, token, content)
        if said.status == HTTPStatus.UNAUTHORIZED:
            self._sign_on.forget(token)
            said = await self._rest.exchange(verb, path, await self._sign_on.token(), content)
        return said


def observations_in(content: Mapping[str, Any]) -> tuple[Observed, ...]:
    """Take the observations out of an answer; what is none among them is left out.

    Raises:
        DeviceNonsense: it lists none.
    """
    listed = content.get("observations")
    if not isinstance(listed, list):
        raise DeviceNonsense("the cloud's answer lists no observations")
    return tuple(_observed(one) for one in listed if _is_observation(one))


def _is_observation(one: object) -> bool:
    if not isinstance(one, dict) or "value" not in one:
        return False
    return isinstance(one.get("id"), int) and not isinstance(one["id"], bool)


def _observed(one: Mapping[str, Any]) -> Observed:
    return Observed(id=one["id"], value=one["value"], at=instant(one.get("timestamp")))


_clouds: WeakValueDictionary[tuple[Clock, Account], EaseeCloud] = WeakValueDictionary()


def cloud_for(account: Account, clock: Clock) -> EaseeCloud:
    """Hand out the one conversation of an account; it lives for as long as one of its users."""
    cloud = _clouds.get((clock, account))
    if cloud is None:
        cloud = _clouds[clock, account] = EaseeCloud(account, clock)
    return cloud


def account_of(settings: EaseeConnection) -> Account | None:
    """Take the account out of settings, if there is one."""
    if settings.account_password is None:
        return None
    return Account(
        url=settings.api_url,
        user=settings.account_user,
        password=settings.account_password.get_secret_value(),
        timeout_s=settings.rest_timeout_s,
    )

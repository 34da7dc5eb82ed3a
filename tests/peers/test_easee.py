"""`pyeasee`, as Home Assistant uses it, against the twin of Easee's cloud: sign-on and observations."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from pyeasee import Charger, Easee
from pyeasee.charger import STATUS
from pyeasee.exceptions import BadRequestException, TooManyRequestsException

from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_cloud import EaseeCloudTwin

# The client builds an error of aiohttp in a way that is going out of use.
pytestmark = pytest.mark.filterwarnings("ignore:code argument is deprecated:DeprecationWarning")

LOGIN, REFRESH = "/api/accounts/login", "/api/accounts/refresh_token"
PATIENCE_S = 20.0

DISCONNECTED = 1
"""Of observation 109, the operating mode."""


@asynccontextmanager
async def account(password: str | None = None) -> AsyncIterator[tuple[EaseeTwin, EaseeCloudTwin, Any]]:
    """Start a charger and its cloud, and a client that knows them."""
    async with (
        EaseeTwin() as twin,
        EaseeCloudTwin(None, twin) as cloud,
        aiohttp.ClientSession() as session,
    ):
        client = Easee(cloud.user, cloud.password if password is None else password, session)
        client.base = cloud.url
        yield twin, cloud, client


def charger_of(client: Any, serial: str) -> Any:  # noqa: ANN401 - as untyped as the client
    return Charger({"id": serial, "name": "twin", "productCode": 1, "levelOfAccess": 1}, client)


async def observed(charger: Any, *ids: int) -> dict[int, object]:  # noqa: ANN401 - as above
    """Wait until the cloud has heard of all of these, and tell what it knows."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            told = await charger.get_observations(*ids)
            found = {one["id"]: one["value"] for one in told["observations"]}
            if found.keys() >= set(ids):
                return found


async def test_a_login_opens_the_state_of_a_charger() -> None:
    async with account() as (twin, cloud, client):
        found = await observed(charger_of(client, twin.device.serial), 48, 109)

        assert found == {48: 32.0, 109: DISCONNECTED}
        assert cloud.asked[LOGIN] == 1


async def test_what_the_charger_does_is_seen() -> None:
    async with account() as (twin, _, client):
        charger = charger_of(client, twin.device.serial)
        twin.plug_in("a car")
        async with asyncio.timeout(PATIENCE_S):
            while (mode := (await observed(charger, 109))[109]) == DISCONNECTED:
                pass

        assert STATUS[mode] in ("AWAITING_START", "CHARGING", "READY_TO_CHARGE")


async def test_a_token_that_ended_is_renewed_without_another_login() -> None:
    async with account() as (twin, cloud, client):
        charger = charger_of(client, twin.device.serial)
        await observed(charger, 48)
        before = client.token["accessToken"]
        client.token["expires"] = datetime.now() - timedelta(seconds=1)  # noqa: DTZ005, TID251 - the client's own clock
        await observed(charger, 48)

        assert client.token["accessToken"] != before
        assert (cloud.asked[LOGIN], cloud.asked[REFRESH]) == (1, 1)


async def test_a_refused_renewal_leads_to_another_login() -> None:
    async with account() as (twin, cloud, client):
        charger = charger_of(client, twin.device.serial)
        await observed(charger, 48)
        cloud.refreshes = False
        client.token["expires"] = datetime.now() - timedelta(seconds=1)  # noqa: DTZ005, TID251 - the client's own clock

        assert await observed(charger, 48)
        assert (cloud.asked[LOGIN], cloud.asked[REFRESH]) == (2, 1)


async def test_a_wrong_password_is_refused() -> None:
    async with account("wrong") as (_, _, client):
        with pytest.raises(BadRequestException):
            await client.connect()


async def test_too_many_questions_are_said() -> None:
    async with account() as (twin, cloud, client):
        await client.connect()
        cloud.status = 429

        with pytest.raises(TooManyRequestsException):
            await charger_of(client, twin.device.serial).get_observations(48)

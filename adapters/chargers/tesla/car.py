"""Car: how a configured Tesla is reached, whatever it is used for."""

from pathlib import Path
from typing import Final

from adapters.chargers.tesla.budget import Allowance, Budget, Kind
from adapters.chargers.tesla.client import TeslaClient
from adapters.chargers.tesla.dialects import Dialect
from adapters.chargers.tesla.exchange import Exchange, Place
from adapters.chargers.tesla.settings import TeslaAccess
from adapters.wire.oauth import Grant, TokenKeeper
from adapters.wire.token_file import TokenFile
from controller.ports import Clock

_OWNER_SCOPE: Final = "openid email offline_access"


def client_of(name: str, access: TeslaAccess, clock: Clock) -> TeslaClient:
    """Build everything between a car's name and its commands; nothing is connected yet."""
    place = Place(
        name=name,
        url=access.url,
        ca_file=access.ca_file,
        follows=access.manner.follows,
        timeout_s=access.timeout_s,
        patience_s=access.give_way_s,
    )
    allowance = Allowance(
        per_month_usd=access.budget_usd_per_month,
        per_minute={
            Kind.DATA: access.data_per_minute,
            Kind.COMMAND: access.commands_per_minute,
            Kind.WAKE: access.wakes_per_minute,
        },
        unpriced=access.manner.unpriced,
    )
    budget = Budget(name, allowance, clock, access.usage_file)
    return TeslaClient(Exchange(place, _tokens(access, clock), budget, clock), access.vehicle, access.manner)


def _tokens(access: TeslaAccess, clock: Clock) -> TokenKeeper | None:
    if access.dialect is Dialect.BLE:
        return None
    is_owner = access.dialect is Dialect.OWNER
    grant = Grant(
        url=access.token_url,
        client_id=access.client_id or "ownerapi",
        refresh="" if access.refresh_token is None else access.refresh_token.get_secret_value(),
        access="" if access.access_token is None else access.access_token.get_secret_value(),
        scope=_OWNER_SCOPE if is_owner else "",
        as_json=is_owner,
        timeout_s=access.timeout_s,
    )
    file = None if access.token_file is None else TokenFile(Path(access.token_file))
    return TokenKeeper(grant, file, clock)

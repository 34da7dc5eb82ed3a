"""The four ways to speak to a Tesla: same paths, other addresses, sign-on, prices and abilities."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Dialect(StrEnum):
    """Through what a car is reached."""

    FLEET = "fleet"
    """Fleet API, unsigned: charging commands work on Model S and X from before 2021 alone."""
    OWNER = "owner"
    """Owner API: as `fleet`."""
    PROXY = "proxy"
    """Tesla's command proxy in the house, which signs; it passes everything else on to the Fleet API."""
    BLE = "ble"
    """A Bluetooth proxy near the car; no cloud, no account."""


REGIONS: Final[Mapping[str, str]] = {
    "na": "https://fleet-api.prd.na.vn.cloud.tesla.com",
    "eu": "https://fleet-api.prd.eu.vn.cloud.tesla.com",
    "cn": "https://fleet-api.prd.cn.vn.cloud.tesla.cn",
}
"""`na` is North America, Asia and the Pacific; `eu` Europe, the Middle East and Africa."""

_OWNER_URLS: Final = {"cn": "https://owner-api.vn.cloud.tesla.cn"}
_OWNER_SIGN_ON: Final = {"cn": "https://auth.tesla.cn/oauth2/v3/token"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a dialect is spoken."""

    wake_path: str = "wake_up"
    waits: bool = False
    """Commands have to be asked to wait for the car's answer."""
    nested: bool = False
    """Answers lie one level deeper."""
    remembers: bool = False
    """Answers may be as old as their time stamp (in s) says; elsewhere they come from the car."""
    follows: bool = False
    """Another region's address is followed; a proxy knows its way, and past it nothing would be signed."""
    unpriced: bool = True
    """Nobody bills calls."""
    commands: frozenset[str] | None = None
    """What it can do; `None`: everything."""
    latency_s: float = 15.0
    poll_s: float = 60.0
    write_gap_s: float = 60.0


MANNERS: Final[Mapping[Dialect, Manner]] = {
    Dialect.FLEET: Manner(unpriced=False, follows=True),
    Dialect.OWNER: Manner(follows=True),
    Dialect.PROXY: Manner(unpriced=False),
    Dialect.BLE: Manner(
        wake_path="command/wake_up",
        waits=True,
        nested=True,
        remembers=True,
        commands=frozenset(
            {
                "charge_start",
                "charge_stop",
                "set_charging_amps",
                "set_charge_limit",
                "charge_port_door_open",
                "charge_port_door_close",
            }
        ),
        latency_s=8.0,
        poll_s=30.0,
        write_gap_s=15.0,
    ),
}


def default_url(dialect: Dialect, region: str) -> str:
    """Tell where a dialect is spoken; empty for proxies, which every house has elsewhere."""
    if dialect is Dialect.FLEET:
        return REGIONS[region]
    if dialect is Dialect.OWNER:
        return _OWNER_URLS.get(region, "https://owner-api.teslamotors.com")
    return ""


def sign_on_url(dialect: Dialect, region: str) -> str:
    """Tell where refresh tokens are exchanged."""
    if dialect is Dialect.OWNER:
        return _OWNER_SIGN_ON.get(region, "https://auth.tesla.com/oauth2/v3/token")
    if region == "cn":
        return "https://auth.tesla.cn/oauth2/v3/token"
    return "https://fleet-auth.prd.vn.cloud.tesla.com/oauth2/v3/token"

"""Host: how the place of a device is written in a configuration."""

from typing import Annotated

from pydantic import AfterValidator, Field


def _bare(host: str) -> str:
    return host.removeprefix("[").removesuffix("]")


Host = Annotated[
    str,
    Field(
        pattern=r"^([^/@:\[\]\s]+|\[[0-9A-Fa-f:.]+(%\w+)?\]|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(%\w+)?)$",
        json_schema_extra={"expects": "a name or address, without http:// and without a port"},
    ),
    AfterValidator(_bare),
]
"""A name, an IPv4 address, or an IPv6 address with or without brackets; kept without them."""


def in_url(host: str) -> str:
    """Write a host as it stands in a URL.

    >>> in_url("meter.lan"), in_url("fe80::1")
    ('meter.lan', '[fe80::1]')
    """
    return f"[{host}]" if ":" in host else host

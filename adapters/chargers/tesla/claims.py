"""Claims: what an access token says that it may be used for; nobody relies on it but a probe."""

import base64
import binascii
import json
from typing import Final

from adapters.chargers.tesla.values import members

_PARTS: Final = 3


def scopes(token: str) -> frozenset[str] | None:
    """Read the scopes of a token (JWT), unverified; `None`: it does not say.

    >>> scopes("access-1") is None
    True
    """
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError, binascii.Error):
        return None
    told = members(claims).get("scp")
    return frozenset(one for one in told if isinstance(one, str)) if isinstance(told, list) else None

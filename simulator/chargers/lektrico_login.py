"""HTTP Basic and Digest as a simulated Lektri.co charger asks for them."""

import base64
import hashlib
import hmac
from typing import Final
from urllib.request import parse_http_list, parse_keqv_list

_REALM: Final = "RPC"
_NONCE: Final = "5f3d2a"


def challenge(scheme: str) -> str:
    """Tell what the `WWW-Authenticate` header says."""
    if scheme == "basic":
        return f'Basic realm="{_REALM}"'
    return f'Digest realm="{_REALM}", nonce="{_NONCE}", qop="auth", algorithm=SHA-256'


def accepts(login: tuple[str, str, str], authorization: str, verb: str) -> bool:
    """Check an `Authorization` header."""
    user, password, scheme = login
    kind, _, rest = authorization.partition(" ")
    if kind.lower() != scheme:
        return False
    if scheme == "basic":
        expected = base64.b64encode(f"{user}:{password}".encode()).decode()
        return hmac.compare_digest(rest, expected)
    given = parse_keqv_list(parse_http_list(rest))
    return hmac.compare_digest(given.get("response", ""), _digest(user, password, verb, given))


def _digest(user: str, password: str, verb: str, given: dict[str, str]) -> str:
    """RFC 7616, section 3.4.1, with qop=auth."""
    secret = _hash(f"{user}:{_REALM}:{password}")
    asked = _hash(f"{verb}:{given.get('uri', '')}")
    turn = f"{given.get('nc', '')}:{given.get('cnonce', '')}"
    return _hash(f"{secret}:{_NONCE}:{turn}:auth:{asked}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

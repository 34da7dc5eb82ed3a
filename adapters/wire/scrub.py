"""Scrub: what a service answers must not carry our own secrets into a log."""

import json

_MASK = b"***"
_SHORTEST = 8
"""Anything shorter guards nothing, and stands in every other word."""


def scrubbed(body: bytes, secret: str) -> bytes:
    r"""Take a secret out of an answer, also where JSON spells it with escapes.

    >>> scrubbed(b'{"error": "no such token: open-sesame"}', "open-sesame")
    b'{"error": "no such token: ***"}'
    >>> scrubbed(b'{"error": "\\u006fpen-sesame"}', "open-sesame")
    b'{"error": "***"}'
    """
    if len(secret) < _SHORTEST:
        return body
    plain = body.replace(secret.encode(errors="replace"), _MASK)
    if b"\\" not in plain:
        return plain
    try:
        spelled_out = json.dumps(json.loads(plain)).encode()
    except (ValueError, RecursionError):
        return plain
    hidden = spelled_out.replace(secret.encode(errors="replace"), _MASK)
    return hidden if hidden != spelled_out else plain

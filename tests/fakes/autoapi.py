"""Known bytes of the auto-api and the values that they stand for; the keys are for tests alone."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from adapters.chargers.high_mobility.home_charger import HOME_CHARGER
from adapters.wire.autoapi.messages import Message, decode

_FILE = Path(__file__).parent.parent / "fixtures" / "high_mobility_vectors.json"


@cache
def vectors() -> dict[str, Any]:
    """Read them all."""
    content: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return content


def message_bytes(name: str) -> bytes:
    """Find the bytes of one message."""
    return bytes.fromhex(next(m["bytes"] for m in vectors()["messages"] if m["name"] == name))


def read(raw: bytes) -> Message:
    """Read the bytes of a Home Charger."""
    return decode(raw, (HOME_CHARGER,))

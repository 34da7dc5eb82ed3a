"""What the SignalR hub of an owner tells: observations and responses, as JSON objects."""

import re
from typing import Any, Final

from adapters.chargers.easee.messages import Observed, Response, instant
from controller.errors import DeviceNonsense

_SHOWN: Final = 80
_SERIAL: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


def product_update(raw: object) -> tuple[str, Observed]:
    """Read an observation and whose it is.

    Raises:
        DeviceNonsense: it is none.
    """
    content = _object(raw)
    id_ = _whole(content.get("id"))
    if id_ is None or "value" not in content:
        raise DeviceNonsense(f"no observation: {_shown(raw)}")
    told = Observed(id=id_, value=content["value"], at=instant(content.get("timestamp")))
    return _serial(content, "mid"), told


def command_response(raw: object) -> tuple[str, Response]:
    """Read a response and whose it is.

    Raises:
        DeviceNonsense: it is none.
    """
    content = _object(raw)
    id_, accepted = _whole(content.get("id")), content.get("wasAccepted")
    if id_ is None or not isinstance(accepted, bool):
        raise DeviceNonsense(f"no response: {_shown(raw)}")
    return _serial(content, "serialNumber"), _response(id_, content, accepted=accepted)


def status_of(id_: int, raw: object) -> Response | None:
    """Read what the cloud has stored of a command; `None` while the charger has not answered.

    What its `resultCode` means is told in contradictions: only `wasAccepted` counts.
    """
    if not isinstance(raw, dict) or not isinstance(raw.get("wasAccepted"), bool):
        return None
    return _response(id_, raw, accepted=raw["wasAccepted"])


def _response(id_: int, content: dict[str, Any], *, accepted: bool) -> Response:
    comment = content.get("comment")
    return Response(
        id=id_,
        accepted=accepted,
        at=instant(content.get("timestamp")),
        ticks=_whole(content.get("ticks")),
        code=_whole(content.get("resultCode")),
        comment=comment[:_SHOWN] if isinstance(comment, str) else "",
    )


def _object(raw: object) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise DeviceNonsense(f"no object: {_shown(raw)}")
    return raw


def _serial(content: dict[str, Any], key: str) -> str:
    serial = content.get(key)
    if not isinstance(serial, str) or _SERIAL.fullmatch(serial) is None:
        raise DeviceNonsense(f"of no charger: {_shown(content)}")
    return serial


def _whole(raw: object) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def _shown(raw: object) -> str:
    return repr(raw)[:_SHOWN]

"""The three wire forms of a simulated Lektri.co charger: HTTP request in, HTTP answer out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from simulator.chargers.lektrico_device import LektricoDevice
from simulator.chargers.lektrico_faults import Faults
from simulator.chargers.lektrico_keys import GENERAL, UNKNOWN_KEY, RpcFault
from simulator.chargers.lektrico_methods import METHODS
from simulator.chargers.web import WebReply, WebRequest

OK, NOT_FOUND, FAILED = 200, 404, 500
_JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call, taken out of its wire form."""

    form: str
    method: str
    params: Mapping[str, object]
    number: object = None
    """A frame's id; a frame without one is never answered."""
    source: object = ""


def call_of(request: WebRequest) -> Call | None:
    """Recognise the wire form; `None` is an address that nobody serves."""
    if request.path == "/rpc" and request.verb == "POST":
        return _framed(request.body)
    if not request.path.startswith("/rpc/"):
        return None
    method = request.path.removeprefix("/rpc/")
    if request.verb == "GET":
        # Values are pasted raw into JSON: numbers bare, strings in quotes.
        query = {key: _relaxed(value) for key, value in request.query.items()}
        return Call(form="get", method=method, params=query)
    return Call(form="post", method=method, params=_object(request.body))


def replied(call: Call, device: LektricoDevice, faults: Faults) -> WebReply:
    """Carry the call out and put its answer back into the form that it came in."""
    if call.form not in faults.forms:
        return _failure(call, NOT_FOUND, UNKNOWN_KEY, "No handler.")
    name = call.method.lower()
    struck = faults.strikes(name)
    if struck and faults.body is not None:
        return WebReply(status=OK, body=faults.body, headers=_JSON)
    if struck and faults.refuse is not None:
        return _failure(call, FAILED, faults.refuse, "Refused.")
    if name not in METHODS or name in faults.absent:
        status = FAILED if faults.absent_with_code else NOT_FOUND
        return _failure(call, status, UNKNOWN_KEY, f"No handler for {call.method}")
    try:
        result = METHODS[name](device, faults, call.params)
    except RpcFault as fault:
        return _failure(call, FAILED, fault.code, fault.message)
    return _success(call, False if struck and faults.false else _told(result, faults))


def _told(result: object, faults: Faults) -> object:
    if not isinstance(result, dict):
        return result
    return {key: value for key, value in result.items() if key.strip() not in faults.hidden_keys}


def _framed(body: bytes) -> Call:
    frame = _object(body)
    params = frame.get("params")
    return Call(
        form="frame",
        method=str(frame.get("method", "")),
        params=params if isinstance(params, dict) else {},
        number=frame.get("id"),
        source=frame.get("src", ""),
    )


def _object(body: bytes) -> Mapping[str, object]:
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _relaxed(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _success(call: Call, result: object) -> WebReply:
    return _reply(OK, _frame(call, "result", result) if call.form == "frame" else result)


def _failure(call: Call, status: int, code: int, message: str) -> WebReply:
    fault = {"code": code, "message": message}
    if call.form == "frame":
        return _reply(OK, _frame(call, "error", fault))
    return _reply(status, fault)


def _frame(call: Call, part: str, content: object) -> dict[str, object]:
    return {"id": call.number, "src": "twin", "dst": call.source, part: content}


def _reply(status: int, content: object) -> WebReply:
    return WebReply(status=status, body=json.dumps(content).encode() + b"\r\n", headers=_JSON)


NOWHERE_REPLY: Final = _reply(NOT_FOUND, {"code": GENERAL, "message": "Not found."})

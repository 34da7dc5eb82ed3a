"""EVerest's own messages over MQTT: topics and envelopes of the wire generations W1, W2 and W3.

W1 (up to 2024.10) and W2 (to 2025.10) have one topic for all variables and one for calls and results of an
implementation; W3 (from 2025.12) has a topic a name. Everything is JSON.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from controller.errors import DeviceNonsense

Json = Any
"""Whatever JSON holds; it is looked at where it is read."""

_SHOWN: Final = 120
# Tokens of people and cars, and certificates; the text may end within one.
_SECRET: Final = re.compile(
    r"""(["'](?:id_tag|\w*id_token|value|certificate\w*|exi_?\w*|emaid)["']\s*:\s*)(?:"[^"]*"?|'[^']*'?)""",
    re.IGNORECASE,
)


class Wire(StrEnum):
    """A wire generation."""

    W1 = "W1"
    W2 = "W2"
    W3 = "W3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An implementation of an interface within a module."""

    module: str
    implementation: str


class Kind(Enum):
    """What a message is."""

    VARIABLE = "variable"
    CALL = "call"
    RESULT = "result"
    RAISED = "error raised"
    CLEARED = "error cleared"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a call was not answered with a value."""

    kind: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One message, taken out of its envelope."""

    kind: Kind
    name: str = ""
    """Of the variable, command or error."""
    value: Json = None
    """Of a variable, a result, the arguments of a call, or an error's own object."""
    call_id: str = ""
    origin: str = ""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelopes:
    """Topics and envelopes of one generation, below one prefix."""

    wire: Wire
    prefix: str
    """Without its last `/`."""
    origin: str
    """Who we are to EVerest; answers of W3 come on a topic that ends with it."""

    def base(self, place: Place) -> str:
        """Tell the topic that everything of an implementation begins with."""
        if self.wire is Wire.W1:
            return f"{self.prefix}/{place.module}/{place.implementation}"
        return f"{self.prefix}/modules/{place.module}/impl/{place.implementation}"

    def variables(self, place: Place) -> str:
        """Tell the filter of every variable."""
        return f"{self.base(place)}/var/+" if self.wire is Wire.W3 else f"{self.base(place)}/var"

    def answers(self, place: Place, command: str = "+") -> str:
        """Tell the filter of the answers to our calls; before W3 it carries everybody's calls too."""
        if self.wire is Wire.W3:
            return f"{self.base(place)}/cmd/{command}/response/{self.origin}"
        return f"{self.base(place)}/cmd"

    def calls(self, place: Place, command: str) -> str:
        """Tell the filter of everybody's calls of a command."""
        return f"{self.base(place)}/cmd/{command}" if self.wire is Wire.W3 else f"{self.base(place)}/cmd"

    def errors(self, place: Place) -> str:
        """Tell the filter of raised and cleared errors."""
        return f"{self.base(place)}/error/#"

    def ready(self, module: str) -> tuple[str, str]:
        """Tell the topics that are spoken on once, when all of EVerest or a module has started."""
        modules = "" if self.wire is Wire.W1 else "modules/"
        return f"{self.prefix}/ready", f"{self.prefix}/{modules}{module}/ready"

    def call(self, place: Place, command: str, args: Mapping[str, Json], call_id: str) -> tuple[str, bytes]:
        """Put a call into its envelope; tell topic and payload."""
        content = {"id": call_id, "origin": self.origin, "args": args}
        if self.wire is Wire.W3:
            topic = f"{self.base(place)}/cmd/{command}"
            return topic, packed({"msg_type": "Cmd", "data": content})
        return f"{self.base(place)}/cmd", packed({"name": command, "type": "call", "data": content})

    def opened(self, topic: str, payload: bytes) -> Spoken:
        """Take a message out of its envelope.

        Raises:
            DeviceNonsense: it is none of what this generation says.
        """
        if topic.endswith("/ready") and not topic.endswith("/var/ready"):
            return Spoken(kind=Kind.READY)
        message = unpacked(payload)
        if "/error/" in topic:
            return self._error(topic, message)
        if self.wire is Wire.W3:
            return _opened_w3(topic, message)
        return _opened_w1(topic, message)

    def _error(self, topic: str, message: Json) -> Spoken:
        name = topic.partition("/error/")[2]
        content = message
        if self.wire is Wire.W3:
            content = member(message, "data")
        state = member(content, "state")
        is_active = state == "Active" and member(message, "msg_type", "RaiseError") != "ClearError"
        return Spoken(kind=Kind.RAISED if is_active else Kind.CLEARED, name=name, value=content)


def packed(value: Json) -> bytes:
    """Write JSON as EVerest reads it: no NaN, no infinity."""
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def unpacked(payload: bytes) -> Json:
    """Read JSON.

    Raises:
        DeviceNonsense: it is none.
    """
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise DeviceNonsense(f"not JSON: {shown(payload)}") from error


def shown(value: Json | bytes) -> str:
    """Show the beginning of what makes no sense, without the tokens and certificates in it."""
    try:
        text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    except RecursionError:
        text = "something deeply nested"
    return repr(_SECRET.sub(r"\1***", text[:_SHOWN]))


_REQUIRED: Final = object()


def member(value: Json, key: str, otherwise: Json = _REQUIRED) -> Json:
    """Tell a member of an object.

    Raises:
        DeviceNonsense: it is no object, or has no such member and there is no other value.
    """
    if not isinstance(value, dict):
        raise DeviceNonsense(f"expected an object with {key!r}, got {shown(value)}")
    if key not in value and otherwise is _REQUIRED:
        raise DeviceNonsense(f"{key!r} is missing in {shown(value)}")
    return value.get(key, otherwise)


def _opened_w1(topic: str, message: Json) -> Spoken:
    name, content = _text(message, "name"), member(message, "data")
    if topic.endswith("/var"):
        return Spoken(kind=Kind.VARIABLE, name=name, value=content)
    if member(message, "type") == "call":
        return _call(name, content)
    return _result(name, content)


def _opened_w3(topic: str, message: Json) -> Spoken:
    kind, content = member(message, "msg_type"), member(message, "data")
    levels = topic.split("/")
    if kind == "Var":
        return Spoken(kind=Kind.VARIABLE, name=levels[-1], value=member(content, "data"))
    if kind == "Cmd":
        return _call(levels[-1], content)
    if kind == "CmdResult":
        return _result(levels[-3] if len(levels) > 3 else "", member(content, "data"))  # noqa: PLR2004 - cmd/<name>/response/<origin>
    raise DeviceNonsense(f"unknown msg_type {shown(kind)}")


def _call(name: str, content: Json) -> Spoken:
    return Spoken(
        kind=Kind.CALL,
        name=name,
        value=member(content, "args", None),
        call_id=_text(content, "id"),
        origin=_text(content, "origin"),
    )


def _result(name: str, content: Json) -> Spoken:
    call_id, failed = _text(content, "id"), member(content, "error", None)
    failure = None
    if isinstance(failed, dict):
        # The names of both changed twice between the frameworks 0.22 and 0.25.
        kind = failed.get("__everest__error_type", failed.get("event", failed.get("type", "error")))
        says = failed.get("__everest__error_msg", failed.get("msg", ""))
        failure = Failure(
            kind=kind[:_SHOWN] if isinstance(kind, str) else "error", says=shown(says) if says else ""
        )
    elif "retval" not in content:
        raise DeviceNonsense(f"an answer without a value: {shown(content)}")
    return Spoken(kind=Kind.RESULT, name=name, value=content.get("retval"), call_id=call_id, failure=failure)


def _text(value: Json, key: str) -> str:
    found = member(value, key)
    if not isinstance(found, str):
        raise DeviceNonsense(f"{key!r} is no text: {shown(found)}")
    return found

"""Profile: which EVerest a twin plays, and the envelopes of its wire; written apart from the adapter's."""

import json
from dataclasses import dataclass
from typing import Any

Json = Any
Publication = tuple[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A command that arrived."""

    target: str
    """`evse`, `node`, or the interface."""
    name: str
    args: Json
    call_id: str = ""
    origin: str = ""
    reply: str = ""
    """Where the answer goes, if one is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One EVerest: version, interface, names of modules."""

    version: tuple[int, int, int] = (2026, 2, 1)
    interface: str = "internal"
    prefix: str = "everest"
    api: str = "everest_api"
    evse: str = "connector_1"
    evse_impl: str = "evse"
    node: str = "sink_1"
    node_impl: str = "external_limits"

    @property
    def generation(self) -> int:
        """1, 2 or 3."""
        if self.version < (2024, 11, 0) and self.version != (2024, 9, 2):
            return 1
        return 2 if self.version < (2025, 12, 0) else 3

    @property
    def has_node(self) -> bool:
        """Whether limits are taken at the EnergyNode."""
        return self.version >= (2024, 10, 0) or self.version == (2024, 9, 2)

    @property
    def sourced(self) -> bool:
        """Whether numbers carry their source."""
        return self.version >= (2025, 3, 0)

    @property
    def qos_said(self) -> int:
        """The QoS of what it says: exactly once, but over its APIs up to 2026.02 at most once."""
        return 2 if self.interface == "internal" or self.version >= (2026, 3, 0) else 0

    @property
    def qos_heard(self) -> int:
        """The QoS with which it listens; over its APIs at most once in every version."""
        return 2 if self.interface == "internal" else 0

    def implementation(self, target: str) -> str:
        """Tell the base topic of the EVSE's or the node's implementation."""
        module, name = (self.node, self.node_impl) if target == "node" else (self.evse, self.evse_impl)
        middle = f"{module}/{name}" if self.generation == 1 else f"modules/{module}/impl/{name}"
        return f"{self.prefix}/{middle}"

    @property
    def api_v1(self) -> dict[str, str]:
        """Base topics of the two modules of the EVerest API."""
        return {
            "evse": f"{self.api}/1/evse_manager_consumer/{self.evse}",
            "node": f"{self.api}/1/external_energy_limits_consumer/{self.node}",
        }

    @property
    def commands(self) -> tuple[str, ...]:
        """Filters of everything that may be asked of it."""
        if self.interface == "api_v1":
            return tuple(f"{base}/m2e/#" for base in self.api_v1.values())
        if self.interface == "api":
            return (f"{self.api}/{self.evse}/cmd/+",)
        tail = "/cmd/+" if self.generation == 3 else "/cmd"  # noqa: PLR2004 - W3
        return tuple(self.implementation(target) + tail for target in ("evse", "node"))

    def variable(self, name: str, value: Json) -> Publication:
        """Put a variable of the EVSE on its wire."""
        if self.interface == "api_v1":
            return f"{self.api_v1['evse']}/e2m/{name}", _bytes(value)
        if self.interface == "api" or name == "session_info":
            return f"{self.api}/{self.evse}/var/{name}", _bytes(value)
        base = self.implementation("evse")
        if self.generation == 3:  # noqa: PLR2004 - W3
            return f"{base}/var/{name}", _bytes({"msg_type": "Var", "data": {"data": value}})
        return f"{base}/var", _bytes({"name": name, "data": value})

    def ready(self) -> Publication:
        """Say that everything has started."""
        told: Json = {"msg_type": "GlobalReady", "data": True} if self.generation == 3 else True  # noqa: PLR2004 - W3
        return f"{self.prefix}/ready", _bytes(told)

    def error(self, kind: str, *, active: bool) -> Publication:
        """Raise or clear an error of the EVSE."""
        content: Json = {
            "type": kind,
            "sub_type": "",
            "message": "simulated",
            "description": "simulated",
            "severity": "High",
            "origin": {"module_id": self.evse, "implementation_id": self.evse_impl},
            "state": "Active" if active else "ClearedByModule",
            "timestamp": "2026-01-01T00:00:00.000Z",
            "uuid": "simulated",
            "vendor_id": "EVerest",
        }
        if self.generation == 3:  # noqa: PLR2004 - W3
            content = {"msg_type": "RaiseError" if active else "ClearError", "data": content}
        return f"{self.implementation('evse')}/error/{kind}", _bytes(content)

    def call(self, topic: str, payload: bytes) -> Call | None:
        """Read a command; what is malformed raises, and would end the real process."""
        if self.interface == "api_v1":
            return self._api_v1_call(topic, payload)
        if self.interface == "api":
            return Call(target="api", name=topic.rpartition("/")[2], args=payload.decode())
        message = json.loads(payload)
        target = "node" if topic.startswith(f"{self.implementation('node')}/") else "evse"
        if self.generation == 3:  # noqa: PLR2004 - W3
            name, kind = topic.rpartition("/")[2], message["msg_type"]
        else:
            name, kind = message["name"], message["type"]
        if kind not in ("call", "Cmd"):
            return None
        content = message["data"]
        return Call(
            target=target,
            name=name,
            args=content["args"],
            call_id=content["id"],
            origin=content["origin"],
            reply=self._reply(target, name, content["origin"]),
        )

    def answer(self, call: Call, value: Json, failure: str | None = None) -> Publication:
        """Put an answer on the wire."""
        if self.interface == "api_v1":
            return call.reply, _bytes(value)
        content: dict[str, Json] = {
            "id": call.call_id,
            "origin": self.node if call.target == "node" else self.evse,
        }
        if failure is None:
            content["retval"] = value
        else:
            content["error"] = {"__everest__error_type": failure, "__everest__error_msg": "simulated"}
        if self.generation == 3:  # noqa: PLR2004 - W3
            return call.reply, _bytes({"msg_type": "CmdResult", "data": {"type": "result", "data": content}})
        return call.reply, _bytes({"name": call.name, "type": "result", "data": content})

    def _reply(self, target: str, name: str, origin: str) -> str:
        base = self.implementation(target)
        return f"{base}/cmd/{name}/response/{origin}" if self.generation == 3 else f"{base}/cmd"  # noqa: PLR2004 - W3

    def _api_v1_call(self, topic: str, payload: bytes) -> Call | None:
        target = "node" if topic.startswith(self.api_v1["node"]) else "evse"
        name = topic.partition("/m2e/")[2]
        if name.endswith("/get") and self.version < (2026, 3, 0):
            return None  # Nobody listens there.
        message = json.loads(payload)
        if isinstance(message, dict) and "headers" in message:
            return Call(
                target=target, name=name, args=message.get("payload"), reply=message["headers"]["replyTo"]
            )
        return Call(target=target, name=name, args=message)


def _bytes(value: Json) -> bytes:
    return json.dumps(value).encode()

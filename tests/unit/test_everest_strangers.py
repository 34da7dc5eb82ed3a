"""Another version than the configured one is named when it is heard, and so is another controller."""

import json

import pytest

from adapters.wire.mqtt_messages import matches
from tests.unit.everest_ear import Ear

W1, W2, W3 = (
    ("2023.8.0", "everest/connector_1/evse/var", '{"name": "enforced_limits", "data": %s}'),
    ("2025.10.0", "everest/modules/connector_1/impl/evse/var", '{"name": "enforced_limits", "data": %s}'),
    (
        "2026.2.1",
        "everest/modules/connector_1/impl/evse/var/enforced_limits",
        '{"msg_type": "Var", "data": {"data": %s}}',
    ),
)


@pytest.mark.parametrize("runs", [W1, W2, W3], ids=["W1", "W2", "W3"])
@pytest.mark.parametrize("configured", [W1, W2, W3], ids=["W1", "W2", "W3"])
def test_a_wire_that_is_not_the_configured_versions_is_named(
    configured: tuple[str, str, str], runs: tuple[str, str, str]
) -> None:
    ear, (_, topic, form) = Ear(configured[0]), runs
    limit = {"value": 16.0, "source": "x"} if runs is not W1 else 16.0
    told = {"uuid": "e", "limits_root_side": {"ac_max_current_A": limit}}

    name = ear.take(topic, (form % json.dumps(told)).encode())

    assert any(matches(wanted, topic) for wanted in ear.channel.filters)
    assert name == ("enforced_limits" if configured is runs else "")
    assert configured is runs or "another version" in str(ear.listener.silence(connected=True))


@pytest.mark.parametrize(
    ("version", "limit"), [("2025.2.0", {"value": 16.0, "source": "x"}), ("2025.3.0", 16.0)]
)
def test_numbers_of_another_version_are_no_sign_of_life(version: str, limit: object) -> None:
    ear = Ear(version)
    told = {"uuid": "e", "limits_root_side": {"ac_max_current_A": limit}}
    spoken = json.dumps({"name": "enforced_limits", "data": told})

    assert ear.take("everest/modules/connector_1/impl/evse/var", spoken.encode()) == ""
    assert "another version" in str(ear.listener.silence(connected=True))


LIMITS = {"schedule_import": [{"limits_to_leaves": {"ac_max_current_A": {"value": 9.0, "source": "ocpp"}}}]}
CALL = {"id": "1", "origin": "ocpp", "args": {}}
OTHERS = [
    ("2023.8.0", {}, "everest/connector_1/evse/cmd",
     {"name": "set_external_limits", "type": "call", "data": CALL}),
    ("2025.10.0", {}, "everest/modules/sink_1/impl/external_limits/cmd",
     {"name": "set_external_limits", "type": "call", "data": CALL}),
    ("2026.2.1", {}, "everest/modules/sink_1/impl/external_limits/cmd/set_external_limits",
     {"msg_type": "Cmd", "data": CALL}),
    ("2026.2.1", {"interface": "api_v1"},
     "everest_api/1/external_energy_limits_consumer/sink_1/m2e/set_external_limits", LIMITS),
]  # fmt: skip


@pytest.mark.parametrize(("version", "own", "topic", "call"), OTHERS, ids=["W1", "W2", "W3", "API v1"])
def test_another_controller_is_named_once(
    version: str, own: dict[str, str], topic: str, call: object, caplog: pytest.LogCaptureFixture
) -> None:
    ear = Ear(version, **own)
    for _ in range(3):
        ear.take(topic, json.dumps(call).encode())
    ours = json.dumps(call).replace("ocpp", "phasewise")
    ear.take(topic, ours.encode())

    assert any(matches(wanted, topic) for wanted in ear.channel.filters)
    assert [record.message for record in caplog.records] == [
        "bay: another controller, 'ocpp', writes its limits too"
    ]

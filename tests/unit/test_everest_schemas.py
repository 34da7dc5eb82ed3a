"""Every message that we build holds against the schemas of the version that it claims."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.chargers.everest import requests
from adapters.chargers.everest.api_commands import LATCHED, OF_NODE, api_v1_commands
from adapters.chargers.everest.calls import Requests
from adapters.chargers.everest.channel import ApiV1, Internal, ModuleApi, Wanted
from adapters.chargers.everest.commands import OFFERS
from adapters.chargers.everest.dialect import version_of
from adapters.chargers.everest.limits import Lapse
from controller.ports import Command
from tests.everest_schemas import VERSIONS, problems, schemas, words
from tests.fakes.everest import Overheard, everest_settings

WALKING = [version for version in VERSIONS if not version.startswith("2023")]

NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)

ARGUMENTS: dict[str, dict[str, Any]] = {
    "enable_disable": {"connector_id": 0, "source": "LocalAPI", "state": "Enable", "priority": 100},
    "authorize_response": {"id_token": "DEADBEEF", "status": "Accepted"},
    "reserve": {"reservation_id": 7},
    "stop_transaction": {"reason": "Remote", "id_tag": "DEADBEEF"},
    "switch_three_phases_while_charging": {"three_phases": False},
    "set_get_certificate_response": {"status": "Accepted", "action": "Install", "exi_response": "gA=="},
    "set_plug_and_charge_configuration": {"pnc_enabled": True},
    "update_allowed_energy_transfer_modes": {"modes": "AC_three_phase_core, DC_extended"},
    "set_der_available": {"available": True},
}


def envelope(version: str) -> str:
    return "W3_cmd_call" if is_w3(version) else "W1_W2_cmd_call"


def is_w3(version: str) -> bool:
    return version_of(version) >= (2025, 12, 0)


def result_of(version: str, command: str) -> Any:  # noqa: ANN401 - any JSON value
    """Make up a value that the schema of a result allows."""
    told = schemas(version)[f"evse_manager/cmds/{command}.result"]
    samples = {"boolean": True, "integer": 1, "string": "sample", "null": None}
    return samples.get(told.get("type", "string"), "sample")


OFFERED = [
    (version, name)
    for version in VERSIONS
    for name, offer in OFFERS.items()
    if offer.is_in(version_of(version))
]


@pytest.mark.parametrize(("version", "name"), OFFERED)
async def test_every_command_is_what_its_version_declares(version: str, name: str) -> None:
    line = Overheard()
    line.answer = result_of(version, name)
    manager = Internal(everest_settings(version), line).manager

    await getattr(manager, name)(**ARGUMENTS.get(name, {}))

    topic, sent = line.sent[0]
    assert problems("wire", envelope(version), sent) == []
    assert problems(version, f"evse_manager/cmds/{name}.args", sent["data"]["args"]) == []
    assert topic.endswith(f"/cmd/{name}" if is_w3(version) else "/cmd")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_command_of_a_version_is_offered(version: str) -> None:
    begin, end = "evse_manager/cmds/", ".args"
    declared = {
        name.removeprefix(begin).removesuffix(end)
        for name in schemas(version)
        if name.startswith(begin) and name.endswith(end)
    }

    offered = {name for name, offer in OFFERS.items() if offer.is_in(version_of(version))}

    assert offered == declared - {"set_external_limits"}


WORDS = {
    "evse_manager.StopTransactionReason": requests.STOP_REASONS,
    "authorization.AuthorizationStatus": requests.STATUSES,
    "authorization.TokenType": requests.AUTHORIZATIONS,
    "authorization.AuthorizationType": requests.AUTHORIZATIONS,
    "iso15118.EnergyTransferMode": requests.TRANSFER_MODES,
    "api.evse_manager_consumer.StopTransactionReason": requests.STOP_REASONS,
}


@pytest.mark.parametrize(
    ("version", "kind"), [(version, kind) for version in VERSIONS for kind in WORDS if words(version, kind)]
)
def test_no_word_is_sent_that_a_version_does_not_know(version: str, kind: str) -> None:
    known = requests.known(WORDS[kind], version_of(version))

    assert set(known) <= set(words(version, kind))


@pytest.mark.parametrize("kind", ["evse_manager.StopTransactionReason", "authorization.AuthorizationStatus"])
def test_every_word_of_the_document_can_be_sent(kind: str) -> None:
    assert set(requests.known(WORDS[kind], (2023, 8, 0))) == set(words("2023.8.0", kind))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("limit_a", [0.0, 6.0, 13.0, 80.0])
async def test_limits_are_what_their_version_declares(version: str, limit_a: float) -> None:
    line = Overheard()
    lapse = Lapse(at=NOON + timedelta(seconds=60), limit_a=6.0) if version in WALKING else None

    await Internal(everest_settings(version), line).write(
        Wanted(limit_a=limit_a, now=NOON, lapse=lapse, phases=None)
    )

    topic, sent = line.sent[0]
    interface = "evse_manager" if "connector_1" in topic else "external_energy_limits"
    assert problems("wire", envelope(version), sent) == []
    assert problems(version, f"{interface}/cmds/set_external_limits.args", sent["data"]["args"]) == []


@pytest.mark.parametrize("version", ["2024.9.1", "2025.10.0", "2026.2.1", "main"])
@pytest.mark.parametrize("phases", [1, 3])
async def test_limits_that_switch_phases_are_what_their_version_declares(version: str, phases: int) -> None:
    line = Overheard()

    await Internal(everest_settings(version), line).write(
        Wanted(limit_a=16.0, now=NOON, lapse=None, phases=phases)
    )

    limits = line.sent[0][1]["data"]["args"]["value"]
    interface = "evse_manager" if version == "2024.9.1" else "external_energy_limits"
    assert problems(version, f"{interface}/cmds/set_external_limits.args", {"value": limits}) == []


@pytest.mark.parametrize("version", ["2026.2.1", "main"])
async def test_limits_over_the_everest_api_are_what_it_declares(version: str) -> None:
    line = Overheard()
    lapse = Lapse(at=NOON + timedelta(seconds=60), limit_a=0.0)

    await ApiV1(everest_settings(version, interface="api_v1"), line).write(
        Wanted(limit_a=13.0, now=NOON, lapse=lapse, phases=1)
    )

    topic, sent = line.sent[0]
    assert problems(version, "external_energy_limits_consumer/send_set_external_limits", sent) == []
    assert topic == "everest_api/1/external_energy_limits_consumer/sink_1/m2e/set_external_limits"


def api_commands(version: str) -> tuple[Overheard, dict[str, Command]]:
    """List the commands of the EVerest API, and what is overheard of them."""
    line = Overheard()
    chosen = everest_settings(version, interface="api_v1")
    api = ApiV1(chosen, line)
    evse, node = (Requests(line, base, api.reply) for base in (api.evse, api.node))
    return line, {each.name: each for each in api_v1_commands(evse, node, chosen.dialect)}


@pytest.mark.parametrize("version", ["2026.2.1", "main"])
async def test_requests_to_the_everest_api_are_what_it_declares(version: str) -> None:
    line, commands = api_commands(version)
    for name in commands.keys() - {"latest"}:
        told = {"reason": "Remote"} if name == "stop_transaction" else ARGUMENTS.get(name, {})

        await commands[name].call(**told)

        sent = line.sent[-1][1]
        assert problems(version, f"evse_manager_consumer/send_request_{name}", sent) == []


@pytest.mark.parametrize(
    ("interface", "names"),
    [
        ("evse_manager_consumer", set(LATCHED) - {OF_NODE}),
        ("external_energy_limits_consumer", {OF_NODE}),
    ],
)
def test_the_latest_of_every_variable_that_is_kept_can_be_asked_for(interface: str, names: set[str]) -> None:
    begin = f"{interface}/send_request_get_"
    declared = {name.removeprefix(begin) for name in schemas("main") if name.startswith(begin)}

    assert names == declared - {"evse"}


async def test_questions_for_the_latest_are_what_main_declares() -> None:
    line, commands = api_commands("main")
    api = ApiV1(everest_settings("main", interface="api_v1"), Overheard())
    asked = [(topic, json.loads(payload)) for topic, payload in api.questions()]
    for name in LATCHED:
        await commands["latest"].call(variable=name)

    for topic, sent in (*asked, *line.sent):
        interface, name = topic.split("/")[2], topic.split("/")[-2]
        assert problems("main", f"{interface}/send_request_get_{name}", sent) == []


def test_before_main_nothing_asks_for_the_latest() -> None:
    api = ApiV1(everest_settings("2026.2.1", interface="api_v1"), Overheard())

    assert not list(api.questions())
    assert "latest" not in api_commands("2026.2.1")[1]


async def test_phases_over_the_module_api_are_what_it_declares() -> None:
    line = Overheard()

    await ModuleApi(everest_settings("2025.10.0", interface="api"), line).write(
        Wanted(limit_a=8.0, now=NOON, lapse=None, phases=1)
    )

    topic, sent = line.sent[0]
    assert problems("wire", "main_cmd_set_limit_amps_phases", sent) == []
    assert topic == "everest_api/connector_1/cmd/set_limit_amps_phases"

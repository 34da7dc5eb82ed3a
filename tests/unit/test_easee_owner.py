"""What an owner's cloud and hub say, and how commands are put to them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.easee.cloud import observations_in
from adapters.chargers.easee.correlation import Correlation
from adapters.chargers.easee.endpoint import broker_in
from adapters.chargers.easee.equivalents import Place, needs_place, place_of, request_for
from adapters.chargers.easee.messages import Response, instant
from adapters.chargers.easee.path import Argument
from adapters.chargers.easee.replies import (
    Already,
    Away,
    Denied,
    Reply,
    Taken,
    Throttled,
    Unclear,
    refusal,
    reply_of,
)
from adapters.chargers.easee.rest import Said
from adapters.chargers.easee.updates import command_response, product_update, status_of
from adapters.wire.signalr import Ears, Talk, take_records
from controller.errors import (
    CredentialsError,
    DeviceNonsense,
    DeviceRefused,
    DeviceUnreachable,
    PhasewiseError,
)

PLACE = Place(site=7, circuit=9)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
"""Anything that JSON can hold."""


def of_keys(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that have some of these keys, whatever stands there."""
    return st.dictionaries(st.sampled_from(keys), json_values)


RECEIPT = {"device": "EH1", "commandId": 48, "ticks": 638638638}


@pytest.mark.parametrize(
    ("status", "content", "reply"),
    [
        (202, RECEIPT, Taken(id=48, ticks=638638638)),
        (202, [RECEIPT, {"commandId": 22}], Taken(id=48, ticks=638638638)),
        (202, {**RECEIPT, "commandId": None}, Taken(id=None, ticks=638638638)),
        (202, [], Already()),
        (202, {**RECEIPT, "ticks": 0}, Already()),
        (200, None, Already()),
        (200, [], Already()),
        (202, None, Unclear(202)),
        (202, {"ticks": "soon"}, Unclear(202)),
        (400, {"title": "no"}, Unclear(400)),
        (302, None, Unclear(302)),
        (401, None, Denied(401)),
        (404, None, Denied(404)),
        (502, None, Away(502)),
        (503, None, Away(503)),
        (504, {"title": "no"}, Away(504)),
    ],
)
def test_every_answer_to_a_command_has_one_meaning(status: int, content: object, reply: Reply) -> None:
    assert reply_of(Said(status=status, content=content)) == reply


def test_a_page_is_no_success_whatever_its_status() -> None:
    assert reply_of(Said(status=200, is_nonsense=True)) == Unclear(200)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Throttled(after_s=60.0), DeviceRefused),
        (Denied(404), DeviceRefused),
        (Denied(403), CredentialsError),
        (Away(504), DeviceUnreachable),
        (Unclear(400), DeviceNonsense),
    ],
)
def test_only_what_was_certainly_not_taken_is_a_refusal(
    reply: Throttled | Unclear | Away | Denied, error: type[Exception]
) -> None:
    assert isinstance(refusal("a limit", reply), error)


@given(status=st.integers(100, 599), content=json_values | of_keys("ticks", "commandId"))
def test_any_answer_to_a_command_is_a_reply(status: int, content: object) -> None:
    reply = reply_of(Said(status=status, content=content))

    assert isinstance(reply, Reply)
    assert isinstance(reply, Taken | Already) or isinstance(refusal("a limit", reply), PhasewiseError)


EQUIVALENTS: list[tuple[int, list[Argument], str, object]] = [
    (1, [], "/api/chargers/EH1/commands/reboot", None),
    (4, [], "/api/chargers/EH1/commands/update_firmware", None),
    (11, [True], "/api/chargers/EH1/settings", {"smartCharging": True}),
    (25, ["tag", 42], "/api/chargers/EH1/commands/start_charging", None),
    (26, ["tag", 42], "/api/chargers/EH1/commands/stop_charging", None),
    (29, [False], "/api/chargers/EH1/settings", {"enabled": False}),
    (30, [True], "/api/chargers/EH1/commands/lock_state", {"state": True}),
    (47, [20], "/api/chargers/EH1/settings", {"maxChargerCurrent": 20}),
    (48, [13, 5], "/api/chargers/EH1/commands/set_dynamic_charger_current", {"amps": 13, "minutes": 5}),
    (48, [13], "/api/chargers/EH1/commands/set_dynamic_charger_current", {"amps": 13, "minutes": 0}),
    (
        22,
        [16.0, 10.0, 0.0, 5],
        "/api/sites/7/circuits/9/dynamicCurrent",
        {"phase1": 16.0, "phase2": 10.0, "phase3": 0.0, "timeToLive": 5},
    ),
    (
        21,
        [6, 7, 8],
        "/api/sites/7/circuits/9/settings",
        {
            "offlineMaxCircuitCurrentP1": 6,
            "offlineMaxCircuitCurrentP2": 7,
            "offlineMaxCircuitCurrentP3": 8,
        },
    ),
    (
        24,
        [6, 7, 8],
        "/api/sites/7/circuits/9/settings",
        {"maxCircuitCurrentP1": 6, "maxCircuitCurrentP2": 7, "maxCircuitCurrentP3": 8},
    ),
]


@pytest.mark.parametrize(("id_", "arguments", "path", "content"), EQUIVALENTS)
def test_every_command_of_the_document_has_its_words_over_rest(
    id_: int, arguments: list[Argument], path: str, content: object
) -> None:
    request = request_for("EH1", id_, arguments, PLACE if needs_place(id_) else None)

    assert (request.path, request.content) == (path, content)


def test_whole_amperes_stay_whole_on_the_wire() -> None:
    request = request_for("EH1", 48, [13, 5])

    assert json.dumps(request.content) == '{"amps": 13, "minutes": 5}'


@pytest.mark.parametrize("id_", [2, 38, 90])
def test_a_command_without_an_equivalent_is_refused_and_says_so(id_: int) -> None:
    with pytest.raises(DeviceRefused, match="no equivalent"):
        request_for("EH1", id_, [], PLACE)


SITE = {
    "id": 7,
    "circuits": [
        {"id": 8, "chargers": [{"id": "EH2"}]},
        {"id": 9, "chargers": [{"id": "EH1"}, {"id": "EH3"}]},
    ],
}


def test_a_charger_is_found_on_its_circuit() -> None:
    assert place_of("EH1", SITE) == PLACE


@pytest.mark.parametrize(
    "site",
    [
        {},
        {"id": 7, "circuits": []},
        {"id": 7, "circuits": [{"id": 8, "chargers": [{"id": "EH2"}]}]},
        {"id": 7, "circuits": [{"id": one, "chargers": [{"id": "EH1"}]} for one in (8, 9)]},
        {"id": "7", "circuits": [{"id": 9, "chargers": [{"id": "EH1"}]}]},
        {"id": 7, "circuits": [{"id": True, "chargers": [{"id": "EH1"}]}]},
        {"id": 7, "circuits": [{"id": "9/../../sites/8", "chargers": [{"id": "EH1"}]}]},
    ],
)
def test_a_charger_that_hangs_nowhere_or_twice_commands_no_circuit(site: dict[str, object]) -> None:
    with pytest.raises(DeviceNonsense):
        place_of("EH1", site)


@given(site=of_keys("id", "circuits", "chargers") | st.just(SITE))
def test_any_site_is_a_place_of_whole_numbers_or_nonsense(site: dict[str, Any]) -> None:
    try:
        found = place_of("EH1", site)
    except DeviceNonsense:
        return
    assert (type(found.site), type(found.circuit)) == (int, int)


def test_an_update_of_the_hub_is_read() -> None:
    at = "2026-06-08T06:59:16.0000000Z"
    raw = {"mid": "EH1", "dataType": 3, "id": 48, "timestamp": at, "value": "13"}

    serial, news = product_update(raw)

    assert (serial, news.id, news.value, news.at) == ("EH1", 48, "13", instant(at))


@given(raw=json_values | of_keys("mid", "id", "value", "timestamp", "dataType"))
def test_any_update_is_of_a_charger_or_nonsense(raw: object) -> None:
    try:
        serial, news = product_update(raw)
    except DeviceNonsense:
        return
    assert serial
    assert type(news.id) is int


@given(raw=json_values | of_keys("serialNumber", "id", "wasAccepted", "ticks", "timestamp", "comment"))
def test_any_response_of_the_hub_is_of_a_charger_or_nonsense(raw: object) -> None:
    try:
        serial, told = command_response(raw)
    except DeviceNonsense:
        return
    assert serial
    assert isinstance(told.accepted, bool)


@given(raw=json_values | of_keys("wasAccepted", "ticks", "timestamp", "resultCode", "comment"))
def test_any_status_of_a_command_is_a_response_or_none_yet(raw: object) -> None:
    told = status_of(48, raw)

    assert told is None or isinstance(told.accepted, bool)


@pytest.mark.parametrize("code", [None, 0, 1, 2, 3, 4])
def test_what_the_result_code_of_a_command_says_does_not_count(code: int | None) -> None:
    told = status_of(48, {"wasAccepted": True, "resultCode": code})

    assert told is not None
    assert told.accepted


@given(content=of_keys("observations", "id", "value"))
def test_any_answer_about_a_charger_lists_observations_or_is_nonsense(content: dict[str, Any]) -> None:
    try:
        told = observations_in(content)
    except DeviceNonsense:
        assert not isinstance(content.get("observations"), list)
    else:
        assert all(type(one.id) is int for one in told)


@given(
    listed=st.lists(json_values | of_keys("id", "value", "timestamp"), max_size=4),
)
def test_what_is_no_observation_hides_none_that_is(listed: list[object]) -> None:
    told = observations_in({"observations": [*listed, {"id": 48, "value": "13", "dataType": 3}]})

    assert (told[-1].id, told[-1].value) == (48, "13")


@given(
    content=of_keys(
        "server", "port", "useSsl", "virtualHost", "queueName", "exchangeName", "username", "password"
    )
)
def test_any_answer_about_the_stream_is_a_broker_or_nonsense(content: dict[str, Any]) -> None:
    whole = {"server": "s", "queueName": "q", "exchangeName": "x", "username": "u", "password": "hush"}
    said = ""
    try:
        broker = broker_in(whole | content)
        said = repr(broker)
        assert 0 < broker.port < 65_536
    except DeviceNonsense as error:
        said = str(error)

    assert "hush" not in said


class Hearing:
    """Ears that keep what they heard."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.refused: list[str] = []
        self.done: list[str | None] = []
        self.ears = Ears(
            calls={"ProductUpdate": self.calls.extend}, refused=self.refused.append, opened=_open
        )

    def hear(self, text: str) -> None:
        """Take what a hub says; no socket is needed for that."""
        talk = Talk(None)  # type: ignore[arg-type] # nothing is said
        talk._waiting["1"] = self.done.append  # noqa: SLF001 - as if it had been called
        take_records(text, talk, self.ears)


async def _open(_: Talk) -> None:
    """Ask for nothing."""


def test_records_of_a_hub_are_told_apart() -> None:
    hearing = Hearing()
    records = (
        '{"type": 6}',
        '{"type": 1, "target": "ProductUpdate", "arguments": [{"id": 48}]}',
        '{"type": 3, "invocationId": "1", "error": "no access"}',
        '{"type": 1, "target": "SomethingNew", "arguments": []}',
        "<html>",
    )

    hearing.hear("".join(f"{record}\x1e" for record in records))

    assert hearing.calls == [{"id": 48}]
    assert hearing.done == ["no access"]
    assert len(hearing.refused) == 2


def test_a_hub_that_ends_the_conversation_is_away() -> None:
    with pytest.raises(DeviceUnreachable):
        Hearing().hear('{"type": 7, "error": "shutting down", "allowReconnect": true}\x1e')


@given(
    text=st.text(max_size=60)
    | st.lists(json_values | of_keys("type", "target", "arguments", "invocationId", "error"), max_size=3).map(
        lambda records: "\x1e".join(json.dumps(one) for one in records)
    )
    | st.builds(
        lambda kind, rest: json.dumps({**rest, "type": kind}),
        st.integers(-2, 9),
        of_keys("target", "arguments", "invocationId", "error", "item"),
    )
)
def test_any_record_is_acted_on_or_refused_or_ends_the_conversation(text: str) -> None:
    hearing = Hearing()
    try:
        hearing.hear(text)
    except DeviceUnreachable:
        assert "7" in text


async def test_a_response_is_known_by_the_ticks_that_rest_told() -> None:
    made = instant("2026-06-08T06:59:16Z")
    assert made is not None
    correlation, key = Correlation(skew_s=5.0), ("EH1", 48)
    first, second = correlation.expect(key, made), correlation.expect(key, made)
    first.ticks, second.ticks = 111, 222

    correlation.settle(key, Response(id=48, accepted=True, ticks=222))

    assert (first.answer.done(), second.answer.done()) == (False, True)


async def test_a_response_whose_ticks_drifted_is_known_by_its_command() -> None:
    made = instant("2026-06-08T06:59:16Z")
    assert made is not None
    correlation, key = Correlation(skew_s=5.0), ("EH1", 48)
    waiting = correlation.expect(key, made)
    waiting.ticks = 111

    assert correlation.settle(key, Response(id=48, accepted=True, at=made, ticks=112))
    assert waiting.answer.done()

"""What an owner's cloud and hub say."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.easee.cloud import observations_in
from adapters.chargers.easee.endpoint import broker_in
from adapters.chargers.easee.messages import instant
from adapters.chargers.easee.updates import command_response, product_update, status_of
from adapters.wire.signalr import Ears, Talk, take_records
from controller.errors import DeviceNonsense, DeviceUnreachable
from tests.fakes.json_values import json_values, of_keys


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

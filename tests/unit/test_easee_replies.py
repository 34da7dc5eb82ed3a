"""What the answers to a command mean, and which response belongs to which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.easee.correlation import Correlation
from adapters.chargers.easee.messages import Response, instant
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
from controller.errors import (
    CredentialsError,
    DeviceNonsense,
    DeviceRefused,
    DeviceUnreachable,
    PhasewiseError,
)
from tests.fakes.json_values import json_values, of_keys

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

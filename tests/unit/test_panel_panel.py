import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.panel import Panel, state_topics
from adapters.panel.incoming import COMMAND_FILTERS
from adapters.panel.outgoing import STATE_FILTERS
from adapters.wire.mqtt_messages import matches
from controller.commands import Command, SetMode
from controller.errors import PhasewiseError, RecordError
from tests.fakes.clock import FakeClock
from tests.fakes.example_tick import DECISION, EXTRAS, GARAGE, KNOWN, SNAPSHOT
from tests.fakes.mqtt import FakeMqtt
from tests.mqtt_observer import running


class House:
    """A panel on a connection that is not there, and what it was told to do."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.mqtt = FakeMqtt(self.clock)
        self.commands: list[Command] = []
        self.answer: str | None = None
        self.failure: PhasewiseError | None = None
        self.panel = Panel(
            self.mqtt, prefix="phasewise/home", clock=self.clock, known=lambda: KNOWN, handle=self.handle
        )

    def handle(self, command: Command) -> str | None:
        """Take a command, or refuse it with `answer`."""
        if self.failure is not None:
            raise self.failure
        self.commands.append(command)
        return self.answer

    async def say(self, topic: str, payload: str | bytes, *, retained: bool = False) -> None:
        """Let a message arrive and the panel act on it."""
        self.mqtt.say(topic, payload, retained=retained)
        await self.clock.settle()


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    built = House()
    async with running(built.panel.run()):
        await built.clock.settle()
        yield built


async def test_a_valid_command_is_handed_on_and_not_answered() -> None:
    async with house() as at:
        await at.say("phasewise/home/charger/garage/mode/set", "solar")
        assert at.commands == [SetMode(charger=GARAGE, mode="solar")]
        assert at.mqtt.published == []
        assert at.panel.accepted == 1


async def test_a_wrong_command_is_answered_and_not_handed_on() -> None:
    async with house() as at:
        await at.say("phasewise/home/charger/garage/limit_a/set", "99")
        assert at.commands == []
        assert at.mqtt.published == [
            ("phasewise/home/charger/garage/limit_a/error", b"limit_a = 99: expected 0 to 16 A")
        ]
        assert at.mqtt.retained == {}
        assert at.panel.refused == 1


async def test_a_command_that_the_house_refuses_is_answered_too() -> None:
    async with house() as at:
        at.answer = "a person set another mode"
        await at.say("phasewise/home/charger/garage/mode/set", "solar")
        assert at.mqtt.published == [
            ("phasewise/home/charger/garage/mode/error", b"a person set another mode")
        ]


async def test_a_command_that_cannot_be_written_down_is_answered_and_the_panel_lives_on() -> None:
    async with house() as at:
        at.failure = RecordError("the disk is full")
        await at.say("phasewise/home/charger/garage/mode/set", "solar")
        at.failure = None
        await at.say("phasewise/home/charger/garage/mode/set", "fast")
        assert at.mqtt.published == [("phasewise/home/charger/garage/mode/error", b"the disk is full")]
        assert at.commands == [SetMode(charger=GARAGE, mode="fast")]


async def test_retained_commands_are_ignored_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with house() as at:
        await at.say("phasewise/home/charger/garage/mode/set", "solar", retained=True)
        await at.say("phasewise/home/charger/garage/limit_a/set", "6", retained=True)
        assert at.commands == []
        assert at.mqtt.published == []
        assert at.panel.ignored == 2
    assert len(caplog.records) == 1


async def test_other_sites_are_not_listened_to() -> None:
    async with house() as at:
        await at.say("phasewise/away/charger/garage/mode/set", "solar")
        assert at.commands == []


async def test_only_what_changed_is_published_again() -> None:
    async with house() as at:
        at.panel.show(DECISION, SNAPSHOT, EXTRAS)
        await at.clock.settle()
        first = dict(at.mqtt.published)
        at.mqtt.published.clear()
        cut = replace(DECISION.chargers[GARAGE], share_a=6.0)
        at.panel.show(replace(DECISION, chargers={GARAGE: cut}), SNAPSHOT, EXTRAS)
        await at.clock.advance(1.0)
        assert first["phasewise/home/charger/garage/share_a"] == b"9"
        assert {topic for topic, _ in at.mqtt.published} == {
            "phasewise/home/charger/garage",
            "phasewise/home/charger/garage/share_a",
        }
        assert at.mqtt.retained["phasewise/home/charger/garage/share_a"] == b"6"


async def test_many_ticks_within_a_period_are_one_publication() -> None:
    async with house() as at:
        at.panel.show(DECISION, SNAPSHOT, EXTRAS)
        await at.clock.settle()
        at.mqtt.published.clear()
        for share_a in (8.0, 7.0, 6.0):
            cut = replace(DECISION.chargers[GARAGE], share_a=share_a)
            at.panel.show(replace(DECISION, chargers={GARAGE: cut}), SNAPSHOT, EXTRAS)
            await at.clock.settle()
        assert at.mqtt.published == []
        await at.clock.advance(1.0)
        assert [payload for topic, payload in at.mqtt.published if topic.endswith("share_a")] == [b"6"]


async def test_what_is_no_longer_there_is_taken_off_the_broker() -> None:
    async with house() as at:
        at.panel.show(DECISION, SNAPSHOT, EXTRAS)
        await at.clock.settle()
        at.panel.show(replace(DECISION, chargers={}), SNAPSHOT, EXTRAS)
        await at.clock.advance(1.0)
        assert at.mqtt.retained["phasewise/home/charger/garage"] == b""
        assert at.mqtt.retained["phasewise/home/charger/garage/share_a"] == b""
        assert at.mqtt.retained["phasewise/home/circuit/main/l1_a"] == b"10"


async def test_what_an_earlier_run_left_on_the_broker_is_swept_away() -> None:
    async with house() as at:
        at.panel.show(DECISION, SNAPSHOT, EXTRAS)
        await at.clock.settle()
        at.mqtt.published.clear()
        for topic in ("charger/sold/share_a", "charger/garage/share_a", "charger/garage/mode/set"):
            await at.say(f"phasewise/home/{topic}", "9", retained=True)
        await at.say("phasewise/home/charger/said/now", "9")
        assert at.mqtt.published == [("phasewise/home/charger/sold/share_a", b"")]


async def test_the_sweep_ends_once_the_broker_has_told_what_it_kept() -> None:
    async with house() as at:
        at.panel.show(DECISION, SNAPSHOT, EXTRAS)
        await at.clock.settle()
        assert len(at.mqtt.subscriptions) == 2
        await at.say("phasewise/home/site", "{}")
        await at.clock.advance(11.0)
        await at.say("phasewise/home/site", "{}")
        assert len(at.mqtt.subscriptions) == 1


def test_the_sweep_sees_every_state_topic_and_no_command() -> None:
    # A broker may deliver a message once for each filter that fits: a command must not arrive twice.
    topics = state_topics(DECISION, SNAPSHOT, EXTRAS)
    commands = ("charger/garage/mode/set", "policy/solar/surplus/start_w/set", "site/limit_w/set")
    assert all(any(matches(wanted, topic) for wanted in STATE_FILTERS) for topic in topics)
    assert all(any(matches(wanted, topic) for wanted in COMMAND_FILTERS) for topic in commands)
    assert not any(matches(wanted, topic) for wanted in STATE_FILTERS for topic in commands)

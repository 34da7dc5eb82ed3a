"""Reloading: what is refused, what is swapped, and what one configuration leaves to the next."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.app.equipment import equip
from controller.app.files import Files
from controller.app.handover import hand_over, promises_of
from controller.app.parts import Parts, assemble
from controller.domain.decision import decide
from controller.domain.readings import Answer, ChargerState, MeterReading, Outcome, PersonRequest, Plug
from controller.domain.snapshot import ChargerMemory, CircuitMemory, Promise
from controller.domain.units import ChargerId, CircuitId, MeterId
from controller.domain.writes import Decision
from controller.errors import SettingsError
from tests.fakes.clock import FakeClock
from tests.fakes.journal import FakeJournal

MAIN, GRID = CircuitId("main"), MeterId("grid")
LEFT, RIGHT = ChargerId("left"), ChargerId("right")

CIRCUIT = '[[circuits]]\nid = "main"\nlimit_a = 25\n'
METER = '[[meters]]\nid = "grid"\nmap = "eastron_sdm630"\nhost = "127.0.0.1"\nport = 1502\n'
MQTT = '[mqtt]\nhost = "127.0.0.1"\n'


def _charger(name: str, more: str = "") -> str:
    port = {"left": 1080, "right": 1081}[name]
    return f'[[chargers]]\nid = "{name}"\nkind = "lektrico"\nhost = "127.0.0.1"\nport = {port}\n{more}'


BOTH = CIRCUIT + METER + _charger("left") + _charger("right")


class _House:
    """Configurations of one house, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.toml"
        self.clock, self.journal = FakeClock(), FakeJournal()
        self.files = Files(self.path, {})

    def parts(self, text: str, before: Parts | None = None) -> Parts:
        """Write a configuration and put it together, after another one if there is one."""
        self.path.write_text(text, encoding="utf-8")
        equipment = equip(*self.files.read(), self.clock, None if before is None else before.equipment)
        if before is None:
            return assemble(equipment, self.clock, self.journal)
        promises = promises_of(before.board, self.clock)
        after = assemble(equipment, self.clock, self.journal, promises)
        hand_over(before.board, after.board, before.settings, after.settings, self.clock.mono_s())
        return after

    def living(self, text: str = BOTH) -> Parts:
        """Put a configuration together whose chargers hold 10 A each, as read and promised."""
        parts = self.parts(text)
        now_s = self.clock.mono_s()
        for charger in parts.board.site.charger:
            parts.board.charger(ChargerState(id=charger, at_mono_s=now_s, plug=Plug.C, limit_a=10.0))
        parts.board.meter(MeterReading(id=GRID, at_mono_s=now_s, currents_a=(5.0,) * 3))
        promise = Promise(settled_a=10.0, known=True)
        parts.board.memory = replace(
            parts.board.memory,
            chargers={c: ChargerMemory(promise=promise, told_a=10.0) for c in parts.board.site.charger},
            circuits={MAIN: CircuitMemory(background_a=(5.0,) * 3, seen=((now_s, (5.0,) * 3, (5.0,) * 3),))},
            next_write=7,
        )
        return parts

    def tick(self, parts: Parts) -> Decision:
        """Decide once."""
        return decide(parts.board.snapshot(recording=True), parts.loop.policies)


@pytest.fixture
def house(tmp_path: Path) -> _House:
    """Hand out a house."""
    return _House(tmp_path)


def test_a_changed_file_is_noticed_once_it_is_no_longer_being_written(house: _House) -> None:
    house.parts(BOTH)
    assert not house.files.changed()

    house.path.write_text(BOTH + "# a comment\n", encoding="utf-8")

    assert [house.files.changed(), house.files.changed()] == [False, True]


def test_a_file_that_was_read_again_is_not_news(house: _House) -> None:
    house.parts(BOTH)
    house.path.write_text("nonsense", encoding="utf-8")
    house.files.changed()
    assert house.files.changed()

    with pytest.raises(SettingsError):
        house.files.read()

    assert [house.files.changed(), house.files.changed()] == [False, False]


def test_a_changed_policy_file_is_noticed_too(house: _House, tmp_path: Path) -> None:
    policies = tmp_path / "policies.toml"
    policies.write_text('[modes.mine]\nstack = ["full_power"]\n', encoding="utf-8")
    house.parts(BOTH + f'[policies]\nfile = "{policies}"\n')

    policies.write_text('[modes.ours]\nstack = ["full_power"]\n', encoding="utf-8")

    assert [house.files.changed(), house.files.changed()] == [False, True]


def test_a_file_that_vanished_and_came_back_is_only_changed_while_it_is_away(house: _House) -> None:
    house.parts(BOTH)
    away = house.path.rename(house.path.with_suffix(".bak"))
    house.files.changed()
    assert house.files.changed()

    away.rename(house.path)
    house.files.changed()

    assert not house.files.changed()


def test_a_mode_that_does_not_exist_is_one_line_with_file_and_key(house: _House) -> None:
    with pytest.raises(SettingsError) as refused:
        house.parts(CIRCUIT + METER + _charger("left", 'mode = "sollar"\n'))

    assert str(refused.value).startswith(f"{house.path}: chargers[left].mode = 'sollar': expected a mode: ")
    assert str(refused.value).endswith("did you mean 'solar'?")


def test_a_value_tuned_out_of_bounds_names_the_configuration(house: _House) -> None:
    with pytest.raises(SettingsError) as refused:
        house.parts(BOTH + "[policies.tuned.solar.solar_surplus]\nstart_delay_s = -5\n")

    where = "policies.tuned.solar.solar_surplus.start_delay_s = -5.0"
    assert str(refused.value).startswith(f"{house.path}: {where}: ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('map = "no_such_meter"', "no_such_meter"),
        ('map_file = "missing.toml"', "missing.toml"),
        ('map = "sma_em"', "is a map for"),
    ],
)
def test_a_wrong_register_map_is_one_line_with_the_configurations_file(
    house: _House, text: str, says: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        house.parts(BOTH.replace('map = "eastron_sdm630"', text))

    assert str(refused.value).startswith(f"{house.path}: meters[grid]")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_refused_reload_leaves_what_runs_as_it_is(house: _House) -> None:
    running = house.living()
    memory, meters = running.board.memory, dict(running.board.meters)

    with pytest.raises(SettingsError):
        house.parts(BOTH.replace("eastron_sdm630", "no_such_meter"), running)

    assert running.board.memory is memory
    assert running.board.meters == meters


def test_a_reload_that_changes_no_wiring_writes_nothing(house: _House) -> None:
    before = house.living()

    after = house.parts(BOTH + "[timing]\nraise_gap_s = 20\n", before)

    decision = house.tick(after)
    assert decision.writes == ()
    assert {verdict.promise_a for verdict in decision.chargers.values()} == {10.0}
    assert not decision.circuits[MAIN].blind
    assert decision.memory.next_write == 7


def test_another_meter_is_awaited_without_cutting_anybody(house: _House) -> None:
    before = house.living()

    after = house.parts(BOTH.replace("port = 1502", "port = 1503"), before)

    decision = house.tick(after)
    assert decision.circuits[MAIN].blind
    assert decision.writes == ()


async def test_a_meter_that_never_comes_is_awaited_for_its_time_to_live_only(house: _House) -> None:
    before = house.living()
    after = house.parts(BOTH.replace("port = 1502", "port = 1503"), before)
    after.board.memory = house.tick(after).memory

    await house.clock.advance(after.board.timing.meter_ttl_s + 0.1)

    writes = house.tick(after).writes
    assert {(write.charger, write.limit_a) for write in writes} == {(LEFT, 0.0), (RIGHT, 0.0)}


def test_a_charger_that_left_the_configuration_stays_budgeted(house: _House) -> None:
    before = house.living()

    after = house.parts(CIRCUIT + METER + _charger("left"), before)

    (ghost,) = after.board.site.ghosts
    assert (ghost.id, ghost.promise_a) == (RIGHT, 10.0)
    decision = house.tick(after)
    assert decision.writes == ()
    assert decision.circuits[MAIN].promised_a == (20.0, 20.0, 20.0)


def test_a_charger_that_left_is_let_go_once_it_is_declared_out_of_service(house: _House) -> None:
    after = house.parts(CIRCUIT + METER + _charger("left"), house.living())

    assert after.desk.declare(RIGHT, out_of_service=True) is None

    assert [(write.charger, write.limit_a) for write in house.tick(after).writes] == [(LEFT, 16.0)]


def test_a_charger_stays_budgeted_over_many_reloads_and_only_once(house: _House) -> None:
    parts = house.living()

    for gap_s in range(11, 16):
        parts = house.parts(f"{CIRCUIT}{METER}{_charger('left')}[timing]\nraise_gap_s = {gap_s}\n", parts)

    assert [(ghost.id, ghost.promise_a) for ghost in parts.board.site.ghosts] == [(RIGHT, 10.0)]


def test_a_charger_that_comes_back_comes_with_its_promise(house: _House) -> None:
    without = house.parts(CIRCUIT + METER + _charger("left"), house.living())

    again = house.parts(BOTH, without)

    assert again.board.site.ghosts == ()
    assert house.tick(again).chargers[RIGHT].promise_a == 10.0


def test_a_charger_that_was_added_counts_at_its_nameplate_until_it_is_read(house: _House) -> None:
    before = house.living(CIRCUIT + METER + _charger("left"))

    after = house.parts(BOTH, before)

    assert [charger.id for charger in after.chargers] == ["left", "right"]
    assert "charger right" in after.watches
    assert house.tick(after).chargers[RIGHT].promise_a == 32.0


def test_a_write_that_the_switch_broke_off_keeps_counting(house: _House) -> None:
    before = house.living()
    before.board.answer(Answer(write=6, outcome=Outcome.UNKNOWN, at_mono_s=1000.0))

    after = house.parts(BOTH + "[timing]\nraise_gap_s = 20\n", before)

    assert [answer.write for answer in after.board.take_answers()] == [6]


def test_what_people_asked_stays_asked(house: _House) -> None:
    before = house.living()
    before.board.request(LEFT, PersonRequest(mode="solar"))
    before.board.request(RIGHT, PersonRequest(mode="off"))

    after = house.parts(CIRCUIT + METER + _charger("left"), before)

    assert after.board.requests == {LEFT: PersonRequest(mode="solar")}


def test_the_mqtt_connection_outlives_a_reload_that_leaves_it_alone(house: _House) -> None:
    before = house.parts(BOTH + MQTT)

    after = house.parts(BOTH + MQTT + "[timing]\nraise_gap_s = 20\n", before)

    assert after.equipment.mqtt is before.equipment.mqtt is not None


def test_another_broker_gets_a_connection_of_its_own(house: _House) -> None:
    before = house.parts(BOTH + MQTT)

    after = house.parts(BOTH + MQTT + "port = 1884\n", before)

    assert after.equipment.mqtt is not None
    assert after.equipment.mqtt is not before.equipment.mqtt


def test_a_charger_that_is_wired_otherwise_learns_its_cars_phases_anew(house: _House) -> None:
    before = house.living(CIRCUIT + METER + _charger("left") + _charger("right"))
    memories = before.board.memory.chargers
    before.board.memory = replace(
        before.board.memory, chargers={c: replace(m, used_phases=(1,)) for c, m in memories.items()}
    )

    after = house.parts(
        CIRCUIT + METER + _charger("left", "phases = [2, 3, 1]\n") + _charger("right"), before
    )

    assert after.board.memory.chargers[LEFT].used_phases is None
    assert after.board.memory.chargers[RIGHT].used_phases == (1,)


@pytest.mark.parametrize("first", [None, "nonsense"], ids=["missing", "wrong"])
def test_a_policy_file_that_was_refused_is_noticed_once_it_is_put_right(
    house: _House, tmp_path: Path, first: str | None
) -> None:
    house.parts(BOTH)
    policies = tmp_path / "policies.toml"
    if first is not None:
        policies.write_text(first, encoding="utf-8")
    house.path.write_text(BOTH + f'[policies]\nfile = "{policies}"\n', encoding="utf-8")
    with pytest.raises(SettingsError):
        house.files.read()

    policies.write_text('[modes.ours]\nstack = ["full_power"]\n', encoding="utf-8")

    assert [house.files.changed(), house.files.changed()] == [False, True]

"""Reloading: what is refused, what is swapped, and what one configuration leaves to the next."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.domain.readings import Answer, Outcome, PersonRequest
from controller.errors import SettingsError
from tests.fakes.reloaded_house import (
    BOTH,
    CIRCUIT,
    LEFT,
    MAIN,
    METER,
    MQTT,
    RIGHT,
    ReloadedHouse,
    charger,
)


@pytest.fixture
def house(tmp_path: Path) -> ReloadedHouse:
    """Hand out a house."""
    return ReloadedHouse(tmp_path)


def test_a_mode_that_does_not_exist_is_one_line_with_file_and_key(house: ReloadedHouse) -> None:
    with pytest.raises(SettingsError) as refused:
        house.parts(CIRCUIT + METER + charger("left", 'mode = "sollar"\n'))

    assert str(refused.value).startswith(f"{house.path}: chargers[left].mode = 'sollar': expected a mode: ")
    assert str(refused.value).endswith("did you mean 'solar'?")


def test_a_value_tuned_out_of_bounds_names_the_configuration(house: ReloadedHouse) -> None:
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
    house: ReloadedHouse, text: str, says: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        house.parts(BOTH.replace('map = "eastron_sdm630"', text))

    assert str(refused.value).startswith(f"{house.path}: meters[grid]")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_refused_reload_leaves_what_runs_as_it_is(house: ReloadedHouse) -> None:
    running = house.living()
    memory, meters = running.board.memory, dict(running.board.meters)

    with pytest.raises(SettingsError):
        house.parts(BOTH.replace("eastron_sdm630", "no_such_meter"), running)

    assert running.board.memory is memory
    assert running.board.meters == meters


def test_a_reload_that_changes_no_wiring_writes_nothing(house: ReloadedHouse) -> None:
    before = house.living()

    after = house.parts(BOTH + "[timing]\nraise_gap_s = 20\n", before)

    decision = house.tick(after)
    assert decision.writes == ()
    assert {verdict.promise_a for verdict in decision.chargers.values()} == {10.0}
    assert not decision.circuits[MAIN].blind
    assert decision.memory.next_write == 7


def test_another_meter_is_awaited_without_cutting_anybody(house: ReloadedHouse) -> None:
    before = house.living()

    after = house.parts(BOTH.replace("port = 1502", "port = 1503"), before)

    decision = house.tick(after)
    assert decision.circuits[MAIN].blind
    assert decision.writes == ()


async def test_a_meter_that_never_comes_is_awaited_for_its_time_to_live_only(house: ReloadedHouse) -> None:
    before = house.living()
    after = house.parts(BOTH.replace("port = 1502", "port = 1503"), before)
    after.board.memory = house.tick(after).memory

    await house.clock.advance(after.board.timing.meter_ttl_s + 0.1)

    writes = house.tick(after).writes
    assert {(write.charger, write.limit_a) for write in writes} == {(LEFT, 0.0), (RIGHT, 0.0)}


def test_a_charger_that_left_the_configuration_stays_budgeted(house: ReloadedHouse) -> None:
    before = house.living()

    after = house.parts(CIRCUIT + METER + charger("left"), before)

    (ghost,) = after.board.site.ghosts
    assert (ghost.id, ghost.promise_a) == (RIGHT, 10.0)
    decision = house.tick(after)
    assert decision.writes == ()
    assert decision.circuits[MAIN].promised_a == (20.0, 20.0, 20.0)


def test_a_charger_that_left_is_let_go_once_it_is_declared_out_of_service(house: ReloadedHouse) -> None:
    after = house.parts(CIRCUIT + METER + charger("left"), house.living())

    assert after.desk.declare(RIGHT, out_of_service=True) is None

    assert [(write.charger, write.limit_a) for write in house.tick(after).writes] == [(LEFT, 16.0)]


def test_a_charger_stays_budgeted_over_many_reloads_and_only_once(house: ReloadedHouse) -> None:
    parts = house.living()

    for gap_s in range(11, 16):
        parts = house.parts(f"{CIRCUIT}{METER}{charger('left')}[timing]\nraise_gap_s = {gap_s}\n", parts)

    assert [(ghost.id, ghost.promise_a) for ghost in parts.board.site.ghosts] == [(RIGHT, 10.0)]


def test_a_charger_that_comes_back_comes_with_its_promise(house: ReloadedHouse) -> None:
    without = house.parts(CIRCUIT + METER + charger("left"), house.living())

    again = house.parts(BOTH, without)

    assert again.board.site.ghosts == ()
    assert house.tick(again).chargers[RIGHT].promise_a == 10.0


def test_a_charger_that_was_added_counts_at_its_nameplate_until_it_is_read(house: ReloadedHouse) -> None:
    before = house.living(CIRCUIT + METER + charger("left"))

    after = house.parts(BOTH, before)

    assert [charger.id for charger in after.chargers] == ["left", "right"]
    assert "charger right" in after.watches
    assert house.tick(after).chargers[RIGHT].promise_a == 32.0


def test_a_write_that_the_switch_broke_off_keeps_counting(house: ReloadedHouse) -> None:
    before = house.living()
    before.board.answer(Answer(write=6, outcome=Outcome.UNKNOWN, at_mono_s=1000.0))

    after = house.parts(BOTH + "[timing]\nraise_gap_s = 20\n", before)

    assert [answer.write for answer in after.board.take_answers()] == [6]


def test_what_people_asked_stays_asked(house: ReloadedHouse) -> None:
    before = house.living()
    before.board.request(LEFT, PersonRequest(mode="solar"))
    before.board.request(RIGHT, PersonRequest(mode="off"))

    after = house.parts(CIRCUIT + METER + charger("left"), before)

    assert after.board.requests == {LEFT: PersonRequest(mode="solar")}


def test_the_mqtt_connection_outlives_a_reload_that_leaves_it_alone(house: ReloadedHouse) -> None:
    before = house.parts(BOTH + MQTT)

    after = house.parts(BOTH + MQTT + "[timing]\nraise_gap_s = 20\n", before)

    assert after.equipment.mqtt is before.equipment.mqtt is not None


def test_another_broker_gets_a_connection_of_its_own(house: ReloadedHouse) -> None:
    before = house.parts(BOTH + MQTT)

    after = house.parts(BOTH + MQTT + "port = 1884\n", before)

    assert after.equipment.mqtt is not None
    assert after.equipment.mqtt is not before.equipment.mqtt


def test_a_charger_that_is_wired_otherwise_learns_its_cars_phases_anew(house: ReloadedHouse) -> None:
    before = house.living(CIRCUIT + METER + charger("left") + charger("right"))
    memories = before.board.memory.chargers
    before.board.memory = replace(
        before.board.memory, chargers={c: replace(m, used_phases=(1,)) for c, m in memories.items()}
    )

    after = house.parts(CIRCUIT + METER + charger("left", "phases = [2, 3, 1]\n") + charger("right"), before)

    assert after.board.memory.chargers[LEFT].used_phases is None
    assert after.board.memory.chargers[RIGHT].used_phases == (1,)

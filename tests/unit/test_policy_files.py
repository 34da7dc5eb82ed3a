import tomllib
from pathlib import Path

import pytest

from controller.domain.modes import Policies
from controller.errors import SettingsError
from controller.policy_files import document, from_document, load, schema, tuned
from policies import ALL, ALWAYS


def parsed(text: str) -> Policies:
    return from_document(tomllib.loads(text), "own.toml")


def test_without_a_file_there_are_the_presets() -> None:
    assert set(load(None).modes) == {"off", "fast", "boost", "solar", "min_solar", "cheap", "plan"}


def test_every_policy_is_in_the_registry_under_its_own_name() -> None:
    assert all(name == policy.name for name, policy in load(None).registry.items())
    assert load(None).registry == ALL


def test_a_boost_has_a_mode_to_go_to() -> None:
    assert load(None).boost in load(None).modes


@pytest.mark.parametrize("mode", sorted(load(None).modes))
def test_every_preset_obeys_persons_and_the_operator_first(mode: str) -> None:
    assert load(None).modes[mode].stack[: len(ALWAYS)] == ALWAYS


@pytest.mark.parametrize("mode", sorted(load(None).modes))
def test_every_preset_says_what_it_does(mode: str) -> None:
    assert load(None).modes[mode].says.endswith(".")


def test_a_file_adds_a_mode_to_the_presets() -> None:
    policies = parsed('[modes.mine]\nstack = ["solar_surplus"]\n[modes.mine.solar_surplus]\nstart_w = 1600')

    mine = policies.modes["mine"]
    assert mine.stack == (*ALWAYS, "solar_surplus")
    assert mine.settings["solar_surplus"]["start_w"] == 1600.0
    assert mine.settings["solar_surplus"]["hold_s"] == 300.0
    assert "fast" in policies.modes


def test_a_file_places_persons_where_it_likes() -> None:
    assert parsed('[modes.mine]\nstack = ["off", "person"]').modes["mine"].stack == (
        "operator_cap",
        "session_energy",
        "off",
        "person",
    )


def test_a_mode_with_a_stack_replaces_the_preset() -> None:
    replaced = parsed('[modes.min_solar]\nstack = ["solar_surplus"]').modes["min_solar"]

    assert replaced.settings["solar_surplus"]["keep_minimum"] == 0.0


def test_a_mode_without_a_stack_tunes_the_preset() -> None:
    changed = parsed("[modes.min_solar.solar_surplus]\nhold_s = 60").modes["min_solar"]

    assert changed.stack == load(None).modes["min_solar"].stack
    assert changed.settings["solar_surplus"]["hold_s"] == 60.0
    assert changed.settings["solar_surplus"]["keep_minimum"] == 1.0


HOLD = "modes.solar.solar_surplus.hold_s"


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("[mode.x]", "mode", "unknown key; did you mean 'modes'?"),
        ("modes = 3", "modes", "expected a table of modes: [modes.NAME]"),
        ("modes.Mine.stack = ['off']", "modes.Mine", "expected a name of a-z, 0-9 and _ that starts with a "),
        ("modes.x = 1", "modes.x", "expected a table with a stack"),
        (
            "[modes.solr]",
            "modes.solr",
            "expected a stack, or the name of a known mode; did you mean 'solar'?",
        ),
        ("modes.x.stack = 'off'", "modes.x.stack", "expected a list of policy names"),
        ("modes.x.stack = []", "modes.x.stack", "expected a list of policy names"),
        ("modes.x.stack = ['of']", "modes.x.stack[0]", "unknown policy; did you mean 'off'?"),
        ("modes.x.stack = [1]", "modes.x.stack[0]", "unknown policy; known: person, "),
        ("modes.x.stack = ['off', 'off']", "modes.x.stack[1]", "stands in the stack twice"),
        ("modes.fast.says = 1", "modes.fast.says", "expected a text"),
        ("modes.fast.say = 1", "modes.fast.say", "unknown key; did you mean 'says'?"),
        ("[modes.fast.tariff]", "modes.fast.tariff", "is not in this mode's stack"),
        ("modes.fast.full_power = 1", "modes.fast.full_power", "expected a table of parameters"),
        (f"{HOLD[:-2]} = 1", HOLD[:-2], "unknown parameter; did you mean 'hold_s'?"),
        (f"{HOLD} = -1", HOLD, "expected 0 to 7200"),
        (f"{HOLD} = nan", HOLD, "expected 0 to 7200"),
        (f"{HOLD} = true", HOLD, "expected 0 to 7200"),
        (
            "modes.plan.departure.soon = 0.5",
            "modes.plan.departure.soon",
            "expected a whole number from 0 to 1",
        ),
        ("modes.off.off.x = 1", "modes.off.off.x", "unknown parameter; there are none here"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(text: str, key: str, expected: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parsed(text)

    line = str(refused.value)
    assert line.startswith((f"own.toml: {key}: ", f"own.toml: {key} = "))
    assert f": {expected}" in line
    assert "\n" not in line


def test_a_file_is_read_from_disk(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[modes.mine]\nstack = ["off"]', encoding="utf-8")

    assert "mine" in load(file).modes


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"modes = [", "not TOML: "),
        (b"\xff\xfe", "not TOML: "),
        (b"x = " + b"[" * 5000, "not TOML: "),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes | None, expected: str) -> None:
    file = tmp_path / "own.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SettingsError, match=expected) as refused:
        load(file)

    assert str(refused.value).startswith(str(file))


def test_tuning_changes_one_value_and_leaves_the_given_policies_alone() -> None:
    before = load(None)

    after = tuned(before, "solar", "solar_surplus", "hold_s", 60)

    assert after.modes["solar"].settings["solar_surplus"]["hold_s"] == 60.0
    assert before.modes["solar"].settings["solar_surplus"]["hold_s"] == 300.0
    assert after.modes["min_solar"] == before.modes["min_solar"]


@pytest.mark.parametrize(
    ("where", "value", "expected"),
    [
        (("solr", "solar_surplus", "hold_s"), 1.0, "unknown mode; did you mean 'solar'?"),
        (("solar", "tariff", "below_per_kwh"), 1.0, "unknown policy"),
        (("solar", "solar_surplus", "hold"), 1.0, "unknown parameter; did you mean 'hold_s'?"),
        (("solar", "solar_surplus", "hold_s"), 1e9, "= 1000000000.0: expected 0 to 7200"),
        (("solar", "solar_surplus", "hold_s"), float("inf"), "= inf: expected 0 to 7200"),
    ],
)
def test_tuning_out_of_bounds_is_refused(where: tuple[str, str, str], value: float, expected: str) -> None:
    with pytest.raises(SettingsError) as refused:
        tuned(load(None), *where, value)

    assert expected in str(refused.value)


def test_policies_written_out_and_read_again_are_the_same() -> None:
    policies = tuned(parsed('[modes.mine]\nstack = ["tariff"]'), "mine", "tariff", "cheapest_h", 3)

    assert from_document(document(policies)) == policies


def test_the_schema_knows_every_parameter_with_its_bounds() -> None:
    tables = schema()["properties"]["modes"]["additionalProperties"]["properties"]

    for name, policy in ALL.items():
        assert list(tables[name]["properties"]) == [parameter.name for parameter in policy.parameters]
    hold = tables["solar_surplus"]["properties"]["hold_s"]
    assert (hold["type"], hold["minimum"], hold["maximum"], hold["default"]) == ("number", 0.0, 7200.0, 300.0)


@pytest.mark.parametrize("policy", ALL.values(), ids=list(ALL))
def test_every_parameter_has_a_sane_range_and_a_sentence(policy: object) -> None:
    for parameter in policy.parameters:  # type: ignore[attr-defined] # a Policy, which pytest does not know
        assert parameter.low <= parameter.default <= parameter.high
        assert parameter.says.endswith(".")

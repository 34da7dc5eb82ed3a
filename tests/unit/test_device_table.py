from dataclasses import replace

import pytest

from tests import device_table
from tests.contracts.conftest import BENCHES
from tests.device_commands.systems import LEKTRICO, SYSTEMS


def test_the_table_of_devices_in_the_readme_says_what_the_tests_exercise() -> None:
    text = device_table.README.read_text()

    assert device_table.readme(text) == text, "write it anew: python -m tests.device_table"


def test_the_page_of_commands_says_what_the_tests_exercise() -> None:
    text = device_table.COMMANDS.read_text()

    assert device_table.commands() == text, "write it anew: python -m tests.device_table"


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.kind)
def test_every_system_answers_the_shared_questions(system: object) -> None:
    kind = getattr(system, "kind", "")

    assert any(name.startswith(kind) for name in BENCHES)


def test_a_command_that_nobody_sends_is_not_counted() -> None:
    (way,) = LEKTRICO.ways
    fewer = replace(way, cases=tuple(case for case in way.cases if case.command != "charge_start"))

    assert "25 of 25" in device_table.row(LEKTRICO)
    assert "24 of 25" in device_table.row(replace(LEKTRICO, ways=(fewer,)))

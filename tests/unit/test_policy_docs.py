"""What docs/policies.md says is what the policies do."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from controller.domain.wishes import Member, Parameter
from controller.policy_files import from_document, load
from policies import ALL, ALWAYS
from tests.fakes.policy_views import A, view

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
TABLE = r"<!-- parameters of {name} -->\n(.*?)<!-- end -->"


def table(parameters: tuple[Parameter, ...]) -> str:
    """Write the parameters of a policy as the page shows them."""
    rows = [
        f"| `{each.name}` | {'whole, ' if each.whole else ''}{each.low:g} to {each.high:g} "
        f"| {each.default:g} | {each.says} |"
        for each in parameters
    ]
    return "\n".join(["| Parameter | Takes | Default | What it does |", "|---|---|---|---|", *rows, ""])


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("name", ALL)
def test_every_policy_has_its_section_with_all_its_parameters(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert f"### `{name}`\n" in page
    shown = re.search(TABLE.format(name=name), page, re.DOTALL)
    assert (shown.group(1) if shown else "") == (table(ALL[name].parameters) if ALL[name].parameters else "")


@pytest.mark.parametrize("name", load(None).modes)
def test_every_mode_is_shown_with_its_stack(name: str) -> None:
    mode = load(None).modes[name]
    stack = ", ".join(f"`{policy}`" for policy in mode.stack if policy not in ALWAYS)

    assert f"| `{name}` | {mode.says} | {stack} |\n" in PAGE.read_text(encoding="utf-8")


def test_the_complete_file_of_the_page_is_taken_as_it_stands() -> None:
    (text,) = blocks("toml")

    modes = from_document(tomllib.loads(text)).modes

    assert modes["sunny"].settings["solar_surplus"]["start_w"] == 1600.0
    assert modes["bargain"].stack == (*ALWAYS, "departure", "tariff")
    assert modes["cheap"].settings["tariff"]["cheapest_h"] == 4.0


def test_the_policy_of_the_page_runs_as_it_stands() -> None:
    (text,) = blocks("python")
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102 - the page's own example is what is tested
    policy = names["QuietHours"]()
    asked = (Member(charger=A, mode="test", settings={"ceiling_a": 8.0}),)

    by_day, by_night = policy.judge(view(), asked, {}), policy.judge(view(mono_s=44_200.0), asked, {})

    assert by_day.wishes == ()
    assert [wish.ceiling_a for wish in by_night.wishes] == [8.0]

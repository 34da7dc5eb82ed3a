"""The tables of devices in README.md and docs/devices/commands.md, made from what the tests exercise.

`python -m tests.device_table` writes them anew; a test says when they are out of date.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from adapters.catalog import Surroundings
from controller.app.equipment import build_chargers
from controller.cli.device_arguments import meaning, shown
from controller.cli.logs import mute
from controller.ports import Charger, Command
from controller.settings import load
from controller.system_clock import SystemClock
from tests import contracts
from tests.contracts.conftest import BENCHES
from tests.device_commands.system import System, Way
from tests.device_commands.systems import SYSTEMS
from tests.device_commands.typing_in import written

ROOT: Final = Path(__file__).parent.parent
README: Final = ROOT / "README.md"
COMMANDS: Final = ROOT / "docs" / "devices" / "commands.md"

BEGIN: Final = "<!-- from here to the end mark: python -m tests.device_table -->\n"
END: Final = "<!-- end mark -->\n"

_HEAD: Final = """\
| Charger | Over | Commands | Questions | Control | Without us |
|---|---|---|---|---|---|
"""

_COMMANDS_HEAD: Final = """\
# Every command of every charger

<!-- written by: python -m tests.device_table -->

Each was sent by `phasewise device ID COMMAND` to a simulated charger that speaks the real protocol over
its real transport, and was seen to act there, or to be answered rightly. Those marked ! can do harm and ask
for `--yes`; arguments in brackets may be left out. `phasewise device ID COMMAND --help` says the same of the
charger that you have.
"""

_QUESTIONS_HEAD: Final = """
## Questions to every charger

Whatever its maker, each way of each charger answers these in `tests/contracts`:

"""


def readme(text: str) -> str:
    """Put the table into the text between its marks."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    rows = "".join(row(system) for system in SYSTEMS)
    return f"{before}{BEGIN}{_HEAD}{rows}{END}{after}"


def row(system: System[Any]) -> str:
    """Tell what was seen of one system."""
    return _row(_told(system))


def commands() -> str:
    """Write the page of commands."""
    sections = "".join(_section(system) for system in SYSTEMS)
    questions = "".join(f"- {question}\n" for question in _questions())
    return f"{_COMMANDS_HEAD}{sections}{_QUESTIONS_HEAD}{questions}"


def _told(system: System[Any]) -> Iterator[str]:
    yield f"[{system.name}](docs/devices/{system.kind}.md) `{system.kind}`"
    yield system.transport
    yield f"{_sent(system)} of {len(system.document)}"
    benches = sum(name.startswith(system.kind) for name in BENCHES)
    questions = len(_questions())
    yield f"{questions}" if benches == 1 else f"{benches} x {questions}"
    able = [_charger(system, way).abilities for way in system.ways]
    pause = "" if all(each.can_pause for each in able) else "; no pause"
    controls = _by_way({way.name: f"`{way.control}`" for way in system.ways})
    yield f"{controls}, {_seconds([each.latency_s for each in able])}{pause}"
    yield _by_way({way.name: way.without_us for way in system.ways})


def _seconds(times_s: Sequence[float]) -> str:
    least_s, most_s = min(times_s), max(times_s)
    return f"{least_s:g} s" if least_s == most_s else f"{least_s:g} to {most_s:g} s"


def _sent(system: System[Any]) -> int:
    """Count the document's commands that are sent and seen to act."""
    cases = {case.command for way in system.ways for case in way.cases}
    return sum(name in cases for name in system.document.values())


def _by_way(words: Mapping[str, str]) -> str:
    """Say it once where all ways agree, else with the ways of which it holds."""
    ways: dict[str, list[str]] = defaultdict(list)
    for way, word in words.items():
        ways[word].append(way)
    if len(ways) == 1:
        return next(iter(ways))
    return "; ".join(f"{word} ({', '.join(names)})" for word, names in ways.items())


def _questions() -> list[str]:
    """List the shared questions as sentences, in the order in which they are asked."""
    files = sorted(Path(contracts.__file__).parent.glob("test_*.py"))
    modules = [import_module(f"{contracts.__name__}.{file.stem}") for file in files]
    return [
        name.removeprefix("test_").replace("_", " ").replace("persons", "person's")
        for module in modules
        for name, member in vars(module).items()
        if name.startswith("test_") and "open_bench" in signature(member).parameters
    ]


def _section(system: System[Any]) -> str:
    known = {way.name: _charger(system, way).commands for way in system.ways}
    names = sorted({name for listed in known.values() for name in listed})
    documented = {command: name for name, command in system.document.items()}
    is_one_way = len(system.ways) == 1
    head = ("Command", "Takes", "Does", "In the document", *(() if is_one_way else ("Over",)))
    rows = "".join(
        _row(
            (
                *_told_of(next(listed[name] for listed in known.values() if name in listed)),
                documented.get(name, ""),
                *(() if is_one_way else (_over(system, name),)),
            )
        )
        for name in names
    )
    more = len(names) - len(system.document)
    return (
        f"\n## {system.name}\n\n{_sent(system)} of the {len(system.document)} commands of "
        f'"{system.seed}" and {more} more. How it is connected: [{system.kind}.md]({system.kind}.md).\n\n'
        f"{_row(head)}{'|---' * len(head)}|\n{rows}"
    )


def _told_of(command: Command) -> Iterator[str]:
    yield f"`{command.name}`{' !' if command.dangerous else ''}"
    yield "<br>".join(f"`{shown(argument)}` {meaning(argument)}" for argument in command.arguments)
    yield command.says


def _over(system: System[Any], name: str) -> str:
    ways = [way.name for way in system.ways if any(case.command == name for case in way.cases)]
    return "all" if len(ways) == len(system.ways) else ", ".join(ways)


def _charger(system: System[Any], way: Way[Any]) -> Charger:
    """Build the adapter from a configuration, with nothing to reach."""
    with TemporaryDirectory() as folder:
        settings = load(written(Path(folder), system.kind, way.keys()), {})
    surroundings = Surroundings(clock=SystemClock(), site=settings.site)
    return build_chargers(settings, surroundings)[0]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    mute()
    README.write_text(readme(README.read_text()))
    COMMANDS.write_text(commands())

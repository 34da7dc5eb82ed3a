"""`phasewise replay`: recorded ticks decided again, bit by bit, or under other policies."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import typer
from rich.progress import Progress

from adapters.store.reader import Reader
from adapters.store.ticks import RecordedTick
from controller.cli.comparing import Difference, Identity, differing, policies_of
from controller.cli.group import command_group
from controller.cli.options import DEFAULT_CONFIG, Config, Json, Policies, load_settings
from controller.cli.output import amps, console, counted, plain_table, print_json
from controller.cli.times import Since, Until, instant_in
from controller.errors import RecordError
from controller.policy_files import load as load_policies
from controller.report import instant
from controller.settings import Settings

app = command_group()


@app.command(epilog="Example: phasewise replay --from -2h --policies other.toml")
def replay(
    since: Since = None,
    until: Until = None,
    policies: Policies = None,
    config: Config = DEFAULT_CONFIG,
    *,
    json: Json = False,
) -> None:
    """Decide recorded ticks again.

    By default under the policies that they were decided under: every decision has to come out
    bit-identical, or the command tells the first tick that does not and what differs, and exits with 1.
    With other policies it shows what they would have changed, each tick starting from what was recorded.
    """
    settings = load_settings(config)
    with Reader(settings.database.url.get_secret_value()) as reader:
        ticks = _ticks(reader, since, until)
        if policies is None:
            _prove(settings, ticks, json=json)
        else:
            _compare(differing(ticks, load_policies(policies)), json=json)


def _ticks(reader: Reader, since: str | None, until: str | None) -> Iterator[RecordedTick]:
    """Tell the ticks of the span; a bar on the terminal follows their time."""
    begin = None if since is None else instant_in(since, "--from")
    end = None if until is None else instant_in(until, "--to")
    last = reader.latest_decision()
    if last is None:
        raise RecordError("nothing is recorded yet")
    return _followed(reader.decisions(begin, end), last.at if end is None else min(end, last.at))


def _followed(ticks: Iterable[RecordedTick], end: datetime) -> Iterator[RecordedTick]:
    screen = console(error=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        bar, begin = progress.add_task("replaying", total=None), None
        for tick in ticks:
            begin = begin or tick.at
            span = max(end - begin, timedelta(seconds=1))
            progress.update(bar, total=span.total_seconds(), completed=(tick.at - begin).total_seconds())
            yield tick


def _prove(settings: Settings, ticks: Iterable[RecordedTick], *, json: bool) -> None:
    """Decide every tick again and tell whether all came out the same."""
    identity, unwell = Identity(), None
    for tick in ticks:
        unwell = identity.look(tick, policies_of(tick, settings))
        if unwell is not None:
            break
    _refuse_nothing(identity.ticks)
    if json:
        print_json({"ticks": identity.ticks, "identical": unwell is None, "first_difference": unwell})
    elif unwell is None:
        typer.echo(f"{counted(identity.ticks, 'tick')} decided again, bit-identical")
    else:
        _show_unwell(unwell)
    if unwell is not None:
        raise typer.Exit(1)


def _refuse_nothing(ticks: int) -> None:
    """Nothing replayed proves nothing."""
    if not ticks:
        raise RecordError("no tick is recorded in that time")


def _show_unwell(unwell: dict[str, object]) -> None:
    typer.echo(f"the tick of {unwell['at']} {unwell['says']}")
    places = unwell["differs"]
    for place in places if isinstance(places, list) else ():
        typer.echo(f"  {place['key']}: recorded {place['recorded']}, now {place['now']}")


def _compare(difference: Difference, *, json: bool) -> None:
    """Show what other policies would have changed."""
    _refuse_nothing(difference.ticks)
    if json:
        print_json(difference.document())
        return
    changed = f"{difference.changed:,} of them would have been decided differently"
    typer.echo(f"{counted(difference.ticks, 'tick')}, {changed}")
    right = ("ticks", "share then", "share now")
    table = plain_table("charger", *right, "first", right=right)
    for charger, one in difference.chargers.items():
        first = "-" if one.first is None else instant(one.first)
        table.add_row(charger, str(one.changed), amps(one.recorded_a), amps(one.now_a), first)
    console().print(table, markup=False)

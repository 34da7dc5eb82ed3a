"""What keeps the daemon quick, as structure: what is imported when, and how much work a tick makes.

Seconds are measured in `benchmarks/`; nothing here depends on the machine.
"""

import subprocess
import sys
from dataclasses import fields

import pytest

from benchmarks.instances import problem
from benchmarks.site_at_work import SiteAtWork, at_work
from controller.domain.changing import changed
from controller.domain.decision import decide
from controller.domain.readings import Plug
from controller.domain.snapshot import ChargerMemory, InFlight, Promise
from controller.policy_files import load

HEAVY = ("numpy", "scipy", "fastapi", "uvicorn", "sqlalchemy", "alembic", "pydantic", "httpx", "rich")
TICKS = 3


def imported_by(code: str) -> set[str]:
    """Run code in a fresh interpreter; tell which of the heavy packages it took in."""
    shown = f"import sys\n{code}\nprint('IMPORTED', *(name for name in {HEAVY!r} if name in sys.modules))"
    told = subprocess.run([sys.executable, "-c", shown], check=True, capture_output=True, text=True).stdout
    return set(told.rpartition("IMPORTED")[2].split())


def test_the_core_and_the_policies_import_nothing_heavy() -> None:
    assert imported_by("import controller.domain.decision, policies") == set()


def test_help_waits_for_nothing_heavy() -> None:
    code = (
        "sys.argv[1:] = ['--help']\n"
        "from controller.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )

    assert imported_by(code) == set()


def test_the_daemon_starts_without_the_page_the_migrations_and_the_optimiser() -> None:
    loaded = imported_by("import controller.app.daemon")

    assert not loaded & {"numpy", "scipy", "fastapi", "uvicorn", "alembic"}


def settled(chargers: int, mode: str = "fast") -> SiteAtWork:
    """Run a site until nothing moves any more."""
    site = at_work(problem(chargers), mode)
    for _ in range(TICKS):
        site.obey(decide(site.next_snapshot(11.0), load(None)))
    return site


def calls_of_a_tick(site: SiteAtWork) -> int:
    """Count the Python functions that one tick enters."""
    snapshot, policies = site.next_snapshot(), load(None)
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        decide(snapshot, policies)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("mode", ["fast", "solar"])
def test_the_work_of_a_tick_grows_with_the_site_and_no_faster(mode: str) -> None:
    small, large = calls_of_a_tick(settled(64, mode)), calls_of_a_tick(settled(512, mode))

    assert large <= 1.2 * 8 * small


def test_a_site_at_rest_is_told_nothing() -> None:
    site = settled(64)

    decision = decide(site.next_snapshot(), load(None))

    assert decision.writes == ()


def test_a_changed_page_keeps_all_that_was_not_changed() -> None:
    flight = InFlight(write=7, limit_a=9.0, sent_mono_s=1.0)
    page = Promise(
        settled_a=6.0,
        known=True,
        cut_a=3.0,
        cut_mono_s=4.0,
        in_flight=(flight,),
        lapses_mono_s=5.0,
        heard_mono_s=8.0,
    )
    memory = ChargerMemory(promise=page, told_a=6.0, failures=2, session_id="s", used_phases=(2, 1))

    after = changed(memory, promise=changed(page, heard_mono_s=9.0))

    kept = [field.name for field in fields(page) if field.name != "heard_mono_s"]
    assert [getattr(after.promise, name) for name in kept] == [getattr(page, name) for name in kept]
    assert after.promise.heard_mono_s == 9.0
    assert changed(after, promise=page) == memory


def test_the_site_at_work_has_a_car_at_every_charger() -> None:
    site = settled(8)

    states = site.next_snapshot().chargers.values()

    assert all(state.plug in (Plug.B, Plug.C) for state in states)

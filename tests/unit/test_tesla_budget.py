import fcntl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.tesla.budget import Allowance, Budget, Kind
from tests.fakes.clock import FakeClock

TENTH = datetime(2026, 6, 10, 12, tzinfo=UTC)


def budget(
    clock: FakeClock, usd: float = 10.0, file: Path | None = None, *, unpriced: bool = False
) -> Budget:
    allowance = Allowance(per_month_usd=usd, per_minute={Kind.COMMAND: 3}, unpriced=unpriced)
    return Budget("car", allowance, clock, None if file is None else str(file))


def test_every_kind_has_its_price() -> None:
    spent = budget(FakeClock())
    for kind, calls in {Kind.FREE: 1000, Kind.DATA: 500, Kind.COMMAND: 1000, Kind.WAKE: 50}.items():
        for _ in range(calls):
            spent.count(kind)

    assert spent.cost_usd == pytest.approx(3.0)


def test_a_spent_month_refuses_what_costs_and_lets_through_what_does_not() -> None:
    spent = budget(FakeClock(), usd=0.02)
    spent.count(Kind.WAKE)

    assert "spent" in spent.refusal(Kind.WAKE)
    assert "spent" in spent.refusal(Kind.DATA)
    assert spent.refusal(Kind.FREE) == ""


async def test_the_next_month_begins_at_nothing() -> None:
    clock = FakeClock(start=datetime(2026, 6, 30, 23, 59, tzinfo=UTC))
    spent = budget(clock, usd=0.02)
    spent.count(Kind.WAKE)
    await clock.advance(120.0)

    assert spent.refusal(Kind.WAKE) == ""
    assert spent.cost_usd == 0.0


async def test_a_minute_has_its_pace() -> None:
    clock = FakeClock()
    spent = budget(clock)
    for _ in range(3):
        spent.count(Kind.COMMAND)
    paced = spent.refusal(Kind.COMMAND)
    await clock.advance(61.0)

    assert "3 command calls a minute" in paced
    assert spent.refusal(Kind.COMMAND) == ""


def test_what_nobody_bills_costs_nothing() -> None:
    spent = budget(FakeClock(), usd=0.0, unpriced=True)
    spent.count(Kind.WAKE)

    assert (spent.cost_usd, spent.refusal(Kind.WAKE)) == (0.0, "")


async def test_the_months_cost_is_estimated_from_what_was_seen() -> None:
    clock = FakeClock(start=TENTH)
    spent = budget(clock)
    await clock.advance(24 * 3600.0)
    for _ in range(100):
        spent.count(Kind.DATA)

    # 0.20 USD in a day, and nineteen and a half days to go.
    assert spent.estimate_usd == pytest.approx(0.20 + 0.20 * 19.5)


def test_the_count_outlives_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    budget(clock, file=tmp_path / "usage").count(Kind.WAKE)

    assert budget(clock, file=tmp_path / "usage").cost_usd == pytest.approx(0.02)


def test_programs_and_cars_that_share_a_file_share_a_month(tmp_path: Path) -> None:
    clock, file = FakeClock(), tmp_path / "usage"
    daemon, command = budget(clock, file=file), budget(clock, file=file)
    for _ in range(2):
        daemon.count(Kind.WAKE)
        command.count(Kind.WAKE)
    command.keep()
    daemon.keep()

    assert daemon.counts[Kind.WAKE] == 4
    assert budget(clock, file=file).counts[Kind.WAKE] == 4


def test_a_count_whose_file_is_taken_away_does_not_shrink(tmp_path: Path) -> None:
    spent = budget(FakeClock(), file=tmp_path / "usage")
    spent.count(Kind.WAKE)
    (tmp_path / "usage").unlink()
    spent.count(Kind.WAKE)
    spent.keep()

    assert spent.counts[Kind.WAKE] == 2


def test_nobody_waits_for_another_program_that_is_counting(tmp_path: Path) -> None:
    spent = budget(FakeClock(), file=tmp_path / "usage")
    with (tmp_path / "usage.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        spent.count(Kind.WAKE)

    spent.keep()

    assert budget(FakeClock(), file=tmp_path / "usage").counts[Kind.WAKE] == 1


def test_a_disk_that_takes_no_count_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spent = budget(FakeClock(), file=tmp_path / "nowhere" / "usage")
    spent.count(Kind.WAKE)

    assert spent.counts[Kind.WAKE] == 1
    assert "cannot be kept" in caplog.text


def test_only_its_owner_reads_the_count(tmp_path: Path) -> None:
    budget(FakeClock(), file=tmp_path / "usage").count(Kind.WAKE)

    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@given(content=st.binary(max_size=80))
def test_any_file_is_a_count_or_begins_anew(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("usage") / "usage"
    file.write_bytes(content)
    spent = budget(FakeClock(), file=file)
    spent.count(Kind.WAKE)

    assert spent.counts[Kind.WAKE] >= 1


def test_the_month_is_told_to_programs() -> None:
    spent = budget(FakeClock(start=TENTH))
    spent.count(Kind.WAKE)

    assert (spent.usage.calls["wake"], spent.usage.cost, spent.usage.budget) == (1, 0.02, 10.0)
    assert "0.02 USD" in spent.usage.says
    assert budget(FakeClock(), unpriced=True).usage.cost is None


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"month": "2026-06", "wake": "many"}', '{"month": "1999-01"}']
)
def test_a_count_that_makes_no_sense_begins_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "usage").write_text(content)

    assert budget(FakeClock(), file=tmp_path / "usage").cost_usd == 0.0

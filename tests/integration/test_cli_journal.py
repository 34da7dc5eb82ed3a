import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from adapters.store.ticks import Context, pack, unpack
from controller.codec import fingerprint
from tests.integration.demo_record import Record
from tests.phasewise import phasewise


@pytest.fixture
def config(recorded_demo: Record, tmp_path: Path) -> Path:
    """Hand out a copy of the recorded demo that a test may spoil."""
    folder = tmp_path / "copy"
    shutil.copytree(recorded_demo.config.parent, folder)
    config = folder / "config.toml"
    text = config.read_text()
    config.write_text(text.replace(str(recorded_demo.config.parent), str(folder)))
    return config


def test_status_tells_what_the_journal_recorded_while_no_daemon_runs(recorded_demo: Record) -> None:
    done = phasewise("status", "-c", recorded_demo.config)

    assert done.returncode == 0
    assert "the daemon is not running" in done.stdout
    assert "left" in done.stdout


def test_status_as_json_says_where_it_comes_from(recorded_demo: Record) -> None:
    done = phasewise("status", "-c", recorded_demo.config, "--json")

    document = json.loads(done.stdout)
    assert document["source"] == "journal"
    assert [charger["id"] for charger in document["chargers"]] == ["left", "right"]


def test_watch_needs_a_daemon_and_says_so(recorded_demo: Record) -> None:
    done = phasewise("watch", "-c", recorded_demo.config)

    assert done.returncode == 1
    assert done.stderr.startswith("phasewise: no daemon at http://127.0.0.1:")


def test_explain_tells_of_another_time_what_bound_a_charger_then(recorded_demo: Record) -> None:
    at = ("--at", "2026-06-24T11:00:44Z", "-c", recorded_demo.config)

    told = phasewise("explain", "left", *at).stdout
    document = json.loads(phasewise("explain", "left", *at, "--json").stdout)

    assert "<- binds" in told
    assert "main L1" in document["binds"]["says"]
    assert document["would_help"] == "less load on main L1"
    assert document["at"] <= "2026-06-24T11:00:44Z"


def test_explain_knows_nothing_of_a_time_before_the_journal(recorded_demo: Record) -> None:
    done = phasewise("explain", "left", "--at", "2020-01-01T00:00:00Z", "-c", recorded_demo.config)

    assert done.returncode == 1
    assert done.stderr == "phasewise: nothing is recorded at or before 2020-01-01T00:00:00.000Z\n"


def test_what_has_not_been_yet_cannot_be_explained(recorded_demo: Record) -> None:
    done = phasewise("explain", "left", "--at", "2999-01-01T00:00:00Z", "-c", recorded_demo.config)

    assert (done.returncode, done.stdout) == (2, "")
    assert "expected a time that has passed" in done.stderr


def test_an_export_that_ends_before_it_begins_is_a_wrong_request(recorded_demo: Record) -> None:
    done = phasewise("export", "readings", "--from", "12:00", "--to", "11:00", "-c", recorded_demo.config)

    assert (done.returncode, done.stdout) == (2, "")


def test_an_unknown_charger_is_a_wrong_request(recorded_demo: Record) -> None:
    done = phasewise("explain", "lft", "-c", recorded_demo.config)

    assert done.returncode == 2
    assert "did you mean `left`?" in done.stderr


def test_a_recorded_demo_replays_bit_identically(recorded_demo: Record) -> None:
    done = phasewise("replay", "-c", recorded_demo.config, "--json")

    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["identical"] is True
    assert document["ticks"] > 5


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_a_span_without_ticks_proves_nothing(recorded_demo: Record, how: tuple[str, ...]) -> None:
    done = phasewise("replay", "--to", "2020-01-01T00:00:00Z", "-c", recorded_demo.config, *how)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "phasewise: no tick is recorded in that time\n"


def test_replay_finds_a_row_that_somebody_changed(config: Path) -> None:
    with sqlite3.connect(config.parent / "journal.sqlite") as database:
        changed = "UPDATE decisions SET digest = 'f00d' WHERE id = (SELECT max(id) - 3 FROM decisions)"
        database.execute(changed)
    database.close()

    done = phasewise("replay", "-c", config)

    assert done.returncode == 1
    assert "is not what was recorded: its digest does not fit its row" in done.stdout


def test_replay_finds_a_tick_that_was_decided_otherwise(config: Path) -> None:
    with sqlite3.connect(config.parent / "journal.sqlite") as database:
        at = _falsify(database)
    database.close()

    done = phasewise("replay", "-c", config, "--json")

    (place,) = json.loads(done.stdout)["first_difference"]["differs"]
    assert done.returncode == 1
    assert place == {"key": "chargers.left.share_a", "recorded": 99, "now": at}


def _falsify(database: sqlite3.Connection) -> float:
    """Let the last row say, under a digest that fits, that the left charger got 99 A; tell what it got."""
    row, body, name = database.execute("SELECT id, body, context FROM decisions ORDER BY id DESC").fetchone()
    parts = database.execute("SELECT site, policies, sample FROM contexts WHERE id = ?", (name,)).fetchone()
    site, policies, sample = (zlib.decompress(part) for part in parts)
    context = Context(id=name, site=site, policies=policies, sample=sample)
    tick, _, decision = unpack(context, body).partition(b"\n")
    document = json.loads(decision)
    share_a: float = document["chargers"]["left"]["share_a"]
    document["chargers"]["left"]["share_a"] = 99
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    packed = pack(context, tick + b"\n" + text)
    database.execute(
        "UPDATE decisions SET body = ?, digest = ? WHERE id = ?", (packed, fingerprint(text), row)
    )
    return share_a


def test_replay_under_other_policies_shows_the_difference(recorded_demo: Record, tmp_path: Path) -> None:
    policies = tmp_path / "never.toml"
    policies.write_text('[modes.fast]\nstack = ["off"]\n')

    done = phasewise("replay", "--policies", policies, "-c", recorded_demo.config, "--json")

    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["changed"] > 0
    assert document["chargers"]["left"]["share_a"] == 0


def test_a_recorded_snapshot_can_be_decided_again(recorded_demo: Record) -> None:
    exported = phasewise("export", "snapshots", "--format", "jsonl", "-c", recorded_demo.config)
    snapshot = exported.stdout.splitlines()[-1]

    done = phasewise("decide", "-", "--json", stdin=snapshot)

    recorded = phasewise("export", "decisions", "--format", "jsonl", "-c", recorded_demo.config)
    assert json.loads(done.stdout) == json.loads(recorded.stdout.splitlines()[-1])["decision"]
    assert phasewise("decide", "-", stdin=snapshot).stdout.startswith("charger")


def test_decide_refuses_what_is_no_snapshot() -> None:
    done = phasewise("decide", "-", stdin='{"at": 3}')

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("what", "column"), [("sessions", "solar_wh"), ("readings", "l1_a"), ("decisions", "share_a")]
)
def test_each_part_of_the_journal_is_exported_as_csv(recorded_demo: Record, what: str, column: str) -> None:
    done = phasewise("export", what, "-c", recorded_demo.config)

    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert done.returncode == 0
    assert rows
    assert column in rows[0]


def test_an_export_may_be_cut_short_by_its_reader(recorded_demo: Record) -> None:
    command = (
        f"{sys.executable} -m controller export snapshots --format jsonl -c {recorded_demo.config} | head -1"
    )
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)

    assert json.loads(done.stdout)["site"]["id"] == "demo"
    assert done.stderr == ""


def test_the_database_is_checked_pruned_and_upgraded(config: Path) -> None:
    checked = phasewise("db", "check", "--json", "-c", config)
    pruned = phasewise("db", "prune", "--json", "-c", config)
    upgraded = phasewise("db", "upgrade", "-c", config)

    assert json.loads(checked.stdout)["well"] is True
    assert "decisions" in json.loads(pruned.stdout)
    assert upgraded.stdout.startswith("up to date")


def test_without_a_database_asking_is_not_well(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[[circuits]]\nid = "main"\nlimit_a = 25\nbackground_a = 0\n'
        f'[database]\nurl = "sqlite:///{tmp_path}/none.sqlite"\n[dashboard]\nport = 0\n'
    )

    for command in (("status",), ("replay",), ("db", "check"), ("export", "sessions")):
        done = phasewise(*command, "-c", config)

        assert done.returncode == 1, command
        assert done.stderr == f"phasewise: no database at {tmp_path}/none.sqlite\n"
    assert not (tmp_path / "none.sqlite").exists()


def test_a_charger_is_declared_out_of_service_in_the_journal_while_no_daemon_runs(config: Path) -> None:
    done = phasewise("device", "left", "out_of_service", "-c", config)
    unknown = phasewise("device", "lft", "out_of_service", "-c", config)

    assert json.loads(done.stdout)["by"] == "journal"
    assert unknown.returncode == 2
    with sqlite3.connect(config.parent / "journal.sqlite") as database:
        names = database.execute("SELECT name FROM standing WHERE kind = 'out_of_service'").fetchall()
    database.close()
    assert names == [("left",)]

"""Every timeline of this folder comes as it expects; the runner itself is strict."""

from pathlib import Path

import pytest

from tests.scenarios.timeline import read

FILES = sorted(Path(__file__).parent.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_timeline_comes_as_expected(path: Path) -> None:
    assert read(path).live() == []


def test_a_timeline_that_expects_what_does_not_come_fails(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        'title = "wrong"\nseconds = 30\n[[chargers]]\nid = "left"\n'
        '[[expect]]\nat_s = 20\ncharger = "left"\nlimit_a = 99\nreason = "by magic"\n'
    )

    missed = read(path).live()

    assert len(missed) == 2
    assert "limit_a is 16, expected 99" in missed[0]


def test_a_key_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "typo.toml"
    path.write_text('title = "typo"\nseconds = 1\nchargers = []\n[[expect]]\nlimt_a = 1\n')

    with pytest.raises(ValueError, match="limt_a"):
        read(path)


def test_a_fuse_that_melts_fails_whatever_is_expected(tmp_path: Path) -> None:
    path = tmp_path / "melts.toml"
    path.write_text(
        'title = "too much without us"\nseconds = 60\nchargers = []\nexpect = []\n[house]\nbase_a = 60\n'
    )

    assert "the fuse" in read(path).live()[0]

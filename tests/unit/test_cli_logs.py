import json
import logging
from collections.abc import Iterator

import pytest

from controller.cli.logs import start_logging

LOG = logging.getLogger("phasewise.test")


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level


def test_a_text_line_is_key_and_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    start_logging("info", "text")

    LOG.warning('meter %s says "no"', "grid")

    line = capsys.readouterr().err
    assert line.startswith("time=20")
    assert line.endswith(r'level=warning from=phasewise.test said="meter grid says \"no\""' + "\n")


def test_the_journal_of_systemd_gets_priorities_and_no_time_stamps(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:12345")
    start_logging("info", "text")

    LOG.error("lost")

    assert capsys.readouterr().err == "<3>level=error from=phasewise.test said=lost\n"


def test_a_traceback_stays_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("info", "json")

    LOG.error("what", exc_info=ValueError("why"))

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["said"] == "what"
    assert "ValueError: why" in json.loads(line)["trace"]


def test_libraries_that_narrate_are_not_heard(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("info", "text")

    logging.getLogger("httpx").info("HTTP Request: GET http://charger")
    logging.getLogger("pymodbus").error("no answer")

    assert capsys.readouterr().err == ""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.demo_record import Record, record
from tests.servers import Mosquitto


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """Hand out a running broker."""
    mosquitto = Mosquitto(tmp_path)
    mosquitto.start()
    yield mosquitto
    mosquitto.kill()


@pytest.fixture(scope="session")
def recorded_demo(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Play a demo once for all who ask its journal; nobody changes it."""
    handlers = list(logging.root.handlers)
    recorded = record(tmp_path_factory.mktemp("demo"))
    # Whoever played a demo logs as before.
    assert logging.root.handlers == handlers
    return recorded

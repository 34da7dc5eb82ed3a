from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.store.journal import SqlJournal
from adapters.store.reader import Reader
from tests.fakes.clock import FakeClock
from tests.fakes.recorded_house import NOON
from tests.integration.store.opening import reopened


@pytest.fixture
def clock() -> FakeClock:
    """Hand out a clock that stands at noon."""
    return FakeClock(NOON)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name a database in a folder that is not there yet."""
    return tmp_path / "state" / "phasewise.db"


@pytest_asyncio.fixture
async def journal(file: Path, clock: FakeClock) -> AsyncIterator[SqlJournal]:
    """Hand out an open journal."""
    opened = await reopened(file, clock)
    yield opened
    await opened.close()


@pytest.fixture
def reader(file: Path) -> Iterator[Reader]:
    """Hand out a reader of the same file."""
    with Reader(str(file)) as found:
        yield found

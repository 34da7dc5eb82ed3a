from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.contracts.bench import Bench
from tests.contracts.lektrico_bench import lektrico_bench

OpenBench = Callable[[], AbstractAsyncContextManager[Bench]]

BENCHES: dict[str, OpenBench] = {"lektrico": lektrico_bench}
"""One line a kind of charger; each answers the same questions."""


@pytest.fixture(params=list(BENCHES.values()), ids=list(BENCHES))
def open_bench(request: pytest.FixtureRequest) -> OpenBench:
    """Open the bench of one kind of charger."""
    chosen: OpenBench = request.param
    return chosen

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.contracts.bench import Bench
from tests.contracts.easee_bench import easee_bench, easee_owner_bench
from tests.contracts.everest_bench import everest_2023_bench, everest_bench
from tests.contracts.high_mobility_bench import high_mobility_rest_bench, high_mobility_telematics_bench
from tests.contracts.lektrico_bench import lektrico_bench
from tests.contracts.tesla_bench import tesla_bench

OpenBench = Callable[[], AbstractAsyncContextManager[Bench]]

BENCHES: dict[str, OpenBench] = {
    "lektrico": lektrico_bench,
    "easee": easee_bench,
    "easee_owner": easee_owner_bench,
    "everest": everest_bench,
    "everest_2023": everest_2023_bench,
    "high_mobility": high_mobility_telematics_bench,
    "high_mobility_rest": high_mobility_rest_bench,
    "tesla_fleet": lambda: tesla_bench("fleet"),
    "tesla_owner": lambda: tesla_bench("owner"),
    "tesla_proxy": lambda: tesla_bench("proxy"),
    "tesla_ble": lambda: tesla_bench("ble"),
}
"""One line a kind of charger; each answers the same questions."""


@pytest.fixture(params=list(BENCHES.values()), ids=list(BENCHES))
def open_bench(request: pytest.FixtureRequest) -> OpenBench:
    """Open the bench of one kind of charger."""
    chosen: OpenBench = request.param
    return chosen

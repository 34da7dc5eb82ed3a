"""What the tests of a charger run by EVerest share: the versions that they ask, and what they wait for."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest

from controller.system_clock import SystemClock
from simulator.chargers.everest_profile import Profile
from tests.contracts.everest_bench import EverestBench, everest_house

Y2023 = Profile(version=(2023, 8, 0))
Y2024 = Profile(version=(2024, 10, 0))
W2 = Profile(version=(2025, 10, 0))
W3 = Profile(version=(2026, 2, 1))
API = Profile(version=(2025, 10, 0), interface="api")
API_2023 = Profile(version=(2023, 8, 0), interface="api")
V1 = Profile(version=(2026, 2, 1), interface="api_v1", evse="evse_api", node="limits_api")

V1_MAIN = Profile(version=(9999, 0, 0), interface="api_v1", evse="evse_api", node="limits_api")

PROFILES = {
    "W1 2023": Y2023,
    "W1 at a node": Y2024,
    "W2": W2,
    "W3": W3,
    "module API": API,
    "module API 2023": API_2023,
    "API v1": V1,
    "API v1 main": V1_MAIN,
}
ALL = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())


class Later(SystemClock):
    """A clock that is ahead."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """Tell the time that it will be."""
        return super().now() + self._ahead


async def until(bench: EverestBench, limit_a: float) -> None:
    await bench.heard.until(lambda state: state.limit_a == limit_a)


def house(
    profile: Profile,
    **own: Any,  # noqa: ANN401 - settings of the adapter
) -> AbstractAsyncContextManager[EverestBench]:
    return everest_house(profile, **own)

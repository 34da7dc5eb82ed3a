"""Every era of EVerest speaks its dialect and is told limits in its own form."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.everest.dialect import Dialect, version_of
from adapters.chargers.everest.limits import Lapse, Writer
from adapters.wire.everest import Wire

NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("version", "wire", "at_node", "sourced", "walks"),
    [
        ("2023.5.0", Wire.W1, False, False, False),
        ("2023.8.0", Wire.W1, False, False, False),
        ("2024.3.1", Wire.W1, False, False, False),
        ("2024.4.0", Wire.W1, False, False, True),
        ("2024.9.1", Wire.W1, False, False, True),
        ("2024.9.2", Wire.W2, True, False, True),
        ("2024.10.0", Wire.W1, True, False, True),
        ("2024.11.0", Wire.W2, True, False, True),
        ("2025.3.0", Wire.W2, True, True, True),
        ("2025.10.0", Wire.W2, True, True, True),
        ("2025.12.0", Wire.W3, True, True, True),
        ("main", Wire.W3, True, True, True),
    ],
)
def test_every_era_speaks_its_dialect(
    version: str, wire: Wire, *, at_node: bool, sourced: bool, walks: bool
) -> None:
    dialect = Dialect(version=version_of(version))

    found = (dialect.wire, dialect.limits_at_node, dialect.sourced, dialect.walks)
    assert found == (wire, at_node, sourced, walks)


@given(
    limit_a=st.floats(min_value=0.0, max_value=80.0),
    version=st.sampled_from(["2023.5.0", "2023.8.0", "2024.9.1", "2025.2.0", "2025.10.0", "main"]),
    hours=st.integers(-12, 14),
)
def test_export_is_always_forbidden_and_limits_stand_on_the_leaves(
    limit_a: float, version: str, hours: int
) -> None:
    dialect = Dialect(version=version_of(version))
    abroad = NOON.astimezone(timezone(timedelta(hours=hours)))

    limits = Writer(dialect=dialect, source="us").external_limits(limit_a, abroad)

    (imported,), (exported,) = limits["schedule_import"], limits["schedule_export"]
    plain = {key: value["value"] if dialect.sourced else value for key, value in _leaves(exported).items()}
    assert plain == {"ac_max_current_A": 0.0, "total_power_W": 0.0}
    assert imported["limits_to_root"] == exported["limits_to_root"] == {}
    assert imported["timestamp"] == "2026-08-21T12:00:00.000Z"
    assert ("schedule_setpoints" in limits) is dialect.sourced


def test_the_safe_entry_comes_after_the_limit() -> None:
    writer = Writer(dialect=Dialect(version=version_of("2024.9.1")), source="us")

    limits = writer.external_limits(16.0, NOON, Lapse(at=NOON + timedelta(seconds=60), limit_a=6.0))

    told = [(entry["timestamp"], _leaves(entry)["ac_max_current_A"]) for entry in limits["schedule_import"]]
    assert told == [("2026-08-21T12:00:00.000Z", 16.0), ("2026-08-21T12:01:00.000Z", 6.0)]


@pytest.mark.parametrize("limit_a", [-1.0, 80.1, float("nan"), float("inf")])
def test_a_limit_that_no_pilot_offers_is_never_built(limit_a: float) -> None:
    with pytest.raises(ValueError, match="expected 0 to 80 A"):
        Writer(dialect=Dialect(version=version_of("main")), source="us").external_limits(limit_a, NOON)


def test_2023_is_given_no_later_entry() -> None:
    writer = Writer(dialect=Dialect(version=version_of("2023.8.0")), source="us")

    with pytest.raises(ValueError, match="no later entry"):
        writer.external_limits(16.0, NOON, Lapse(at=NOON, limit_a=0.0))


def _leaves(entry: dict[str, Any]) -> dict[str, Any]:
    leaves: dict[str, Any] = entry["limits_to_leaves"]
    return leaves

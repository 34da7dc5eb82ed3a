"""What EVerest tells is read in every era; another type is unknown, what no EVSE has is nonsense."""

import pytest

from adapters.chargers.everest.reading import variable
from adapters.chargers.everest.variables import EnforcedLimits, Powermeter
from controller.errors import DeviceNonsense


@pytest.mark.parametrize("limit", [10, 10.0, {"value": 10.0, "source": "ems"}])
@pytest.mark.parametrize("expiry", [{"valid_until": "2026-08-21T10:15:30.000Z"}, {"valid_for": 10}])
def test_enforced_limits_are_read_in_every_era(limit: object, expiry: dict[str, object]) -> None:
    value = {"uuid": "e", "limits_root_side": {"ac_max_current_A": limit}, **expiry}

    read = variable("enforced_limits", value)

    assert isinstance(read, EnforcedLimits)
    assert read.limit_a == 10.0


@pytest.mark.parametrize("value", ["10", True, None, [10], {"value": "10"}])
def test_an_enforced_limit_of_another_type_is_unknown_not_zero(value: object) -> None:
    read = variable("enforced_limits", {"uuid": "e", "limits_root_side": {"ac_max_current_A": value}})

    assert isinstance(read, EnforcedLimits)
    assert read.limit_a is None


@pytest.mark.parametrize("limit", [201, -201.0, 1e300, {"value": 1e300, "source": "x"}])
def test_a_limit_that_no_evse_has_is_nonsense(limit: object) -> None:
    for name, value in (
        ("enforced_limits", {"uuid": "e", "limits_root_side": {"ac_max_current_A": limit}}),
        ("limits", {"max_current": limit}),
    ):
        with pytest.raises(DeviceNonsense, match="no EVSE has that"):
            variable(name, value)


def test_a_meter_may_tell_totals_alone() -> None:
    read = variable("powermeter", {"energy_Wh_import": {"total": 1.0}, "power_W": {"total": 7000.0}})

    assert isinstance(read, Powermeter)
    assert (read.power_w, read.currents_a) == (7000.0, (None, None, None))

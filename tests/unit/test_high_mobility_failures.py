"""Every failure that High Mobility tells has its error, and only what is certain counts as refused."""

import pytest

from adapters.chargers.high_mobility.failures import BusyError, PendingError, checked, failed
from adapters.chargers.high_mobility.home_charger import HOME_CHARGER
from adapters.wire.autoapi.messages import decode
from adapters.wire.autoapi.properties import FAILURE_REASONS
from controller.errors import CredentialsError, DeviceError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from tests.fakes.autoapi import message_bytes


@pytest.mark.parametrize(
    "reason", [*FAILURE_REASONS.names, "vehicle_asleep", "invalid_command", "from the future"]
)
def test_every_reason_of_a_failure_has_its_error(reason: str) -> None:
    assert isinstance(failed(reason, "why"), DeviceError | CredentialsError)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("rate_limit", BusyError),
        ("unauthorised", CredentialsError),
        ("invalid_command", DeviceRefused),
        ("incorrect_state", DeviceRefused),
        ("pending", PendingError),
        ("vehicle_asleep", DeviceUnreachable),
        ("execution_timeout", DeviceUnreachable),
        ("oem_error", DeviceNonsense),
        ("unknown_200", DeviceNonsense),
    ],
)
def test_only_what_is_certain_counts_as_refused(reason: str, kind: type[Exception]) -> None:
    assert type(failed(reason)) is kind or isinstance(failed(reason), kind)
    assert isinstance(failed(reason), DeviceRefused) == issubclass(kind, DeviceRefused)


def test_a_failed_command_is_raised_by_its_own_numbers() -> None:
    message = decode(message_bytes("failure_message_vehicle_asleep"), (HOME_CHARGER,))

    with pytest.raises(DeviceUnreachable, match="vehicle asleep: Vehicle asleep"):
        checked(message)

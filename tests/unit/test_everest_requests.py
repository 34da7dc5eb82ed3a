"""What would end EVerest is refused before it is sent, and what it misspells stays so."""

from collections.abc import Callable

import pytest

from adapters.chargers.everest import requests
from controller.errors import DeviceRefused


@pytest.mark.parametrize(
    "build",
    [
        lambda: requests.stop_request((2023, 8, 0), "Boredom", None),
        lambda: requests.token((2023, 8, 0), "", "RFID"),
        lambda: requests.token((2023, 8, 0), "x" * 37, "RFID"),
        lambda: requests.token((2023, 8, 0), "x", "Handshake"),
        lambda: requests.enable_source("LocalAPI", "Enable", 10_001),
        lambda: requests.enable_source("LocalAPI", "On", 0),
        lambda: requests.whole_number("connector_id", True),  # noqa: FBT003 - the fact under test
        lambda: requests.whole_number("connector_id", -1),
        lambda: requests.certificate((2023, 8, 0), "Accepted", "Install", "A" * 5601),
        lambda: requests.transfer_modes((2025, 10, 0), "AC_three_phase_core, telepathy"),
        lambda: requests.transfer_modes((2025, 10, 0), "MCS"),
        lambda: requests.stop_request((2023, 5, 0), "Timeout", None),
        lambda: requests.authorization((2025, 10, 0), "x", "PinRequired", "RFID"),
        lambda: requests.token((2023, 8, 0), "x", "BankCard"),
    ],
)
def test_what_would_end_everest_is_refused_unsent(build: Callable[[], object]) -> None:
    with pytest.raises(DeviceRefused):
        build()


def test_the_misspelling_of_2023_stays_on_the_wire() -> None:
    args = requests.certificate((2023, 8, 0), "Accepted", "Install", None)

    assert args == {"certificate_reponse": {"status": "Accepted", "certificateAction": "Install"}}

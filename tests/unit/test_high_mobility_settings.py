"""What a path to High Mobility needs is enough, what it lacks is named, and no secret shows."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.chargers.high_mobility.settings import HighMobilitySettings

TELEMATICS: dict[str, Any] = {"private_key": "k", "client_certificate": "c", "access_token": "t"}
REST: dict[str, Any] = {
    "path": "rest", "private_key": "k", "access_token": "t", "client_serial": "0a", "app_uri": "app://x"
}  # fmt: skip


@pytest.mark.parametrize(
    "keys", [TELEMATICS, REST, REST | {"url": "https://x/v5"}, REST | {"url": "http://127.0.0.1:1"}]
)
def test_what_a_path_needs_is_enough(keys: dict[str, Any]) -> None:
    assert HighMobilitySettings.model_validate(keys).abilities.can_pause is False


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        (TELEMATICS | {"client_certificate": None}, "client_certificate"),
        (TELEMATICS | {"access_token": None}, "refresh_token or access_certificate"),
        (REST | {"app_uri": ""}, "app_uri"),
        (REST | {"access_token": None, "access_certificate": "x"}, "access_token"),
        (TELEMATICS | {"refresh_token": "r"}, "token_file and client_id"),
        (TELEMATICS | {"url": "http://example.com"}, "https"),
        (TELEMATICS | {"sign_on_url": "http://example.com"}, "https"),
        (TELEMATICS | {"url": "ftp://x"}, "pattern"),
        (TELEMATICS | {"color": "red"}, "color"),
    ],
)
def test_what_a_path_lacks_is_named(keys: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        HighMobilitySettings.model_validate(keys)


def test_secrets_never_show() -> None:
    settings = HighMobilitySettings.model_validate(
        TELEMATICS | {"private_key": "hush", "access_token": "hush"}
    )

    assert "hush" not in repr(settings)

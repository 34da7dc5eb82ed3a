"""Certificates and tokens of High Mobility: fetched, renewed and kept; what is over is the operator's."""

from base64 import b64encode
from pathlib import Path as FilePath
from typing import Any

import pytest

from controller.errors import CredentialsError, DeviceRefused
from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.high_mobility_keys import granted, new_key
from tests.contracts.high_mobility_bench import Path, charger_of
from tests.fakes.clock import FakeClock
from tests.integration.high_mobility_benches import PATHS


async def test_a_certificate_is_fetched_once_for_many_commands() -> None:
    async with HighMobilityTwin() as twin:
        charger = charger_of(twin)

        for limit_a in (8.0, 9.0, 10.0):
            await charger.set_limit(limit_a)

        assert twin.calls.count("access_certificates") == 1
        assert twin.calls.count("nonces") == 6


async def test_a_certificate_is_fetched_anew_after_an_hour() -> None:
    clock = FakeClock()
    async with HighMobilityTwin(clock=clock) as twin:
        charger = charger_of(twin, clock)
        await charger.set_limit(8.0)
        await clock.advance(3_601.0)
        await charger.set_limit(9.0)

        assert twin.calls.count("access_certificates") == 2


async def test_a_charger_that_was_paired_anew_is_found_by_another_certificate() -> None:
    async with HighMobilityTwin() as twin:
        charger = charger_of(twin)
        await charger.set_limit(8.0)
        twin.telematics.serial, twin.telematics.key = bytes(9), new_key()
        with pytest.raises(DeviceRefused, match="does not reach such a charger"):
            await charger.set_limit(9.0)

        await charger.set_limit(10.0)

        assert twin.device.current_a == 10.0


async def test_a_certificate_that_is_over_is_the_operators_to_put_right() -> None:
    clock = FakeClock()
    async with HighMobilityTwin(clock=clock) as twin:
        entry = granted(twin.app, twin.telematics.serial, twin.telematics.key.public_key(), clock.now())
        text = b64encode(entry.encoded()).decode()
        charger = charger_of(twin, clock, access_token=None, access_certificate=text)
        await charger.set_limit(8.0)
        await clock.advance(86_400.0)

        with pytest.raises(CredentialsError, match="until 2026-06-02"):
            await charger.probe()

        assert "access_certificates" not in twin.calls


@pytest.mark.parametrize("path", PATHS)
async def test_a_token_that_is_not_accepted_is_the_operators_to_put_right(path: Path) -> None:
    async with HighMobilityTwin() as twin:
        charger = charger_of(twin, path=path, access_token="stolen")

        with pytest.raises(CredentialsError) as refused:
            await charger.probe()
        with pytest.raises(DeviceRefused):
            await charger.set_limit(8.0)

        assert "stolen" not in str(refused.value)


def renewing(twin: HighMobilityTwin, folder: FilePath) -> dict[str, Any]:
    return {
        "access_token": "ended",
        "refresh_token": twin.app.refresh_token,
        "token_file": str(folder / "tokens.json"),
        "client_id": "phasewise",
        "client_secret": "hush",
        "sign_on_url": twin.sign_on_url,
    }


@pytest.mark.parametrize("path", PATHS)
async def test_a_token_that_has_ended_is_renewed_and_kept(path: Path, tmp_path: FilePath) -> None:
    async with HighMobilityTwin() as twin:
        own = renewing(twin, tmp_path)
        await charger_of(twin, path=path, **own).set_limit(8.0)
        renewals = twin.calls.count("access_tokens")
        await charger_of(twin, path=path, **own).set_limit(9.0)

        assert (renewals, twin.calls.count("access_tokens")) == (1, 1)
        assert twin.device.current_a == 9.0


async def test_a_renewal_that_helps_nobody_is_not_repeated_at_once(tmp_path: FilePath) -> None:
    async with HighMobilityTwin() as twin:
        own = renewing(twin, tmp_path) | {"client_serial": "0a"}
        charger = charger_of(twin, path="rest", **own)

        for _ in range(3):
            with pytest.raises(CredentialsError):
                await charger.probe()

        assert twin.calls.count("access_tokens") == 1

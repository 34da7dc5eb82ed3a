"""What a Tesla or its service does not do: busy, limited, spent, without effect, not to be trusted."""

import ssl
import subprocess
from pathlib import Path

import pytest

from controller.errors import DeviceRefused, DeviceUnreachable
from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_faults import Faults
from tests.contracts.tesla_bench import charger_of
from tests.integration.tesla_cars import COMMANDS, SLOW, asked, plugged
from tests.servers import program


async def test_a_busy_car_is_asked_again() -> None:
    async with plugged() as bench:
        bench.twin.faults = Faults(busy_left=2)

        await bench.charger.set_limit(10.0)

        assert bench.holds_a() == 10.0


async def test_a_command_without_effect_is_no_read_back() -> None:
    async with plugged() as bench:
        await bench.charger.set_limit(16.0)
        bench.twin.faults = Faults(without_effect=True)

        await bench.charger.set_limit(8.0)

        assert (await bench.heard.polled_anew()).limit_a == 16.0


async def test_a_start_without_effect_is_no_persons_pause() -> None:
    async with plugged() as bench:
        bench.twin.faults = Faults(only=frozenset({"charge_start"}), without_effect=True)
        await bench.charger.set_limit(16.0)
        bench.heal()
        bench.unplug()
        await bench.heard.until(lambda state: not state.plug.car)
        bench.plug_in()
        await bench.heard.until(lambda state: state.plug.car)

        assert bench.heard.latest.limit_a == 0.0


async def test_a_rate_limit_is_obeyed_to_the_end() -> None:
    async with plugged() as bench:
        bench.twin.faults = Faults(only=frozenset(COMMANDS), status=429, retry_after_s=36_000)
        with pytest.raises(DeviceRefused):
            await bench.charger.set_limit(10.0)
        bench.heal()
        asked_before = asked(bench, *COMMANDS)
        with pytest.raises(DeviceRefused, match="rate limited"):
            await bench.charger.set_limit(10.0)

        assert asked(bench, *COMMANDS) == asked_before


async def test_a_proxy_that_limits_without_saying_how_long_is_left_alone_all_the_same() -> None:
    async with plugged("proxy") as bench:
        bench.twin.faults = Faults(only=frozenset({"set_charging_amps"}), status=429)
        for _ in range(2):
            with pytest.raises(DeviceRefused):
                await bench.charger.set_limit(10.0)

        assert asked(bench, "set_charging_amps") == 1


async def test_trouble_in_the_service_may_have_been_obeyed() -> None:
    async with plugged("proxy") as bench:
        bench.twin.faults = Faults(
            only=frozenset({"set_charging_amps"}), status=500, error="context deadline exceeded"
        )

        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(10.0)


async def test_a_cap_that_was_taken_without_a_start_is_not_certain() -> None:
    async with plugged() as bench:
        bench.twin.faults = Faults(only=frozenset({"charge_start"}), reason="user_not_present")

        with pytest.raises(DeviceUnreachable, match="not started"):
            await bench.charger.set_limit(10.0)

        assert (bench.twin.car.request_a, bench.offered_a()) == (10, 0.0)


async def test_a_month_that_is_spent_still_lets_cuts_out() -> None:
    async with plugged(**SLOW) as bench:
        await bench.charger.set_limit(16.0)
        spent = charger_of(bench.twin, budget_usd_per_month=0.0)

        with pytest.raises(DeviceRefused, match="spent"):
            await spent.set_limit(20.0)
        await spent.set_limit(0.0)

        assert bench.offered_a() == 0.0


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Let a proxy sign its own; the key stands in the same file."""
    command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=proxy"
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "certificate.pem")]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([program("openssl"), *command.split(), *names, *files], check=True, capture_output=True)
    return tmp_path / "certificate.pem"


async def test_a_proxy_with_a_certificate_of_its_own_is_trusted_by_file(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, certificate.with_name("key.pem"))
    async with TeslaTwin("proxy", tls=tls) as twin:
        await charger_of(twin, ca_file=str(certificate)).set_limit(9.0)
        with pytest.raises(DeviceUnreachable):
            await charger_of(twin).set_limit(8.0)

        assert twin.car.request_a == 9

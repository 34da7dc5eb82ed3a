import asyncio
import gc
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.wire.mqtt import Broker
from adapters.wire.mqtt_broker import client_for
from controller.errors import SettingsError
from controller.system_clock import SystemClock
from tests.mqtt_connecting import connection_to, until_no_thread_is_left
from tests.mqtt_observer import PATIENCE_S, running
from tests.servers import Mosquitto, program


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Mosquitto]:
    """Hand out a broker with TLS and passwords."""
    command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = "-addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:TRUE"
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "certificate.pem")]
    subprocess.run(
        [program("openssl"), *command.split(), *names.split(), *files], check=True, capture_output=True
    )
    passwords = tmp_path / "passwords"
    subprocess.run([program("mosquitto_passwd"), "-c", "-b", passwords, "house", "secret"], check=True)
    mosquitto = Mosquitto(
        tmp_path,
        f"password_file {passwords}",
        f"certfile {tmp_path / 'certificate.pem'}",
        f"keyfile {tmp_path / 'key.pem'}",
    )
    mosquitto.start()
    yield mosquitto
    mosquitto.kill()


async def test_tls_and_a_password_let_us_in(guarded: Mosquitto, tmp_path: Path) -> None:
    connection = connection_to(
        guarded.port, tls=True, ca_file=tmp_path / "certificate.pem", username="house", password="secret"
    )
    with connection.subscribe("echo") as messages:
        async with running(connection.run()), asyncio.timeout(PATIENCE_S):
            connection.publish("echo", "hello", retain=True)
            assert (await anext(messages)).payload == b"hello"


async def test_a_wrong_password_is_said_once_and_never_repeated_in_the_log(
    guarded: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    connection = connection_to(
        guarded.port, tls=True, ca_file=tmp_path / "certificate.pem", username="house", password="wr0ng"
    )
    async with running(connection.run()), asyncio.timeout(PATIENCE_S):
        while not caplog.records:
            await SystemClock().sleep(0.01)
        await SystemClock().sleep(1.5)
    assert [record.getMessage() for record in caplog.records] == [
        f"MQTT broker 127.0.0.1:{guarded.port} refuses us: Not authorized"
    ]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_certificate_that_nobody_trusts_is_not_accepted(
    guarded: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    connection = connection_to(guarded.port, tls=True, username="house", password="secret")
    async with running(connection.run()), asyncio.timeout(PATIENCE_S):
        while not caplog.records:
            await SystemClock().sleep(0.01)
    await until_no_thread_is_left()
    # paho leaves the socket of a failed handshake to the garbage collector, which complains aloud.
    gc.collect()
    assert not connection.connected
    assert "cannot be reached" in caplog.text


def test_certificates_that_cannot_be_read_are_the_operators_to_put_right(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"missing\.pem: expected readable certificates"):
        client_for(Broker(host="localhost", tls=True, ca_file=tmp_path / "missing.pem"))

"""Who asks the devices beside a running daemon takes no broker from it."""

from pathlib import Path

from controller.app.equipment import connection
from controller.settings import load
from controller.system_clock import SystemClock
from tests.mqtt_observer import observing, running
from tests.servers import Mosquitto

CONFIG = """
[[circuits]]
id = "main"
limit_a = 25
background_a = 0
[[chargers]]
id = "garage"
kind = "lektrico"
host = "127.0.0.1"
[mqtt]
host = "127.0.0.1"
port = {port}
"""

AVAILABILITY = "phasewise/home/availability"


async def test_a_visitor_neither_throws_the_daemon_out_nor_speaks_for_it(
    broker: Mosquitto, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(port=broker.port))
    settings, clock = load(path, {}), SystemClock()
    daemon, visitor = connection(settings, clock), connection(settings, clock, visiting=True)
    assert daemon is not None
    assert visitor is not None

    async with observing(broker.port, "#") as observer, running(daemon.run()):
        await observer.until_says(AVAILABILITY, b"online")
        async with running(visitor.run()):
            await visitor.until_connected()
            daemon.publish("still", "there")
            await observer.until_says("still", b"there")
        async with observing(broker.port, "#") as late:
            await late.until_says(AVAILABILITY, b"online")

        assert daemon.sessions == 1
        assert observer.latest[AVAILABILITY] == b"online"

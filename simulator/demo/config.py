"""Configuration of the demo: what `phasewise demo` would have in its config.toml."""

import socket
from contextlib import ExitStack
from datetime import date, timedelta

from simulator.prices import recorded_week

FUSE_A = 25.0

_SITE = """
[site]
id = "demo"
accept = ["no_proof"]

[[circuits]]
id = "main"
limit_a = {fuse_a:g}

[[meters]]
id = "grid"
map = "eastron_sdm630"
host = "127.0.0.1"
port = {ports[0]}

[[meters]]
id = "solar"
role = "solar"
map = "eastron_sdm630"
host = "127.0.0.1"
port = {ports[1]}

[[chargers]]
id = "left"
kind = "lektrico"
host = "127.0.0.1"
port = {ports[2]}
max_a = 16

[[chargers]]
id = "right"
kind = "lektrico"
host = "127.0.0.1"
port = {ports[3]}
max_a = 32

[database]
url = "sqlite:///{database}"

[dashboard]
port = {ports[4]}

[tariff]
kind = "table"
timezone = "UTC"
"""

_PRICE = """
[[tariff.rows]]
days = ["{day}"]
from = "{begin:02}:00"
to = "{end:02}:00"
import_per_kwh = {price}
"""

# What taxes and grid fees add to the day-ahead price in the Netherlands, roughly.
_SURCHARGE_PER_KWH = 0.15


def demo_config(database: str) -> str:
    """Write the configuration of the demo house, on ports that are free now."""
    return _SITE.format(fuse_a=FUSE_A, ports=free_ports(5), database=database) + _prices()


def free_ports(count: int) -> tuple[int, ...]:
    """Find ports that nobody listens on."""
    with ExitStack() as opened:
        listeners = [opened.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return tuple(listener.getsockname()[1] for listener in listeners)


def _prices() -> str:
    """Write the recorded week of day-ahead prices as a weekly table."""
    monday, prices = recorded_week()
    return "".join(
        _PRICE.format(
            day=_day(monday.date() + timedelta(hours=hour)),
            begin=hour % 24,
            end=hour % 24 + 1,
            price=round(price + _SURCHARGE_PER_KWH, 5),
        )
        for hour, price in enumerate(prices)
    )


def _day(day: date) -> str:
    return ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()]

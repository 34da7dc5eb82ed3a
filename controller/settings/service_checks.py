"""Checks of what stands beside the wiring: broker, database, dashboard, files."""

import ipaddress
from pathlib import Path

from controller.settings.complaints import Complaints
from controller.settings.journal_place import check_database
from controller.settings.secrets import why_unreadable
from controller.settings.service_tables import DashboardSettings, MqttSettings
from controller.settings.tables import Tables


def check_services(tables: Tables, complaints: Complaints) -> None:
    """Complain of services that could not start or would stand open."""
    if tables.mqtt is not None:
        _check_mqtt(tables.mqtt, complaints)
    check_database(tables.database, complaints)
    _check_dashboard(tables.dashboard, complaints)
    _check_file("policies.file", tables.policies.file, complaints)
    needy = [meter.common.id for meter in tables.meters if getattr(meter.own, "needs_mqtt", False)]
    if needy and tables.mqtt is None:
        complaints.add("mqtt", None, f"a table [mqtt], since the meter {needy[0]} speaks MQTT")


def _check_mqtt(mqtt: MqttSettings, complaints: Complaints) -> None:
    if mqtt.password is not None and mqtt.username is None:
        complaints.add("mqtt.username", None, "a user name, since there is a password, but it is missing")
    if mqtt.ca_file is not None and not mqtt.tls:
        complaints.add("mqtt.tls", mqtt.tls, "true, since ca_file is set")
    _check_file("mqtt.ca_file", mqtt.ca_file, complaints)


def _check_dashboard(dashboard: DashboardSettings, complaints: Complaints) -> None:
    if not is_loopback(dashboard.host) and dashboard.password is None:
        complaints.add(
            "dashboard.host",
            dashboard.host,
            "a loopback address, or password_env or password_file",
        )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_file(key: str, path: Path | None, complaints: Complaints) -> None:
    if path is None:
        return
    try:
        path.read_bytes()
    except (OSError, ValueError) as error:
        complaints.add(key, str(path), f"a readable file: {why_unreadable(error)}")

from pathlib import Path

from controller.domain.readings import MeterRole
from controller.settings import load
from controller.settings.service_checks import is_loopback

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"

PRIVILEGED = 1024


def test_the_example_is_valid() -> None:
    settings = load(EXAMPLE, {})

    assert settings.site.circuits[0].limit_a == (25.0, 25.0, 25.0)
    assert [charger.id for charger in settings.site.chargers] == ["garage", "carport"]
    assert {place.role for place in settings.places} == {MeterRole.CIRCUIT, MeterRole.SOLAR}
    assert settings.tariff is not None
    assert settings.mqtt is None


def test_the_example_runs_beside_its_twins_without_an_edit() -> None:
    settings = load(EXAMPLE, {})

    addresses = [(one.settings, one.id) for one in (*settings.meters, *settings.chargers)]
    hosts = {getattr(own, "host", None) for own, _ in addresses}
    ports = [getattr(own, "port", 0) for own, _ in addresses] + [settings.dashboard.port]
    assert all(is_loopback(str(host)) for host in (*hosts, settings.dashboard.host))
    assert len(set(ports)) == len(ports)
    assert all(port >= PRIVILEGED for port in ports)


def test_what_the_example_leaves_commented_is_valid_too(tmp_path: Path) -> None:
    text = EXAMPLE.read_text()
    blocks = text[text.index("# [[circuits]]") : text.index("# Who measures what.")]
    path = tmp_path / "config.toml"

    path.write_text(text + uncommented(blocks) + mqtt_of(text))

    settings = load(path, {"PHASEWISE_MQTT": "hunter2"})
    assert settings.mqtt is not None
    assert [circuit.id for circuit in settings.site.circuits] == ["main", "workplace"]


def uncommented(block: str) -> str:
    return "".join(f"{line.removeprefix('# ')}\n" for line in block.splitlines() if line.startswith("# "))


def mqtt_of(text: str) -> str:
    return uncommented(text[text.index("# [mqtt]") : text.index("[database]")])

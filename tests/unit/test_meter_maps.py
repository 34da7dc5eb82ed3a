from pathlib import Path

import pytest

from adapters.catalog import Surroundings
from adapters.meters.map_file import (
    ModbusMap,
    SpeedwireMap,
    SunspecMap,
    built_in_maps,
    load_built_in,
    load_map,
)
from adapters.meters.modbus_meter import build
from adapters.meters.modbus_settings import ModbusMeterSettings, endpoint_of, load_meter_map, manners_of
from adapters.wire.modbus import SerialEndpoint, TcpEndpoint
from controller.errors import SettingsError
from tests.fakes.clock import FakeClock

GOOD = """
names = ["My meter"]

[registers]
current_l1_a = { address = 6, type = "float32" }
power_w = { address = 52, type = "float32" }
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "my_meter.toml"
    path.write_text(text, encoding="utf-8")
    return path


def surroundings() -> Surroundings:
    return Surroundings(clock=FakeClock(), site=None)


def test_every_built_in_map_is_valid_and_says_how_sure_it_is() -> None:
    maps = {name: load_built_in(name) for name in built_in_maps()}

    assert len(maps) == 30
    assert all(found.confidence in {"high", "medium", "low"} for found in maps.values())
    assert all(found.sources and found.names for found in maps.values())
    assert sum(isinstance(found, SunspecMap) for found in maps.values()) == 4
    assert sum(isinstance(found, SpeedwireMap) for found in maps.values()) == 1


def test_a_map_needs_little(tmp_path: Path) -> None:
    found = load_map(write(tmp_path, GOOD))

    assert isinstance(found, ModbusMap)
    assert (found.function_code, found.word_order, found.max_registers_per_read) == (3, "big", 125)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (GOOD.replace("address = 6", "address = 70000"), "registers.current_l1_a.address = 70000: .*65535"),
        (
            GOOD.replace('"float32" }\npower', '"float16" }\npower'),
            "registers.current_l1_a.type = 'float16': ",
        ),
        (GOOD.replace("current_l1_a", "curent_l1_a"), "did you mean 'current_l1_a'"),
        (GOOD.replace("names", "name"), "names: Field required"),
        (GOOD + "gap = 3", "registers.gap"),
        ("colour = 1\n" + GOOD, "colour: unknown key"),
        ("function_code = 5\n" + GOOD, "function_code = 5: "),
        ("word_order = 'middle'\n" + GOOD, "word_order = 'middle': "),
        ("max_registers_per_read = 126\n" + GOOD, "max_registers_per_read = 126: .*125"),
        ("kind = 'knx'\n" + GOOD, "kind = 'knx': expected one of modbus, sunspec, sma_speedwire"),
        (GOOD.replace("address = 52,", "address = 52, scale = 0,"), "scale: expected any number but 0"),
        (GOOD.replace("address = 52,", "address = 65535,"), "does not fit"),
        ("names = ['x']\n[registers]\nvoltage_l1_v = { address = 0, type = 'int16' }", "at least a power"),
        ("names = [", "is not TOML"),
    ],
)
def test_a_wrong_map_is_refused_in_one_line(tmp_path: Path, wrong: str, complaint: str) -> None:
    path = write(tmp_path, wrong)

    with pytest.raises(SettingsError, match=complaint) as refused:
        load_map(path)

    assert str(refused.value).startswith(str(path))
    assert "\n" not in str(refused.value).removeprefix(str(path))


def test_a_missing_map_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: cannot be read: No such file"):
        load_map(tmp_path / "none.toml")


def test_an_unknown_map_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        SettingsError, match="map = 'eastron_sdm63': no such map; did you mean 'eastron_sdm630'"
    ):
        load_built_in("eastron_sdm63")


def test_a_map_name_cannot_leave_its_folder() -> None:
    with pytest.raises(SettingsError, match="no such map"):
        load_built_in("../../../etc/passwd")


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"host": "meter"}, "either map or map_file"),
        ({"host": "meter", "map": "a", "map_file": "b"}, "either map or map_file"),
        ({"map": "eastron_sdm630"}, "needs host"),
        ({"map": "eastron_sdm630", "transport": "rtu"}, "needs device"),
        ({"map": "eastron_sdm630", "host": "x", "unit_id": 256}, "unit_id"),
        ({"map": "eastron_sdm630", "host": "x", "period_s": 0}, "period_s"),
        ({"map": "eastron_sdm630", "host": "x", "colour": 1}, "colour"),
    ],
)
def test_wrong_settings_are_refused(keys: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        ModbusMeterSettings.model_validate(keys)


def endpoint(**keys: object) -> TcpEndpoint | SerialEndpoint:
    settings = ModbusMeterSettings.model_validate(keys)
    return endpoint_of(settings, load_meter_map(settings, "grid"), "grid")


def test_what_is_not_given_comes_from_the_map() -> None:
    assert endpoint(map="solaredge_meter1", host="inverter") == TcpEndpoint(host="inverter", port=1502)
    assert endpoint(map="orno_we517", transport="rtu", device="/dev/ttyUSB0") == SerialEndpoint(
        device="/dev/ttyUSB0", baudrate=9600, parity="E", stopbits=1
    )
    assert endpoint(map="janitza_umg96", transport="rtu", device="tty") == SerialEndpoint(
        device="tty", baudrate=115200, parity="N", stopbits=2
    )


def test_what_is_given_wins() -> None:
    found = endpoint(map="orno_we517", transport="rtu", device="tty", baudrate=19200, parity="N", stopbits=2)

    assert found == SerialEndpoint(device="tty", baudrate=19200, parity="N", stopbits=2)


def test_a_default_that_nobody_knows_is_asked_for() -> None:
    with pytest.raises(SettingsError, match="meter grid: baudrate: missing"):
        endpoint(map="abb_b23", transport="rtu", device="tty")
    with pytest.raises(SettingsError, match="meter grid: unit_id: missing"):
        build("grid", ModbusMeterSettings(map="socomec_countis_e", host="x"), surroundings())


def test_a_speedwire_map_is_no_modbus_map() -> None:
    with pytest.raises(SettingsError, match='kind = "sma_speedwire"'):
        build("grid", ModbusMeterSettings(map="sma_em", host="x"), surroundings())


def test_a_huawei_inverter_gets_its_rest_after_connecting() -> None:
    settings = ModbusMeterSettings(map="huawei_sun2000", host="x")

    manners = manners_of(settings, load_meter_map(settings, "grid"))

    assert (manners.after_connect_s, manners.gap_s, manners.timeout_s) == (1.0, 0.05, 1.0)


def test_a_map_file_takes_the_place_of_a_map(tmp_path: Path) -> None:
    settings = ModbusMeterSettings(host="x", map_file=write(tmp_path, GOOD), unit_id=1)

    assert isinstance(load_meter_map(settings, "grid"), ModbusMap)

import re
import tomllib
from pathlib import Path

from pydantic import BaseModel

from adapters.meters.map_file import ModbusMap, SunspecMap, built_in_maps, load_map
from adapters.meters.map_tables import QUANTITIES
from adapters.meters.modbus_layout import fixed_layout
from adapters.meters.modbus_settings import ModbusMeterSettings
from adapters.meters.sma_speedwire import SpeedwireSettings

PAGE = (Path(__file__).parents[2] / "docs" / "meters.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml ?(\S*)\n(.*?)```", PAGE, flags=re.DOTALL)


def example(name: str, folder: Path) -> Path:
    path = folder / name
    path.write_text(dict(EXAMPLES)[name], encoding="utf-8")
    return path


def test_the_map_of_the_manual_loads(tmp_path: Path) -> None:
    found = load_map(example("my_meter.toml", tmp_path))

    assert isinstance(found, ModbusMap)
    assert fixed_layout(found).registers["power_w"].scale == -10


def test_the_sunspec_map_of_the_manual_loads(tmp_path: Path) -> None:
    assert isinstance(load_map(example("sunspec.toml", tmp_path)), SunspecMap)


def test_the_less_common_tables_of_the_manual_fit_its_map(tmp_path: Path) -> None:
    extra = next(text for _, text in EXAMPLES if "[ratios]" in text)
    top, tables = extra.split("\n", 1)
    path = example("my_meter.toml", tmp_path)
    path.write_text(f"{top}\n{path.read_text(encoding='utf-8')}\n{tables}", encoding="utf-8")

    found = load_map(path)

    assert isinstance(found, ModbusMap)
    assert found.wait_after_connect_s == 1
    assert found.ready is not None


def test_the_meters_of_the_manual_are_valid() -> None:
    common = {"id", "kind"}
    tables = [meter for _, text in EXAMPLES for meter in tomllib.loads(text).get("meters", [])]
    models: dict[str, type[BaseModel]] = {"modbus": ModbusMeterSettings, "sma_speedwire": SpeedwireSettings}

    assert {table["kind"] for table in tables} == set(models)
    for table in tables:
        models[table["kind"]].model_validate({key: table[key] for key in table.keys() - common})


def test_the_manual_lists_every_map_key_and_quantity() -> None:
    assert [name for name in built_in_maps() if f"| `{name}` |" not in PAGE] == []
    assert [key for key in ModbusMeterSettings.model_fields if f"`{key}`" not in PAGE] == []
    shown = [name for name in QUANTITIES if "_l2" not in name and "_l3" not in name]
    assert [name for name in shown if f"`{name}`" not in PAGE] == []

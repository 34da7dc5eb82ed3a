from pathlib import Path

import pytest

from adapters.catalog import Surroundings
from adapters.meters.decode import Understanding
from adapters.meters.map_file import MeterMap, ModbusMap, SunspecMap, built_in_maps
from adapters.meters.modbus_meter import ModbusMeter, build
from adapters.meters.modbus_settings import ModbusMeterSettings, endpoint_of
from adapters.wire.modbus import bus_for
from controller.domain.units import MaybePhases, MeterId
from controller.ports import Probe
from controller.system_clock import SystemClock
from simulator.meters.modbus_twin import ModbusMeterTwin
from simulator.meters.pty_line import PtyLine
from simulator.meters.quantities import Quantities

CLOCK = SystemClock()
CURRENTS_A: MaybePhases = (10.5, -7.25, 3.0)
VOLTAGES_V: MaybePhases = (231.0, 229.5, 230.2)
FLOWS = Quantities(currents_a=CURRENTS_A, voltages_v=VOLTAGES_V, import_wh=12_345_000.0, export_wh=678_000.0)


def in_a_hurry(meter_map: MeterMap) -> ModbusMap | SunspecMap:
    """Take the silences out of a map: a twin needs none."""
    assert isinstance(meter_map, ModbusMap | SunspecMap)
    return meter_map.model_copy(update={"min_gap_ms": 0, "wait_after_connect_s": 0.0})


def meter_for(twin: ModbusMeterTwin, **keys: object) -> ModbusMeter:
    settings = ModbusMeterSettings.model_validate(
        {
            "map": "eastron_sdm630",
            "host": twin.host,
            "port": twin.port or None,
            "unit_id": twin.unit_id,
            **keys,
        }
    )
    meter_map = in_a_hurry(twin.meter.meter_map)
    bus = bus_for(endpoint_of(settings, meter_map, "grid"), CLOCK)
    understanding = Understanding(id=MeterId("grid"))
    return ModbusMeter(
        settings=settings, meter_map=meter_map, understanding=understanding, bus=bus, clock=CLOCK
    )


def assert_tells(probe: Probe, twin: ModbusMeterTwin, told: set[str]) -> None:
    """Compare what the adapter reads with what flows, for every value that the map has."""
    for name in sorted(told):
        flows = FLOWS.value(name, phases=1 if "voltage_l2_v" not in told and "voltage_l1_v" in told else 3)
        # Coarse registers: 1 W (10 W at Socomec), 0.1 A and V.
        tolerance = 5.1 if name.endswith("_w") else 0.06
        assert probe.values[name] == pytest.approx(flows, abs=tolerance), (twin.meter.meter_map.names, name)


def told_by(meter_map: ModbusMap | SunspecMap) -> set[str]:
    if isinstance(meter_map, SunspecMap):
        return {
            f"{q}_l{n}_{u}"
            for q, u in (("current", "a"), ("voltage", "v"), ("power", "w"))
            for n in (1, 2, 3)
        } | {
            "power_w",
            "import_wh",
            "export_wh",
            "frequency_hz",
        }
    names = {
        name.replace("_import", "") if name.startswith("power") else name for name in meter_map.registers
    }
    return {name for name in names if "_export_w" not in name or name == "export_wh"}


@pytest.mark.parametrize("name", [name for name in built_in_maps() if name != "sma_em"])
async def test_every_meter_is_read_as_its_twin_flows(name: str) -> None:
    async with ModbusMeterTwin(name) as twin:
        twin.set_quantities(FLOWS)

        probe = await meter_for(twin, map=name).probe()

        assert_tells(probe, twin, told_by(twin.meter.meter_map))


@pytest.mark.parametrize("model", [201, 202, 203, 204, 211, 212, 213, 214])
async def test_every_sunspec_meter_model_is_found_and_read(model: int) -> None:
    name = "sunspec_meter_float" if model > 210 else "sunspec_meter_int"
    async with ModbusMeterTwin(name) as twin:
        twin.meter.model = model
        twin.set_quantities(FLOWS)

        probe = await meter_for(twin, map=name).probe()

        delta = model in (204, 214)
        assert probe.values["current_l2_a"] == pytest.approx(-7.25)
        assert (probe.values["voltage_l1_v"] is None) is delta


async def test_a_meter_behind_a_transparent_gateway_is_read() -> None:
    async with ModbusMeterTwin("eastron_sdm630", rtu_framed=True) as twin:
        twin.set_quantities(FLOWS)

        probe = await meter_for(twin, transport="rtu_over_tcp").probe()

        assert_tells(probe, twin, told_by(twin.meter.meter_map))


async def test_a_meter_on_a_serial_line_is_read() -> None:
    async with PtyLine() as line, ModbusMeterTwin("eastron_sdm630", device=line.theirs) as twin:
        twin.set_quantities(FLOWS)

        probe = await meter_for(twin, transport="rtu", device=line.ours).probe()

        assert_tells(probe, twin, told_by(twin.meter.meter_map))


async def test_a_meter_that_refuses_long_blocks_is_read_in_pieces() -> None:
    async with ModbusMeterTwin("eastron_sdm630") as twin:
        twin.meter.max_registers = 4
        twin.set_quantities(FLOWS)

        probe = await meter_for(twin).probe()

        assert_tells(probe, twin, told_by(twin.meter.meter_map))


async def test_a_second_meter_behind_the_same_device_is_reached_by_offset(tmp_path: Path) -> None:
    moved = tmp_path / "moved.toml"
    moved.write_text(
        'names = ["moved"]\n[registers]\npower_w = { address = 174, type = "int16" }\n', encoding="utf-8"
    )
    plain = tmp_path / "plain.toml"
    plain.write_text(moved.read_text(encoding="utf-8").replace("174", "0"), encoding="utf-8")
    async with ModbusMeterTwin(moved) as twin:
        twin.set_reading((10.0, 0.0, 0.0))
        settings = ModbusMeterSettings(
            map_file=plain, host=twin.host, port=twin.port, unit_id=1, address_offset=174
        )

        probe = await build("second", settings, Surroundings(clock=CLOCK, site=None)).probe()

        assert probe.values["power_w"] == 2300.0


async def test_a_map_of_ones_own_is_used_without_touching_code(tmp_path: Path) -> None:
    own = tmp_path / "my_meter.toml"
    own.write_text(
        """
names = ["Attic meter"]
function_code = 4
word_order = "little"
invalid = { int32 = 0x7FFF_FFFF }

[defaults]
unit_id = 9

[registers]
voltage_l1_v = { address = 100, type = "uint16", scale = 0.1 }
current_l1_a = { address = 102, type = "int32", scale = 0.001 }
power_l1_w = { address = 104, type = "int32", scale = -0.1 }
import_wh = { address = 110, type = "uint64" }
""",
        encoding="utf-8",
    )
    async with ModbusMeterTwin(own) as twin:
        twin.set_reading((-6.5, None, None), import_wh=42.0)
        settings = ModbusMeterSettings(map_file=own, host=twin.host, port=twin.port)

        probe = await build("attic", settings, Surroundings(clock=CLOCK, site=None)).probe()

        assert probe.values["current_l1_a"] == pytest.approx(-6.5)
        assert probe.values["power_w"] == pytest.approx(-1495.0)
        assert probe.values["import_wh"] == 42.0
        assert "Attic meter" in probe.found

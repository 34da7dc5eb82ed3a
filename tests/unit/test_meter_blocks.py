import pytest

from adapters.meters.block_reader import BlockReader, Station
from adapters.meters.layout import Block, Layout, blocks_for, currents_beside_powers
from adapters.meters.map_file import ModbusMap, built_in_maps, load_built_in
from adapters.meters.modbus_layout import fixed_layout
from adapters.meters.registers import Register
from adapters.meters.sunspec import Model, find_model, sunspec_layout
from adapters.wire.modbus import Manners
from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable
from tests.fakes.modbus_bus import FakeBus


def register(name: str, address: int, *, optional: bool = False, code: int = 3) -> Register:
    return Register(name=name, address=address, function_code=code, type="float32", optional=optional)


def layout(*registers: Register, blocks: tuple[tuple[int, int], ...] = (), most: int = 125) -> Layout:
    return Layout(registers={r.name: r for r in registers}, read_blocks=blocks, max_registers=most)


def spans(blocks: tuple[Block, ...]) -> list[tuple[int, int]]:
    return [(block.start, block.count) for block in blocks]


def station(bus: FakeBus) -> Station:
    return Station(bus, 1, Manners())


def six() -> tuple[Register, ...]:
    return tuple(register(f"power_{index}", 2 * index) for index in range(6))


def test_adjacent_values_are_read_at_once_and_gaps_are_not_crossed() -> None:
    found = layout(register("a", 0), register("b", 2), register("c", 6))

    assert spans(blocks_for(found, found.registers.values())) == [(0, 4), (6, 2)]


def test_a_read_block_crosses_what_it_names() -> None:
    found = layout(register("a", 0), register("b", 2), register("c", 6), blocks=((0, 8),))

    assert spans(blocks_for(found, found.registers.values())) == [(0, 8)]


def test_no_request_is_longer_than_the_meter_allows() -> None:
    found = layout(*six(), blocks=((0, 12),), most=5)

    assert spans(blocks_for(found, found.registers.values())) == [(0, 4), (4, 4), (8, 4)]


def test_values_of_different_function_codes_are_asked_apart() -> None:
    found = layout(register("a", 0, code=3), register("b", 2, code=4))

    assert [block.function_code for block in blocks_for(found, found.registers.values())] == [3, 4]


@pytest.mark.parametrize("name", built_in_maps())
def test_every_map_reads_all_that_a_poll_needs_within_its_limits(name: str) -> None:
    meter_map = load_built_in(name)
    if isinstance(meter_map, ModbusMap):
        found = fixed_layout(meter_map)
        blocks = blocks_for(found, found.control)
        assert {r.name for block in blocks for r in block.registers} == {r.name for r in found.control}
        assert all(block.count <= meter_map.max_registers_per_read for block in blocks)


def test_voltage_current_and_power_of_an_sdm630_come_in_one_answer() -> None:
    meter_map = load_built_in("eastron_sdm630")
    assert isinstance(meter_map, ModbusMap)
    found = fixed_layout(meter_map)

    blocks = blocks_for(found, found.control)

    assert spans(blocks) == [(0, 18), (52, 2)]
    assert currents_beside_powers(blocks)


def test_current_and_power_of_an_em24_come_apart() -> None:
    meter_map = load_built_in("cg_em24_rs485")
    assert isinstance(meter_map, ModbusMap)
    found = fixed_layout(meter_map)

    assert not currents_beside_powers(blocks_for(found, found.control))


async def test_a_block_that_is_too_long_is_split_and_stays_split() -> None:
    bus = FakeBus({(3, address): address for address in range(12)})
    bus.most_registers = 4
    found = layout(*six(), blocks=((0, 12),))
    reader = BlockReader(station(bus), blocks_for(found, found.registers.values()))

    image, _ = await reader.read()
    asked_first = len(bus.asked)
    await reader.read()

    assert image == bus.words
    assert len(bus.asked) - asked_first == 4
    assert all(request.count <= 4 for request in bus.asked[asked_first:])


async def test_a_value_that_a_model_may_lack_is_left_out() -> None:
    bus = FakeBus({(3, 0): 1, (3, 1): 2})
    reader = BlockReader(
        station(bus), [Block(function_code=3, registers=(register("a", 0), register("b", 2, optional=True)))]
    )

    image, _ = await reader.read()

    assert image == {(3, 0): 1, (3, 1): 2}


async def test_a_value_that_must_be_there_is_missed_in_one_clear_line() -> None:
    bus = FakeBus({})
    reader = BlockReader(station(bus), [Block(function_code=3, registers=(register("power_w", 0),))])

    with pytest.raises(DeviceNonsense, match="the meter has no power_w there"):
        await reader.read()


@pytest.mark.parametrize(
    ("code", "error"),
    [(1, DeviceNonsense), (4, DeviceUnreachable), (6, DeviceUnreachable), (11, DeviceUnreachable)],
)
async def test_other_exceptions_are_not_cured_by_splitting(code: int, error: type[Exception]) -> None:
    bus = FakeBus({(3, address): 0 for address in range(12)})
    bus.errors = [DeviceRefused("exception", code)]
    reader = BlockReader(station(bus), [Block(function_code=3, registers=six())])

    with pytest.raises(error):
        await reader.read()

    assert len(bus.asked) == 1


def sunspec_words(base: int, *models: tuple[int, int]) -> dict[tuple[int, int], int]:
    words = [0x5375, 0x6E53]
    for model, length in models:
        words += [model, length, *[0] * length]
    return {(3, base + index): word for index, word in enumerate([*words, 0xFFFF, 0])}


async def find(bus: FakeBus, bases: list[int], wanted: list[int]) -> Model:
    async def read(address: int, count: int) -> tuple[int, ...]:
        return (await station(bus).read(3, address, count)).words

    return await find_model(read, bases, wanted)


async def test_the_walk_finds_the_first_wanted_model_at_any_base() -> None:
    bus = FakeBus(sunspec_words(50000, (1, 66), (103, 50), (203, 105)))

    assert await find(bus, [40000, 50000, 0], [213, 203]) == Model(203, 50002 + 68 + 52)


async def test_a_device_without_a_meter_model_is_nonsense() -> None:
    with pytest.raises(DeviceNonsense, match=r"lists models \[1, 103\]"):
        await find(FakeBus(sunspec_words(0, (1, 66), (103, 50))), [0], [203])


async def test_a_device_that_is_no_sunspec_device_is_nonsense() -> None:
    with pytest.raises(DeviceNonsense, match="no SunSpec marker"):
        await find(FakeBus({(3, 40000): 1, (3, 40001): 2}), [40000], [203])


async def test_a_list_of_models_that_never_ends_is_nonsense() -> None:
    bus = FakeBus({(3, 0): 0x5375, (3, 1): 0x6E53, (3, 2): 1, (3, 3): 66})

    with pytest.raises(DeviceNonsense, match="without its end mark"):
        await find(bus, [0], [203])


def test_a_delta_meter_has_no_phase_voltages() -> None:
    names = sunspec_layout(Model(204, 40070), 3, 125).registers

    assert "current_l1_a" in names
    assert "voltage_l1_v" not in names

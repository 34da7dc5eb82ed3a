import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.meters.decode import Sample, Understanding, decode, signed_currents_a
from adapters.meters.layout import Layout
from adapters.meters.map_file import ModbusMap, built_in_maps, load_built_in
from adapters.meters.modbus_layout import fixed_layout
from adapters.meters.registers import WORDS, Register, WordType, value_of
from adapters.meters.sunspec import Model, sunspec_layout
from controller.domain.units import MeterId
from controller.errors import DeviceNonsense
from simulator.meters.encode import encode, fixed_registers
from simulator.meters.quantities import Quantities

GRID = Understanding(id=MeterId("grid"))


def modbus_map(name: str) -> ModbusMap:
    found = load_built_in(name)
    assert isinstance(found, ModbusMap)
    return found


def sample(name: str, quantities: Quantities) -> tuple[Layout, Sample]:
    meter_map = modbus_map(name)
    image = {**encode(meter_map, quantities), **fixed_registers(meter_map)}
    return fixed_layout(meter_map), Sample(image=image, at_mono_s=10.0)


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("int16", struct.pack(">h", -2), -2.0),
        ("uint16", struct.pack(">H", 65534), 65534.0),
        ("int32", struct.pack(">i", -70000), -70000.0),
        ("uint32", struct.pack(">I", 4_000_000_000), 4e9),
        ("int64", struct.pack(">q", -(2**40)), -(2.0**40)),
        ("uint64", struct.pack(">Q", 2**60), 2.0**60),
        ("float32", struct.pack(">f", -1.5), -1.5),
        ("float64", struct.pack(">d", 1e-9), 1e-9),
    ],
)
@pytest.mark.parametrize("order", ["big", "little"])
def test_every_type_reads_in_both_word_orders(
    kind: WordType, content: bytes, expected: float, order: str
) -> None:
    words = struct.unpack(f">{len(content) // 2}H", content)
    words = words if order == "big" else words[::-1]
    register = Register(
        name="x", address=5, function_code=3, type=kind, word_order="big" if order == "big" else "little"
    )

    assert value_of(register, {(3, 5 + i): word for i, word in enumerate(words)}) == expected


def test_a_scale_factor_register_is_an_exponent_of_ten() -> None:
    register = Register(name="x", address=0, function_code=3, type="int16", scale_factor_at=1, scale=-1.0)

    assert value_of(register, {(3, 0): 25, (3, 1): 0xFFFF}) == pytest.approx(-2.5)


@pytest.mark.parametrize("factor", [0x8000, 11, 0xFFF0])
def test_an_impossible_scale_factor_means_no_value(factor: int) -> None:
    register = Register(name="x", address=0, function_code=3, type="int16", scale_factor_at=1)

    assert value_of(register, {(3, 0): 25, (3, 1): factor}) is None


@pytest.mark.parametrize(("word_order", "words"), [("big", (0x7FFF, 0x1234)), ("little", (0x1234, 0x7FFF))])
def test_a_marked_high_word_means_no_value(word_order: str, words: tuple[int, int]) -> None:
    register = Register(
        name="x",
        address=0,
        function_code=4,
        type="int32",
        word_order="big" if word_order == "big" else "little",
        invalid_high_word=0x7FFF,
    )

    assert value_of(register, {(4, 0): words[0], (4, 1): words[1]}) is None


def test_words_that_were_not_read_mean_no_value() -> None:
    register = Register(name="x", address=0, function_code=4, type="int32")

    assert value_of(register, {(4, 0): 1}) is None


def test_the_sign_of_a_current_is_that_of_its_phase_power() -> None:
    assert signed_currents_a((10.0, 10.0, -10.0), (-2300.0, 2300.0, 2300.0), (230.0,) * 3) == (-10, 10, 10)


def test_the_sign_rule_applied_twice_changes_nothing() -> None:
    powers_w, voltages_v = (-2300.0, 2300.0, -4.0), (230.0, 230.0, 230.0)
    once = signed_currents_a((10.0, 10.0, 0.1), powers_w, voltages_v)

    assert signed_currents_a(once, powers_w, voltages_v) == once


@pytest.mark.parametrize(
    ("current_a", "power_w", "signed_a"),
    [
        (0.04, -9.9, 0.04),  # below 10 W
        (0.05, -10.1, -0.05),
        (10.0, -114.0, 10.0),  # below 5 % of 2300 VA
        (10.0, -116.0, -10.0),
        (-10.0, None, 10.0),
    ],
)
def test_near_zero_and_without_power_a_current_counts_as_import(
    current_a: float, power_w: float | None, signed_a: float
) -> None:
    assert signed_currents_a((current_a, None, None), (power_w, None, None), (230.0, None, None)) == (
        signed_a,
        None,
        None,
    )


def test_current_and_power_of_two_frames_that_disagree_count_as_import() -> None:
    agreeing = signed_currents_a(
        (10.0, None, None), (-2200.0, None, None), (230.0, None, None), one_frame=False
    )
    apart = signed_currents_a((10.0, None, None), (-800.0, None, None), (230.0, None, None), one_frame=False)

    assert (agreeing[0], apart[0]) == (-10.0, 10.0)


def test_split_powers_are_import_minus_export() -> None:
    layout, read = sample("kostal_ksem_native", Quantities(currents_a=(5.0, -8.0, 0.0)))

    reading = decode(layout, GRID, read)

    assert reading.powers_w == pytest.approx((1150.0, -1840.0, 0.0))
    assert reading.currents_a == pytest.approx((5.0, -8.0, 0.0))
    assert reading.power_w == pytest.approx(-690.0)


def test_a_meter_of_totals_tells_no_current() -> None:
    layout, read = sample("eastron_sdm72dm_v1", Quantities(currents_a=(5.0, -8.0, 0.0)))

    reading = decode(layout, GRID, read)

    assert reading.currents_a == (None, None, None)
    assert reading.power_w == pytest.approx(-690.0)


def test_a_meter_without_total_tells_the_sum_of_its_phases() -> None:
    layout, read = sample("victron_gx_grid", Quantities(currents_a=(5.0, -8.0, 1.0)))

    assert decode(layout, GRID, read).power_w == pytest.approx(-460.0)


def test_a_phase_that_is_missing_makes_the_sum_unknown() -> None:
    layout, read = sample("victron_gx_grid", Quantities(currents_a=(5.0, None, 1.0)))

    reading = decode(layout, GRID, read)

    assert reading.currents_a[1] is None
    assert reading.power_w is None


def test_transformer_ratios_are_multiplied_in() -> None:
    layout, read = sample("chint_dtsu666", Quantities(currents_a=(5.0, 0.0, 0.0)))
    image = {**read.image, (3, 6): 20}

    reading = decode(layout, GRID, Sample(image=image, at_mono_s=0.0))

    assert reading.currents_a[0] == pytest.approx(100.0)
    assert reading.powers_w[0] == pytest.approx(23000.0)
    assert reading.voltages_v[0] == pytest.approx(230.0)


def test_a_ratio_of_zero_is_nonsense() -> None:
    layout, read = sample("chint_dtsu666", Quantities())

    with pytest.raises(DeviceNonsense, match="ratios"):
        decode(layout, GRID, Sample(image={**read.image, (3, 6): 0}, at_mono_s=0.0))


def test_a_meter_that_says_it_is_offline_is_not_believed() -> None:
    layout, read = sample("huawei_sun2000", Quantities())

    with pytest.raises(DeviceNonsense, match=r"status 0\.0, expected 1"):
        decode(layout, GRID, Sample(image={**read.image, (3, 37100): 0}, at_mono_s=0.0))


def test_an_inverted_meter_swaps_import_and_export() -> None:
    layout, read = sample("eastron_sdm630", Quantities(currents_a=(5.0, -8.0, 0.0)))
    counted = Sample(image=read.image, at_mono_s=10.0, counters={"import_wh": 1.0, "export_wh": 2.0})

    reading = decode(layout, Understanding(id=MeterId("pv"), invert=True), counted)

    assert reading.currents_a == pytest.approx((-5.0, 8.0, 0.0))
    assert (reading.import_wh, reading.export_wh) == (2.0, 1.0)


def test_the_lag_of_a_meter_makes_its_reading_older() -> None:
    layout, read = sample("eastron_sdm630", Quantities())

    assert decode(layout, Understanding(id=MeterId("grid"), lag_s=1.5), read).at_mono_s == pytest.approx(8.5)


MODBUS_MAPS = [found for name in built_in_maps() if isinstance(found := load_built_in(name), ModbusMap)]


def marks_missing_values(found: ModbusMap) -> bool:
    kinds = {place.type for name, place in found.registers.items() if name.startswith(("power", "current"))}
    return found.invalid.int32_high_word is not None or all(
        kind.startswith("float") or found.invalid.of(kind) is not None for kind in kinds
    )


@pytest.mark.parametrize(
    "found", [found for found in MODBUS_MAPS if marks_missing_values(found)], ids=lambda found: found.names[0]
)
def test_nothing_but_missing_values_is_nonsense_and_never_zero(found: ModbusMap) -> None:
    image = {**encode(found, Quantities(), missing=True), **fixed_registers(found)}

    with pytest.raises(DeviceNonsense, match="only markers for missing values"):
        decode(fixed_layout(found), GRID, Sample(image=image, at_mono_s=0.0))


LAYOUTS = [
    *map(fixed_layout, MODBUS_MAPS),
    sunspec_layout(Model(203, 40070), 3, 125),
    sunspec_layout(Model(213, 40070), 3, 125),
]


@settings(max_examples=300)
@given(layout=st.sampled_from(LAYOUTS), seed=st.binary(min_size=512, max_size=512), fill=st.booleans())
def test_any_registers_are_a_finite_reading_or_nonsense(layout: Layout, seed: bytes, *, fill: bool) -> None:
    words = struct.unpack(f">{len(seed) // 2}H", seed)
    places = sorted(
        {
            (register.function_code, address + index)
            for register in layout.registers.values()
            for address, count in register.spans
            for index in range(count)
        }
    )
    image = {
        place: words[i % len(words)] for i, place in enumerate(places) if fill or words[i % len(words)] % 7
    }

    try:
        reading = decode(layout, GRID, Sample(image=image, at_mono_s=1.0))
    except DeviceNonsense:
        return

    numbers = (*reading.currents_a, *reading.powers_w, *reading.voltages_v, reading.power_w)
    assert all(number is None or math.isfinite(number) for number in numbers)


@given(
    kind=st.sampled_from(sorted(WORDS)),
    words=st.lists(st.integers(0, 0xFFFF), min_size=5, max_size=5),
    scale=st.floats(-1e6, 1e6, allow_nan=False),
)
def test_any_words_are_a_finite_number_or_none(kind: WordType, words: list[int], scale: float) -> None:
    register = Register(
        name="x", address=0, function_code=3, type=kind, scale=scale, scale_factor_at=4, word_order="little"
    )

    value = value_of(register, {(3, index): word for index, word in enumerate(words)})

    assert value is None or math.isfinite(value)

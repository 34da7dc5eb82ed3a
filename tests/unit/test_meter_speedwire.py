import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.meters.decode import Understanding, reading_of
from adapters.meters.map_file import SpeedwireMap, load_built_in
from adapters.meters.speedwire_frame import parse_telegram, values_of
from controller.domain.readings import MeterReading
from controller.domain.units import MeterId
from controller.errors import DeviceNonsense
from simulator.meters.quantities import Quantities
from simulator.meters.speedwire_twin import encode_telegram

PROTOCOL = 0x6069


def sma_map() -> SpeedwireMap:
    found = load_built_in("sma_em")
    assert isinstance(found, SpeedwireMap)
    return found


def read(payload: bytes) -> MeterReading | None:
    telegram = parse_telegram(payload, PROTOCOL)
    if telegram is None:
        return None
    return reading_of(Understanding(id=MeterId("grid")), values_of(telegram, sma_map().channels), 7.0)


def test_a_telegram_tells_what_flows() -> None:
    quantities = Quantities(
        currents_a=(10.0, -8.0, 0.5), voltages_v=(231.0, 229.0, 230.0), import_wh=1234.0, export_wh=99.0
    )

    reading = read(encode_telegram(42, quantities))

    assert reading is not None
    assert reading.currents_a == pytest.approx((10.0, -8.0, 0.5))
    assert reading.powers_w == pytest.approx((2310.0, -1832.0, 115.0))
    assert reading.power_w == pytest.approx(593.0)
    assert (reading.import_wh, reading.export_wh) == pytest.approx((1234.0, 99.0))


def test_the_serial_number_tells_meters_of_one_group_apart() -> None:
    telegram = parse_telegram(encode_telegram(42, Quantities()), PROTOCOL)

    assert telegram is not None
    assert telegram.serial == 42


@pytest.mark.parametrize("payload", [b"", b"SMA\0", b"hello, this is another protocol", b"SMA\0" + bytes(40)])
def test_what_other_devices_send_is_passed_over(payload: bytes) -> None:
    assert parse_telegram(payload, PROTOCOL) is None


def test_a_telegram_that_ends_inside_a_value_is_nonsense() -> None:
    with pytest.raises(DeviceNonsense, match="ends inside channel"):
        parse_telegram(encode_telegram(42, Quantities())[:50], PROTOCOL)


@settings(max_examples=200)
@given(tail=st.binary(max_size=200), cut=st.integers(0, 300), genuine=st.booleans())
def test_any_bytes_are_a_finite_reading_nothing_or_nonsense(tail: bytes, cut: int, *, genuine: bool) -> None:
    head = encode_telegram(42, Quantities())
    payload = (head[:cut] if genuine else head[:28]) + tail

    try:
        reading = read(payload)
    except DeviceNonsense:
        return

    if reading is not None:
        numbers = (*reading.currents_a, *reading.powers_w, *reading.voltages_v, reading.power_w)
        assert all(number is None or math.isfinite(number) for number in numbers)

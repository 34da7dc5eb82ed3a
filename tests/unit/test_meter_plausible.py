import logging

import pytest

from adapters.meters.plausible import FrozenWatch, mismatch, most_current_a, refuse_impossible
from adapters.meters.watch import Watch
from controller.domain.readings import MeterReading
from controller.domain.site import Circuit, Site
from controller.domain.units import CircuitId, MaybePhases, MeterId
from controller.errors import DeviceNonsense


def reading(
    *,
    at_mono_s: float = 0.0,
    currents_a: MaybePhases = (10.0, 0.0, 0.0),
    powers_w: MaybePhases = (2300.0, 0.0, 0.0),
    power_w: float | None = 2300.0,
    voltages_v: MaybePhases = (230.0, 230.0, 230.0),
    soc_pct: float | None = None,
) -> MeterReading:
    return MeterReading(
        id=MeterId("grid"),
        at_mono_s=at_mono_s,
        currents_a=currents_a,
        powers_w=powers_w,
        power_w=power_w,
        voltages_v=voltages_v,
        soc_pct=soc_pct,
    )


@pytest.mark.parametrize("voltage_v", [0.0, 0.7, 150.0, 230.0, 300.0, None])
def test_a_living_or_a_dead_phase_is_plausible(voltage_v: float | None) -> None:
    refuse_impossible(reading(voltages_v=(voltage_v, 230.0, 230.0)), most_a=250.0)


@pytest.mark.parametrize("voltage_v", [10.0, 149.9, 300.1, -230.0, 400.0, float("nan")])
def test_no_phase_has_such_a_voltage(voltage_v: float) -> None:
    with pytest.raises(DeviceNonsense, match="L2 reads"):
        refuse_impossible(reading(voltages_v=(230.0, voltage_v, 230.0)), most_a=250.0)


@pytest.mark.parametrize("current_a", [251.0, -251.0, float("nan")])
def test_no_fuse_passes_such_a_current(current_a: float) -> None:
    with pytest.raises(DeviceNonsense, match="at most 250 A"):
        refuse_impossible(reading(currents_a=(0.0, 0.0, current_a)), most_a=250.0)


def test_no_fuse_passes_such_a_power() -> None:
    with pytest.raises(DeviceNonsense, match="L1 reads"):
        refuse_impossible(reading(powers_w=(80_000.0, 0.0, 0.0)), most_a=250.0)
    with pytest.raises(DeviceNonsense, match="the total reads"):
        refuse_impossible(reading(power_w=-230_000.0), most_a=250.0)


def test_a_battery_is_not_fuller_than_full() -> None:
    with pytest.raises(DeviceNonsense, match="state of charge"):
        refuse_impossible(reading(soc_pct=101.0), most_a=250.0)


def test_the_largest_current_follows_from_the_fuse_of_the_metered_circuit() -> None:
    main = Circuit(id=CircuitId("main"), limit_a=(25.0, 25.0, 25.0), meter=MeterId("grid"))

    assert most_current_a(Site(circuits=(main,)), "grid") == 250.0
    assert most_current_a(Site(circuits=(main,)), "pv") == 1000.0
    assert most_current_a(None, "grid") == 1000.0


@pytest.mark.parametrize(
    ("total_w", "odd"), [(2300.0, False), (2540.0, False), (2560.0, True), (-2300.0, True), (None, False)]
)
def test_phases_that_do_not_add_up_are_noticed(total_w: float | None, *, odd: bool) -> None:
    assert (mismatch(reading(power_w=total_w)) is not None) is odd


def test_a_tenth_of_a_large_total_is_tolerated() -> None:
    assert mismatch(reading(powers_w=(9_200.0, 0.0, 0.0), power_w=10_000.0)) is None
    assert mismatch(reading(powers_w=(8_900.0, 0.0, 0.0), power_w=10_000.0)) is not None


def test_phases_that_stop_adding_up_are_said_once(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch(30.0)

    with caplog.at_level(logging.WARNING):
        for raw in range(50):
            watch.look(reading(power_w=9000.0), raw)

    assert len(caplog.records) == 1


def test_a_load_that_switches_while_the_meter_is_read_is_not_taken_for_crossed_wiring(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watch = Watch(30.0)

    with caplog.at_level(logging.WARNING):
        for raw in range(50):
            watch.look(reading(power_w=2300.0 if raw % 4 else 9000.0), raw)

    assert not caplog.records


def test_identical_values_on_a_loaded_site_are_frozen_after_their_time() -> None:
    watch = FrozenWatch(30.0)
    watch.check("words", reading(at_mono_s=100.0))
    watch.check("words", reading(at_mono_s=130.0))

    with pytest.raises(DeviceNonsense, match="frozen"):
        watch.check("words", reading(at_mono_s=130.1))


def test_one_changed_bit_thaws() -> None:
    watch = FrozenWatch(30.0)
    watch.check("words", reading(at_mono_s=100.0))
    watch.check("other", reading(at_mono_s=129.0))

    watch.check("other", reading(at_mono_s=158.0))


def test_an_idle_site_may_stand_still() -> None:
    watch = FrozenWatch(30.0)
    idle = {"currents_a": (0.4, 0.0, 0.0), "powers_w": (92.0, 0.0, 0.0), "power_w": 92.0}
    watch.check("words", reading(at_mono_s=0.0, **idle))  # type: ignore[arg-type] # a table of keywords

    watch.check("words", reading(at_mono_s=1000.0, **idle))  # type: ignore[arg-type] # a table of keywords


def test_a_frozen_watch_of_zero_seconds_never_complains() -> None:
    watch = FrozenWatch(0.0)
    watch.check("words", reading(at_mono_s=0.0))

    watch.check("words", reading(at_mono_s=1000.0))

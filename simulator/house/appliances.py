"""Appliances: what homes have, with usual nameplates and habits.

The figures of `kitchen_and_bath` and `electric_heating` together are held against a real household; see
`docs/simulator.md`.
"""

from simulator.house.programs import Appliance, Habit, Program, course, restless, steady, thermostat

_MEALS = (0.1, 0, 0, 0, 0, 0, 1, 3, 2, 1, 1, 3, 4, 2, 1, 1, 2, 4, 6, 5, 2, 1, 0.5, 0.2)
_DAYTIME = (0.2, 0, 0, 0, 0, 0, 0.5, 1, 3, 4, 4, 3, 3, 3, 3, 3, 3, 2, 2, 2, 3, 2, 1, 0.5)
_MORNING_AND_NIGHT = (
    0.5,
    0.1,
    0,
    0,
    0,
    0.5,
    3,
    5,
    3,
    1,
    0.5,
    0.5,
    0.5,
    0.5,
    0.5,
    0.5,
    1,
    2,
    2,
    2,
    3,
    3,
    2,
    1,
)
_EVENING = (1.5, 0.5, 0.1, 0, 0, 0, 1, 2, 1, 0.5, 0.5, 0.7, 1, 0.7, 0.5, 0.7, 1, 3, 4, 5, 5, 5, 4, 3)

_LIGHTS = restless(60.0, 420.0, 90.0, lasts_s=5400.0)
_HOB = thermostat(1900.0, on_s=22.0, off_s=15.0, heat_up_s=120.0, lasts_s=1300.0)
_OVEN = thermostat(3000.0, on_s=45.0, off_s=100.0, heat_up_s=540.0, lasts_s=2700.0)
_WASHING = course((2000.0, 720.0), (150.0, 1800.0), (90.0, 900.0), (480.0, 420.0))
_DISHES = course((80.0, 300.0), (1900.0, 840.0), (70.0, 1800.0), (1900.0, 600.0), (20.0, 900.0))
_LIVING_ROOM = thermostat(1700.0, on_s=2400.0, off_s=500.0, lasts_s=16_000.0)
_BATH = thermostat(1400.0, on_s=420.0, off_s=400.0, lasts_s=5000.0)
_BEDROOM = thermostat(1400.0, on_s=700.0, off_s=1200.0)


def kitchen_and_bath() -> tuple[Appliance, ...]:
    """Build what most homes have, spread over three phases."""
    return (
        _always("standby", restless(120.0, 330.0, 45.0), 1),
        _always("fridge", thermostat(95.0, on_s=800.0, off_s=1500.0), 2),
        _always("freezer", thermostat(110.0, on_s=700.0, off_s=1900.0), 3),
        _daily("lights", _LIGHTS, 3, 5.0, _EVENING),
        _daily("kettle", steady(2200.0, 150.0), 1, 5.0, _MEALS),
        _daily("microwave", steady(1300.0, 180.0), 3, 3.0, _MEALS),
        _daily("hair dryer", steady(1600.0, 240.0), 1, 1.5, _MORNING_AND_NIGHT),
        _daily("oven", _OVEN, 2, 0.9, _MEALS),
        _daily("hob", _HOB, 3, 1.8, _MEALS),
        _daily("washing", _WASHING, 1, 0.7, _DAYTIME),
        _daily("dishwasher", _DISHES, 2, 0.8, _EVENING),
    )


def electric_heating() -> tuple[Appliance, ...]:
    """Build the winter of an all-electric home: heaters by room, and a boiler."""
    return (
        _daily("heater living room", _LIVING_ROOM, 1, 3.6, _EVENING),
        _daily("heater bath", _BATH, 2, 2.5, _MORNING_AND_NIGHT),
        _always("heater bedroom", _BEDROOM, 3),
        _daily("boiler", course((2000.0, 5400.0)), 2, 3.2, _DAYTIME),
    )


def heat_pump() -> tuple[Appliance, ...]:
    """Build a three-phase heat pump that works and rests."""
    return (_always("heat pump", thermostat(2600.0, on_s=1500.0, off_s=2400.0), 1, 2, 3),)


def _always(name: str, program: Program, *phases: int) -> Appliance:
    return Appliance(name=name, program=program, phases=phases, always=True)


def _daily(
    name: str, program: Program, phase: int, starts_a_day: float, hours: tuple[float, ...]
) -> Appliance:
    habit = Habit(starts_a_day=starts_a_day, hours=hours)
    return Appliance(name=name, program=program, phases=(phase,), habit=habit)

"""Garage: the cars that a configuration knows by name, and chargers that are cars themselves."""

from collections.abc import Mapping
from dataclasses import replace

from controller.domain.units import ChargerId
from controller.settings import Settings
from simulator.house.car import ORDINARY, SELF_LIMITING, CarModel

_ARE_CARS = frozenset({"tesla"})
"""Kinds of charger that are a car."""


def cars_of(settings: Settings) -> Mapping[ChargerId, tuple[CarModel, ...]]:
    """List who comes to which charger; chargers that are missing here are open to anybody."""
    own = {ChargerId(one.id): (SELF_LIMITING,) for one in settings.chargers if one.kind in _ARE_CARS}
    named: dict[ChargerId, tuple[CarModel, ...]] = {}
    for car in settings.vehicles:
        model = SELF_LIMITING if car.charger in own or car.device is not None else ORDINARY
        known = replace(model, name=car.id, capacity_wh=car.capacity_wh)
        named[car.charger] = (*named.get(car.charger, ()), known)
    return {**own, **named}

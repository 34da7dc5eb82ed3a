"""Rounding: currents to what a charger can be told: 0, or min..max in whole steps, never 1..5 A."""

from math import ceil, floor

from controller.domain.site import ChargerSpec

# A sum of floats may fall this short of a whole step.
_EPSILON = 1e-9


def stepped_down_a(spec: ChargerSpec, current_a: float) -> float:
    """Round down to what the charger can be told; below its minimum that is 0.

    >>> from controller.domain.units import ChargerId, CircuitId
    >>> spec = ChargerSpec(id=ChargerId("a"), circuit=CircuitId("main"), max_a=16)
    >>> [stepped_down_a(spec, a) for a in (5.9, 6.0, 7.8, 40.0)]
    [0.0, 6.0, 7.0, 16.0]
    """
    current_a = min(current_a, spec.max_a)
    if spec.step_a > 0:
        # Nine digits: 151 steps of 0.1 are 15.1, as the allocator and the device say it.
        current_a = round(floor(current_a / spec.step_a + _EPSILON) * spec.step_a, 9)
    return current_a if current_a >= spec.min_a - _EPSILON else 0.0


def lowest_a(spec: ChargerSpec) -> float:
    """Tell how low a charger can be told to go: to a pause, or to its minimum where 0 A cannot be written."""
    return 0.0 if spec.abilities.can_pause else least_a(spec)


def least_a(spec: ChargerSpec) -> float:
    """Tell the lowest current that a charger can be told besides 0: its minimum in whole steps.

    >>> from controller.domain.units import ChargerId, CircuitId
    >>> least_a(ChargerSpec(id=ChargerId("a"), circuit=CircuitId("main"), step_a=4))
    8
    """
    if spec.step_a <= 0:
        return spec.min_a
    return round(ceil(spec.min_a / spec.step_a - _EPSILON) * spec.step_a, 9)

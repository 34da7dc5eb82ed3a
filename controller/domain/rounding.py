"""Rounding: currents to what a charger can be told: 0, or min..max in whole steps, never 1..5 A."""

from math import floor

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
        current_a = floor(current_a / spec.step_a + _EPSILON) * spec.step_a
    return current_a if current_a >= spec.min_a - _EPSILON else 0.0

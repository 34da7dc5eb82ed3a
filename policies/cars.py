"""Cars: what a policy needs to know of one charger and the car at it, with gaps filled cautiously."""

import math
from dataclasses import dataclass

from controller.domain.site import ChargerSpec
from controller.domain.units import ChargerId
from controller.domain.view import View

# A hair of tolerance, or 6.0 / 0.1 would need 61 steps.
_HAIR = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """One charger as a policy sees it."""

    id: ChargerId
    min_a: float
    """The smallest current that can be written, other than 0."""
    max_a: float
    ampere_w: float
    """What one ampere weighs on the phases that the car uses."""
    heard: bool
    """The charger is not silent."""
    plugged: bool
    """A car may be there."""
    drawn_w: float | None
    """What the car draws now; `None` when that cannot be seen."""

    @property
    def min_w(self) -> float:
        """What the minimum weighs."""
        return self.min_a * self.ampere_w


def car(view: View, charger: ChargerId) -> Car | None:
    """Describe the car at a charger; `None` for a charger that the site does not have."""
    spec = view.site.charger.get(charger)
    if spec is None:
        return None
    state = view.chargers.get(charger)
    return Car(
        id=charger,
        min_a=minimum_a(spec),
        max_a=maximum_a(spec),
        ampere_w=view.site.ampere_w(len(phases(view, charger))),
        heard=state is not None,
        plugged=state is not None and state.plug.car,
        drawn_w=drawn_w(view, charger),
    )


def maximum_a(spec: ChargerSpec) -> float:
    """Tell the largest current that can be written: the maximum, down to a whole step."""
    if spec.step_a <= 0:
        return max(0.0, spec.max_a)
    return max(0.0, math.floor(spec.max_a / spec.step_a + _HAIR) * spec.step_a)


def minimum_a(spec: ChargerSpec) -> float:
    """Tell the smallest current that can be written: the minimum, up to a whole step."""
    if spec.step_a <= 0:
        return max(0.0, spec.min_a)
    return max(0.0, math.ceil(spec.min_a / spec.step_a - _HAIR) * spec.step_a)


def phases(view: View, charger: ChargerId) -> tuple[int, ...]:
    """Tell the grid phases that the car uses: learned, else as wired."""
    return view.phases.get(charger) or view.site.charger[charger].phases


def drawn_w(view: View, charger: ChargerId) -> float | None:
    """Tell what a car draws, from the charger's own power or from its currents; `None` when unseen."""
    state = view.chargers.get(charger)
    if state is None:
        return None
    if not state.plug.car:
        return 0.0
    if (power_w := known(state.power_w)) is not None:
        return max(0.0, power_w)
    if state.draw_a is None:
        return None
    lines = phases(view, charger)
    mean_a = math.fsum(abs(state.draw_a[line - 1]) for line in lines) / max(1, len(lines))
    return known(mean_a * view.site.ampere_w(len(lines)))


def known(value: float | None) -> float | None:
    """Let only real numbers through: what is not finite is not known.

    >>> known(float("nan")) is None
    True
    """
    return value if value is not None and math.isfinite(value) else None

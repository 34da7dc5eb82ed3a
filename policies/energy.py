"""Energy: how much a car still needs for a person's plan, and how fast it can take it."""

from collections.abc import Mapping

from controller.domain.readings import PersonPlan
from controller.domain.view import View
from controller.domain.wishes import PolicyMemory
from policies.cars import Car, known, phases

Kept = tuple[float, ...]


def needed_wh(
    view: View, each: Car, plan: PersonPlan, memory: PolicyMemory, settings: Mapping[str, float]
) -> tuple[float | None, Kept]:
    """Tell the energy still to go, at the charger; `None` when a wanted state of charge cannot be judged.

    The second part is what to remember for a tick in which the car or the charger says nothing.
    """
    session_wh = _session_wh(view, each)
    before = memory.get(f"need:{each.id}", ())
    wanted_wh = known(plan.energy_wh)
    if wanted_wh is not None:
        return _by_energy(wanted_wh, known(plan.from_session_wh) or 0.0, session_wh, before)
    return _by_soc(_soc_wh(view, each, plan, settings), session_wh, before)


def full_w(view: View, each: Car) -> float:
    """Tell the most that the car can get: charger, cable, car, person and fuses above, one car at a time."""
    state = view.chargers.get(each.id)
    limits_a = [
        each.max_a,
        known(view.appetite_a.get(each.id)),
        known(state.ceiling_a) if state is not None else None,
        _person_a(view, each),
        *_fuses_a(view, each),
    ]
    return max(0.0, min(limit_a for limit_a in limits_a if limit_a is not None)) * each.ampere_w


def _person_a(view: View, each: Car) -> float | None:
    request = view.requests.get(each.id)
    if request is None or (request.limit_until is not None and request.limit_until <= view.at):
        return None
    return known(request.limit_a)


def _fuses_a(view: View, each: Car) -> list[float | None]:
    above = view.site.path.get(view.site.charger[each.id].circuit, ())
    lines = phases(view, each.id)
    return [known(view.site.circuit[circuit].limit_a[line - 1]) for circuit in above for line in lines]


def _session_wh(view: View, each: Car) -> float | None:
    state = view.chargers.get(each.id)
    return known(state.session_wh) if state is not None else None


def _by_energy(
    wanted_wh: float, from_wh: float, session_wh: float | None, before: Kept
) -> tuple[float | None, Kept]:
    if session_wh is None:
        # Never heard: the whole amount is still to go, which is on the driver's side.
        return (before[0] if before else wanted_wh), before
    # A session that shows less than at the asking is a new one.
    since_wh = session_wh - from_wh if session_wh >= from_wh else session_wh
    left_wh = max(0.0, wanted_wh - max(0.0, since_wh))
    return left_wh, (left_wh, session_wh)


def _soc_wh(view: View, each: Car, plan: PersonPlan, settings: Mapping[str, float]) -> float | None:
    vehicle = view.vehicles.get(each.id)
    wanted_pct = known(plan.soc_pct)
    if vehicle is None or wanted_pct is None:
        return None
    soc_pct, capacity_wh = known(vehicle.soc_pct), known(vehicle.capacity_wh)
    if soc_pct is None or capacity_wh is None:
        return None
    into_battery_wh = max(0.0, wanted_pct - soc_pct) / 100.0 * capacity_wh
    return into_battery_wh / (settings["efficiency_pct"] / 100.0)


def _by_soc(heard_wh: float | None, session_wh: float | None, before: Kept) -> tuple[float | None, Kept]:
    if heard_wh is not None:
        return heard_wh, (heard_wh,) if session_wh is None else (heard_wh, session_wh)
    if not before:
        return None, ()
    if len(before) == 1 or session_wh is None:
        return before[0], before
    return max(0.0, before[0] - max(0.0, session_wh - before[1])), before

"""Views for policy tests: a house with chargers, everything else as the test says."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from controller.domain.readings import ChargerState, Draw, Plug, PriceSlot
from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.units import ChargerId, CircuitId, Phases
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion, Wish
from policies import ALL

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
MAIN = CircuitId("main")
A, B = ChargerId("a"), ChargerId("b")


def spec(charger: str = "a", phases: tuple[int, ...] = (1,), **changes: Any) -> ChargerSpec:  # noqa: ANN401 - any field
    """Describe a charger of 6 to 16 A on the main circuit."""
    return ChargerSpec(id=ChargerId(charger), circuit=MAIN, phases=phases, **changes)


def house(*chargers: ChargerSpec, limit_a: Phases = (25.0, 25.0, 25.0), **changes: Any) -> Site:  # noqa: ANN401 - any field
    """Build a site of one circuit."""
    return Site(circuits=(Circuit(id=MAIN, limit_a=limit_a, **changes),), chargers=chargers or (spec(),))


def state(
    charger: str = "a",
    plug: Plug = Plug.C,
    draw_a: Phases | None = (0.0, 0.0, 0.0),
    **changes: Any,  # noqa: ANN401 - any field
) -> ChargerState:
    """Let a charger tell its plug and its draw."""
    draws = () if draw_a is None else (Draw(at_mono_s=1000.0, currents_a=draw_a),)
    return ChargerState(id=ChargerId(charger), at_mono_s=1000.0, plug=plug, draws=draws, **changes)


def view(site: Site | None = None, mono_s: float = 1000.0, **changes: Any) -> View:  # noqa: ANN401 - any field
    """Build a view in which nothing is known but what the test says; wall time moves with `mono_s`."""
    site = site or house()
    values: dict[str, Any] = {
        "at": AT + timedelta(seconds=mono_s - 1000.0),
        "chargers": {charger.id: state(charger.id) for charger in site.chargers},
        "phases": {charger.id: charger.phases for charger in site.chargers},
        "present_a": {},
        "requests": {},
        "cap": None,
        "prices": (),
        "grid_power_w": None,
        "solar_power_w": None,
        "battery_power_w": None,
        "battery_soc_pct": None,
        "background_a": {},
        "vehicles": {},
    }
    return View(mono_s=mono_s, site=site, **{**values, **changes})


def member(policy: str, charger: str = "a", settings: Mapping[str, float] | None = None) -> Member:
    """Make a charger a member of a policy, with defaults where the test says nothing."""
    defaults = {parameter.name: parameter.default for parameter in ALL[policy].parameters}
    return Member(charger=ChargerId(charger), mode="test", settings={**defaults, **(settings or {})})


def judge(
    policy: str,
    seen: View,
    members: Sequence[Member] = (),
    memory: Mapping[str, tuple[float, ...]] | None = None,
) -> Opinion:
    """Ask a policy; without members the house's first charger is one, with all defaults."""
    asked = tuple(members) or (member(policy, seen.site.chargers[0].id),)
    return ALL[policy].judge(seen, asked, memory or {})


def wish(opinion: Opinion, charger: str = "a") -> Wish | None:
    """Pick the wish about one charger."""
    return next((each for each in opinion.wishes if each.charger == charger), None)


def slots(
    *prices: float, minutes: int = 60, since: datetime = AT, export: float | None = None
) -> tuple[PriceSlot, ...]:
    """Lay out prices one after the other."""
    length = timedelta(minutes=minutes)
    return tuple(
        PriceSlot(
            starts=since + index * length,
            ends=since + (index + 1) * length,
            import_per_kwh=price,
            export_per_kwh=export,
        )
        for index, price in enumerate(prices)
    )

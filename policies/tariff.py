"""Tariff: charge below a price, or in the cheapest hours of the day ahead."""

from datetime import datetime, timedelta

from controller.domain.readings import PriceSlot
from controller.domain.reasons import Code, Reason
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion, Parameter, PolicyMemory, Wish
from policies.cars import Car, car
from policies.prices import ahead, bar, marginal_per_kwh, slot_now, sun_part

_Name = tuple[float, ...]
_Bar = tuple[float, datetime] | None


class Tariff:
    """Wants full power in cheap slots and none in others.

    A slot once taken is kept to its end, whatever the sun does meanwhile, unless the settings change.
    """

    name = "tariff"
    parameters: tuple[Parameter, ...] = (
        Parameter(
            name="below_per_kwh",
            default=0.0,
            low=-10.0,
            high=100.0,
            says="Charge whenever the price is at or below this, in the tariff's currency.",
        ),
        Parameter(
            name="cheapest_h",
            default=6.0,
            low=0.0,
            high=48.0,
            says="Charge also in the cheapest so many hours of the time ahead; 0: only below the price.",
        ),
        Parameter(
            name="horizon_h",
            default=24.0,
            low=1.0,
            high=72.0,
            says="How far ahead the cheapest hours are looked for, from the start of the present slot.",
        ),
        Parameter(
            name="without_prices",
            default=0.0,
            low=0.0,
            high=1.0,
            whole=True,
            says="What to do while no price is known. 0: wait. 1: charge.",
        ),
    )

    def judge(self, view: View, members: tuple[Member, ...], memory: PolicyMemory) -> Opinion:
        """Charge in the cheap slots."""
        slot = slot_now(view)
        cars = [(each, member) for member in members if (each := car(view, member.charger)) is not None]
        if slot is None:
            return Opinion(wishes=tuple(self._unpriced(each, member) for each, member in cars))
        bars: dict[_Name, _Bar] = {}
        wishes: list[Wish] = []
        kept: dict[str, tuple[float, ...]] = {}
        for each, member in cars:
            name = _name(slot, member)
            if name not in bars:
                bars[name] = _bar(view, slot, member)
            below = member.settings["below_per_kwh"]
            on = memory.get(each.id) == name or _cheap(view, slot, each, below, bars[name])
            if on:
                kept[each.id] = name
            wishes.append(self._priced(view, slot, each, None if on else _needed_per_kwh(below, bars[name])))
        return Opinion(wishes=tuple(wishes), memory=kept)

    def _unpriced(self, each: Car, member: Member) -> Wish:
        preferred_a = each.max_a if member.settings["without_prices"] >= 1 else 0.0
        reason = Reason(code=Code.PRICE_UNKNOWN, by=self.name, current_a=preferred_a)
        return Wish(charger=each.id, preferred_a=preferred_a, reason=reason)

    def _priced(self, view: View, slot: PriceSlot, each: Car, needed_per_kwh: float | None) -> Wish:
        """Say the price; `needed_per_kwh` is what it would have to be, `None` when it is low enough."""
        on = needed_per_kwh is None
        preferred_a = each.max_a if on else 0.0
        reason = Reason(
            code=Code.PRICE if on else Code.PRICE_HIGH,
            by=self.name,
            current_a=preferred_a,
            value=slot.import_per_kwh,
            needed=needed_per_kwh,
        )
        until_s = view.mono_s + (slot.ends - view.at).total_seconds()
        return Wish(charger=each.id, preferred_a=preferred_a, reason=reason, until_mono_s=until_s)


def _name(slot: PriceSlot, member: Member) -> _Name:
    """Name a slot together with the settings under which it is judged."""
    settings = member.settings
    return (slot.starts.timestamp(), settings["below_per_kwh"], settings["cheapest_h"], settings["horizon_h"])


def _bar(view: View, slot: PriceSlot, member: Member) -> _Bar:
    """Tell what this slot must beat, measured from its start so that it holds to its end."""
    until = slot.starts + timedelta(hours=member.settings["horizon_h"])
    return bar(ahead(view, slot, until), member.settings["cheapest_h"])


def _cheap(view: View, slot: PriceSlot, each: Car, below_per_kwh: float, to_beat: _Bar) -> bool:
    full_w = each.max_a * each.ampere_w
    per_kwh = marginal_per_kwh(slot, sun_part(view, each.id, each.drawn_w, full_w))
    return per_kwh <= below_per_kwh or to_beat is None or (per_kwh, slot.starts) < to_beat


def _needed_per_kwh(below_per_kwh: float, to_beat: _Bar) -> float:
    return below_per_kwh if to_beat is None else max(below_per_kwh, to_beat[0])

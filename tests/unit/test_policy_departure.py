from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from controller.domain.readings import PersonPlan, PersonRequest, Plug, PriceSlot, VehicleState
from controller.domain.reasons import Code
from controller.domain.units import ChargerId
from controller.domain.wishes import Member, Wish
from tests.fakes.policy_views import AT, A, house, judge, member, slots, spec, state, view, wish

FULL_W = 16.0 * 230.0


def departure(**settings: float) -> Member:
    return member("departure", settings=settings)


def plan(
    energy_wh: float | None = None,
    hours: float = 8.0,
    **changes: Any,  # noqa: ANN401 - any field of a view
) -> dict[ChargerId, PersonRequest]:
    by = AT + timedelta(hours=hours)
    return {A: PersonRequest(plan=PersonPlan(by=by, energy_wh=energy_wh, **changes))}


@dataclass
class Night:
    """A car on one phase that obeys at once, judged every minute."""

    prices: tuple[PriceSlot, ...] = ()
    asked: Member = field(default_factory=departure)
    energy_wh: float = 8_000.0
    hours: float = 8.0
    takes_w: Callable[[float], float] = lambda _: FULL_W
    charged_wh: float = 0.0
    cost: float = 0.0
    starts: int = 0
    words: list[Wish | None] = field(default_factory=list)

    def run(self, hours: float | None = None) -> "Night":
        """Let the night pass."""
        memory: dict[str, tuple[float, ...]] = {}
        on = False
        for minute in range(int((hours or self.hours) * 60)):
            drawn_a = self.takes_w(minute / 60) / 230.0 if on else 0.0
            seen = view(
                mono_s=1000.0 + minute * 60.0,
                prices=tuple(slot for slot in self.prices if slot.ends > AT + timedelta(minutes=minute)),
                requests=plan(self.energy_wh, self.hours),
                chargers={A: state(session_wh=self.charged_wh, draw_a=(drawn_a, 0.0, 0.0))},
            )
            opinion = judge("departure", seen, [self.asked], memory)
            memory = dict(opinion.memory)
            self.words.append(wish(opinion))
            now_on = bool((said := self.words[-1]) is not None and said.preferred_a)
            self.starts += now_on and not on
            on = now_on
            self._charge(minute, on=on)
        return self

    def _charge(self, minute: int, *, on: bool) -> None:
        energy_wh = self.takes_w(minute / 60) / 60.0 if on else 0.0
        self.charged_wh += energy_wh
        at = AT + timedelta(minutes=minute)
        price = next((slot.import_per_kwh for slot in self.prices if slot.starts <= at < slot.ends), 0.0)
        self.cost += energy_wh / 1000.0 * price


def code(
    requests: dict[ChargerId, PersonRequest],
    asked: Member | None = None,
    **changes: Any,  # noqa: ANN401 - any field of a view
) -> Code | None:
    said = wish(judge("departure", view(requests=requests, **changes), [asked or departure()]))
    return None if said is None else said.reason.code


def test_a_car_without_a_plan_is_left_to_the_next_policy() -> None:
    assert code({}) is None


def test_the_energy_is_there_by_the_departure_from_the_cheapest_hours() -> None:
    prices = slots(0.40, 0.30, 0.20, 0.10, 0.15, 0.25, 0.35, 0.45)

    night = Night(prices=prices).run()

    # 8 kWh at 3.68 kW take 2 h 10 min: two whole hours at 0.10 and 0.15, the rest at 0.20.
    best = 3.68 * (0.10 + 0.15) + (8.0 - 2 * 3.68) * 0.20
    assert night.charged_wh == pytest.approx(8_000.0, abs=FULL_W / 60)
    assert night.cost <= best * 1.06
    assert night.starts <= 2


def test_quarter_hour_prices_reach_the_energy_too() -> None:
    wave = [0.20 + 0.01 * ((7 * quarter) % 16) for quarter in range(32)]

    night = Night(prices=slots(*wave, minutes=15)).run()

    best = sum(sorted(wave)[:9]) / 9 * 8.0
    assert night.charged_wh == pytest.approx(8_000.0, abs=FULL_W / 60)
    assert night.cost <= best * 1.05


def test_equal_prices_charge_at_once_and_without_a_break() -> None:
    night = Night(prices=slots(*[0.30] * 8)).run()

    assert night.words[0] is not None
    assert night.words[0].preferred_a == 16.0
    assert night.starts == 1


def test_without_prices_it_charges_at_once_by_default() -> None:
    assert code(plan(8_000.0)) is Code.PLANNED


def test_without_prices_it_charges_as_late_as_safely_possible_when_told_to() -> None:
    night = Night(asked=departure(soon=0)).run()

    first_h = next(i for i, said in enumerate(night.words) if said is not None and said.preferred_a) / 60
    careful_h = 8_000.0 / FULL_W * 1.1 + 0.25
    assert first_h == pytest.approx(8.0 - careful_h, abs=0.05)
    assert night.charged_wh == pytest.approx(8_000.0, abs=FULL_W / 60)
    assert night.starts == 1


def test_a_car_that_takes_less_than_offered_still_starts_only_once_when_late() -> None:
    night = Night(asked=departure(soon=0), takes_w=lambda _: 0.9 * FULL_W).run()

    assert night.starts == 1
    assert night.charged_wh == pytest.approx(8_000.0, rel=0.01)


def test_a_plan_that_cannot_be_kept_says_so_and_charges() -> None:
    said = wish(judge("departure", view(requests=plan(40_000.0)), [departure()]))

    assert said is not None
    assert (said.preferred_a, said.reason.code) == (16.0, Code.PLAN_UNREACHABLE)


def test_the_phases_that_the_car_uses_decide_what_can_be_reached() -> None:
    site = house(spec(phases=(1, 2, 3)))
    asked = plan(40_000.0)

    on_three = wish(judge("departure", view(site, requests=asked)))
    on_one = wish(judge("departure", view(site, phases={A: (1,)}, requests=asked)))

    assert on_three is not None
    assert on_one is not None
    assert (on_three.reason.code, on_one.reason.code) == (Code.PLANNED, Code.PLAN_UNREACHABLE)


@pytest.mark.parametrize(
    "narrow",
    [
        {"appetite_a": {A: 6.0}},
        {"chargers": {A: state(ceiling_a=6.0)}},
        {"site": house(spec(), limit_a=(6.0, 6.0, 6.0))},
    ],
)
def test_whatever_narrows_the_car_narrows_what_can_be_reached(narrow: dict[str, Any]) -> None:
    assert code(plan(20_000.0)) is Code.PLANNED
    assert code(plan(20_000.0), **narrow) is Code.PLAN_UNREACHABLE


def test_a_plan_that_can_wait_waits_for_the_cheaper_hour() -> None:
    assert code(plan(2_000.0), prices=slots(0.40, 0.10, 0.40, 0.40)) is Code.PLANNED_LATER


def test_less_than_a_minute_of_charging_is_left_to_the_margin() -> None:
    prices = slots(0.40, 0.10, 0.40, 0.40, 0.40, 0.40, 0.40, 0.40)
    hour_wh = FULL_W / 1.1

    assert code(plan(hour_wh * 1.01), prices=prices) is Code.PLANNED_LATER
    assert code(plan(hour_wh * 1.03), prices=prices) is Code.PLANNED


def test_a_plan_that_can_wait_yields_to_the_next_policy_when_told_to() -> None:
    prices = slots(0.40, 0.10, 0.40, 0.40)

    assert code(plan(2_000.0), departure(yields=1), prices=prices) is None


def test_energy_counts_from_when_it_was_asked() -> None:
    asked = plan(5_000.0, from_session_wh=3_000.0)

    assert code(asked, chargers={A: state(session_wh=7_999.0)}) is Code.PLANNED
    assert code(asked, chargers={A: state(session_wh=8_000.0)}) is Code.ENERGY_DONE


def test_a_new_session_counts_from_its_own_beginning() -> None:
    asked = plan(5_000.0, from_session_wh=3_000.0)

    assert code(asked, chargers={A: state(session_wh=2_000.0)}) is Code.PLANNED


def test_a_finished_plan_stays_finished_while_the_level_trembles() -> None:
    asked = plan(soc_pct=80.0)
    done = judge("departure", view(requests=asked, vehicles={A: car(80.0)}), [departure()])

    later = judge("departure", view(requests=asked, vehicles={A: car(79.9)}), [departure()], done.memory)

    said = wish(later)
    assert said is not None
    assert said.reason.code is Code.ENERGY_DONE


def test_a_finished_car_is_not_filled_up_when_its_plan_ends() -> None:
    night = Night(prices=slots(*[0.30] * 9)).run(hours=9.0)

    assert night.words[-1] is not None
    assert night.words[-1].reason.code is Code.ENERGY_DONE


def test_a_plan_of_yesterday_does_not_hold_the_next_car() -> None:
    past = plan(8_000.0, hours=-1.0)

    assert code(past) is None


def test_unplugging_after_the_departure_ends_the_plan() -> None:
    asked = plan(8_000.0)
    before = judge("departure", view(requests=asked), [departure()])
    gone = {A: state(plug=Plug.A)}

    after = judge(
        "departure",
        view(requests=asked, chargers=gone, mono_s=1000.0 + 9 * 3600.0),
        [departure()],
        before.memory,
    )

    assert after.wishes == ()


def car(soc_pct: float | None) -> VehicleState:
    return VehicleState(at_mono_s=1000.0, soc_pct=soc_pct, capacity_wh=50_000.0)


def test_a_wanted_level_counts_what_is_lost_on_the_way() -> None:
    said = wish(judge("departure", view(requests=plan(soc_pct=80.0), vehicles={A: car(62.0)}), [departure()]))

    assert said is not None
    assert said.reason.value == 10_000.0  # 18 % of 50 kWh at 90 %


def test_a_level_that_nobody_tells_charges_at_once() -> None:
    prices = slots(0.40, 0.10, 0.40, 0.40)

    assert code(plan(soc_pct=80.0), prices=prices) is Code.PLANNED


def test_a_level_that_falls_silent_is_carried_on_by_the_sessions_energy() -> None:
    asked, chargers = plan(soc_pct=80.0), {A: state(session_wh=1_000.0)}
    heard = view(requests=asked, chargers=chargers, vehicles={A: car(62.0)})
    before = judge("departure", heard, [departure()])

    silent = view(requests=asked, chargers={A: state(session_wh=5_000.0)})
    said = wish(judge("departure", silent, [departure()], before.memory))

    assert said is not None
    assert said.reason.value == 6_000.0


def test_a_silent_charger_keeps_what_was_last_known_of_its_plan() -> None:
    asked = plan(8_000.0)
    heard = view(requests=asked, chargers={A: state(session_wh=5_000.0)})
    before = judge("departure", heard, [departure()])

    said = wish(judge("departure", view(requests=asked, chargers={}), [departure()], before.memory))

    assert said is not None
    assert said.reason.value == 3_000.0


def test_a_changed_plan_begins_anew() -> None:
    done = judge("departure", view(requests=plan(1_000.0), chargers={A: state(session_wh=1_000.0)}))

    more = view(requests=plan(9_000.0), chargers={A: state(session_wh=1_000.0)})
    said = wish(judge("departure", more, memory=done.memory))

    assert said is not None
    assert said.reason.code is Code.PLANNED

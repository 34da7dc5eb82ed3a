from datetime import timedelta
from typing import Any

from controller.domain.readings import PriceSlot
from controller.domain.reasons import Code
from controller.domain.wishes import Member, Opinion
from tests.fakes.policy_views import AT, judge, member, slots, view, wish


def tariff(**settings: float) -> Member:
    return member("tariff", settings=settings)


def said_at(
    prices: tuple[PriceSlot, ...],
    hours: float = 0.0,
    asked: Member | None = None,
    **changes: Any,  # noqa: ANN401 - any field of a view
) -> tuple[float | None, Code]:
    seen = view(prices=prices, mono_s=1000.0 + hours * 3600.0, **changes)
    said = wish(judge("tariff", seen, [asked or tariff()]))
    assert said is not None
    return said.preferred_a, said.reason.code


def test_a_price_at_the_threshold_charges() -> None:
    assert said_at(slots(0.20), asked=tariff(below_per_kwh=0.20, cheapest_h=0)) == (16.0, Code.PRICE)


def test_a_price_above_the_threshold_waits_and_says_what_it_should_be() -> None:
    asked = tariff(below_per_kwh=0.20, cheapest_h=0)

    said = wish(judge("tariff", view(prices=slots(0.21)), [asked]))

    assert said is not None
    assert said.preferred_a == 0.0
    assert (said.reason.code, said.reason.value, said.reason.needed) == (Code.PRICE_HIGH, 0.21, 0.20)


def test_a_negative_price_charges_by_default() -> None:
    assert said_at(slots(-0.05, -0.50, -0.50, -0.50), asked=tariff(cheapest_h=0)) == (16.0, Code.PRICE)


def test_only_the_cheapest_hours_charge() -> None:
    prices = slots(0.30, 0.10, 0.20, 0.40, 0.15, 0.50, 0.60, 0.70)
    asked = tariff(cheapest_h=3, horizon_h=8)

    charging = [said_at(prices, hour, asked)[0] == 16.0 for hour in range(3)]

    assert charging == [False, True, True]


def test_quarter_hours_are_counted_as_quarter_hours() -> None:
    prices = slots(0.30, 0.10, 0.20, 0.40, minutes=15)
    asked = tariff(cheapest_h=0.5, horizon_h=1)

    charging = [said_at(prices[quarter:], quarter / 4, asked)[0] == 16.0 for quarter in range(3)]

    assert charging == [False, True, True]


def test_of_equal_prices_the_earliest_are_taken() -> None:
    prices = slots(0.20, 0.20, 0.20, 0.20)

    assert said_at(prices, 0, tariff(cheapest_h=2, horizon_h=4))[0] == 16.0


def test_the_price_that_would_charge_is_that_of_the_last_chosen_hour() -> None:
    prices = slots(0.30, 0.10, 0.20, 0.40)

    said = wish(judge("tariff", view(prices=prices), [tariff(cheapest_h=2, horizon_h=4)]))

    assert said is not None
    assert said.reason.needed == 0.20


def test_without_prices_the_car_waits() -> None:
    assert said_at(()) == (0.0, Code.PRICE_UNKNOWN)


def test_without_prices_the_car_charges_when_told_to() -> None:
    assert said_at((), asked=tariff(without_prices=1)) == (16.0, Code.PRICE_UNKNOWN)


def test_a_gap_in_the_prices_is_unknown_though_later_ones_are_known() -> None:
    assert said_at(slots(0.1, since=AT + timedelta(hours=1)))[1] is Code.PRICE_UNKNOWN


def test_an_evening_peak_waits_although_tomorrow_is_not_known_yet() -> None:
    prices = slots(0.50, 0.40, 0.30, 0.20)

    assert said_at(prices) == (0.0, Code.PRICE_HIGH)


def test_surplus_is_weighed_at_what_it_would_have_earned() -> None:
    # 16 A on one phase are 3,680 W, all of it surplus.
    prices = slots(0.30, 0.20, 0.20, export=0.08)
    asked = tariff(cheapest_h=1, horizon_h=3)

    assert said_at(prices, 0, asked)[0] == 0.0
    assert said_at(prices, 0, asked, grid_power_w=-3680.0)[0] == 16.0


def test_surplus_counts_as_imported_while_nobody_knows_what_it_earns() -> None:
    prices = slots(0.30, 0.20, 0.20)

    assert said_at(prices, 0, tariff(cheapest_h=1, horizon_h=3), grid_power_w=-3680.0)[0] == 0.0


def night(opinion: Opinion, asked: Member, **changes: Any) -> Opinion:  # noqa: ANN401 - any field of a view
    return judge("tariff", view(**changes), [asked], opinion.memory)


def test_a_slot_once_taken_is_kept_when_the_sun_goes() -> None:
    prices = slots(0.30, 0.20, 0.20, export=0.08)
    asked = tariff(cheapest_h=1, horizon_h=3)
    taken = night(Opinion(), asked, prices=prices, grid_power_w=-3680.0)

    kept = wish(night(taken, asked, prices=prices, grid_power_w=0.0))

    assert kept is not None
    assert kept.preferred_a == 16.0


def test_a_slot_once_taken_is_judged_again_when_the_settings_change() -> None:
    prices = slots(0.30, 0.20, 0.20)
    taken = night(Opinion(), tariff(cheapest_h=3, horizon_h=3), prices=prices)

    changed = wish(night(taken, tariff(cheapest_h=1, horizon_h=3), prices=prices))

    assert changed is not None
    assert changed.preferred_a == 0.0


def test_within_a_slot_the_word_never_turns_without_news() -> None:
    prices = slots(0.30, 0.10, 0.25, 0.40, 0.15, 0.50, 0.05, 0.70)
    asked = tariff(cheapest_h=3, horizon_h=4)
    words = []
    opinion = Opinion()
    for minute in range(8 * 60):
        opinion = night(opinion, asked, prices=prices, mono_s=1000.0 + minute * 60.0)
        said = wish(opinion)
        words.append(said.preferred_a if said is not None else None)

    turns = [minute for minute in range(1, len(words)) if words[minute] != words[minute - 1]]

    assert all(minute % 60 == 0 for minute in turns)

"""Every command of a Home Charger for `phasewise device ID COMMAND KEY=VALUE`."""

import json
from collections.abc import Awaitable, Callable
from typing import Final

from adapters.chargers.high_mobility.client import HomeCharger
from adapters.chargers.high_mobility.home_charger import ASKED_FOR, PRICING_TYPES
from adapters.wire.autoapi.documents import document
from adapters.wire.autoapi.messages import Message
from controller.errors import BadRequest
from controller.ports import Argument, Command

_PROPERTIES: Final = Argument(
    name="properties",
    kind=str,
    says=f"which, separated by commas; left out: all. {', '.join(ASKED_FOR)}",
    required=False,
)
_TARIFFS: Final = (
    f"JSON list of {{pricingType, price, currency}}; pricingType is one of {', '.join(PRICING_TYPES)}"
)


PriceNow = Callable[[], Awaitable[float]]


def commands(charger: HomeCharger, price_now: PriceNow) -> dict[str, Command]:
    """List them by name; `price_now` tells what the site's tariff says."""
    prices = (_set_price_tariffs(charger), _push_price(charger, price_now))
    listed = (*_questions(charger), *_switches(charger), _set_charge_current(charger), *prices)
    return {command.name: command for command in sorted(listed, key=lambda command: command.name)}


def _questions(charger: HomeCharger) -> tuple[Command, ...]:
    async def get_state(properties: str = "") -> object:
        return document(await charger.get_state(_names(properties)))

    async def get_availability(properties: str = "") -> object:
        return document(await charger.get_availability(_names(properties)))

    return (
        Command(name="get_state", says="its state", call=get_state, arguments=(_PROPERTIES,)),
        Command(
            name="get_availability",
            says="how often each property may be asked for",
            call=get_availability,
            arguments=(_PROPERTIES,),
        ),
    )


def _switches(charger: HomeCharger) -> tuple[Command, ...]:
    return (
        Command(
            name="activate_deactivate_solar_charging",
            says="let it follow the sun by its own judgement, beside the controller's",
            call=_shown(charger.activate_deactivate_solar_charging),
            arguments=(Argument(name="active", kind=bool, says="true or false"),),
        ),
        Command(
            name="authenticate_expire",
            says="let cars start to charge, or let that permission expire; "
            "whether that ends a session that runs is not known",
            call=_shown(charger.authenticate_expire),
            arguments=(Argument(name="authenticated", kind=bool, says="true, or false to let it expire"),),
        ),
        Command(
            name="enable_disable_wifi_hotspot",
            says="switch its Wi-Fi hotspot",
            call=_shown(charger.enable_disable_wifi_hotspot),
            arguments=(Argument(name="enabled", kind=bool, says="true or false"),),
        ),
    )


def _set_charge_current(charger: HomeCharger) -> Command:
    return Command(
        name="set_charge_current",
        says="set the current; past the controller, which will write its own limit again",
        call=_shown(charger.set_charge_current),
        arguments=(Argument(name="limit_a", kind=float, says="in A, not below 0"),),
        dangerous=True,
    )


def _set_price_tariffs(charger: HomeCharger) -> Command:
    async def set_price_tariffs(tariffs: str) -> object:
        try:
            told = json.loads(tariffs)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"tariffs: expected {_TARIFFS}") from error
        return _result(await charger.set_price_tariffs(told))

    return Command(
        name="set_price_tariffs",
        says="tell it prices",
        call=set_price_tariffs,
        arguments=(Argument(name="tariffs", kind=str, says=_TARIFFS),),
    )


def _push_price(charger: HomeCharger, price_now: PriceNow) -> Command:
    async def push_price(
        currency: str, per_kwh: float | None = None, starting_fee: float | None = None
    ) -> object:
        price = await price_now() if per_kwh is None else per_kwh
        return _result(await charger.push_price(price, currency, starting_fee))

    return Command(
        name="push_price",
        says="tell it the price that holds now",
        call=push_price,
        arguments=(
            Argument(name="currency", kind=str, says="such as EUR"),
            Argument(
                name="per_kwh",
                kind=float,
                says="price of a kWh; left out: what the configured tariff says for now",
                required=False,
            ),
            Argument(name="starting_fee", kind=float, says="price of a start", required=False),
        ),
    )


def _names(properties: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in properties.split(",") if name.strip())


def _shown(call: Callable[..., Awaitable[Message | None]]) -> Callable[..., Awaitable[object]]:
    async def shown(**arguments: object) -> object:
        return _result(await call(**arguments))

    return shown


def _result(answer: Message | None) -> object:
    return True if answer is None else document(answer)

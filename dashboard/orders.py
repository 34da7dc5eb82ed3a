"""Orders: the same commands as over MQTT, as JSON bodies; `controller.commands` judges every one."""

from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from controller import commands
from controller.commands import Command, Refusal
from controller.desk import Desk
from controller.domain.units import ChargerId

Number = Annotated[float, Field(allow_inf_nan=False)]
_REFUSED = 422


class Order(BaseModel):
    """A body; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class ModeOrder(Order):
    """Let a charger follow a mode."""

    charger: str
    mode: str


class LimitOrder(Order):
    """A person's ceiling."""

    charger: str
    limit_a: Number | None
    """0 pauses; `null` lifts the ceiling."""
    ttl_s: Number | None = None
    """How long it holds; left out: until it is lifted."""


class BoostOrder(Order):
    """Full power for a while."""

    charger: str
    minutes: Number
    """0 ends a boost."""


class PlanOrder(Order):
    """What a car should have by a time."""

    charger: str
    by: AwareDatetime | None
    """RFC 3339 with its offset; `null` drops the plan."""
    energy_kwh: Number | None = None
    soc_pct: Number | None = None


class ParameterOrder(Order):
    """A tuning value of one policy in one mode."""

    mode: str
    policy: str
    parameter: str
    value: Number


class SiteLimitOrder(Order):
    """A grid operator's cap; it expires by itself."""

    limit_w: Number
    ttl_s: Number


class Done(BaseModel):
    """The command is in force from the next tick on."""

    done: bool = True


def orders(desk: Desk) -> APIRouter:
    """Build the endpoints that change something."""
    router = APIRouter(prefix="/api/v1", tags=["commands"], responses={_REFUSED: {"description": "Refused."}})
    _add_charger_orders(router, desk)
    _add_site_orders(router, desk)
    _add_declarations(router, desk)
    return router


def _add_charger_orders(router: APIRouter, desk: Desk) -> None:
    @router.post("/commands/mode")
    async def mode(order: ModeOrder) -> Done:
        """Let a charger follow another mode."""
        return _obeyed(desk, commands.set_mode(desk.known(), order.charger, order.mode))

    @router.post("/commands/limit_a")
    async def limit_a(order: LimitOrder) -> Done:
        """Set or lift a person's ceiling."""
        ceiling = commands.set_ceiling(desk.known(), order.charger, order.limit_a, order.ttl_s)
        return _obeyed(desk, ceiling)

    @router.post("/commands/boost")
    async def boost(order: BoostOrder) -> Done:
        """Give full power for some minutes, as far as the site bears it."""
        return _obeyed(desk, commands.boost(desk.known(), order.charger, order.minutes))

    @router.post("/commands/plan")
    async def plan(order: PlanOrder) -> Done:
        """Set a plan, either `energy_kwh` or `soc_pct` and by when, or drop it."""
        return _obeyed(desk, _asked_plan(desk, order))


def _asked_plan(desk: Desk, order: PlanOrder) -> Command | Refusal:
    if order.by is None:
        return commands.drop_plan(desk.known(), order.charger)
    return commands.set_plan(desk.known(), order.charger, order.by, order.energy_kwh, order.soc_pct)


def _add_site_orders(router: APIRouter, desk: Desk) -> None:
    @router.post("/commands/parameter")
    async def parameter(order: ParameterOrder) -> Done:
        """Tune a policy within its bounds."""
        named = (order.mode, order.policy, order.parameter)
        return _obeyed(desk, commands.set_parameter(desk.known(), *named, order.value))

    @router.post("/commands/site_limit_w")
    async def site_limit_w(order: SiteLimitOrder) -> Done:
        """Cap the charging power of the site for a while."""
        return _obeyed(desk, commands.set_site_cap(order.limit_w, order.ttl_s))


def _add_declarations(router: APIRouter, desk: Desk) -> None:
    @router.put("/chargers/{charger}/out_of_service")
    async def out_of_service(charger: str) -> Done:
        """Declare that a charger is switched off: nothing stays reserved for it while it is silent."""
        return _done(desk.declare(ChargerId(charger), out_of_service=True))

    @router.delete("/chargers/{charger}/out_of_service")
    async def in_service(charger: str) -> Done:
        """Take that back."""
        return _done(desk.declare(ChargerId(charger), out_of_service=False))


def _obeyed(desk: Desk, command: Command | Refusal) -> Done:
    return _done(command.reason if isinstance(command, Refusal) else desk.take(command))


def _done(refused: str | None) -> Done:
    if refused is not None:
        raise HTTPException(_REFUSED, refused)
    return Done()

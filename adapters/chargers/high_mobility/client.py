"""The seven commands of a Home Charger as typed methods, and a tariff pushed as its price."""

from collections.abc import Sequence

from adapters.chargers.high_mobility.failures import check_property
from adapters.chargers.high_mobility.home_charger import (
    AUTHENTICATED,
    AUTHENTICATION,
    CHARGE_CURRENT,
    HOTSPOT,
    SETTERS,
    SOLAR,
    TARIFFS,
    UNAUTHENTICATED,
    setter,
)
from adapters.chargers.high_mobility.transport import Transport
from adapters.wire.autoapi.kinds import Json
from adapters.wire.autoapi.messages import Message


class HomeCharger:
    """One charger, over either path.

    Every method raises `DeviceRefused` for what cannot be sent or was refused, `DeviceUnreachable` for what
    may arrive yet, `DeviceNonsense` for an answer that proves nothing, and `CredentialsError`.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    async def get_state(self, names: Sequence[str] = (), *, urgent: bool = False) -> Message:
        """Ask for these properties, or for all."""
        return await self.transport.state(names, urgent=urgent)

    async def get_availability(self, names: Sequence[str] = ()) -> Message:
        """Ask how often these properties, or all, may be asked for."""
        return await self.transport.availability(names)

    async def set_charge_current(self, limit_a: float) -> Message | None:
        """Set the current that it may charge with."""
        told: Json = {CHARGE_CURRENT: {"amperes": limit_a}}
        return await self._set("setChargeCurrent", told, urgent=True)

    async def activate_deactivate_solar_charging(self, *, active: bool) -> Message | None:
        """Let it charge from the sun by its own judgement, or not."""
        told: Json = {SOLAR: "active" if active else "inactive"}
        return await self._set("activateDeactivateSolarCharging", told)

    async def authenticate_expire(self, *, authenticated: bool) -> Message | None:
        """Let cars start to charge, or let that permission expire."""
        told: Json = {AUTHENTICATION: AUTHENTICATED if authenticated else UNAUTHENTICATED}
        return await self._set("authenticateExpire", told)

    async def enable_disable_wifi_hotspot(self, *, enabled: bool) -> Message | None:
        """Switch its Wi-Fi hotspot."""
        told: Json = {HOTSPOT: "enabled" if enabled else "disabled"}
        return await self._set("enableDisableWiFiHotspot", told)

    async def set_price_tariffs(self, tariffs: Json) -> Message | None:
        """Tell it prices: a list of `{pricingType, price, currency}`, each bare or as `{value: ...}`."""
        return await self._set("setPriceTariffs", {TARIFFS: tariffs})

    async def push_price(
        self, per_kwh: float, currency: str, starting_fee: float | None = None
    ) -> Message | None:
        """Tell it the price that holds now."""
        tariffs: list[Json] = [{"pricingType": "per_kwh", "price": per_kwh, "currency": currency}]
        if starting_fee is not None:
            tariffs.append({"pricingType": "starting_fee", "price": starting_fee, "currency": currency})
        return await self.set_price_tariffs(tariffs)

    async def _set(self, command: str, told: Json, *, urgent: bool = False) -> Message | None:
        sent = setter(command, told if isinstance(told, dict) else {})
        answer = await self.transport.set(command, sent, urgent=urgent)
        if answer is not None:
            check_property(answer, SETTERS[command])
        return answer

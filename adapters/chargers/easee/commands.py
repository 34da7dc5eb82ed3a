"""Every command of an Easee charger for `phasewise device ID COMMAND KEY=VALUE`."""

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.chargers.easee.client import Argument as Sent
from adapters.chargers.easee.client import EaseeClient
from adapters.chargers.easee.device import EaseeDevice
from adapters.chargers.easee.messages import Response
from adapters.chargers.easee.observations import NAMES
from controller.errors import DeviceRefused
from controller.ports import Argument, Command

_PAST_THE_LEDGER: Final = "; past the controller, which will write its own limit again"
_FLASH: Final = "; kept in flash, which wears"

_TTL: Final = Argument(
    name="ttl_min", kind=int, says="minutes until it lapses, upward; 0 or left out: never", required=False
)


def _phases(kind: type) -> tuple[Argument, ...]:
    return tuple(Argument(name=f"p{n}_a", kind=kind, says=f"A on the charger's P{n}") for n in (1, 2, 3))


_TOKEN: Final = (
    Argument(name="id_token", kind=str, says="the token, as an RFID tag tells it"),
    Argument(
        name="status", kind=int, says="result; 42 was seen for a remote start, others are not documented"
    ),
)

_TABLE: Final[Mapping[str, tuple[str, tuple[Argument, ...], bool]]] = {
    "reboot": ("restart it; every dynamic limit is lost", (), True),
    "upgrade_firmware": ("install the latest firmware", (), True),
    "authorize_charging": ("tell the result of an authorisation", _TOKEN, False),
    "deauthorize_charging": ("take an authorisation back", _TOKEN, False),
    "set_dynamic_charger_current": (
        f"set what it offers, 0 pauses{_PAST_THE_LEDGER}",
        (Argument(name="limit_a", kind=int, says="0 to 80 A, whole"), _TTL),
        True,
    ),
    "set_dynamic_circuit_current": (
        f"set what its circuit may carry, on the master alone{_PAST_THE_LEDGER}",
        (*_phases(float), _TTL),
        True,
    ),
    "set_enabled": (
        f"enable or disable it{_FLASH}",
        (Argument(name="is_enabled", kind=bool, says="true enables"),),
        True,
    ),
    "set_lock_cable_permanently": (
        f"lock the cable for good, or let it go{_FLASH}",
        (Argument(name="locked", kind=bool, says="true locks"),),
        True,
    ),
    "set_max_charger_current": (
        f"set the most that it ever offers{_FLASH}",
        (Argument(name="limit_a", kind=int, says="0 to 80 A, whole"),),
        True,
    ),
    "set_max_circuit_current": (
        f"set the most that its circuit ever carries, on the master alone{_FLASH}",
        _phases(int),
        True,
    ),
    "set_smart_charging": (
        "show whether it charges smartly",
        (Argument(name="smart_charging", kind=bool, says="true shows it"),),
        False,
    ),
    "set_dynamic_current_offline_fallback": (
        f"set what its circuit may carry while it is offline, on the master alone{_FLASH}",
        _phases(int),
        True,
    ),
}
"""Name: what it does, its arguments, whether it is dangerous."""


def commands(device: EaseeDevice) -> dict[str, Command]:
    """List them by name."""

    async def send(id_: int, arguments: Sequence[Sent]) -> Response | None:
        if device.path.served:
            return await device.command(id_, arguments)
        return await device.path.call_aside(device.serial, id_, arguments, device.manner)

    client = EaseeClient(send)
    listed = {
        name: Command(
            name=name, says=says, call=getattr(client, name), arguments=arguments, dangerous=dangerous
        )
        for name, (says, arguments, dangerous) in sorted(_TABLE.items())
    }
    return {"observations": _observations(device), **listed}


def _observations(device: EaseeDevice) -> Command:
    async def observations() -> object:
        if not device.path.has_account:
            raise DeviceRefused("needs account_user and account_password: the stream tells changes alone")
        known = await device.path.ask(device.serial)
        return {f"{one.id} {NAMES.get(one.id, ('unknown',))[0]}": one.value for one in known}

    return Command(name="observations", says="everything the cloud knows of it", call=observations)

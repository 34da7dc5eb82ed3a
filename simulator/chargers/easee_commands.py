"""The twelve commands as a simulated Easee charger obeys them."""

from collections.abc import Callable, Mapping
from typing import Final

from simulator.chargers.easee_device import EaseeDevice

Texts = Mapping[int, str]

_CIRCUIT_COMMANDS: Final = frozenset({21, 22, 24})
_TRUTHS: Final = {"1": True, "0": False}


class NotUnderstoodError(Exception):
    """An argument is missing or is not of its type."""


def obey(device: EaseeDevice, id_: int, arguments: Texts) -> bool:
    """Carry out a command; tell whether it was accepted.

    Raises:
        NotUnderstoodError: the charger would answer that it does not accept it.
    """
    if id_ in _CIRCUIT_COMMANDS and not device.is_master:
        return False
    action = _ACTIONS.get(id_)
    if action is None:
        return False
    try:
        action(device, arguments)
    except (KeyError, ValueError) as error:
        raise NotUnderstoodError(f"command {id_}: {error}") from error
    return True


def _reboot(device: EaseeDevice, _: Texts) -> None:
    device.reboot()


def _upgrade(device: EaseeDevice, _: Texts) -> None:
    device.release += 1


def _smart(device: EaseeDevice, arguments: Texts) -> None:
    device.smart = _TRUTHS[arguments[1]]


def _fallback(device: EaseeDevice, arguments: Texts) -> None:
    device.circuit.fallback_a = (int(arguments[1]), int(arguments[2]), int(arguments[3]))
    device.flash_writes[21] += 1


def _dynamic_circuit(device: EaseeDevice, arguments: Texts) -> None:
    limits_a = (float(arguments[1]), float(arguments[2]), float(arguments[3]))
    device.circuit.set_dynamic(limits_a, _ttl_min(arguments, 4))


def _max_circuit(device: EaseeDevice, arguments: Texts) -> None:
    device.circuit.max_a = (int(arguments[1]), int(arguments[2]), int(arguments[3]))
    device.flash_writes[24] += 1


def _authorize(device: EaseeDevice, arguments: Texts) -> None:
    device.authorized = bool(arguments[1]) and int(arguments[2]) >= 0


def _deauthorize(device: EaseeDevice, arguments: Texts) -> None:
    device.authorized = not (arguments[1] and int(arguments[2]) >= 0)


def _enabled(device: EaseeDevice, arguments: Texts) -> None:
    device.enabled = _TRUTHS[arguments[1]]
    device.flash_writes[29] += 1


def _locked(device: EaseeDevice, arguments: Texts) -> None:
    device.locked = _TRUTHS[arguments[1]]
    device.flash_writes[30] += 1


def _max_charger(device: EaseeDevice, arguments: Texts) -> None:
    device.max_a = float(int(arguments[1]))
    device.flash_writes[47] += 1


def _dynamic(device: EaseeDevice, arguments: Texts) -> None:
    device.set_dynamic(float(int(arguments[1])), _ttl_min(arguments, 2))


def _ttl_min(arguments: Texts, place: int) -> int | None:
    return int(arguments[place]) if place in arguments else None


_ACTIONS: Final[Mapping[int, Callable[[EaseeDevice, Texts], None]]] = {
    1: _reboot,
    4: _upgrade,
    11: _smart,
    21: _fallback,
    22: _dynamic_circuit,
    24: _max_circuit,
    25: _authorize,
    26: _deauthorize,
    29: _enabled,
    30: _locked,
    47: _max_charger,
    48: _dynamic,
}

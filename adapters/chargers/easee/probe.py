"""What `check --probe` says about an Easee charger or circuit."""

from collections.abc import Iterator

from adapters.chargers.easee import observations as ids
from adapters.chargers.easee.codes import REASONS, WIRED_WRONGLY, WIRING
from adapters.chargers.easee.device import EaseeDevice
from adapters.chargers.easee.latest import Latest
from adapters.chargers.easee.state import is_master, is_offline
from controller.domain.site import ChargerSpec
from controller.domain.units import MIN_CURRENT_A
from controller.errors import DeviceNonsense
from controller.ports import Probe


async def probe(device: EaseeDevice, spec: ChargerSpec, knob: str) -> Probe:
    """Look at the path without disturbing anybody, and ask the cloud where an account is configured.

    Raises:
        DeviceUnreachable, DeviceRefused, DeviceNonsense, CredentialsError: the path or the cloud is away.
    """
    seen = await device.path.look()
    latest = await _known(device)
    release = latest.code(ids.SOFTWARE)
    return Probe(
        found=f"Easee {device.serial}",
        version=f"release {release}" if release is not None else "not told yet",
        control_path=f"{knob} over {device.path.says}",
        without_us=_without_us(spec),
        warnings=(*seen, *_warnings(latest, spec)),
        values={
            "limit_a": latest.number(ids.DYNAMIC_CHARGER),
            "offered_a": latest.number(ids.OUTPUT_CURRENT),
            "max_charger_a": latest.number(ids.MAX_CHARGER),
            "reason": REASONS.get(latest.code(ids.NO_CURRENT) or 0),
            "mode": latest.number(ids.OP_MODE),
        },
    )


async def _known(device: EaseeDevice) -> Latest:
    """Take what the cloud knows, or what this process has heard."""
    if not device.path.has_account:
        return device.latest
    latest, now = Latest(), device.clock.now()
    for news in await device.path.ask(device.serial):
        try:
            latest.take(news, now, device.clock.mono_s())
        except DeviceNonsense:
            continue  # One value that makes no sense hides no other.
    return latest


def _without_us(spec: ChargerSpec) -> str:
    leased = spec.abilities.lease_s is not None
    falls = f"lapses after {spec.abilities.lease_s:g} s to {spec.abilities.lapses_to_a:g} A" if leased else ""
    return f"{falls or 'keeps its last limit'}; plugging in or a reboot lifts it to its maximum"


def _warnings(latest: Latest, spec: ChargerSpec) -> Iterator[str]:
    if is_offline(latest):
        yield "Easee's cloud has lost it"
    most_a = latest.number(ids.MAX_CHARGER)
    if most_a is not None and most_a > spec.nameplate_a:
        yield f"its maximum is {most_a:g} A, above the configured nameplate of {spec.nameplate_a:g} A"
    if spec.min_a <= MIN_CURRENT_A:
        yield "newer firmware starts up to 5 minutes late at exactly 6 A; min_a = 7 avoids that"
    grid_type = latest.code(ids.GRID_TYPE) or 0
    if grid_type in WIRING or grid_type in WIRED_WRONGLY:
        says = WIRING.get(grid_type, "its wiring is wrong, and it charges nobody")
        yield f"{says} (grid type {grid_type}); an electrician has to look"
    if is_master(latest) is False:
        yield "it is no master: its circuit's limits are set and read at another charger"
    fallback_a = latest.numbers(ids.OFFLINE_FALLBACK)
    if fallback_a is not None and max(fallback_a) > spec.max_a:
        yield f"while its cloud is away its circuit may carry {max(fallback_a):g} A"

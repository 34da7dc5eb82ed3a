"""What `check --probe` says about an Easee charger or circuit."""

from collections.abc import Iterator

from adapters.chargers.easee import observations as ids
from adapters.chargers.easee.codes import REASONS
from adapters.chargers.easee.device import EaseeDevice
from adapters.chargers.easee.latest import Latest
from adapters.chargers.easee.state import is_master, is_offline
from adapters.wire.amqp_broker import converse
from controller.domain.site import ChargerSpec
from controller.domain.units import MIN_CURRENT_A
from controller.errors import DeviceNonsense
from controller.ports import Probe


async def probe(device: EaseeDevice, spec: ChargerSpec, knob: str) -> Probe:
    """Look the queue up without consuming it, and ask the cloud where an account is configured.

    Raises:
        DeviceUnreachable, DeviceRefused, DeviceNonsense, CredentialsError: neither broker nor cloud help.
    """
    listeners = await _listeners(device)
    latest = await _known(device)
    release = latest.code(ids.SOFTWARE)
    return Probe(
        found=f"Easee {device.serial}",
        version=f"release {release}" if release is not None else "not told yet",
        control_path=f"{knob} over AMQP",
        without_us=_without_us(spec),
        warnings=tuple(_warnings(latest, spec, listeners, has_account=device.stream.cloud is not None)),
        values={
            "limit_a": latest.number(ids.DYNAMIC_CHARGER),
            "offered_a": latest.number(ids.OUTPUT_CURRENT),
            "max_charger_a": latest.number(ids.MAX_CHARGER),
            "reason": REASONS.get(latest.code(ids.NO_CURRENT) or 0),
            "mode": latest.number(ids.OP_MODE),
        },
    )


async def _listeners(device: EaseeDevice) -> int:
    """Count who else consumes the queue; our own daemon in this process is nobody else."""
    if device.stream.link.served:
        await device.until_up()
        return 0
    session = await converse(await device.stream.broker(), prefetch=1, lost=lambda: None)
    await session.close()
    return session.listeners


async def _known(device: EaseeDevice) -> Latest:
    """Take what the cloud knows, or what this process has heard."""
    if device.stream.cloud is None:
        return device.latest
    latest, now = Latest(), device.clock.now()
    for news in await device.stream.cloud.observations(device.serial):
        try:
            latest.take(news, now, device.clock.mono_s())
        except DeviceNonsense:
            continue  # One value that makes no sense hides no other.
    return latest


def _without_us(spec: ChargerSpec) -> str:
    leased = spec.abilities.lease_s is not None
    falls = f"lapses after {spec.abilities.lease_s:g} s to {spec.abilities.lapses_to_a:g} A" if leased else ""
    return f"{falls or 'keeps its last limit'}; plugging in or a reboot lifts it to its maximum"


def _warnings(latest: Latest, spec: ChargerSpec, listeners: int, *, has_account: bool) -> Iterator[str]:
    if listeners > 1:
        yield f"{listeners} programs consume the queue: each message reaches only one of them"
    if not has_account:
        yield "no account is configured: after a start nothing is known until the charger reports a change"
    if is_offline(latest):
        yield "Easee's cloud has lost it"
    most_a = latest.number(ids.MAX_CHARGER)
    if most_a is not None and most_a > spec.nameplate_a:
        yield f"its maximum is {most_a:g} A, above the configured nameplate of {spec.nameplate_a:g} A"
    if spec.min_a <= MIN_CURRENT_A:
        yield "newer firmware starts up to 5 minutes late at exactly 6 A; min_a = 7 avoids that"
    if is_master(latest) is False:
        yield "it is no master: its circuit's limits are set and read at another charger"
    fallback_a = latest.numbers(ids.OFFLINE_FALLBACK)
    if fallback_a is not None and max(fallback_a) > spec.max_a:
        yield f"while its cloud is away its circuit may carry {max(fallback_a):g} A"

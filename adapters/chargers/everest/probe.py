"""What `check --probe` says about a charger run by EVerest."""

from collections.abc import Iterator

from adapters.chargers.everest.dialect import Interface
from adapters.chargers.everest.picture import Picture
from adapters.chargers.everest.settings import EverestSettings
from adapters.chargers.everest.skew import clock_complaint
from adapters.chargers.everest.variables import EnforcedLimits, HardwareCapabilities, Limits, Told
from controller.domain.site import ChargerSpec
from controller.ports import Clock, Probe


def probe_of(
    settings: EverestSettings, spec: ChargerSpec, picture: Picture, path: str, clock: Clock
) -> Probe:
    """Put what was heard into words."""
    identity = picture.told.get("evse_id")
    name = identity.value if isinstance(identity, Told) and isinstance(identity.value, str) else ""
    state = picture.state(clock.mono_s(), None)
    return Probe(
        found=f"EVerest {settings.evse} {name}".rstrip(),
        version=f"{settings.version} (as configured), interface {settings.interface}",
        control_path=path,
        without_us=_without_us(settings, spec),
        warnings=tuple(_warnings(settings, spec, picture, clock)),
        values={
            "enforced_a": _enforced_a(picture),
            "ceiling_a": state.ceiling_a,
            "state": str(state.plug),
            "held": state.held or None,
        },
    )


def _enforced_a(picture: Picture) -> float | None:
    enforced, limits = picture.told.get("enforced_limits"), picture.told.get("limits")
    if isinstance(enforced, EnforcedLimits) and enforced.limit_a is not None:
        return enforced.limit_a
    return limits.max_current_a if isinstance(limits, Limits) else None


def _without_us(settings: EverestSettings, spec: ChargerSpec) -> str:
    restart = "a restart of EVerest loses the limit: then only its own fuse limit holds"
    able = spec.abilities
    if settings.can_lapse and able.lease_s is not None:
        lapse_a = able.lapses_to_a or 0.0
        return f"falls to {lapse_a:g} A within {able.lease_s:g} s where that is safe; {restart}"
    return f"keeps its last limit for ever; {restart}"


def _warnings(settings: EverestSettings, spec: ChargerSpec, picture: Picture, clock: Clock) -> Iterator[str]:
    dialect = settings.dialect
    if settings.can_lapse and (complaint := clock_complaint(picture, clock.now())):
        yield complaint
    if not settings.can_lapse:
        yield (
            "nothing lowers the limit when the controller dies: set fuse_limit_A of its EnergyNode to what "
            "the site bears alone"
        )
    if settings.interface is Interface.API and dialect.sells_without_export:
        yield "the module API of this version sends no export limit: interface = 'internal' is safer"
    if settings.interface is Interface.INTERNAL and dialect.version >= (2025, 10, 0):
        yield "interface = 'api_v1' is the stable one for this version"
    hardware = picture.told.get("hw_capabilities")
    most_a = hardware.max_import_a if isinstance(hardware, HardwareCapabilities) else None
    if most_a is not None and most_a > spec.nameplate_a:
        yield (
            f"its hardware takes {most_a:g} A, above the configured nameplate of {spec.nameplate_a:g} A: "
            "after a restart it may draw more than is reckoned with"
        )

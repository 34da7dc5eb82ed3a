"""What `check --probe` says about a Lektri.co charger."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.chargers.lektrico.answers import AppConfig, DeviceInfo, SoftwareVersion
from adapters.chargers.lektrico.state import Heard
from controller.domain.site import ChargerSpec
from controller.ports import Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that was asked."""

    device: DeviceInfo
    version: SoftwareVersion
    config: AppConfig
    heard: Heard
    em_offline: bool | None
    wire_form: str
    spec: ChargerSpec


def probe_of(found: Findings) -> Probe:
    """Put the findings into words."""
    heard = found.heard
    return Probe(
        found=f"Lektri.co {found.device.device_id or 'of unknown type'}",
        version=found.version.fw_version or found.device.fw_version or "",
        control_path=f"{heard.knob.value} over wire form {found.wire_form}",
        without_us=_without_us(found),
        warnings=tuple(_warnings(found)),
        values={
            "limit_a": heard.limit_a,
            "offered_a": heard.info.pwm_a,
            "install_current_a": found.config.install_current_a,
            "user_current_a": found.config.user_current_a,
            "voltage_v": heard.info.voltage_v,
            "state": heard.info.extended_charger_state or heard.info.charger_state,
        },
    )


def _without_us(found: Findings) -> str:
    fallback_a = found.spec.abilities.fallback_a
    falls = "keeps its last limit" if fallback_a is None else f"assumed to go to {fallback_a:g} A"
    install_a = found.config.install_current_a
    most = "an unknown current" if install_a is None else f"{install_a} A"
    return f"{falls} (no watchdog is proven); a restart may lift it to its install current, {most}"


def _warnings(found: Findings) -> Iterator[str]:
    config, spec = found.config, found.spec
    if not found.device.is_charger:
        yield f"{found.device.device_id} is a load balancer, not a charger"
    if config.em_id:
        yield f"em_id is set ({config.em_id}): a Lektri.co energy manager would fight the controller"
    if found.em_offline:
        yield "it counts its energy manager as offline"
    if found.heard.errors:
        yield f"active errors: {', '.join(found.heard.errors)}"
    if config.install_current_a is not None and config.install_current_a > spec.nameplate_a:
        yield (
            f"install_current is {config.install_current_a} A, above the configured nameplate "
            f"of {spec.nameplate_a:g} A: it may draw more than is reckoned with"
        )
    elif config.install_current_a is not None and config.install_current_a > spec.max_a:
        yield (
            f"install_current is {config.install_current_a} A, above max_a of {spec.max_a:g} A: "
            "without the controller it may draw that"
        )
    yield from _phase_warnings(found)


def _phase_warnings(found: Findings) -> Iterator[str]:
    phases, own = found.spec.phases, found.device.connected_phase
    if not found.device.is_single_phase:
        return
    if len(phases) > 2 and own not in (1, 2, 3):  # noqa: PLR2004 - more than an IT pair of lines
        yield "single-phase, and nobody knows on which phase: set phases; until then it counts on all three"
    elif len(phases) == 1 and own in (1, 2, 3) and own != phases[0]:
        yield f"connected_phase says L{own}, the configuration L{phases[0]}; the configuration rules"
    elif own == 0:
        yield "connected_phase is not set in the charger"

"""Casting of chargers."""

from controller.domain.site import ChargerSpec
from controller.domain.units import ChargerId, Grid
from controller.settings import Device
from simulator.casting import LOOPBACK, Cast, plays_at_home
from simulator.chargers.lektrico import LektricoTwin

# The model itself goes no further.
_LARGEST_A = 32


def lektrico(device: Device, cast: Cast) -> None:
    """Let a Lektri.co twin play a charger, of the model that its wiring asks for."""
    host, port = getattr(device.settings, "host", ""), getattr(device.settings, "port", 0)
    at_home = plays_at_home(host)
    site = cast.settings.site
    spec = site.charger[ChargerId(device.id)]
    twin = LektricoTwin(model=_model(spec, site.grid), port=port if at_home else 0, clock=cast.clock)
    # What the operator says that the electrician set.
    twin.device.config["install_current"] = min(_LARGEST_A, int(spec.nameplate_a))
    cast.chargers[device.id] = twin
    cast.servers.append(twin)
    cast.addresses[device.id] = lambda: f"http://{LOOPBACK}:{twin.port}"
    if not at_home:
        cast.moves[device.id] = lambda: {"host": LOOPBACK, "port": twin.port}


def _model(spec: ChargerSpec, grid: Grid) -> str:
    single = len(spec.phases) == 1 or (grid is Grid.IT and len(spec.phases) == 2)  # noqa: PLR2004 - two lines
    return "1p7k" if single else "3p22k"

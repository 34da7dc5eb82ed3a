"""Casting of Easee chargers; needs a RabbitMQ on loopback, as the twins speak through a real broker."""

from urllib.parse import quote, urlsplit

from adapters.chargers.easee.settings import EaseeConnection
from controller.domain.units import ChargerId, CircuitId
from controller.errors import SettingsError
from controller.settings import Device
from simulator.casting import Cast, plays_at_home
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_circuit import EaseeCircuitModel
from simulator.chargers.easee_cloud import EaseeCloudTwin
from simulator.chargers.easee_device import EaseeDevice
from simulator.chargers.easee_operator import Operator


def easee(device: Device, cast: Cast) -> None:
    """Let an Easee twin play a charger on the configured broker; chargers of one circuit share its limits.

    Raises:
        SettingsError: the broker is not on loopback, or only an account knows it.
    """
    own = device.settings
    if not isinstance(own, EaseeConnection) or not plays_at_home(own.host):
        where = f"chargers[{device.id}].host"
        raise SettingsError(
            str(cast.settings.path), where, getattr(own, "host", ""), "expected a RabbitMQ on 127.0.0.1"
        )
    spec = cast.settings.site.charger[ChargerId(device.id)]
    model = EaseeDevice(
        clock=cast.clock,
        serial=own.serial,
        circuit=_circuit(spec.circuit, cast),
        is_master=own.serial in _masters(cast) or not _masters(cast),
        # What the operator says that the electrician set.
        max_a=spec.nameplate_a,
    )
    twin = EaseeTwin(_operator(own), model, cast.clock)
    cast.chargers[device.id] = twin
    cast.servers.append(twin)
    cast.addresses[device.id] = lambda: f"amqp://{own.host}:{own.port}, queue {own.queue}"
    _cloud(own, twin, cast)


def _circuit(circuit: CircuitId, cast: Cast) -> EaseeCircuitModel:
    key = ("easee circuit", circuit)
    if key not in cast.shared:
        cast.shared[key] = EaseeCircuitModel(clock=cast.clock)
    model: EaseeCircuitModel = cast.shared[key]
    return model


def _masters(cast: Cast) -> set[str]:
    """List the serials through which circuits are limited."""
    return {
        limiter.settings.serial
        for limiter in cast.settings.limiters
        if isinstance(limiter.settings, EaseeConnection)
    }


def _operator(own: EaseeConnection) -> Operator:
    password = "" if own.password is None else own.password.get_secret_value()
    login = f"{quote(own.user, safe='')}:{quote(password, safe='')}"
    return Operator(
        url=f"amqp://{login}@{own.host}:{own.port}/{quote(own.virtual_host.removeprefix('/'), safe='')}",
        queue=own.queue,
        exchange=own.exchange,
        news=f"{own.queue}.news",
    )


def _cloud(own: EaseeConnection, twin: EaseeTwin, cast: Cast) -> None:
    """Answer for the cloud where it is configured on loopback; one for all that name the same address."""
    where = urlsplit(own.api_url)
    if own.account_password is None or not plays_at_home(where.hostname or "") or where.port is None:
        return
    key = ("easee cloud", own.api_url)
    if key not in cast.shared:
        cloud = EaseeCloudTwin(_operator(own), clock=cast.clock, port=where.port)
        cloud.user, cloud.password = own.account_user, own.account_password.get_secret_value()
        cast.shared[key] = cloud
        cast.servers.append(cloud)
    cast.shared[key].chargers[own.serial] = twin

"""Casting of Easee chargers: an operator's speak through a RabbitMQ on loopback, an owner's need none."""

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from adapters.chargers.easee.settings import EaseeConnection
from controller.domain.units import ChargerId, CircuitId
from controller.errors import SettingsError
from controller.settings import Device
from simulator.casting import Cast, Keys, plays_at_home
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_circuit import EaseeCircuitModel
from simulator.chargers.easee_device import EaseeDevice
from simulator.rewriting import limiter_key

if TYPE_CHECKING:
    from simulator.chargers.easee_cloud import EaseeCloudTwin
    from simulator.chargers.easee_operator import Operator


def easee(device: Device, cast: Cast) -> None:
    """Let an Easee twin play a charger; chargers of one circuit share its limits.

    Raises:
        SettingsError: an operator's broker is not on loopback, or only an account knows it.
    """
    own = device.settings
    if isinstance(own, EaseeConnection) and own.access == "owner":
        _owners(device, own, cast)
    else:
        _operators(device, own, cast)


def _owners(device: Device, own: EaseeConnection, cast: Cast) -> None:
    twin = EaseeTwin(None, _model(device, own, cast), cast.clock)
    cloud = _cloud(own, cast)
    cloud.add(twin)
    _play(device, twin, cast)
    cast.addresses[device.id] = lambda: f"{cloud.url}, hub {cloud.hub_url}"
    _move(device.id, own, cloud, cast)
    for limiter in cast.settings.limiters:
        reached = limiter.settings
        if isinstance(reached, EaseeConnection) and reached.access == "owner":
            _move(limiter_key(limiter.id), reached, _cloud(reached, cast), cast)


def _move(name: str, own: EaseeConnection, cloud: "EaseeCloudTwin", cast: Cast) -> None:
    """Tell the keys that change where it cannot play at its configured addresses."""

    def keys() -> Keys:
        return {"api_url": cloud.url, "hub_url": cloud.hub_url}

    where, hub = urlsplit(own.api_url), urlsplit(own.hub_url)
    is_one = (hub.hostname, hub.port, hub.path) == (where.hostname, where.port, "/hubs/chargers")
    if not (is_one and plays_at_home(where.hostname or "") and where.port):
        cast.moves[name] = keys


def _operators(device: Device, own: object, cast: Cast) -> None:
    if not isinstance(own, EaseeConnection) or not plays_at_home(own.host):
        where = f"chargers[{device.id}].host"
        raise SettingsError(
            str(cast.settings.path), where, getattr(own, "host", ""), "expected a RabbitMQ on 127.0.0.1"
        )
    operator = _operator(own)
    twin = EaseeTwin(operator, _model(device, own, cast), cast.clock)
    _play(device, twin, cast)
    cast.addresses[device.id] = lambda: f"amqp://{own.host}:{own.port}, queue {own.queue}"
    api = urlsplit(own.api_url)
    if own.account_password is not None and plays_at_home(api.hostname or "") and api.port is not None:
        cloud = _cloud(own, cast)
        cloud.operator = operator
        cloud.add(twin)


def _play(device: Device, twin: EaseeTwin, cast: Cast) -> None:
    cast.chargers[device.id] = twin
    cast.servers.append(twin)


def _model(device: Device, own: EaseeConnection, cast: Cast) -> EaseeDevice:
    spec = cast.settings.site.charger[ChargerId(device.id)]
    return EaseeDevice(
        clock=cast.clock,
        serial=own.serial,
        circuit=_circuit(spec.circuit, cast),
        is_master=own.serial in _masters(cast) or not _masters(cast),
        # What the operator says that the electrician set.
        max_a=spec.nameplate_a,
    )


def _circuit(circuit: CircuitId, cast: Cast) -> EaseeCircuitModel:
    key = ("easee circuit", circuit)
    if key not in cast.shared:
        known = [one for one in cast.shared.values() if isinstance(one, EaseeCircuitModel)]
        cast.shared[key] = EaseeCircuitModel(clock=cast.clock, number=len(known) + 1)
    model: EaseeCircuitModel = cast.shared[key]
    return model


def _masters(cast: Cast) -> set[str]:
    """List the serials through which circuits are limited."""
    return {
        limiter.settings.serial
        for limiter in cast.settings.limiters
        if isinstance(limiter.settings, EaseeConnection)
    }


def _operator(own: EaseeConnection) -> "Operator":
    from simulator.chargers.easee_operator import Operator  # noqa: PLC0415 - loads aio-pika

    password = "" if own.password is None else own.password.get_secret_value()
    login = f"{quote(own.user, safe='')}:{quote(password, safe='')}"
    return Operator(
        url=f"amqp://{login}@{own.host}:{own.port}/{quote(own.virtual_host.removeprefix('/'), safe='')}",
        queue=own.queue,
        exchange=own.exchange,
        news=f"{own.queue}.news",
    )


def _cloud(own: EaseeConnection, cast: Cast) -> "EaseeCloudTwin":
    """Answer for the cloud, on its own address where that is on loopback; one for all that name the same."""
    from simulator.chargers.easee_cloud import EaseeCloudTwin  # noqa: PLC0415 - loads websockets

    key = ("easee cloud", own.api_url)
    if key not in cast.shared:
        where = urlsplit(own.api_url)
        port = where.port if plays_at_home(where.hostname or "") else None
        cloud = EaseeCloudTwin(None, clock=cast.clock, port=port or 0)
        password = own.account_password
        cloud.user, cloud.password = own.account_user, "" if password is None else password.get_secret_value()
        cast.shared[key] = cloud
        cast.servers.append(cloud)
    found: EaseeCloudTwin = cast.shared[key]
    return found

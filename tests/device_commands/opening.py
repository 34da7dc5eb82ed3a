"""Opening of twins over their real transports, and how each is configured."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from adapters.wire.mqtt import Broker
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_cloud import EaseeCloudTwin
from simulator.chargers.easee_operator import Operator
from simulator.chargers.everest import EverestTwin
from simulator.chargers.everest_profile import Profile
from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.lektrico import LektricoTwin
from simulator.chargers.tesla import TeslaTwin
from tests.contracts.easee_bench import connection_of, operator, owner_of
from tests.contracts.everest_bench import CYCLE_S
from tests.contracts.everest_bench import keys_of as everest_keys
from tests.contracts.high_mobility_bench import Path as HighMobilityPath
from tests.device_commands.case import Case
from tests.device_commands.servers import Servers
from tests.device_commands.system import Keys, Way

NOWHERE: Final = 9
"""The port of the discard service, on which nobody answers."""


def lektrico_way(cases: tuple[Case[LektricoTwin], ...]) -> Way[LektricoTwin]:
    """Reach a charger over HTTP."""

    @asynccontextmanager
    async def opened(_: Servers) -> AsyncIterator[tuple[LektricoTwin, Keys]]:
        async with LektricoTwin() as twin:
            yield twin, keys(twin.port)

    def keys(port: int = NOWHERE) -> Keys:
        return {"host": "127.0.0.1", "port": port}

    return Way(
        name="HTTP",
        cases=cases,
        open=opened,
        keys=keys,
        control="em_current",
        without_us="keeps its last limit",
    )


def easee_operator_way(cases: tuple[Case[EaseeTwin], ...]) -> Way[EaseeTwin]:
    """Reach a charger through the operator's broker, and its cloud beside it."""

    @asynccontextmanager
    async def opened(_: Servers) -> AsyncIterator[tuple[EaseeTwin, Keys]]:
        own = await asyncio.to_thread(operator)
        async with EaseeTwin(own) as twin, EaseeCloudTwin(own, twin) as cloud:
            yield twin, {"serial": twin.device.serial, **connection_of(own, cloud)}

    def keys() -> Keys:
        own = Operator(url=f"amqp://guest:guest@127.0.0.1:{NOWHERE}/")
        return {"serial": "EH000281", **connection_of(own)}

    return Way(
        name="operator",
        cases=cases,
        open=opened,
        keys=keys,
        control="SetDynamicChargerCurrent",
        without_us="keeps its last limit",
    )


def easee_owner_way(cases: tuple[Case[EaseeTwin], ...]) -> Way[EaseeTwin]:
    """Reach a charger through the cloud, as its owner does."""

    @asynccontextmanager
    async def opened(_: Servers) -> AsyncIterator[tuple[EaseeTwin, Keys]]:
        twin = EaseeTwin()
        async with twin, EaseeCloudTwin(None, twin) as cloud:
            cloud.commands.faults.stores_after = 0
            yield twin, {"serial": twin.device.serial, **owner_of(cloud)}

    def keys() -> Keys:
        return {"serial": "EH000281", **owner_of(EaseeCloudTwin(None, port=NOWHERE))}

    return Way(
        name="owner",
        cases=cases,
        open=opened,
        keys=keys,
        control="SetDynamicChargerCurrent",
        without_us="keeps its last limit",
    )


def everest_way(
    name: str, profile: Profile, cases: tuple[Case[EverestTwin], ...], control: str, without_us: str
) -> Way[EverestTwin]:
    """Reach one release of EVerest through a broker."""

    @asynccontextmanager
    async def opened(servers: Servers) -> AsyncIterator[tuple[EverestTwin, Keys]]:
        port = await asyncio.to_thread(lambda: servers.mqtt_port)
        async with EverestTwin(Broker(host="127.0.0.1", port=port), profile, cycle_s=CYCLE_S) as twin:
            yield twin, everest_keys(port, profile)

    return Way(
        name=name,
        cases=cases,
        open=opened,
        keys=partial(everest_keys, NOWHERE, profile),
        control=control,
        without_us=without_us,
    )


def tesla_way(
    dialect: str,
    cases: tuple[Case[TeslaTwin], ...],
    refuses: Mapping[str, Case[TeslaTwin]] | None = None,
) -> Way[TeslaTwin]:
    """Reach a car in one dialect."""

    @asynccontextmanager
    async def opened(_: Servers) -> AsyncIterator[tuple[TeslaTwin, Keys]]:
        with TemporaryDirectory() as folder:
            async with TeslaTwin(dialect) as twin:
                yield twin, {**keys_of(twin), "usage_file": str(Path(folder) / "usage")}

    def keys_of(twin: TeslaTwin) -> dict[str, object]:
        return {
            "vehicle": twin.car.vin,
            "dialect": dialect,
            "base_url": twin.url,
            "access_token": twin.sign_on.grant(),
        }

    return Way(
        name=dialect,
        cases=cases,
        open=opened,
        keys=lambda: keys_of(TeslaTwin(dialect, NOWHERE)),
        control="set_charging_amps",
        without_us="keeps its cap",
        refuses=refuses or {},
    )


def high_mobility_way(
    path: HighMobilityPath, cases: tuple[Case[HighMobilityTwin], ...]
) -> Way[HighMobilityTwin]:
    """Reach a charger over one of its clouds' paths."""

    @asynccontextmanager
    async def opened(_: Servers) -> AsyncIterator[tuple[HighMobilityTwin, Keys]]:
        async with HighMobilityTwin() as twin:
            yield twin, twin.keys(path)

    return Way(
        name=path,
        cases=cases,
        open=opened,
        keys=lambda: HighMobilityTwin(port=NOWHERE).keys(path),
        control="setChargeCurrent",
        without_us="keeps its last current",
    )

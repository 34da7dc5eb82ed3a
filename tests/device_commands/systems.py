"""All systems: which commands are sent to which twin over which transport."""

from typing import Any, Final

from simulator.chargers.easee import EaseeTwin
from simulator.chargers.everest import EverestTwin
from simulator.chargers.everest_profile import Profile
from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.lektrico import LektricoTwin
from simulator.chargers.tesla import TeslaTwin
from tests.device_commands import easee, everest, high_mobility, lektrico, tesla
from tests.device_commands.case import Case
from tests.device_commands.opening import (
    easee_operator_way,
    easee_owner_way,
    everest_way,
    high_mobility_way,
    lektrico_way,
    tesla_way,
)
from tests.device_commands.system import System

LEKTRICO: Final = System[LektricoTwin](
    kind="lektrico",
    name="Lektri.co",
    transport="HTTP, local",
    seed="Charger local API, Prerelease 02.2023",
    document=lektrico.DOCUMENT,
    received=lambda twin: len(twin.calls),
    refused=Case(command="em_current_set", arguments={"limit_a": 33}),
    ways=(lektrico_way(lektrico.CASES),),
)

EASEE: Final = System[EaseeTwin](
    kind="easee",
    name="Easee",
    transport="AMQP, a real RabbitMQ; REST and SignalR",
    seed="Controlling the charger",
    document=easee.DOCUMENT,
    received=lambda twin: len(twin.commands),
    refused=Case(command="set_dynamic_charger_current", arguments={"limit_a": 81}),
    ways=(easee_operator_way(easee.OPERATOR), easee_owner_way(easee.OWNER)),
)

_FALLS: Final = "falls to 0 A within 60 s"
_KEEPS: Final = "keeps its last limit for ever"

EVEREST: Final = System[EverestTwin](
    kind="everest",
    name="EVerest",
    transport="MQTT, a real mosquitto",
    seed="8.12. evse_manager",
    document=everest.DOCUMENT,
    received=lambda twin: len(twin.calls),
    refused=Case(command="set_external_limits", arguments={"limit_a": 81}),
    ways=(
        everest_way("2023.8", Profile(version=(2023, 8, 0)), everest.OF_2023, "set_external_limits", _KEEPS),
        everest_way("main", Profile(version=(9999, 0, 0)), everest.LATER, "set_external_limits", _FALLS),
        everest_way(
            "API v1",
            Profile(version=(2026, 2, 1), interface="api_v1"),
            everest.API_V1,
            "set_external_limits",
            _FALLS,
        ),
        everest_way(
            "API v1 of main",
            Profile(version=(9999, 0, 0), interface="api_v1"),
            everest.API_V1_LATER,
            "set_external_limits",
            _FALLS,
        ),
        everest_way(
            "module API",
            Profile(version=(2025, 10, 0), interface="api"),
            everest.MODULE_API,
            "set_limit_amps",
            _KEEPS,
        ),
    ),
)

TESLA: Final = System[TeslaTwin](
    kind="tesla",
    name="Tesla",
    transport="HTTP: clouds and proxies",
    seed="Charging",
    document=tesla.DOCUMENT,
    received=lambda twin: len(twin.calls),
    refused=Case(command="set_charging_amps", arguments={"charging_amps": 81}),
    ways=(
        *(tesla_way(dialect, tesla.CASES) for dialect in ("fleet", "owner", "proxy")),
        tesla_way("ble", tesla.OVER_BLUETOOTH, tesla.NOT_OVER_BLUETOOTH),
    ),
)

HIGH_MOBILITY: Final = System[HighMobilityTwin](
    kind="high_mobility",
    name="High Mobility",
    transport="HTTP: telematics, REST",
    seed="Home Charger",
    document=high_mobility.DOCUMENT,
    received=lambda twin: len(twin.calls),
    refused=Case(command="set_charge_current", arguments={"limit_a": -1}),
    ways=tuple(high_mobility_way(path, high_mobility.CASES) for path in ("telematics", "rest")),
)

SYSTEMS: Final[tuple[System[Any], ...]] = (LEKTRICO, EASEE, EVEREST, TESLA, HIGH_MOBILITY)

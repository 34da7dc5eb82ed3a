"""Every command of every device, typed as a person types it, and seen to act at the twin."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from controller.system_clock import SystemClock
from simulator.chargers.everest import EverestTwin
from tests.device_commands import everest
from tests.device_commands.case import Case
from tests.device_commands.servers import Servers
from tests.device_commands.system import System, Way
from tests.device_commands.systems import EVEREST, SYSTEMS
from tests.device_commands.typing_in import CHARGER, typed_beside, written
from tests.mqtt_observer import observing, running
from tests.phasewise import phasewise

PATIENCE_S = 20.0
LOOK_S = 0.01
OF_EVERY_CHARGER = {"out_of_service", "in_service"}

WAYS = [(system, way) for system in SYSTEMS for way in system.ways]
WAY_IDS = [f"{system.kind}-{way.name}" for system, way in WAYS]
KINDS = [system.kind for system in SYSTEMS]
SENT = [(system, way, case) for system, way in WAYS for case in way.cases]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Share servers between all tests of this module."""
    own = Servers(tmp_path_factory.mktemp("servers"))
    yield own
    own.end()


@dataclass(frozen=True, kw_only=True)
class Bay:
    """A twin, and a configuration that knows it."""

    system: System[Any]
    twin: Any
    config: Path

    async def device(self, *words: str) -> CompletedProcess[str]:
        """Type `phasewise device bay ...`."""
        return await typed_beside("device", CHARGER, *words, "-c", self.config)

    @property
    def received(self) -> int:
        """How many calls reached the twin."""
        return self.system.received(self.twin)


@asynccontextmanager
async def bay(system: System[Any], way: Way[Any], servers: Servers, folder: Path) -> AsyncIterator[Bay]:
    async with way.open(servers) as (twin, keys):
        yield Bay(system=system, twin=twin, config=written(folder, system.kind, keys))


async def until(holds: Callable[[], bool]) -> None:
    clock = SystemClock()
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await clock.sleep(LOOK_S)


def told(ended: CompletedProcess[str]) -> object:
    assert (ended.returncode, ended.stderr) == (0, "")
    document = json.loads(ended.stdout)
    return document["answer"] if isinstance(document, dict) and document.keys() == {"answer"} else document


def is_one_line(ended: CompletedProcess[str], status: int, says: str) -> bool:
    said = ended.stderr
    return (ended.returncode, ended.stdout, said.count("\n")) == (status, "", 1) and says in said


@pytest.mark.parametrize(
    ("system", "way", "case"),
    SENT,
    ids=[f"{system.kind}-{way.name}-{'-'.join(case.typed)[:60]}" for system, way, case in SENT],
)
async def test_every_command_that_is_typed_acts(
    system: System[Any], way: Way[Any], case: Case[Any], servers: Servers, tmp_path: Path
) -> None:
    async with bay(system, way, servers, tmp_path) as here:
        case.before(here.twin)
        for earlier in case.first:
            await here.device(earlier, "--yes")
        assert case.acted is None or not case.acted(here.twin)

        answer = told(await here.device(*case.typed, "--yes"))

        assert case.is_right(answer), answer
        acted = case.acted
        if acted is not None:
            await until(lambda: acted(here.twin))


@pytest.mark.parametrize("system", SYSTEMS, ids=KINDS)
async def test_a_process_of_its_own_reaches_the_device(
    system: System[Any], servers: Servers, tmp_path: Path
) -> None:
    way = system.ways[0]
    case = next(case for case in way.cases if case.command == system.refused.command)
    async with bay(system, way, servers, tmp_path) as here:
        case.before(here.twin)

        ended = await asyncio.to_thread(phasewise, "device", CHARGER, *case.typed, "--yes", "-c", here.config)

        assert case.is_right(told(ended))
        acted = case.acted
        assert acted is not None
        await until(lambda: acted(here.twin))


@pytest.mark.parametrize(("system", "way"), WAYS, ids=WAY_IDS)
async def test_every_command_is_sent_here(
    system: System[Any], way: Way[Any], servers: Servers, tmp_path: Path
) -> None:
    async with bay(system, way, servers, tmp_path) as here:
        listed = told(await here.device("--json"))

    assert isinstance(listed, list)
    known = {each["name"] for each in listed} - OF_EVERY_CHARGER
    assert known == {case.command for case in way.cases} | way.refuses.keys()


@pytest.mark.parametrize(("system", "way"), WAYS, ids=WAY_IDS)
async def test_what_this_way_does_not_know_is_refused_unsent(
    system: System[Any], way: Way[Any], servers: Servers, tmp_path: Path
) -> None:
    async with bay(system, way, servers, tmp_path) as here:
        refused = [await here.device(*case.typed, "--yes") for case in way.refuses.values()]

        assert all(is_one_line(ended, status=2, says=f"{CHARGER}: ") for ended in refused)
        assert here.received == 0


@pytest.mark.parametrize("system", SYSTEMS, ids=KINDS)
def test_every_command_of_the_document_is_sent_here(system: System[Any]) -> None:
    sent = {case.command for case in system.ways[0].cases}

    assert set(system.document.values()) <= sent


@pytest.mark.parametrize(("system", "way"), WAYS, ids=WAY_IDS)
async def test_what_can_do_harm_is_refused_without_yes_and_reaches_nobody(
    system: System[Any], way: Way[Any], servers: Servers, tmp_path: Path
) -> None:
    async with bay(system, way, servers, tmp_path) as here:
        listed = told(await here.device("--json"))
        assert isinstance(listed, list)
        harmful = {each["name"] for each in listed if each["dangerous"]}
        refused = [await here.device(*case.typed) for case in way.cases if case.command in harmful]

        assert len(refused) >= len(harmful) > 0
        assert all(is_one_line(ended, status=2, says="expected --yes") for ended in refused)
        assert here.received == 0


@pytest.mark.parametrize("system", SYSTEMS, ids=KINDS)
async def test_what_makes_no_sense_is_refused_in_one_line_and_reaches_nobody(
    system: System[Any], servers: Servers, tmp_path: Path
) -> None:
    command, (key, value) = system.refused.command, next(iter(system.refused.arguments.items()))
    async with bay(system, system.ways[0], servers, tmp_path) as here:
        for words, status, says in (
            (["sing"], 2, "expected a command of bay"),
            ([command], 2, f"expected {key}=...: "),
            ([command, f"{key}=six"], 2, f"{key} = 'six': expected a "),
            ([command, f"{key}=6", f"{key}=7"], 2, "each once"),
            ([command, f"{key}=6", "loudly=yes"], 2, "each once"),
            ([command, f"{key}={value}"], 2, f"{CHARGER}: "),
        ):
            assert is_one_line(await here.device(*words, "--yes"), status, says), words
        assert here.received == 0


@pytest.mark.parametrize(("system", "way"), WAYS, ids=WAY_IDS)
async def test_a_probe_says_what_the_table_of_devices_says(
    system: System[Any], way: Way[Any], servers: Servers, tmp_path: Path
) -> None:
    async with bay(system, way, servers, tmp_path) as here:
        ended = await typed_beside("check", "--probe", "--json", "-c", here.config)

    (probed,) = json.loads(ended.stdout)["devices"]
    assert probed["well"], probed
    assert way.control in probed["control_path"]
    assert way.without_us in probed["without_us"]


async def test_every_variable_of_everests_document_is_shown(servers: Servers, tmp_path: Path) -> None:
    way = EVEREST.ways[0]
    async with bay(EVEREST, way, servers, tmp_path) as here, running(chatting(servers, here.twin)):
        here.twin.plug_in("a car")

        shown = told(await here.device("variables"))

    assert isinstance(shown, dict)
    assert set(everest.VARIABLES) <= shown.keys()
    assert (shown["car_manufacturer"], shown["ev_info"]["soc_pct"]) == ("VolkswagenGroup", 55.0)


async def chatting(servers: Servers, twin: EverestTwin) -> None:
    """Say over and over what an EVSE says only now and then."""
    rarely: dict[str, Any] = {
        "car_manufacturer": "VolkswagenGroup",
        "ev_info": {"soc": 55.0},
        "evse_id": "DE*PNX*E123456*1",
        "hw_capabilities": {"max_current_A_import": 32.0},
        "iso15118_certificate_request": {"exi_request": "gJg=", "iso15118_schema_version": "v2"},
        "session_event": {"uuid": "one", "event": "PrepareCharging"},
    }
    clock = SystemClock()
    async with observing(servers.mqtt_port, "nothing") as voice:
        while True:
            for name, value in rarely.items():
                voice.publish(*twin.profile.variable(name, value))
            await clock.sleep(LOOK_S)

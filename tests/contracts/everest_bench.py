"""The benches of chargers run by EVerest: the wire of today, and that of 2023."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.catalog import Surroundings
from adapters.chargers.everest.charger import EverestCharger
from adapters.chargers.everest.settings import EverestSettings
from adapters.wire.mqtt import Broker
from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.everest import EverestTwin
from simulator.chargers.everest_faults import Faults
from simulator.chargers.everest_profile import Profile
from tests.contracts.bench import CHARGER, PATIENCE_S, ROTATED, Bench, site
from tests.contracts.twin_bench import TwinBench
from tests.servers import Mosquitto

CYCLE_S = 0.1
QUICK: dict[str, object] = {"answer_s": 10.0, "settle_s": 0.25, "silent_s": 3.0}
UNANSWERED_S = 0.5
"""Waited for an answer of a twin that gives none; one that answers may take its time on a busy machine."""

NOW = Profile(version=(2026, 2, 1))
FIRST = Profile(version=(2023, 8, 0))


def keys_of(port: int, profile: Profile) -> dict[str, object]:
    """Tell the keys by which a twin is configured."""
    return {
        "port": port,
        "version": ".".join(str(part) for part in profile.version),
        "interface": profile.interface,
        "evse": profile.evse,
        "node": profile.node,
        "evse_implementation": profile.evse_impl,
    }


def charger_of(
    port: int,
    profile: Profile,
    clock: Clock | None = None,
    phases: tuple[int, ...] = ROTATED,
    **own: Any,  # noqa: ANN401 - settings of the adapter
) -> EverestCharger:
    """Build the adapter of a twin, quick unless told otherwise."""
    settings = EverestSettings.model_validate(QUICK | keys_of(port, profile) | own)
    return EverestCharger(CHARGER, settings, Surroundings(clock=clock or SystemClock(), site=site(phases)))


class EverestBench(TwinBench[EverestTwin, Faults]):
    """An EVerest behind a real broker."""

    faults = Faults

    def __init__(
        self, twin: EverestTwin, charger: EverestCharger, server: Mosquitto, clock: Clock | None = None
    ) -> None:
        super().__init__(twin, charger, clock)
        self.charger: EverestCharger = charger
        self.server = server
        self._patience_s = charger.line.answer_s

    def fail(self, faults: Faults) -> None:
        """Let it misbehave; where no answer will come, none is long waited for."""
        super().fail(faults)
        answers = not (faults.deaf or faults.hang or faults.body is not None)
        self.charger.line.answer_s = self._patience_s if answers else UNANSWERED_S

    def hide_draw(self) -> None:
        """Let its meter tell energy alone."""
        self.twin.faults.hides_currents = True

    def holds_a(self) -> float:
        """Look at the external limit."""
        return self.twin.station.external_a

    def other_writes(self, limit_a: int) -> None:
        """Overwrite the external limit."""
        self.twin.station.write(limit_a)

    def person_pauses(self) -> None:
        """Pause it in an app, which does something only while it charges."""
        self.draw((6.0, 6.0, 6.0))
        self.twin.station.pause()
        self.draw((0.0, 0.0, 0.0))

    def refuse_limits(self) -> None:
        """Answer that the arguments do not fit."""
        self.fail(Faults(refuse="SchemaValidationError"))

    def lose_answers(self) -> None:
        """Obey and answer nothing."""
        self.fail(Faults(deaf=True))

    def hang_on_questions(self) -> None:
        """Publish nothing; EVerest is never asked for its state."""
        self.fail(Faults(mute=True))

    async def until_asked(self) -> None:
        """Wait for the next cycle that stays mute."""
        async with asyncio.timeout(PATIENCE_S):
            await self.twin.until_cycle()

    async def vanish(self) -> None:
        """Leave the broker."""
        self.charger.line.answer_s = UNANSWERED_S
        await super().vanish()

    async def come_back(self) -> None:
        """Restart without the limit; nobody was there to hear that it is ready."""
        self.fail(Faults(says_ready=False))
        await super().come_back()


@asynccontextmanager
async def everest_house(
    profile: Profile = NOW,
    clock: Clock | None = None,
    cycle_s: float = CYCLE_S,
    **own: Any,  # noqa: ANN401 - settings of the adapter
) -> AsyncIterator[EverestBench]:
    """Set up broker, twin and adapter; the adapter does not run yet."""
    clock = clock or SystemClock()
    with TemporaryDirectory() as folder:
        server = Mosquitto(Path(folder))
        server.start()
        try:
            broker = Broker(host="127.0.0.1", port=server.port)
            async with EverestTwin(broker, profile, clock, cycle_s) as twin:
                yield EverestBench(twin, charger_of(server.port, profile, clock, **own), server, clock)
        finally:
            server.kill()


@asynccontextmanager
async def everest_bench() -> AsyncIterator[Bench]:
    """Set up a running bench of today's EVerest."""
    async with everest_house(NOW) as bench, bench.running():
        yield bench


@asynccontextmanager
async def everest_2023_bench() -> AsyncIterator[Bench]:
    """Set up a running bench of the first EVerest that is supported."""
    async with everest_house(FIRST) as bench, bench.running():
        yield bench

"""The benches of Easee chargers: an operator's, with a real RabbitMQ and a cloud to ask; an owner's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from urllib.parse import urlsplit

from adapters.catalog import Surroundings
from adapters.chargers.easee.charger import EaseeCharger
from adapters.chargers.easee.settings import EaseeSettings
from controller.domain.units import Phases
from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_cloud import EaseeCloudTwin
from simulator.chargers.easee_faults import EaseeFaults
from simulator.chargers.easee_operator import Operator
from tests.contracts.bench import CHARGER, ROTATED, Bench, site
from tests.rabbitmq import shared

QUICK: dict[str, object] = {
    "answer_s": 1.0,
    "confirm_s": 1.0,
    "beat_s": 0.05,
    "silence_s": 1.0,
    "draw_ttl_s": 1.5,
    "skew_s": 1.0,
    "poll_s": 0.1,
}

_numbers = count(1)


def operator() -> Operator:
    """Make an operator of one's own on the shared broker."""
    number = next(_numbers)
    return Operator(
        url=shared().url,
        queue=f"Operator_{number}.Q",
        exchange=f"Operator_{number}.C.X",
        news=f"Operator_{number}.X",
    )


def connection_of(own: Operator, cloud: EaseeCloudTwin | None = None) -> dict[str, object]:
    """Tell the keys by which an operator's stream is configured."""
    where = urlsplit(own.url)
    keys: dict[str, object] = {
        "host": where.hostname,
        "port": where.port,
        "tls": False,
        "queue": own.queue,
        "exchange": own.exchange,
        "user": where.username,
        "password": where.password,
    }
    if cloud is not None:
        keys |= account_of(cloud)
    return keys


def account_of(cloud: EaseeCloudTwin) -> dict[str, object]:
    """Tell the keys by which the cloud is configured."""
    return {"account_user": cloud.user, "account_password": cloud.password, "api_url": cloud.url}


def owner_of(cloud: EaseeCloudTwin) -> dict[str, object]:
    """Tell the keys by which an owner reaches the cloud."""
    return {"access": "owner", "hub_url": cloud.hub_url, **account_of(cloud)}


def charger_of(
    twin: EaseeTwin, keys: dict[str, object], clock: Clock | None = None, phases: tuple[int, ...] = ROTATED
) -> EaseeCharger:
    """Build the adapter of a twin, quick unless told otherwise."""
    settings = EaseeSettings.model_validate(QUICK | {"serial": twin.device.serial} | keys)
    return EaseeCharger(CHARGER, settings, Surroundings(clock=clock or SystemClock(), site=site(phases)))


class EaseeBench(Bench):
    """A charger behind a real broker."""

    def __init__(self, twin: EaseeTwin, charger: EaseeCharger, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.twin, self.charger = twin, charger

    def plug_in(self) -> None:
        """Connect a car."""
        self.twin.plug_in("a car")

    def unplug(self) -> None:
        """Disconnect it."""
        self.twin.unplug()

    def draw(self, currents_a: Phases) -> None:
        """Let it draw."""
        self.twin.set_draw(currents_a, 230.0 * sum(currents_a))

    def hide_draw(self) -> None:
        """Lose what is observed of the terminals."""
        self.twin.faults.lose_observations = frozenset({183, 184, 185})

    def holds_a(self) -> float:
        """Look at the twin's own value."""
        return self.twin.device.dynamic_a

    def offered_a(self) -> float:
        """Look at the pilot."""
        return self.twin.offered_a

    def other_writes(self, limit_a: int) -> None:
        """Write past the adapter."""
        self.twin.device.set_dynamic(limit_a, None)

    def person_pauses(self) -> None:
        """Press pause in the app: it writes a limit of 0."""
        self.twin.device.set_dynamic(0, None)

    def refuse_limits(self) -> None:
        """Accept no limit."""
        self.twin.faults = EaseeFaults(refuse=True)

    def lose_answers(self) -> None:
        """Obey without a response."""
        self.twin.faults = EaseeFaults(lose_responses=True)

    def hang(self) -> None:
        """Say nothing more."""
        self.twin.faults = EaseeFaults(hang=True)

    def hang_on_questions(self) -> None:
        """Observe nothing, answer commands."""
        self.twin.faults = EaseeFaults(mute=True)

    async def until_asked(self) -> None:
        """Nobody asks over a stream."""

    def answer_late(self, seconds: float) -> None:
        """Answer late."""
        self.twin.faults = EaseeFaults(delay_s=seconds)

    def talk_nonsense(self) -> None:
        """Publish a page."""
        self.twin.faults = EaseeFaults(body=b"<html>It works!</html>")

    def heal(self) -> None:
        """End every fault."""
        self.twin.faults = EaseeFaults()

    async def vanish(self) -> None:
        """Lose power."""
        self.twin.vanish()

    async def come_back(self) -> None:
        """Restart."""
        await self.twin.restart()


@asynccontextmanager
async def easee_bench() -> AsyncIterator[Bench]:
    """Set up a running bench; its twin repeats everything often, so that nothing waits for a change."""
    own = await asyncio.to_thread(operator)
    twin = EaseeTwin(own, heartbeat_s=0.1, heartbeat=None)
    async with twin, EaseeCloudTwin(own, twin) as cloud:
        bench = EaseeBench(twin, charger_of(twin, connection_of(own, cloud)))
        async with bench.running():
            yield bench


class EaseeOwnerBench(EaseeBench):
    """A charger of an ordinary account: REST and SignalR on real sockets, no broker."""

    def __init__(
        self, twin: EaseeTwin, charger: EaseeCharger, cloud: EaseeCloudTwin, clock: Clock | None = None
    ) -> None:
        super().__init__(twin, charger, clock)
        self.cloud = cloud

    def hang_on_questions(self) -> None:
        """Answer no question, tell nothing; take commands."""
        super().hang_on_questions()
        self.cloud.hangs = True

    def talk_nonsense(self) -> None:
        """Say a page, whatever is asked or told."""
        super().talk_nonsense()
        self.cloud.body = b"<html>It works!</html>"

    def heal(self) -> None:
        """End every fault."""
        super().heal()
        self.cloud.body, self.cloud.hangs = None, False


@asynccontextmanager
async def easee_owner_bench() -> AsyncIterator[Bench]:
    """Set up a running bench of an owner."""
    twin = EaseeTwin(heartbeat_s=0.1, heartbeat=None)
    async with twin, EaseeCloudTwin(None, twin) as cloud:
        bench = EaseeOwnerBench(twin, charger_of(twin, owner_of(cloud)), cloud)
        async with bench.running():
            yield bench

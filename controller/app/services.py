"""Services: everything around the loop that people see: MQTT, prices, chores, the page, what they asked."""

import asyncio
import logging
from collections.abc import Iterator
from importlib import import_module

from adapters.catalog import TARIFFS, Surroundings, load
from adapters.panel import Extras, Panel
from adapters.store.journal import SqlJournal
from adapters.wire.mqtt import Broker, Connection
from controller.app.parts import Parts, Task
from controller.chores import Chores, daily
from controller.domain.sentences import sentence
from controller.domain.snapshot import Snapshot
from controller.domain.writes import Decision
from controller.errors import RecordError, SettingsError
from controller.policy_files import tuned
from controller.ports import Clock
from controller.prices import Prices
from controller.settings import Settings

_log = logging.getLogger("phasewise")

# How often known prices are put on the board; slots change at quarter hours at most.
PRICES_S = 30.0


def connection(settings: Settings, clock: Clock) -> Connection | None:
    """Prepare the shared MQTT connection, if one is configured."""
    mqtt = settings.mqtt
    if mqtt is None:
        return None
    broker = Broker(
        host=mqtt.host,
        port=mqtt.port,
        client_id=mqtt.client_id or f"phasewise-{settings.site.id}",
        username=mqtt.username,
        password=None if mqtt.password is None else mqtt.password.get_secret_value(),
        tls=mqtt.tls,
        ca_file=mqtt.ca_file,
    )
    return Connection(broker, clock, availability=f"{_prefix(settings)}/availability")


def _prefix(settings: Settings) -> str:
    prefix = "phasewise" if settings.mqtt is None else settings.mqtt.prefix
    return f"{prefix}/{settings.site.id}"


class Services:
    """What runs beside the loop of one configuration."""

    def __init__(self, parts: Parts, journal: SqlJournal, clock: Clock, mqtt: Connection | None) -> None:
        self._parts, self._journal, self._clock, self._mqtt = parts, journal, clock, mqtt
        self._panel = self._build_panel(mqtt)
        self._prices = self._build_prices()

    def _build_panel(self, mqtt: Connection | None) -> Panel | None:
        if mqtt is None:
            return None
        desk = self._parts.desk
        panel = Panel(
            mqtt, prefix=_prefix(self._parts.settings), clock=self._clock, known=desk.known, handle=desk.take
        )
        self._parts.loop.listeners.append(self._show)
        return panel

    def _show(self, snapshot: Snapshot, decision: Decision) -> None:
        if self._panel is None:
            return
        sentences = {charger: sentence(verdict) for charger, verdict in decision.chargers.items()}
        modes = self._parts.loop.policies.modes
        self._panel.show(decision, snapshot, Extras(sentences=sentences, modes=modes))

    def _build_prices(self) -> Prices | None:
        tariff = self._parts.settings.tariff
        if tariff is None:
            return None
        surroundings = Surroundings(clock=self._clock, site=self._parts.board.site, mqtt=self._mqtt)
        source = load(TARIFFS[tariff.kind].build)(tariff.id, tariff.settings, surroundings)
        return Prices(source, self._journal, self._clock, self._timezone)

    @property
    def _timezone(self) -> str:
        tariff = self._parts.settings.tariff
        return "UTC" if tariff is None else getattr(tariff.settings, "timezone", "UTC")

    async def restore(self) -> None:
        """Bring back what people asked before the restart; without a database nobody asked anything."""
        board, journal = self._parts.board, self._journal
        try:
            board.requests = dict(await journal.load_requests())
            board.cap = await journal.load_cap()
            board.out_of_service = await journal.load_out_of_service()
        except RecordError as error:
            _log.warning("what people asked before the start is unknown: %s", error)
        await self.restore_parameters()

    async def restore_parameters(self) -> None:
        """Tune the policies as people did; a value that no longer fits is left out and said."""
        try:
            parameters = await self._journal.load_parameters()
        except RecordError:
            return  # said by `restore` and by the journal itself
        for name, value in parameters.items():
            mode, policy, parameter = name.split("/", 2)
            try:
                loop = self._parts.loop
                loop.use(tuned(loop.policies, mode, policy, parameter, value))
            except SettingsError as error:
                _log.warning("a tuned value is left out: %s", error)

    def tasks(self) -> Iterator[Task]:
        """List what has to run beside the loop."""
        if self._mqtt is not None:
            yield self._mqtt.run
        if self._panel is not None:
            yield self._panel.run
        if self._prices is not None:
            yield self._show_prices
        yield Chores(
            daily(
                prices=None if self._prices is None else self._prices.fetch,
                retention=self._journal.prune,
                summary=self._summary,
                timezone=self._timezone,
            ),
            self._clock,
        ).run
        yield self._page

    async def _show_prices(self) -> None:
        if self._prices is None:
            return
        await self._prices.recall()
        while True:
            self._parts.board.prices = self._prices.slots()
            await self._clock.sleep(PRICES_S)

    async def _summary(self) -> None:
        """Say in one line what the day brought."""
        decision = self._parts.loop.latest
        if decision is None:
            return
        charging = sum(1 for verdict in decision[1].chargers.values() if verdict.share_a > 0)
        lost = self._journal.lost
        _log.info("daily summary: %d chargers charging now, not recorded: %s", charging, lost or "nothing")

    async def _page(self) -> None:
        """Serve the API; its libraries are loaded beside the loop, after the first decision."""
        while self._parts.loop.latest is None:
            await self._clock.sleep(0.1)
        module = await asyncio.to_thread(import_module, "dashboard.server")
        await module.serve(self._parts.desk, self._parts.settings, self._parts.watches)

"""Services: everything around the loop that people see: MQTT, prices, chores, the page, what they asked."""

import asyncio
import logging
from collections.abc import Iterator
from importlib import import_module

from adapters.panel import Extras, Panel
from adapters.store.journal import SqlJournal
from controller.app.equipment import connection, topic_prefix
from controller.app.parts import Parts, Task, supervised
from controller.app.summary import summary_of
from controller.chores import Chores, daily
from controller.domain.sentences import sentence
from controller.errors import DeviceUnreachable, RecordError
from controller.ports import Clock
from controller.prices import Prices
from controller.supervision import Watch

__all__ = ["Services", "connection"]

_log = logging.getLogger("phasewise")

# How often known prices are put on the board; slots change at quarter hours at most.
PRICES_S = 30.0
# How often MQTT is given a tick; it publishes at most once a second anyway.
SHOW_S = 1.0
# How often a database that was away at start is asked again for what people want.
RESTORE_S = 30.0
# A provider of prices must not be asked anew each few seconds because something else fails.
LONGEST_PAUSE_S = 900.0


class Services:
    """What runs beside the loop of one configuration; none of it can end the daemon."""

    def __init__(self, parts: Parts, journal: SqlJournal, clock: Clock) -> None:
        self._parts, self._journal, self._clock = parts, journal, clock
        self._page_watch = Watch("page", journal.record_event)
        self._restored = False
        tariff = parts.equipment.tariff
        self._timezone = "UTC"
        if parts.settings.tariff is not None:
            self._timezone = getattr(parts.settings.tariff.settings, "timezone", "UTC")
        self._prices = None if tariff is None else Prices(tariff, journal, clock, self._timezone)

    async def restore(self) -> None:
        """Bring back what people asked before the start; a database that is away is asked again later."""
        board, desk, journal = self._parts.board, self._parts.desk, self._journal
        try:
            requests, cap = await journal.load_requests(), await journal.load_cap()
            gone, parameters = await journal.load_out_of_service(), await journal.load_parameters()
        except RecordError as error:
            _log.warning("what people asked before the start is unknown for now: %s", error)
            return
        # What was asked since the start is newer.
        board.requests = {**requests, **board.requests}
        board.cap = board.cap or cap
        board.out_of_service |= gone
        desk.parameters = {**parameters, **desk.parameters}
        desk.swap_policies(self._parts.loop.policies)
        self._restored = True

    def inherit(self, before: "Services") -> None:
        """Take over from an earlier configuration what it has restored, and what people tuned since."""
        desk = self._parts.desk
        desk.parameters = dict(before._parts.desk.parameters)  # noqa: SLF001 - of its own kind
        desk.swap_policies(self._parts.loop.policies)
        self._restored = before._restored  # noqa: SLF001 - of its own kind

    def tasks(self) -> Iterator[Task]:
        """List what has to run beside the loop."""
        mqtt = self._parts.equipment.mqtt
        if mqtt is not None:
            panel = Panel(
                mqtt,
                prefix=topic_prefix(self._parts.settings),
                clock=self._clock,
                known=self._parts.desk.known,
                handle=self._parts.desk.take,
            )
            yield self._kept("panel", panel.run)
            yield self._kept("panel", lambda: self._show(panel))
        if self._prices is not None:
            yield self._kept("prices", self._show_prices)
        if not self._restored:
            yield self._kept("wishes", self._restore_later)
        yield self._kept("chores", self._chores().run)
        yield self._kept(self._page_watch, self._page)

    def _kept(self, name: str | Watch, run: Task) -> Task:
        watch = Watch(name, self._journal.record_event) if isinstance(name, str) else name
        return supervised(run, watch, self._clock, LONGEST_PAUSE_S)

    def _chores(self) -> Chores:
        chores = daily(
            prices=None if self._prices is None else self._prices.fetch,
            retention=self._journal.prune,
            summary=self._summary,
            timezone=self._timezone,
        )
        return Chores(chores, self._clock)

    async def _show(self, panel: Panel) -> None:
        """Hand the latest tick to MQTT, beside the loop: nothing about it can delay or fail a tick."""
        loop, shown = self._parts.loop, None
        while True:
            if loop.latest is not None and loop.latest is not shown:
                snapshot, decision = shown = loop.latest
                sentences = {charger: sentence(verdict) for charger, verdict in decision.chargers.items()}
                panel.show(decision, snapshot, Extras(sentences=sentences, modes=loop.policies.modes))
            await self._clock.sleep(SHOW_S)

    async def _show_prices(self) -> None:
        if self._prices is None:
            return
        await self._prices.recall()
        while True:
            self._parts.board.prices = self._prices.slots()
            await self._clock.sleep(PRICES_S)

    async def _restore_later(self) -> None:
        while not self._restored:
            await self._clock.sleep(RESTORE_S)
            await self.restore()
        await asyncio.Event().wait()

    async def _summary(self) -> None:
        """Say in one line what yesterday brought."""
        lost = ", ".join(f"{count} {kind}" for kind, count in self._journal.lost.items())
        said = await summary_of(self._parts.settings, self._clock.now(), self._timezone)
        _log.info("%s%s", said, f"; not recorded: {lost}" if lost else "")

    async def _page(self) -> None:
        """Serve the API; its libraries are loaded beside the loop, after the first decision.

        Raises:
            DeviceUnreachable: the address is not to be had now.
        """
        while self._parts.loop.latest is None:
            await self._clock.sleep(0.1)
        server = await asyncio.to_thread(import_module, "dashboard.server")
        address = self._parts.settings.dashboard
        try:
            server.listening(address.host, address.port).close()
        except OSError as error:
            where = f"{address.host}:{address.port}"
            raise DeviceUnreachable(f"cannot listen on {where}: {error.strerror or error}") from error
        if self._page_watch.lost is not None:
            self._page_watch.heard()
        await server.serve(self._parts.desk, self._parts.settings, self._parts.watches, self._parts.usages)

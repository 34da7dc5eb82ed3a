"""Desk: where people's commands meet the daemon; MQTT, HTTP and the command line all come here."""

import logging
from dataclasses import replace
from datetime import timedelta

from controller.board import Board
from controller.commands import (
    Boost,
    Command,
    Known,
    SetCeiling,
    SetMode,
    SetParameter,
    SetPlan,
    SetSiteCap,
)
from controller.domain.modes import Policies
from controller.domain.readings import PersonPlan, PersonRequest, SiteCap
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.domain.writes import Decision
from controller.errors import SettingsError
from controller.loop import Loop
from controller.policy_files import tuned
from controller.ports import Clock, Journal

_log = logging.getLogger("phasewise")

_NOTHING = PersonRequest()


class Desk:
    """Applies checked commands: in force on the next tick, and kept over a restart."""

    def __init__(self, board: Board, loop: Loop, journal: Journal, clock: Clock) -> None:
        self.board, self.loop, self.journal, self.clock = board, loop, journal, clock
        self.parameters: dict[str, float] = {}
        """What people tuned, as `mode/policy/parameter`."""

    def known(self) -> Known:
        """Tell what a command may name now."""
        return Known.of(self.clock.now(), self.board.site, self.loop.policies)

    def take(self, command: Command) -> str | None:
        """Apply a command; `None`: done, else why nothing changed."""
        if isinstance(command, SetParameter):
            return self._tune(command)
        if isinstance(command, SetSiteCap):
            until = self.clock.now() + timedelta(seconds=command.ttl_s)
            self.board.cap = SiteCap(limit_w=command.limit_w, until=until)
            self.journal.keep_cap(self.board.cap)
            self.board.news.set()
            return None
        request = self._changed(command, self.board.requests.get(command.charger, _NOTHING))
        kept = None if request == _NOTHING else request
        self.board.request(command.charger, kept)
        self.journal.keep_request(command.charger, kept)
        return None

    def _changed(
        self, command: SetMode | SetCeiling | Boost | SetPlan, request: PersonRequest
    ) -> PersonRequest:
        now = self.clock.now()
        match command:
            case SetMode():
                return replace(request, mode=command.mode)
            case SetCeiling():
                until = None if command.ttl_s is None else now + timedelta(seconds=command.ttl_s)
                return replace(request, limit_a=command.limit_a, limit_until=until)
            case Boost():
                ends = now + timedelta(seconds=command.duration_s)
                return replace(request, boost_until=ends if command.duration_s > 0 else None)
            case SetPlan():
                return replace(request, plan=self._plan(command))

    def _plan(self, command: SetPlan) -> PersonPlan | None:
        if command.by is None:
            return None
        state = self.board.chargers.get(command.charger)
        session_wh = 0.0 if state is None or state.session_wh is None else state.session_wh
        return PersonPlan(
            by=command.by, energy_wh=command.energy_wh, soc_pct=command.soc_pct, from_session_wh=session_wh
        )

    def hear(self, snapshot: Snapshot, decision: Decision) -> None:
        """Take a charger back into service that answers again: a person's word is about its silence."""
        for charger in snapshot.out_of_service:
            verdict = decision.chargers.get(charger)
            if verdict is not None and not verdict.silent:
                _log.warning("charger %s answers again: it is no longer out of service", charger)
                self.declare(charger, out_of_service=False)

    def swap_policies(self, policies: Policies) -> None:
        """Put policies in force from the next tick on; what people tuned stays so where it still fits."""
        for name, value in self.parameters.items():
            mode, policy, parameter = name.split("/", 2)
            try:
                policies = tuned(policies, mode, policy, parameter, value)
            except SettingsError as error:
                _log.warning("a tuned value is left out: %s", error)
        for charger, request in self.board.requests.items():
            if request.mode is not None and request.mode not in policies.modes:
                _log.warning("the mode %s, picked for %s, is no more", request.mode, charger)
        self.loop.use(policies)
        self.board.news.set()

    def _answers(self, charger: ChargerId) -> bool:
        verdict = None if self.loop.latest is None else self.loop.latest[1].chargers.get(charger)
        return verdict is not None and not verdict.silent

    def _tune(self, command: SetParameter) -> str | None:
        try:
            policies = tuned(
                self.loop.policies, command.mode, command.policy, command.parameter, command.value
            )
        except SettingsError as error:
            return str(error)
        self.loop.use(policies)
        name = f"{command.mode}/{command.policy}/{command.parameter}"
        self.parameters[name] = command.value
        self.journal.keep_parameter(name, command.value)
        self.board.news.set()
        return None

    def declare(self, charger: ChargerId, *, out_of_service: bool) -> str | None:
        """Take a person's word that a charger is switched off, or back (ledger rule 4)."""
        ghosts = {ghost.id for ghost in self.board.site.ghosts}
        if charger not in self.board.site.charger and charger not in ghosts:
            return f"unknown charger {charger!r}"
        if out_of_service and self._answers(charger):
            return f"{charger} answers, so that nothing is kept for its silence: say it once it is silent"
        gone = self.board.out_of_service
        self.board.out_of_service = gone | {charger} if out_of_service else gone - {charger}
        self.journal.keep_out_of_service(self.board.out_of_service)
        self.journal.record_event("out of service" if out_of_service else "in service", charger)
        self.board.news.set()
        return None

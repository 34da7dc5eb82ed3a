"""A Lektri.co charger behind the Charger port."""

import asyncio
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from adapters.catalog import Surroundings
from adapters.chargers.lektrico.answers import DeviceInfo, LimitReason
from adapters.chargers.lektrico.client import LektricoClient
from adapters.chargers.lektrico.commands import commands
from adapters.chargers.lektrico.errors import ERRORS
from adapters.chargers.lektrico.keys import whole_limit_a
from adapters.chargers.lektrico.knob import KnobDriver
from adapters.chargers.lektrico.probe import Findings, probe_of
from adapters.chargers.lektrico.questions import Questions
from adapters.chargers.lektrico.settings import LektricoSettings
from adapters.chargers.lektrico.state import Heard, state_of, wiring
from adapters.chargers.lektrico.trackers import Heartbeat, Kept, PersonPause, ReadBack
from adapters.wire.jsonrpc import Endpoint, JsonRpc, WireForm
from adapters.wire.line import GaveWayError
from controller.domain.readings import ChargerState
from controller.domain.site import ChargerSpec
from controller.domain.units import MIN_CURRENT_A, ChargerId, Grid
from controller.errors import CredentialsError, DeviceError, DeviceNonsense, DeviceRefused
from controller.ports import Command, Probe

_log = logging.getLogger("phasewise.devices")

_POLLS_CARRIED: Final = 2
"""After so many missed polls a read-back no longer carries the plug and the draw along."""


class LektricoCharger:
    """Polls the charger, writes limits between the polls, and reads each back at once.

    `EM_current` keeps its value until it is written again, so limits carry no time to live.
    """

    def __init__(self, charger: ChargerId, settings: LektricoSettings, surroundings: Surroundings) -> None:
        self.id = charger
        self._settings, self._clock = settings, surroundings.clock
        self._grid: Grid = surroundings.site.grid
        self._spec: ChargerSpec = surroundings.site.charger[charger]
        self.abilities = self._spec.abilities
        self._rpc = JsonRpc(_endpoint(settings), ERRORS)
        self._client = LektricoClient(self._rpc)
        self.commands: Mapping[str, Command] = commands(self._client)
        self._driver = KnobDriver(charger, self._client, settings)
        self._questions = Questions(charger, self._client, self._driver, self._clock)
        self._pause = PersonPause(resume_s=settings.resume_s)
        self._read_back = ReadBack(settle_s=settings.settle_s)
        self._heartbeat = Heartbeat(rewrite_s=settings.em_rewrite_s)
        self._device: DeviceInfo | None = None
        self._known: ChargerState | None = None
        self._polled_mono_s = self._em_asked_mono_s = -math.inf
        self._told_a: int | None = None
        """The limit that the charger last said it took; `None` while that is uncertain."""
        self._writing = asyncio.Lock()
        self._publish: Callable[[ChargerState], None] = _nobody

    async def run(self, publish: Callable[[ChargerState], None]) -> None:
        """Poll until cancelled; between polls, watch the energy manager's status and repeat what was lost."""
        self._publish, self._rpc.kept = publish, True
        self._device = None  # While it was away it may have been configured anew.
        try:
            await self._rounds()
        except (DeviceNonsense, DeviceRefused):
            self._rpc.forget_form()  # New firmware may speak otherwise.
            raise
        finally:
            self._publish = _nobody
            await self._rpc.close()

    async def set_limit(self, limit_a: float, lease_s: float | None = None) -> float:
        """Write a limit; its read-back is published before this returns.

        `lease_s` has no meaning here: the charger knows no time to live.

        Raises:
            DeviceRefused: not 0 or 6 to 32 whole amperes, refused by the charger, or a raise over a
                person's pause.
            DeviceUnreachable, DeviceNonsense: it may have been taken.
        """
        del lease_s
        whole_a = whole_limit_a(limit_a)
        async with self._writing:
            self._respect_pause(whole_a)
            return await self._write(whole_a)

    async def probe(self) -> Probe:
        """Ask everything once."""
        device = await self._questions.device()
        em_offline = await self._questions.em_offline()
        heard = await self._questions.poll(em_offline=bool(em_offline))
        return probe_of(
            Findings(
                device=device,
                version=await self._questions.version(),
                config=await self._questions.config(),
                heard=heard,
                em_offline=em_offline,
                wire_form=str(self._rpc.form),
                spec=self._spec,
            )
        )

    async def _rounds(self) -> None:
        while True:
            began_mono_s = self._clock.mono_s()
            try:
                is_news = await self._round()
            except GaveWayError:
                continue  # A limit went first; what it changed is worth asking anew at once.
            if not is_news:
                continue
            now_mono_s = self._clock.mono_s()
            next_poll_s = began_mono_s + self._settings.poll_s - now_mono_s
            await self._clock.sleep(max(0.0, min(next_poll_s, self._heartbeat.due_in_s(now_mono_s))))

    async def _round(self) -> bool:
        """Poll and do what follows; tell whether the poll brought news."""
        if self._device is None:
            self._device = await self._introduced()
        heard = await self._questions.poll(em_offline=self._heartbeat.offline)
        if self._known is not None and heard.at_mono_s < self._known.at_mono_s:
            return False  # A limit was written and read back in between: that is the newer word.
        self._judge(heard, self._device)
        await self._watch_em(heard)
        await self._repeat_if_lost(heard)
        return True

    async def _introduced(self) -> DeviceInfo:
        device, config = await self._questions.device(), await self._questions.config()
        if config.em_id:
            _log.warning("%s: em_id is set: that energy manager would fight the controller", self.id)
        return device

    def _judge(self, heard: Heard, device: DeviceInfo) -> None:
        where = wiring(self._grid, self._spec.phases, device)
        plug = state_of(self.id, heard, where).plug
        self._pause.look(heard, plug, self._read_back.age_s(heard.at_mono_s))
        self._polled_mono_s = heard.at_mono_s
        self._tell(state_of(self.id, replace(heard, paused_by_person=self._pause.holds), where))

    async def _watch_em(self, heard: Heard) -> None:
        """Repeat the limit when the charger counts us as offline, and from then on in a rhythm."""
        now_mono_s = heard.at_mono_s
        blames_us = heard.info.current_limit_reason == LimitReason.EM_OFFLINE
        is_due = now_mono_s >= self._em_asked_mono_s + self._settings.em_status_s
        if is_due or blames_us or self._heartbeat.offline:
            self._em_asked_mono_s = now_mono_s
            told = await self._questions.em_offline()
            if self._heartbeat.look(offline=blames_us if told is None else told, mono_s=now_mono_s):
                self._warn_offline()
        if self._heartbeat.due_in_s(self._clock.mono_s()) <= 0.0:
            self._heartbeat.beat(self._clock.mono_s())
            await self._repeat()

    def _warn_offline(self) -> None:
        _log.warning(
            "%s: counts its energy manager as offline; limits are repeated every %g s from now on. "
            "If it goes on: another energy manager is configured, or the rhythm is too slow",
            self.id,
            self._heartbeat.interval_s,
        )

    async def _repeat_if_lost(self, heard: Heard) -> None:
        """Write once more what was not kept; twice lost, try the other knob."""
        if self._read_back.read(heard.limit_a, heard.at_mono_s) is not Kept.NO:
            return
        shown = f"told {self._told_a} A, reads {heard.limit_a} A"
        if self._read_back.lost == 1:
            _log.warning("%s: did not keep its limit: %s", self.id, shown)
            await self._repeat()
        elif self._driver.switch(shown):
            await self._repeat()

    async def _repeat(self) -> None:
        """Write the latest limit again, never over a person's pause."""
        async with self._writing:
            if self._told_a is None or self._pause.holds:
                return
            try:
                await self._write(self._told_a)
            except DeviceRefused as error:
                _log.warning("%s: refused its limit when it was repeated: %s", self.id, error)

    def _respect_pause(self, limit_a: int) -> None:
        if not self._pause.holds or self._settings.write_over_pause or limit_a < MIN_CURRENT_A:
            return
        present_a = None if self._known is None else self._known.limit_a
        if present_a is None or limit_a >= present_a:
            raise DeviceRefused(f"paused by a person: {limit_a} A could end the pause")

    async def _write(self, limit_a: int) -> float:
        before_a, self._told_a = self._told_a, None
        try:
            await self._driver.write(limit_a)
        except (DeviceRefused, CredentialsError) as error:
            self._told_a = before_a  # Certain that nothing changed.
            if isinstance(error, DeviceRefused):
                raise
            raise DeviceRefused(f"not taken: {error}") from error
        self._told_a = limit_a
        answered_mono_s = self._clock.mono_s()
        self._read_back.wrote(limit_a, answered_mono_s)
        self._heartbeat.beat(answered_mono_s)
        await self._confirm(answered_mono_s)
        return answered_mono_s

    async def _confirm(self, answered_mono_s: float) -> None:
        """Read back at once; if that fails the next poll will tell."""
        try:
            limit_a = await self._driver.read(urgent=True)
        except (DeviceError, CredentialsError) as error:
            _log.info("%s: no read-back: %s", self.id, error)
            return
        self._read_back.read(limit_a, answered_mono_s)
        self._tell(replace(self._carried(answered_mono_s), at_mono_s=answered_mono_s, limit_a=limit_a))

    def _carried(self, now_mono_s: float) -> ChargerState:
        """What a read-back leaves as it was polled, as long as that was lately."""
        lately_s = _POLLS_CARRIED * self._settings.poll_s + self._settings.timeout_s
        if self._known is None or now_mono_s > self._polled_mono_s + lately_s:
            return ChargerState(id=self.id, at_mono_s=now_mono_s)
        return self._known

    def _tell(self, state: ChargerState) -> None:
        self._known = state
        self._publish(state)


def _endpoint(settings: LektricoSettings) -> Endpoint:
    return Endpoint(
        url=settings.url,
        question="Charger_info.Get",
        form=None if settings.wire_form == "auto" else WireForm(settings.wire_form),
        timeout_s=settings.timeout_s,
        patience_s=settings.give_way_s,
        user=settings.user,
        password="" if settings.password is None else settings.password.get_secret_value(),
    )


def _nobody(_: ChargerState) -> None:
    """Hear a state while nobody runs the charger."""

"""Follower: everything that is known of one serial, kept while messages come in."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from adapters.chargers.easee.latest import Latest
from adapters.chargers.easee.messages import Observed, Response
from adapters.chargers.easee.observations import NAMES, REBOOT_REASON, decoded
from adapters.chargers.easee.state import is_offline
from controller.errors import DeviceError, DeviceNonsense, DeviceUnreachable
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

_MOST_NAMED: Final = 100


class Follower:
    """Takes what the stream tells of one serial, and judges whether it is still alive."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        silence_s: float,
        taken: Callable[[int], None],
        changed_by_others: Callable[[], None],
        settled: Callable[[], None],
        rebooted: Callable[[frozenset[int]], None],
    ) -> None:
        """`taken` is called with the id of every observation that now stands, `settled` once all are in.

        `rebooted` is called once for every reboot, with the limits that were told since it already.
        """
        self._device, self._clock, self._silence_s = name, clock, silence_s
        self._taken, self._changed_by_others, self._settled = taken, changed_by_others, settled
        self._rebooted = rebooted
        self.is_settled = True
        """Whether nothing is half told."""
        self.latest = Latest()
        self.refused = 0
        """Messages about it that make no sense."""
        self.told: Mapping[int, float] = {}
        """The limits that we sent last, by the observations that they show in."""
        self.is_silent = False
        """It answered neither a command nor its repeat, and has not been heard since."""
        self._heard_mono_s = -math.inf
        self._began_mono_s = self._clock.mono_s()
        self._complaint: DeviceNonsense | None = None
        self._named: set[int] = set()

    def begin(self) -> None:
        """Start over: what was heard before the connection was lost is no sign of life."""
        self._heard_mono_s, self._began_mono_s, self._complaint = -math.inf, self._clock.mono_s(), None
        self.is_silent = False

    def observed(self, news: Observed, age_s: float) -> None:
        """Take an observation.

        Raises:
            DeviceNonsense: its value cannot be of its type.
        """
        heard_mono_s = self._clock.mono_s() - age_s
        if news.id == REBOOT_REASON:
            self._look_for_reboot(news, heard_mono_s, is_live=not age_s)
        stands = self.latest.take(news, self._clock.now(), heard_mono_s, self.told.get(news.id))
        self._note_life(heard_mono_s)
        if news.id not in NAMES:
            self._name(news.id, "%s: tells observation %d, which this version does not know", news.id)
        if stands:
            self._taken(news.id)

    def known(self, told: Sequence[Observed], *, is_last_word: bool) -> None:
        """Take what was asked for; each value is as old as its instant says."""
        self.is_settled = False
        for news in told:
            if is_last_word or not self._is_outdone(news):
                self._take_known(news)
        self.is_settled = True
        self._settled()

    def answered(self) -> None:
        """Note a response as a sign of life."""
        self._note_life(self._clock.mono_s())

    def foreign(self, news: Response) -> None:
        """Take a response to a command that is not ours."""
        self.answered()
        self._name(-news.id, "%s: somebody else sent command %d", news.id)
        self._changed_by_others()

    def unclear(self) -> None:
        """Take a response of which nobody knows whether it is ours."""
        self.answered()
        self._changed_by_others()

    def garbled(self, error: DeviceNonsense) -> None:
        """Count what makes no sense."""
        self.refused += 1
        self._complaint = error

    @property
    def is_alive(self) -> bool:
        """Whether what it told last may be taken for what is true now: values come on change only."""
        heard_s = self._clock.mono_s() - self._heard_mono_s
        return not self.is_silent and heard_s <= self._silence_s and not is_offline(self.latest)

    def why_lost(self) -> DeviceError | None:
        """Tell why it counts as lost; `None` while it does not, or may yet be heard for the first time."""
        since_s = max(self._heard_mono_s, self._began_mono_s)
        if self.is_silent:
            return DeviceUnreachable("answered neither a command nor its repeat")
        if is_offline(self.latest):
            return DeviceUnreachable("Easee's cloud has lost it")
        if self._clock.mono_s() - since_s <= self._silence_s:
            return None
        return self._complaint or DeviceUnreachable(f"nothing heard for {self._silence_s:g} s")

    def _look_for_reboot(self, news: Observed, heard_mono_s: float, *, is_live: bool) -> None:
        since = self.latest.restart(news, self._clock.now(), heard_mono_s, is_live=is_live)
        if since is not None:
            _log.info("%s: started anew, its dynamic limits are gone", self._device)
            self._rebooted(since)

    def _take_known(self, news: Observed) -> None:
        now = self._clock.now()
        age_s = math.inf if news.at is None else max(0.0, (now - news.at).total_seconds())
        try:
            self.observed(news, age_s)
        except DeviceNonsense as error:
            self.garbled(error)

    def _is_outdone(self, news: Observed) -> bool:
        """Tell whether something else was heard of the same second: that is the later word."""
        seen = self.latest.seen(news.id)
        if seen is None or seen.at is None or seen.at != news.at:
            return False
        return decoded(news.id, news.value) != seen.value

    def _note_life(self, heard_mono_s: float) -> None:
        self._heard_mono_s = max(self._heard_mono_s, heard_mono_s)
        self.is_silent, self._complaint = False, None

    def _name(self, what: int, says: str, id_: int) -> None:
        """Say once what there is to say."""
        if what not in self._named and len(self._named) < _MOST_NAMED:
            self._named.add(what)
            _log.info(says, self._device, id_)

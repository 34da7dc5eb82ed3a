"""Listener: takes messages into the picture; what makes no sense is refused, counted, and said once."""

import logging
from dataclasses import fields
from typing import Final

from adapters.chargers.everest.channel import Channel
from adapters.chargers.everest.picture import Picture
from adapters.chargers.everest.reading import variable
from adapters.chargers.everest.settings import EverestSettings
from adapters.chargers.everest.values import number, word
from adapters.chargers.everest.variables import EnforcedLimits, Limits, Told, Variable
from adapters.wire.everest import Kind, Spoken
from adapters.wire.mqtt_messages import Message, Subscription
from controller.domain.units import ChargerId
from controller.errors import DeviceError, DeviceNonsense, DeviceUnreachable
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

_HEARTBEATS: Final = frozenset({"heartbeat", "node_heartbeat"})


class Listener:
    """Turns the messages of one EVSE into its picture."""

    def __init__(
        self, charger: ChargerId, channel: Channel, picture: Picture, settings: EverestSettings
    ) -> None:
        self.refused = 0
        """Messages that made no sense."""
        self.enforced_a: float | None = None
        """What is enforced, if it was told in amperes."""
        self.picture = picture
        self._charger, self._channel, self._settings = charger, channel, settings
        self._complaint = ""
        self._said: set[str] = set()
        self._beats: dict[str, float] = {}
        self._sign_mono_s = 0.0

    def take(self, message: Message) -> str:
        """Take a message; tell what it was: a variable's name, `restarted`, or nothing of interest."""
        if message.retained:
            return ""  # Said at some earlier time, nobody knows when.
        try:
            spoken = self._channel.opened(message)
            return "" if spoken is None else self._taken(spoken, message.at_mono_s)
        except DeviceNonsense as error:
            self._refuse(str(error))
            return ""

    async def close_when_silent(self, messages: Subscription, clock: Clock) -> None:
        """End listening when no sign of life came for too long."""
        self._complaint, self._sign_mono_s = "", clock.mono_s()
        while (left_s := self._sign_mono_s + self._settings.silent_s - clock.mono_s()) > 0.0:
            await clock.sleep(left_s)
        messages.close()

    def silence(self, *, connected: bool) -> DeviceError:
        """Tell why nothing is heard."""
        if self._complaint:
            return DeviceNonsense(self._complaint)
        if not connected:
            return DeviceUnreachable(f"broker {self._settings.host}:{self._settings.port}: not connected")
        return DeviceUnreachable(
            f"no {self._channel.life_sign} of {self._settings.evse} for {self._settings.silent_s:g} s"
        )

    def told(self) -> dict[str, object]:
        """Tell every variable's latest, as values that JSON can hold."""
        return {name: _plain(value) for name, value in sorted(self.picture.told.items())}

    def _taken(self, spoken: Spoken, mono_s: float) -> str:
        if spoken.kind is Kind.READY:
            return "restarted"
        if spoken.kind is Kind.RAISED:
            self.picture.raised(word(spoken.name))
        elif spoken.kind is Kind.CLEARED:
            self.picture.errors.discard(word(spoken.name))
        elif spoken.kind is Kind.CALL:
            self._notice_other(spoken)
        elif spoken.kind is Kind.VARIABLE:
            return self._variable(spoken, mono_s)
        return ""

    def _variable(self, spoken: Spoken, mono_s: float) -> str:
        if spoken.name in _HEARTBEATS:
            return self._heartbeat(spoken)
        read = variable(spoken.name, spoken.value)
        self.picture.take(spoken.name, read, mono_s)
        if spoken.name == self._channel.life_sign:
            self.enforced_a = self._in_amperes(read)
            self._sign_mono_s, self._complaint = mono_s, ""
        for unknown in sorted(self.picture.unknown):
            self._say_once(unknown, f"unknown state {unknown!r}: it may draw")
        return spoken.name

    def _in_amperes(self, read: Variable) -> float | None:
        """Tell what is enforced; up to 2023.9 a negative limit of an import is applied as a positive one."""
        if isinstance(read, Limits):
            return max(0.0, read.max_current_a)
        if not isinstance(read, EnforcedLimits) or read.limit_a is None:
            return None
        hazard = self._settings.dialect.sells_without_export
        return abs(read.limit_a) if hazard else max(0.0, read.limit_a)

    def _heartbeat(self, spoken: Spoken) -> str:
        """Take a counter that begins anew as a restart."""
        count = number(spoken.value)
        if count is None:
            return ""
        before, self._beats[spoken.name] = self._beats.get(spoken.name), count
        return "restarted" if before is not None and count < before else ""

    def _notice_other(self, spoken: Spoken) -> None:
        """Say once that somebody else writes limits (H9)."""
        if spoken.name == "set_external_limits" and spoken.origin != self._settings.origin:
            origin = word(spoken.origin)
            self._say_once(origin, f"another controller, {origin!r}, writes its limits too")

    def _say_once(self, key: str, text: str) -> None:
        if key not in self._said and len(self._said) < 100:  # noqa: PLR2004 - a flood of names is no news
            self._said.add(key)
            _log.warning("%s: %s", self._charger, text)

    def _refuse(self, why: str) -> None:
        self.refused += 1
        if not self._complaint:
            self._complaint = why
            _log.info("%s: refused a message (%d so far): %s", self._charger, self.refused, why)


def _plain(value: Variable) -> object:
    if isinstance(value, Told):
        return value.value
    told = {each.name: getattr(value, each.name) for each in fields(value) if each.name != "raw"}
    return {name: each for name, each in told.items() if each is not None}

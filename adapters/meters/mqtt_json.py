"""A meter that publishes JSON, or bare numbers, over MQTT."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.catalog import Surroundings
from adapters.meters.decode import signed_currents_a
from adapters.meters.mqtt_join import Join, Joined
from adapters.meters.mqtt_json_settings import MqttJsonSettings
from adapters.meters.plausible import FrozenWatch, refuse_impossible
from adapters.wire.mqtt_messages import Message, Mqtt, Subscription
from controller.domain.readings import MeterReading
from controller.domain.units import MaybePhases, MeterId
from controller.errors import DeviceError, DeviceNonsense, DeviceUnreachable
from controller.ports import Clock, Probe

__all__ = ["MqttJsonMeter", "MqttJsonSettings", "build"]

_log = logging.getLogger(__name__)

SAY_AGAIN_S = 3600.0
"""A meter that keeps sending nonsense is mentioned this seldom."""


def build(id: MeterId, settings: MqttJsonSettings, surroundings: Surroundings) -> "MqttJsonMeter":  # noqa: A002 - the catalogue's word
    """Make the meter; it listens from the first `run` on."""
    return MqttJsonMeter(id, settings, surroundings.mqtt, surroundings.clock)


@dataclass(slots=True, kw_only=True)
class _Listening:
    """What is known while listening."""

    join: Join
    frozen: FrozenWatch
    heard_mono_s: float
    """When the last complete sample arrived, or listening began."""
    complaint: str = ""
    """What was refused last since then."""


class MqttJsonMeter:
    """Implements the Meter port; what does not make sense is refused, counted, and said once."""

    def __init__(self, id: MeterId, settings: MqttJsonSettings, mqtt: Mqtt, clock: Clock) -> None:  # noqa: A002 - the port's word
        self.id = id
        self.refused = 0
        """Messages that were not understood or cannot be true."""
        self._settings, self._mqtt, self._clock = settings, mqtt, clock
        self._sources = settings.sources
        self._topics = tuple(dict.fromkeys(source.topic for source in self._sources))
        self._said_mono_s: float | None = None

    async def run(self, publish: Callable[[MeterReading], None]) -> None:
        """Publish every complete sample until cancelled.

        Raises:
            DeviceUnreachable: nothing complete arrived for the time to live.
            DeviceNonsense: something did, but it made no sense.
        """
        with self._mqtt.subscribe(*self._topics) as messages:
            listening = await self._listen(messages, publish)
        raise self._silence(listening)

    async def probe(self) -> Probe:
        """Wait for one sample.

        Raises:
            DeviceUnreachable, DeviceNonsense: as for `run`.
        """
        found: list[MeterReading] = []
        with self._mqtt.subscribe(*self._topics) as messages:

            def keep_first(reading: MeterReading) -> None:
                found.append(reading)
                messages.close()

            listening = await self._listen(messages, keep_first)
        if not found:
            raise self._silence(listening)
        return Probe(found=f"MQTT {', '.join(self._topics)}", values=_told(found[0]))

    async def _listen(self, messages: Subscription, publish: Callable[[MeterReading], None]) -> _Listening:
        """Follow the messages until they end; nothing complete for the time to live ends them."""
        settings = self._settings
        listening = _Listening(
            join=Join(self._sources, align_s=settings.align_s, keep_s=settings.ttl_s, stamp=settings.stamp),
            frozen=FrozenWatch(settings.frozen_s),
            heard_mono_s=self._clock.mono_s(),
        )
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(self._close_when_silent(messages, listening))
            async for message in messages:
                self._take(message, listening, publish)
            watch.cancel()
        return listening

    async def _close_when_silent(self, messages: Subscription, listening: _Listening) -> None:
        while (left_s := listening.heard_mono_s + self._settings.ttl_s - self._clock.mono_s()) > 0:
            await self._clock.sleep(left_s)
        messages.close()

    def _take(self, message: Message, listening: _Listening, publish: Callable[[MeterReading], None]) -> None:
        if message.retained:
            return  # said at some earlier time, nobody knows when
        try:
            reading = self._reading(message, listening)
        except DeviceNonsense as error:
            self._refuse(str(error), listening)
            return
        if reading is not None:
            listening.heard_mono_s, listening.complaint = self._clock.mono_s(), ""
            publish(reading)

    def _reading(self, message: Message, listening: _Listening) -> MeterReading | None:
        joined = listening.join.take(message)
        if joined is None:
            return None
        reading = reading_of(self.id, self._settings, joined)
        refuse_impossible(reading, self._settings.most_a)
        listening.frozen.check(tuple(joined.values.items()), reading)
        return reading

    def _refuse(self, why: str, listening: _Listening) -> None:
        self.refused += 1
        listening.complaint = why
        now_s = self._clock.mono_s()
        if self._said_mono_s is None or now_s - self._said_mono_s >= SAY_AGAIN_S:
            self._said_mono_s = now_s
            _log.warning("meter %s: refused a message (%d so far): %s", self.id, self.refused, why)

    def _silence(self, listening: _Listening) -> DeviceError:
        if listening.complaint:
            return DeviceNonsense(f"{self.id}: {listening.complaint}")
        waits_for = ", ".join(listening.join.missing)
        return DeviceUnreachable(
            f"{self.id}: no complete sample for {self._settings.ttl_s:g} s; no {waits_for}"
        )


def reading_of(id: MeterId, settings: MqttJsonSettings, joined: Joined) -> MeterReading:  # noqa: A002 - the port's word
    """Turn a complete sample into a reading, positive into the site; pure."""
    values = joined.values
    powers_w = _phases(values, "power_l{}_w")
    voltages_v = _phases(values, "voltage_l{}_v")
    one_frame = len({source.topic for source in settings.sources if source.essential}) == 1
    told_a = _phases(values, "current_l{}_a")
    currents_a = signed_currents_a(told_a, powers_w, voltages_v, one_frame=one_frame)
    if settings.currents_from_power:
        currents_a = _worked_out_a(currents_a, powers_w, voltages_v, settings.nominal_v)
    return MeterReading(
        id=id,
        at_mono_s=joined.at_mono_s,
        currents_a=currents_a,
        power_w=values.get("power_w", _sum_w(powers_w)),
        powers_w=powers_w,
        voltages_v=voltages_v,
        import_wh=values.get("import_wh"),
        export_wh=values.get("export_wh"),
        soc_pct=values.get("soc_pct"),
    )


def _phases(values: Mapping[str, float], name: str) -> MaybePhases:
    return values.get(name.format(1)), values.get(name.format(2)), values.get(name.format(3))


def _worked_out_a(
    currents_a: MaybePhases, powers_w: MaybePhases, voltages_v: MaybePhases, nominal_v: float
) -> MaybePhases:
    """Fill currents that are not told; a phase without voltage has none to divide by."""
    one, two, three = (
        power_w / (voltage_v or nominal_v) if current_a is None and power_w is not None else current_a
        for current_a, power_w, voltage_v in zip(currents_a, powers_w, voltages_v, strict=True)
    )
    return one, two, three


def _sum_w(powers_w: MaybePhases) -> float | None:
    """Sum the phases; the settings list every phase that the meter tells."""
    known = [power_w for power_w in powers_w if power_w is not None]
    return sum(known) if known else None


def _told(reading: MeterReading) -> dict[str, float | str | None]:
    names = [f"L{phase}" for phase in (1, 2, 3)]
    currents = {f"{name}_a": value for name, value in zip(names, reading.currents_a, strict=True)}
    return {**currents, "power_w": reading.power_w}

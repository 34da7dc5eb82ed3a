"""Joining: values that arrive in one message or in several become one sample. Pure."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.wire.mqtt_messages import Message
from controller.errors import DeviceNonsense

Step = str | int
Path = tuple[Step, ...]
"""Keys and list positions from the top of a JSON document to a value; empty: the whole payload."""

# A leading zero is fine (P1 telegrams have them), blanks, units and `nan` are not.
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one number is, and what it adds to a value; export adds with a negative factor."""

    value: str
    topic: str
    path: Path = ()
    factor: float = 1.0
    essential: bool = True
    """A sample waits for it; the others only ride along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A complete sample."""

    values: Mapping[str, float]
    at_mono_s: float
    """When the oldest of its essential values arrived."""


class Join:
    """Collects the numbers of all sources until every essential one is new and of about the same time."""

    def __init__(
        self, sources: Iterable[Source], *, align_s: float, keep_s: float, stamp: Path | None = None
    ) -> None:
        self._sources = tuple(sources)
        self._align_s, self._keep_s, self._stamp_path = align_s, keep_s, stamp
        self._latest: dict[Source, tuple[float, float]] = {}
        self._fresh: set[Source] = set()
        self._stamps: dict[str, object] = {}

    @property
    def missing(self) -> tuple[str, ...]:
        """The values that the next sample still waits for."""
        waits = (source.value for source in self._sources if source.essential and source not in self._fresh)
        return tuple(dict.fromkeys(waits))

    def take(self, message: Message) -> Joined | None:
        """Take one message in; tell the sample that it completes, if it does.

        Raises:
            DeviceNonsense: something in the message is not what it should be; nothing of it was taken.
        """
        wanted = [source for source in self._sources if source.topic == message.topic]
        document = _document(message.payload)
        if self._is_repeat(message.topic, document):
            return None
        found = {source: _number(document, source) for source in wanted}
        for source, number in found.items():
            if number is not None:
                self._latest[source] = number, message.at_mono_s
                self._fresh.add(source)
        return self._completed(message.at_mono_s)

    def _is_repeat(self, topic: str, document: object) -> bool:
        if self._stamp_path is None:
            return False
        stamp = _at(document, self._stamp_path)
        if stamp is None or self._stamps.get(topic) == stamp:
            return True
        self._stamps[topic] = stamp
        return False

    def _completed(self, now_s: float) -> Joined | None:
        oldest_s = now_s - self._align_s
        self._fresh = {source for source in self._fresh if self._latest[source][1] >= oldest_s}
        if self.missing:
            return None
        at_s = min(self._latest[source][1] for source in self._sources if source.essential)
        self._fresh.clear()
        return Joined(values=dict(self._values(now_s)), at_mono_s=at_s)

    def _values(self, now_s: float) -> Iterable[tuple[str, float]]:
        for value in dict.fromkeys(source.value for source in self._sources):
            parts = [source for source in self._sources if source.value == value]
            kept = [self._latest[source] for source in parts if source in self._latest]
            if len(kept) == len(parts) and all(now_s - at_s <= self._keep_s for _, at_s in kept):
                yield value, math.fsum(number for number, _ in kept)


def _document(payload: bytes) -> object:
    try:
        text = payload.decode().strip()
        return text if _NUMBER.fullmatch(text) else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DeviceNonsense(f"{payload[:40]!r} is neither JSON nor a number") from error


def _number(document: object, source: Source) -> float | None:
    found = _at(document, source.path)
    if found is None:
        return None
    where = f"{source.value}: {str(found)[:40]!r}"
    if isinstance(found, str) and not _NUMBER.fullmatch(found):
        raise DeviceNonsense(f"{where} is no number")
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        raise DeviceNonsense(f"{where} is no number")
    try:
        number = float(found) * source.factor
    except OverflowError as error:
        raise DeviceNonsense(f"{where} is too large") from error
    if not math.isfinite(number):
        raise DeviceNonsense(f"{where} is not finite")
    return number


def _at(document: object, path: Path) -> object | None:
    """Follow a path; what is not there is not told."""
    for step in path:
        if isinstance(document, dict):
            document = document.get(str(step))
        elif isinstance(document, list) and str(step).isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document

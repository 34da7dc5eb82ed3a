"""Timelines: what happens to a house, second by second, as TOML that a person can read, and what is expected.

`docs/scenarios.md` explains the format.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from controller.domain.readings import PersonRequest, SiteCap
from controller.domain.sentences import sentence
from controller.domain.site import Abilities
from controller.domain.snapshot import Timing
from controller.domain.units import ChargerId, Phases
from controller.policy_files import load
from simulator.breaker import Protection
from tests.plant import NOON, Car, Device, Plant, charger, house

# A timeline that heats its fuse further than this has failed, whatever else it expects.
WORST_STATE = 0.2

_CAR = ("plugged", "max_a", "phases", "follow_s")
_DEVICE = ("delay_s", "silent", "deaf", "mute", "limit_a")
_ABILITIES = ("reset_a", "lease_s", "lapses_to_a", "fallback_a", "fallback_after_s", "can_pause")
_HOUSE = ("base_a", "solar_w", "meter_silent")
_NUMBERS = ("l1_a", "l2_a", "l3_a", "limit_a", "draw_a", "share_a", "promise_a", "writes", "starts")


@dataclass
class Timeline:
    """One TOML file, ready to be lived through."""

    title: str
    seconds: int
    site: Mapping[str, Any]
    chargers: list[Mapping[str, Any]]
    house: dict[str, Any]
    events: list[Mapping[str, Any]]
    expectations: list[Mapping[str, Any]]
    failures: list[str] = field(default_factory=list)

    def live(self) -> list[str]:
        """Live through it; tell what did not come as expected."""
        plant = _plant(self)
        protection = Protection(_three(self.site.get("limit_a", 25.0)))
        for second in range(self.seconds):
            for event in self.events:
                if event["at_s"] == second:
                    _happen(plant, self.house, event)
            plant.step()
            protection.step(plant.flows[-1], 1.0)
            for expected in self.expectations:
                if _from_s(expected) <= second <= _to_s(expected):
                    self.failures += _missed(plant, expected, second)
        if protection.worst >= WORST_STATE:
            self.failures.append(f"the fuse got {protection.worst:.0%} of the way to melting")
        return self.failures


def read(path: Path) -> Timeline:
    """Read a timeline; a key that is not known is an error."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    _check(path.name, told, {"title", "seconds", "site", "chargers", "house", "at", "expect"})
    for event in told.get("at", []):
        known = {
            "at_s",
            "charger",
            "restart",
            "cap_w",
            "cap_for_s",
            "person_a",
            "mode",
            *_HOUSE,
            *_CAR,
            *_DEVICE,
        }
        _check(f"{path.name}: at {event.get('at_s')} s", event, known)
    for expected in told["expect"]:
        known = {"at_s", "from_s", "to_s", "charger", "reason", "no_writes", *_NUMBERS}
        _check(f"{path.name}: expect", expected, known)
    return Timeline(
        title=told["title"],
        seconds=told["seconds"],
        site=told.get("site", {}),
        chargers=told["chargers"],
        house={"base_a": 0.0, "solar_w": 0.0, **told.get("house", {})},
        events=told.get("at", []),
        expectations=told["expect"],
    )


def _check(where: str, table: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise ValueError(f"{where}: unknown {', '.join(unknown)}; known: {', '.join(sorted(known))}")


def _three(value: float | list[float]) -> Phases:
    if isinstance(value, list):
        return float(value[0]), float(value[1]), float(value[2])
    return float(value), float(value), float(value)


def _picked(table: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: tuple(table[name]) if name == "phases" else table[name] for name in names if name in table}


def _plant(timeline: Timeline) -> Plant:
    site = house(
        *(
            charger(
                told["id"],
                mode=told.get("mode", "fast"),
                priority=told.get("priority", 0),
                phases=tuple(told.get("phases", (1, 2, 3))),
                safe_a=float(told.get("safe_a", 0.0)),
                abilities=Abilities(**_picked(told, _ABILITIES)),
            )
            for told in timeline.chargers
        )
    )
    main = replace(site.circuits[0], limit_a=_three(timeline.site.get("limit_a", 25.0)))
    devices = {
        ChargerId(told["id"]): Device(
            limit_a=float(told.get("limit_a", 0.0)),
            delay_s=told.get("delay_s", 0.0),
            car=Car(**_picked(told.get("car", {}), _CAR)),
        )
        for told in timeline.chargers
    }
    now = timeline.house
    return Plant(
        site=replace(site, circuits=(main,)),
        policies=load(None),
        devices=devices,
        base_a=lambda _: _three(now["base_a"]),
        solar_w=lambda _: float(now["solar_w"]),
        timing=Timing(min_on_s=timeline.site.get("min_on_s", 600.0)),
    )


def _happen(plant: Plant, now: dict[str, Any], event: Mapping[str, Any]) -> None:
    """Let an event take place."""
    now.update(_picked(event, ("base_a", "solar_w")))
    plant.meter_silent = event.get("meter_silent", plant.meter_silent)
    if "restart" in event:
        plant.restart()
    if "cap_w" in event:
        until = NOON + timedelta(seconds=plant.second + event["cap_for_s"])
        plant.cap = SiteCap(limit_w=event["cap_w"], until=until)
    if "charger" not in event:
        return
    name = ChargerId(event["charger"])
    if "person_a" in event or "mode" in event:
        plant.requests[name] = PersonRequest(mode=event.get("mode"), limit_a=event.get("person_a"))
    device = plant.devices[name]
    for key, value in _picked(event, _DEVICE).items():
        setattr(device, key, value)
    for key, value in _picked(event, _CAR).items():
        setattr(device.car, key, value)


def _from_s(expected: Mapping[str, Any]) -> int:
    return int(expected.get("from_s", expected.get("at_s", 0)))


def _to_s(expected: Mapping[str, Any]) -> int:
    if "at_s" in expected:
        return int(expected["at_s"])
    return int(expected.get("to_s", 10**9))


def _missed(plant: Plant, expected: Mapping[str, Any], second: int) -> list[str]:
    """Tell in which ways the present second is not as expected."""
    name = expected.get("charger")
    who = "the house" if name is None else name
    missed: list[str] = []
    for key in _NUMBERS:
        if key in expected:
            value = _value(plant, name, key)
            if not holds(value, expected[key]):
                missed.append(f"{second} s: {who}: {key} is {value:g}, expected {expected[key]}")
    if "reason" in expected and name is not None and plant.last is not None:
        said = sentence(plant.last.chargers[ChargerId(name)])
        if expected["reason"] not in said:
            missed.append(f"{second} s: {who}: {said!r} does not say {expected['reason']!r}")
    written = [write for at_s, write in plant.writes if at_s == second and name in (None, write.charger)]
    if expected.get("no_writes") and written:
        missed.append(f"{second} s: {who}: told {written[0].limit_a:g} A ({written[0].kind})")
    return missed


def _value(plant: Plant, name: str | None, key: str) -> float:
    if key in ("l1_a", "l2_a", "l3_a"):
        return plant.flows[-1][int(key[1]) - 1]
    if key == "writes":
        return float(sum(name in (None, write.charger) for _, write in plant.writes))
    if key == "starts":
        return float(plant.starts)
    if name is None or plant.last is None:
        raise ValueError(f"{key} needs a charger")
    device, verdict = plant.devices[ChargerId(name)], plant.last.chargers[ChargerId(name)]
    values = {
        "limit_a": device.limit_a,
        "draw_a": device.car.drawn_a,
        "share_a": verdict.share_a,
        "promise_a": verdict.promise_a,
    }
    return values[key]


def holds(value: float, condition: str | float) -> bool:
    """Judge a value by a condition: a number, `6..8`, `<= 25`, `>= 6`.

    >>> holds(7.0, "6..8"), holds(25.1, "<= 25"), holds(6, 6)
    (True, False, True)
    """
    if not isinstance(condition, str):
        return abs(value - condition) <= _NOISE_A
    if ".." in condition:
        low, high = (float(part) for part in condition.split(".."))
        return low - _NOISE_A <= value <= high + _NOISE_A
    sign, number = condition.split()
    return value <= float(number) + _NOISE_A if sign == "<=" else value >= float(number) - _NOISE_A


_NOISE_A = 1e-6

"""Walk: visit every world that can be reached with a budget of faults, and judge each one."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from controller.domain.promises import promised_a
from tests.model.world import LIMIT_A, NAMES, Choice, Device, World, choices, normal, step

GOOD = (Choice(), Choice())
_EPSILON_A = 1e-6


@dataclass
class Walk:
    """What a walk found."""

    worlds: dict[object, World] = field(default_factory=dict)
    violation: str = ""


def explore(*, faults: int, most: int = 1_000_000, busy: bool = True) -> Walk:
    """Visit everything within a budget of faults; stop at the first world that breaks a promise.

    Unless `busy`, cars come and go only in steps in which nothing fails.
    """
    walk = Walk()
    queue: deque[World] = deque()
    _visit(World(), walk, queue)
    while queue and not walk.violation and len(walk.worlds) < most:
        world = queue.popleft()
        for following in _steps(world, faults, busy=busy):
            walk.violation = broken(following)
            if walk.violation:
                break
            _visit(normal(following), walk, queue)
    return walk


def _visit(world: World, walk: Walk, queue: deque[World]) -> None:
    key = repr(world)
    if key not in walk.worlds:
        walk.worlds[key] = world
        queue.append(world)


def _steps(world: World, faults: int, *, busy: bool) -> Iterator[World]:
    left = faults - world.faults
    for both in product(choices(world.devices[0]), choices(world.devices[1])):
        spent = both[0].faults + both[1].faults
        if spent > left:
            continue
        for toggle in (None, 0, 1) if busy or not spent else (None,):
            yield step(world, both, meter=True, restart=False, toggle=toggle)
        if left and not spent:
            yield step(world, both, meter=True, restart=True, toggle=None)
            yield step(world, both, meter=False, restart=False, toggle=None)


def broken(world: World) -> str:
    """Tell which promise a world breaks; empty: none."""
    for name, device in zip(NAMES, world.devices, strict=True):
        believed_a = promised_a(world.memory.chargers[name].promise)
        if device.may_draw_a > believed_a + _EPSILON_A:
            return f"{name} may draw {device.may_draw_a:g} A but the ledger says {believed_a:g} A: {world}"
    drawn_a = sum(device.may_draw_a for device in world.devices)
    if drawn_a > LIMIT_A + _EPSILON_A:
        return f"cars may draw {drawn_a:g} A of {LIMIT_A:g} A: {world}"
    return ""


def healed(world: World, steps: int) -> tuple[World, int]:
    """Let everything work from here on; return the end and the last step that still wrote something."""
    world = replace(world, faults=0)
    last_write = 0
    for count in range(1, steps + 1):
        numbers = world.memory.next_write
        world = step(world, GOOD, meter=True, restart=False, toggle=None)
        if world.memory.next_write != numbers:
            last_write = count
        world = normal(world)
    return world, last_write


def fair(devices: tuple[Device, Device]) -> set[tuple[float, float]]:
    """List the limits that the allocator would end at: 13 A serve one car with 12 A or two with 6 A."""
    first, second = devices
    if first.plugged and second.plugged:
        return {(6.0, 6.0)}
    return {(12.0 if first.plugged else 0.0, 12.0 if second.plugged else 0.0)}

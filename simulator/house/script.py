"""Script: what happens when, told as a timeline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.house.house import House

Act = Callable[[House], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One thing that happens at its time."""

    at_s: float
    act: Act


class Script:
    """Play scenes in the order of their times, once or over and over."""

    def __init__(self, scenes: Sequence[Scene], *, repeats_s: float | None = None) -> None:
        """`repeats_s` is the length of one round; `None` plays once."""
        self._scenes = sorted(scenes, key=lambda scene: scene.at_s)
        self._repeats_s = repeats_s
        self._played = 0

    def step(self, house: House) -> None:
        """Play every scene that is due."""
        while self._scenes and self._next_s() <= house.at_s:
            self._scenes[self._played % len(self._scenes)].act(house)
            self._played += 1

    def _next_s(self) -> float:
        rounds, index = divmod(self._played, len(self._scenes))
        if rounds and self._repeats_s is None:
            return float("inf")
        return rounds * (self._repeats_s or 0.0) + self._scenes[index].at_s

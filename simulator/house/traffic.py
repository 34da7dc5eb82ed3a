"""Traffic: cars that come and go at the chargers of a site."""

from collections.abc import Mapping, Sequence
from random import Random

from controller.domain.units import ChargerId
from simulator.house.car import MODELS, Car, CarModel
from simulator.house.house import House


class Traffic:
    """Let cars arrive, stay and leave at random, each charger for itself.

    The first cars come within `soon_s`, so that somebody who watches sees something.
    """

    def __init__(
        self,
        chargers: Sequence[ChargerId],
        *,
        seed: int,
        stay_s: float = 3 * 3600.0,
        away_s: float = 2 * 3600.0,
        soon_s: float = 60.0,
        known: Mapping[ChargerId, Sequence[CarModel]] | None = None,
    ) -> None:
        """Take who comes to a charger; to others come cars of any model."""
        self._known = known or {}
        self._stay_s, self._away_s = stay_s, away_s
        self._random = {charger: Random(f"{seed}/{charger}") for charger in chargers}
        self._changes_at_s = {charger: self._random[charger].uniform(2.0, soon_s) for charger in chargers}

    def step(self, house: House) -> None:
        """Let whoever is due arrive or leave."""
        for charger, at_s in self._changes_at_s.items():
            if at_s <= house.at_s:
                self._changes_at_s[charger] = house.at_s + self._change(house, charger)

    def _change(self, house: House, charger: ChargerId) -> float:
        """Change who stands at a charger and tell for how long that is so."""
        random = self._random[charger]
        if house.bays[charger].car is not None:
            house.unplug(charger)
            return 60.0 + random.expovariate(1.0 / self._away_s)
        models = self._known.get(charger) or MODELS
        house.plug_in(charger, Car(random.choice(models), soc_pct=random.uniform(15.0, 85.0)))
        return 300.0 + random.expovariate(1.0 / self._stay_s)

"""Solar: panels under a sky with clouds."""

import math
from dataclasses import dataclass
from datetime import datetime
from random import Random


def sine_of_elevation(at: datetime, latitude_deg: float, longitude_deg: float) -> float:
    """Tell how high the sun stands, as the sine of its elevation; `at` is aware UTC.

    Cooper's declination and mean solar time: good to a degree or two, which is enough for a demo.
    """
    day = at.timetuple().tm_yday
    declination = math.radians(23.45) * math.sin(2.0 * math.pi * (284 + day) / 365.0)
    hours = at.hour + at.minute / 60.0 + at.second / 3600.0 + longitude_deg / 15.0
    hour_angle = math.radians(15.0 * (hours - 12.0))
    latitude = math.radians(latitude_deg)
    return math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(
        hour_angle
    )


def clear_sky_w_per_m2(sine: float) -> float:
    """Tell the irradiance of a clear sky on level ground (Haurwitz, 1945).

    >>> round(clear_sky_w_per_m2(1.0)), clear_sky_w_per_m2(-0.2)
    (1037, 0.0)
    """
    return 1098.0 * sine * math.exp(-0.057 / sine) if sine > 0.0 else 0.0


class Clouds:
    """Let clouds drift by: spells of clear sky and of shade, with edges of a few seconds to a minute."""

    def __init__(self, seed: str, *, clear_s: float = 900.0, cloudy_s: float = 240.0) -> None:
        """Take the mean lengths of the spells; `cloudy_s` 0 leaves the sky clear."""
        self._random, self._clear_s, self._cloudy_s = Random(seed), clear_s, cloudy_s
        self._changes_at_s = self._random.expovariate(1.0 / clear_s) if cloudy_s > 0.0 else math.inf
        self._cloudy = False
        self._target = self._passes = 1.0
        self._rate_per_s = 1.0
        self._forced_until_s = -math.inf

    def force(self, at_s: float, depth: float, seconds: float, ramp_s: float = 8.0) -> None:
        """Bring one cloud now that takes `depth` (0 to 1) of the sun for so long, edges included."""
        self._target, self._rate_per_s = 1.0 - depth, max(depth, 0.01) / ramp_s
        self._forced_until_s = at_s + seconds - ramp_s

    def passes(self, at_s: float, dt_s: float) -> float:
        """Tell the share of the clear sky that gets through at the end of a step."""
        if at_s >= self._forced_until_s > -math.inf:
            self._target, self._forced_until_s = 1.0, -math.inf
        while at_s >= self._changes_at_s:
            self._change()
        reach = self._rate_per_s * dt_s
        self._passes += max(-reach, min(reach, self._target - self._passes))
        return self._passes

    def _change(self) -> None:
        # After a cloud comes clear sky, or one time in three the next cloud.
        self._cloudy = not self._cloudy or self._random.random() < 1.0 / 3.0
        target = 1.0 - self._random.uniform(0.25, 0.85) if self._cloudy else 1.0
        rate_per_s = 1.0 / self._random.uniform(10.0, 90.0)
        if self._forced_until_s == -math.inf:
            self._target, self._rate_per_s = target, rate_per_s
        mean_s = self._cloudy_s if self._cloudy else self._clear_s
        self._changes_at_s += self._random.expovariate(1.0 / mean_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarPlant:
    """Panels and their inverter."""

    peak_w: float = 8000.0
    phases: tuple[int, ...] = (1, 2, 3)
    inverter_w: float = 8000.0
    performance: float = 0.85
    """What is left of the nameplate after heat, dirt, wires and angle."""
    latitude_deg: float = 52.1
    longitude_deg: float = 5.2


class Solar:
    """A plant, a sky and the power that comes of it."""

    # The sun moves a quarter of a degree a minute: far less than a step of anything else here.
    _LOOK_UP_S = 30.0

    def __init__(self, plant: SolarPlant, clouds: Clouds) -> None:
        self.plant, self.clouds = plant, clouds
        self.power_w = 0.0
        """What it makes now; positive out of the panels."""
        self._clear_w = 0.0
        self._looks_up_at_s = -math.inf

    def step(self, now: datetime, at_s: float, dt_s: float) -> float:
        """Let the sun and the clouds move on and tell the power made."""
        plant = self.plant
        if at_s >= self._looks_up_at_s:
            sine = sine_of_elevation(now, plant.latitude_deg, plant.longitude_deg)
            self._clear_w = plant.peak_w * plant.performance * clear_sky_w_per_m2(sine) / 1000.0
            self._looks_up_at_s = at_s + self._LOOK_UP_S
        self.power_w = min(plant.inverter_w, self._clear_w * self.clouds.passes(at_s, dt_s))
        return self.power_w

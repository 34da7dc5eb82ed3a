"""Random houses, random faults: what flows stays within limits after the reaction time, and all heals."""

import random
from collections.abc import Callable
from functools import cache
from itertools import groupby

import pytest

from controller.domain.units import ChargerId, Phases
from controller.policy_files import load
from simulator.breaker import Protection
from tests.plant import Car, Device, Plant, charger, house

LIMIT_A = 25.0
TROUBLE_S, HEALED_S, SILENT_S = 300, 240, 60
FAULT_S = 40
# A sample a second, a tick, a device of up to two seconds, a car of up to eight, a second cut.
REACTION_S = 20


def _nothing() -> None:
    """Need no healing."""


SEEDS = range(16)


class Trouble:
    """One fault at a time, each healed before the next begins; loads come and go all the time."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)  # noqa: S311 - reproducible, not secret
        self.plant = self._plant()
        self.base = [0.0, 0.0, 0.0]
        self.faulty_until = -1
        self.heal: Callable[[], None] = _nothing

    def _plant(self) -> Plant:
        pick = self.source
        specs = [
            charger(
                f"x{number}",
                phases=pick.choice(((1,), (2,), (1, 2, 3), (3, 1, 2))),
                priority=pick.choice((0, 0, 1)),
            )
            for number in range(pick.randint(1, 4))
        ]
        devices = {
            ChargerId(spec.id): Device(
                delay_s=pick.choice((0.0, 1.0, 2.0)),
                car=Car(
                    plugged=pick.random() < 0.8,
                    max_a=pick.choice((16.0, 16.0, 10.0)),
                    phases=(1, 2, 3)[: pick.choice((1, len(spec.phases)))],
                    follow_s=pick.choice((1.0, 5.0, 8.0)),
                ),
            )
            for spec in specs
        }
        return Plant(
            site=house(*specs, limit_a=LIMIT_A),
            policies=load(None),
            devices=devices,
            base_a=lambda _: (self.base[0], self.base[1], self.base[2]),
            meter_lag_s=pick.choice((0, 0, 1, 3)),
        )

    def happen(self, second: int) -> None:
        """Let something happen, now and then."""
        if second == self.faulty_until:
            self.heal()
        if self.source.random() < 0.05:
            self.base[self.source.randrange(3)] = float(self.source.randint(0, 14))
        if second > self.faulty_until and self.source.random() < 0.05:
            self.faulty_until = second + FAULT_S
            self.source.choice(
                (self._silent, self._deaf, self._mute, self._blind, self._restart, self._plug)
            )()

    def _device(self) -> Device:
        return self.source.choice(list(self.plant.devices.values()))

    def _fault(self, name: str) -> None:
        device = self._device()
        setattr(device, name, True)
        self.heal = lambda: setattr(device, name, False)

    def _silent(self) -> None:
        self._fault("silent")

    def _deaf(self) -> None:
        self._fault("deaf")

    def _mute(self) -> None:
        self._fault("mute")

    def _blind(self) -> None:
        self.plant.meter_silent = True
        self.heal = lambda: setattr(self.plant, "meter_silent", False)

    def _restart(self) -> None:
        self.plant.restart(recorded=self.source.random() < 0.7)
        self.heal = _nothing

    def _plug(self) -> None:
        car = self._device().car
        car.plugged = not car.plugged
        self.heal = _nothing


@cache
def lived(seed: int) -> tuple[Plant, list[tuple[Phases, bool]]]:
    """Live through trouble and healing; tell every second's flow and whether everything worked then."""
    trouble, seconds = Trouble(seed), list[tuple[Phases, bool]]()
    for second in range(TROUBLE_S + HEALED_S):
        if second < TROUBLE_S:
            trouble.happen(second)
        if second == TROUBLE_S:
            trouble.heal()
        trouble.plant.step()
        is_whole = second > TROUBLE_S or second > trouble.faulty_until
        seconds.append((trouble.plant.flows[-1], is_whole))
    return trouble.plant, seconds


@pytest.mark.parametrize("seed", SEEDS)
def test_after_the_reaction_time_nothing_flows_above_the_limit(seed: int) -> None:
    plant, seconds = lived(seed)

    protection = Protection((LIMIT_A,) * 3)
    for flow_a, _ in seconds:
        protection.step(flow_a, 1.0)
    over = [max(flow_a) > LIMIT_A + 0.2 and is_whole for flow_a, is_whole in seconds]
    longest_s = max((len(list(run)) for is_over, run in groupby(over) if is_over), default=0)
    assert longest_s <= REACTION_S, seed
    assert not protection.tripped, seed
    assert plant.last is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_healed_faults_lead_to_the_fair_shares_and_then_to_silence(seed: int) -> None:
    plant, _ = lived(seed)

    assert plant.last is not None
    assert [second for second, _ in plant.writes if second >= TROUBLE_S + HEALED_S - SILENT_S] == [], seed
    for name, device in plant.devices.items():
        assert device.limit_a == pytest.approx(plant.last.chargers[name].share_a, abs=1.0), seed

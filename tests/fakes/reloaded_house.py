"""A house whose configuration is changed while it lives."""

from dataclasses import replace
from pathlib import Path

from controller.app.equipment import equip
from controller.app.files import Files
from controller.app.handover import hand_over, promises_of
from controller.app.parts import Parts, assemble
from controller.domain.decision import decide
from controller.domain.readings import ChargerState, MeterReading, Plug
from controller.domain.snapshot import ChargerMemory, CircuitMemory, Promise
from controller.domain.units import ChargerId, CircuitId, MeterId
from controller.domain.writes import Decision
from tests.fakes.clock import FakeClock
from tests.fakes.journal import FakeJournal

MAIN, GRID = CircuitId("main"), MeterId("grid")
LEFT, RIGHT = ChargerId("left"), ChargerId("right")

CIRCUIT = '[[circuits]]\nid = "main"\nlimit_a = 25\n'
METER = '[[meters]]\nid = "grid"\nmap = "eastron_sdm630"\nhost = "127.0.0.1"\nport = 1502\n'
MQTT = '[mqtt]\nhost = "127.0.0.1"\n'


def charger(name: str, more: str = "") -> str:
    """Write the table of a charger."""
    port = {"left": 1080, "right": 1081}[name]
    return f'[[chargers]]\nid = "{name}"\nkind = "lektrico"\nhost = "127.0.0.1"\nport = {port}\n{more}'


BOTH = CIRCUIT + METER + charger("left") + charger("right")


class ReloadedHouse:
    """Configurations of one house, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.toml"
        self.clock, self.journal = FakeClock(), FakeJournal()
        self.files = Files(self.path, {})

    def parts(self, text: str, before: Parts | None = None) -> Parts:
        """Write a configuration and put it together, after another one if there is one."""
        self.path.write_text(text, encoding="utf-8")
        equipment = equip(*self.files.read(), self.clock, None if before is None else before.equipment)
        if before is None:
            return assemble(equipment, self.clock, self.journal)
        promises = promises_of(before.board, self.clock)
        after = assemble(equipment, self.clock, self.journal, promises)
        hand_over(before.board, after.board, before.settings, after.settings, self.clock.mono_s())
        return after

    def living(self, text: str = BOTH) -> Parts:
        """Put a configuration together whose chargers hold 10 A each, as read and promised."""
        parts = self.parts(text)
        now_s = self.clock.mono_s()
        for charger in parts.board.site.charger:
            parts.board.charger(ChargerState(id=charger, at_mono_s=now_s, plug=Plug.C, limit_a=10.0))
        parts.board.meter(MeterReading(id=GRID, at_mono_s=now_s, currents_a=(5.0,) * 3))
        promise = Promise(settled_a=10.0, known=True)
        parts.board.memory = replace(
            parts.board.memory,
            chargers={c: ChargerMemory(promise=promise, told_a=10.0) for c in parts.board.site.charger},
            circuits={MAIN: CircuitMemory(background_a=(5.0,) * 3, seen=((now_s, (5.0,) * 3, (5.0,) * 3),))},
            next_write=7,
        )
        return parts

    def tick(self, parts: Parts) -> Decision:
        """Decide once."""
        return decide(parts.board.snapshot(recording=True), parts.loop.policies)

"""Layout: a meter's registers with their addresses settled, and the blocks that fetch them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from adapters.meters.registers import Register

CONTROL = ("voltage", "current", "power", "ready", "soc")
"""What every poll needs; counters and the frequency can wait."""

# Modbus answers at most 125 registers at once.
MOST_REGISTERS = 125

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Everything that decoding and reading need to know of one meter."""

    registers: Mapping[str, Register]
    read_blocks: tuple[Span, ...] = ()
    """(start, count) of what is known to be readable at once."""
    max_registers: int = MOST_REGISTERS
    ready_when: int | None = None
    """What the register `ready` holds while the meter's values can be trusted."""
    ready_says: str = ""

    @property
    def control(self) -> tuple[Register, ...]:
        """The registers of every poll."""
        return tuple(register for register in self.registers.values() if register.name.startswith(CONTROL))

    @property
    def slow(self) -> tuple[Register, ...]:
        """The counters."""
        return tuple(register for register in self.registers.values() if register.name.endswith("_wh"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Registers that one request fetches."""

    function_code: int
    registers: tuple[Register, ...]

    @property
    def start(self) -> int:
        """The first address."""
        return min(address for register in self.registers for address, _ in register.spans)

    @property
    def end(self) -> int:
        """One past the last address."""
        return max(address + words for register in self.registers for address, words in register.spans)

    @property
    def count(self) -> int:
        """How many registers it fetches."""
        return self.end - self.start

    @property
    def optional(self) -> bool:
        """Whether a meter may lack all of it."""
        return all(register.optional for register in self.registers)

    def halves(self) -> tuple["Block", ...]:
        """Split between two values; a block of one value cannot be split."""
        if len(self.registers) == 1:
            return ()
        ordered = _by_address(self.registers)
        middle = len(ordered) // 2
        return tuple(
            Block(function_code=self.function_code, registers=part)
            for part in (ordered[:middle], ordered[middle:])
        )


def blocks_for(layout: Layout, wanted: Iterable[Register]) -> tuple[Block, ...]:
    """Group registers into requests: as the meter's read blocks say, the rest by adjacency.

    No block crosses addresses that neither a value nor a read block covers, and none exceeds what the
    meter answers at once.
    """
    rest = list(wanted)
    blocks: list[Block] = []
    for start, count in layout.read_blocks:
        inside = [register for register in rest if _lies_in(register, start, count)]
        rest = [register for register in rest if register not in inside]
        blocks.extend(_per_code(inside, layout.max_registers, joined=True))
    return (*blocks, *_per_code(rest, layout.max_registers, joined=False))


def currents_beside_powers(blocks: Iterable[Block]) -> bool:
    """Tell whether each phase's current comes in one answer with the power that gives it its sign."""
    answers = [[register.name for register in block.registers] for block in blocks]
    return all(
        any(name.startswith(f"power_{phase}") for name in names)
        for names in answers
        for phase in ("l1", "l2", "l3")
        if f"current_{phase}_a" in names
    )


def _lies_in(register: Register, start: int, count: int) -> bool:
    return all(start <= address and address + words <= start + count for address, words in register.spans)


def _per_code(registers: list[Register], most: int, *, joined: bool) -> Iterator[Block]:
    for code in sorted({register.function_code for register in registers}):
        same = _by_address(register for register in registers if register.function_code == code)
        yield from _grouped(code, same, most, joined=joined)


def _grouped(code: int, registers: tuple[Register, ...], most: int, *, joined: bool) -> Iterator[Block]:
    group: tuple[Register, ...] = ()
    for register in registers:
        block = Block(function_code=code, registers=(*group, register))
        if group and (block.count > most or not (joined or _is_dense(block))):
            yield Block(function_code=code, registers=group)
            group = ()
        group = (*group, register)
    if group:
        yield Block(function_code=code, registers=group)


def _is_dense(block: Block) -> bool:
    covered = {
        address + offset
        for register in block.registers
        for address, words in register.spans
        for offset in range(words)
    }
    return len(covered) == block.count


def _by_address(registers: Iterable[Register]) -> tuple[Register, ...]:
    return tuple(sorted(registers, key=lambda register: register.address))

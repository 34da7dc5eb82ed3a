"""Block reader: fetches registers in as few requests as the meter allows."""

from collections.abc import Sequence
from typing import Protocol

from adapters.meters.layout import Block
from adapters.wire.modbus import Manners, Request, Words
from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable

_ILLEGAL_FUNCTION = 1

# "Illegal address" and "illegal value": some meters say so to blocks that are too long for them.
_TOO_MUCH = (2, 3)


class Bus(Protocol):
    """What a reader needs of a `ModbusBus`."""

    async def read(self, request: Request, manners: Manners) -> Words:
        """Read one block."""


class Station:
    """One unit on a bus."""

    def __init__(self, bus: Bus, unit_id: int, manners: Manners) -> None:
        self._bus, self._unit_id, self._manners = bus, unit_id, manners

    async def read(self, function_code: int, address: int, count: int) -> Words:
        """Read one block; errors as `ModbusBus.read`."""
        request = Request(unit_id=self._unit_id, function_code=function_code, address=address, count=count)
        return await self._bus.read(request, self._manners)


class BlockReader:
    """Reads the same blocks again and again, and remembers what had to be split."""

    def __init__(self, station: Station, blocks: Sequence[Block], *, lenient: bool = False) -> None:
        self._station = station
        self.blocks = tuple(blocks)
        self._lenient = lenient
        """Whether the reading is of use without some of its registers."""

    async def read(self) -> tuple[dict[tuple[int, int], int], float | None]:
        """Fetch every block; tell the words and the instant of the first request.

        Raises:
            DeviceUnreachable: no answer, or the device says that it cannot at present.
            DeviceNonsense: the device refuses a register that it must have.
        """
        image: dict[tuple[int, int], int] = {}
        first_mono_s: float | None = None
        pending, readable = list(self.blocks), []
        while pending:
            block = pending.pop(0)
            try:
                found = await self._station.read(block.function_code, block.start, block.count)
            except DeviceRefused as refusal:
                pending[:0] = self._smaller(block, refusal)
                continue
            readable.append(block)
            first_mono_s = found.sent_mono_s if first_mono_s is None else first_mono_s
            for offset, word in enumerate(found.words):
                image[block.function_code, block.start + offset] = word
        self.blocks = tuple(readable)
        return image, first_mono_s

    def _smaller(self, block: Block, refusal: DeviceRefused) -> tuple[Block, ...]:
        if refusal.code == _ILLEGAL_FUNCTION:
            raise DeviceNonsense(
                f"{refusal}: the map's function code {block.function_code} is wrong"
            ) from refusal
        if refusal.code not in _TOO_MUCH:
            raise DeviceUnreachable(str(refusal)) from refusal
        if len(block.registers) > 1:
            return block.halves()
        if self._lenient or block.optional:
            return ()
        name = block.registers[0].name
        raise DeviceNonsense(f"{refusal}: the meter has no {name} there") from refusal

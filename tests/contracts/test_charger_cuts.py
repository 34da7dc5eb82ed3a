"""What every charger has to bear: a cut breaks off whatever is under way, and stands."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from controller.domain.readings import Answer, Outcome
from controller.domain.writes import Kind, Write
from controller.hands import Hand, Patience
from tests.contracts.bench import CHARGER, PATIENCE_S, Bench

# How far the raise has come when it is broken off must not matter: within this it is on the wire.
_ON_THE_WIRE_S = 0.2

OpenBench = Callable[[], AbstractAsyncContextManager[Bench]]


def _write(number: int, limit_a: float, kind: Kind) -> Write:
    return Write(number=number, charger=CHARGER, limit_a=limit_a, kind=kind, promise_a=limit_a)


async def test_a_cut_waits_for_no_raise_that_hangs(open_bench: OpenBench) -> None:
    async with open_bench() as bench, asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
        ends: asyncio.Queue[Answer] = asyncio.Queue()
        begun = asyncio.Event()

        async def send(write: Write) -> float:
            begun.set()
            return await bench.charger.set_limit(write.limit_a)

        hand = Hand("bay", send, ends.put_nowait, bench.clock, Patience.of(bench.charger.abilities))
        sending = tasks.create_task(hand.run())
        await bench.heard.polled_anew(1)
        bench.hang()
        hand.take(_write(1, 16.0, Kind.RAISE))
        await begun.wait()
        await bench.clock.sleep(_ON_THE_WIRE_S)

        hand.take(_write(2, 8.0, Kind.URGENT))
        bench.heal()

        raised, cut = await ends.get(), await ends.get()
        assert (raised.write, raised.outcome) == (1, Outcome.UNKNOWN)
        assert cut.write == 2
        assert cut.outcome is not Outcome.REFUSED
        await bench.heard.until(lambda state: state.limit_a == 8.0)
        assert bench.holds_a() == 8.0
        sending.cancel()

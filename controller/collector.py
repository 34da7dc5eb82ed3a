"""Collector: keeps Python's garbage collector out of the ticks.

A tick makes thousands of small values that hold no circles and die by reference count. Left alone the
collector walks the whole site every few hundred of them, a third of a tick at 10,000 chargers.
"""

import gc

# Allocations that outlived their making, before the youngest generation is looked at.
_YOUNG = 50_000


def settle() -> None:
    """Collect once, leave what is there out of later looks, and look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)

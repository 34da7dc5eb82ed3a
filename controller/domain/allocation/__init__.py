"""Allocation: weighted max-min shares over all rows at once, with 0-or-6..32 A.

`sharing` is the whole of it in order: `preparing` turns a problem into rows (`rows`, `limits`), `admission`
decides who gets a minimum (`packing` exactly, `piling` and `pricing` above 12 candidates), `filling` raises
everybody fairly, `stepping` hands on what rounding left, `climbing` keeps phases even where a limit asks for
it, `binding` says what bound whom.
"""

from controller.domain.allocation.sharing import allocate

__all__ = ["allocate"]

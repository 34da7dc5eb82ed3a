"""Stepping: continuous currents become whole steps, and what that leaves over is handed on."""

import heapq
import math
from collections.abc import Iterable

from controller.domain.allocation.rows import EPSILON_A, Contender, Rows


def round_down(contenders: Iterable[Contender]) -> None:
    """Round every stepped current down; the rows have to be recounted afterwards."""
    for contender in contenders:
        step_a = contender.step_a
        if step_a > 0.0:
            steps = math.floor((contender.current_a + EPSILON_A) / step_a)
            contender.current_a = round(steps * step_a, 9)


def hand_on(rows: Rows, contenders: Iterable[Contender]) -> None:
    """Hand on whole steps, lowest level first, ties by id, while one fits somewhere.

    What does not fit now never fits later, because currents only rise: each row refuses a contender once.
    """
    waiting = [
        (contender.current_a / contender.weight, contender.order, contender)
        for contender in contenders
        if contender.step_a > 0.0 and contender.current_a + contender.step_a <= contender.cap_a + EPSILON_A
    ]
    heapq.heapify(waiting)
    while waiting:
        _, order, contender = waiting[0]
        step_a = contender.step_a
        contender.bound = rows.blocks(contender, step_a)
        if contender.bound >= 0:
            heapq.heappop(waiting)
            continue
        raise_by(rows, contender, step_a)
        if contender.current_a + step_a <= contender.cap_a + EPSILON_A:
            heapq.heapreplace(waiting, (contender.current_a / contender.weight, order, contender))
        else:
            heapq.heappop(waiting)


def raise_by(rows: Rows, contender: Contender, step_a: float) -> None:
    """Give a contender one more step, without the drift of repeated sums."""
    rows.take(contender, step_a)
    contender.current_a = round(contender.current_a, 9)

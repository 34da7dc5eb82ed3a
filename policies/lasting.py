"""Lasting: a value that moves only when the move has lasted a whole window.

Meters and chargers tell of one and the same change at different instants. While a car ramps, the sum of
what they say is wrong by up to the whole ramp, for as long as their delays differ plus the ramp itself.
The held value stays inside the span of everything seen in the window; an error shorter than the window
can therefore never move it, and a constant truth is held exactly.
"""

from collections.abc import Iterator

# The window is kept as so many spans, so that the memory stays small at any rate of samples.
SPANS = 10

State = tuple[float, ...]
"""The held value, then (started, lowest, highest) of each span, oldest first; empty: nothing seen."""

_Span = tuple[float, float, float]


def follow(state: State, now_s: float, sample: float, window_s: float) -> State:
    """Take in one sample; the held value is `state[0]` afterwards.

    >>> state = follow((), 0.0, 5.0, 30.0)
    >>> state = follow(state, 10.0, 9.0, 30.0)
    >>> state[0], follow(state, 20.0, 5.0, 30.0)[0]
    (5.0, 5.0)
    """
    spans = _with_sample(_within(tuple(_spans(state, now_s)), now_s - window_s), now_s, sample, window_s)
    held = state[0] if state else sample
    lowest = min(span[1] for span in spans)
    highest = max(span[2] for span in spans)
    return min(max(held, lowest), highest), *(number for span in spans for number in span)


def _spans(state: State, now_s: float) -> Iterator[_Span]:
    for index in range(1, len(state) - 2, 3):
        # A span from the future is from before a restart: monotonic time began anew.
        if state[index] <= now_s:
            yield state[index], state[index + 1], state[index + 2]


def _within(spans: tuple[_Span, ...], since_s: float) -> tuple[_Span, ...]:
    """Keep each span that reaches into the window: the next one starts inside it."""
    ends = [span[0] for span in spans[1:]]
    kept = tuple(span for span, end in zip(spans, ends, strict=False) if end > since_s)
    return (*kept, spans[-1]) if spans and spans[-1][0] > since_s else kept


def _with_sample(spans: tuple[_Span, ...], now_s: float, sample: float, window_s: float) -> tuple[_Span, ...]:
    if not spans or now_s - spans[-1][0] >= window_s / SPANS:
        return (*spans, (now_s, sample, sample))
    started, lowest, highest = spans[-1]
    return (*spans[:-1], (started, min(lowest, sample), max(highest, sample)))

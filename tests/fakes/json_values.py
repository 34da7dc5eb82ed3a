"""Strategies of Hypothesis for what JSON can hold."""

from typing import Any

from hypothesis import strategies as st

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
"""Anything that JSON can hold."""


def of_keys(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that have some of these keys, whatever stands there."""
    return st.dictionaries(st.sampled_from(keys), json_values)

"""The properties of the parsers on a few hundred examples of Hypothesis; `make fuzz` runs a million."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from qa.fuzz.properties import PROPERTIES


@pytest.mark.parametrize("name", PROPERTIES)
@settings(
    max_examples=200,
    derandomize=True,  # the same examples in every run
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(random=st.randoms(use_true_random=False))
def test_property_holds(name, random):
    """A parser raises only the SDK's exceptions, and how its input is split makes no difference."""
    PROPERTIES[name](random)

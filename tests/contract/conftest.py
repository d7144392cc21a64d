"""Servers in memory for the tests of the contract tester."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.contract.recorded_edge import RECORD_URL, RecordedEdge


@pytest.fixture(scope="session")
def recorded_edge() -> Iterator[RecordedEdge]:
    """Recorded responses of the local edge."""
    upstream = os.environ.get(RECORD_URL)
    edge = RecordedEdge(upstream)
    yield edge
    if upstream is not None:
        edge.save()

"""A client of the edge that knows nothing of the SDK."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from polargrid_edge.server import Edge


@pytest.fixture
def client(edge: Edge) -> Iterator[httpx.Client]:
    """A client that has the edge's key."""
    headers = {"Authorization": "Bearer pg_local"}
    with httpx.Client(base_url=edge.url, headers=headers, timeout=120) as opened:
        yield opened

"""Clients of the edge that do not use the SDK."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from polargrid_edge.server import Edge
from tests.edge.scripted import HEADERS, TIMEOUT, ScriptedEdge, run_scripted_edge


@pytest.fixture
def client(edge: Edge) -> Iterator[httpx.Client]:
    """A client of the edge with real models."""
    with httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as opened:
        yield opened


@pytest.fixture(scope="module")
def fake_edge() -> Iterator[ScriptedEdge]:
    """An edge with scripted backends and the limits of the session's edge."""
    with run_scripted_edge(max_body_bytes=1_000_000, max_speech_characters=200) as started:
        yield started


@pytest.fixture
def fake_client(fake_edge: ScriptedEdge) -> Iterator[httpx.Client]:
    """A client of the edge with scripted backends."""
    with httpx.Client(base_url=fake_edge.url, headers=HEADERS, timeout=TIMEOUT) as opened:
        yield opened

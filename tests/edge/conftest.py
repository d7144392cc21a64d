"""An edge as it is, with the smallest chat model, on a free port."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from polargrid_edge.server import Edge, running
from polargrid_edge.settings import EdgeSettings

SETTINGS = EdgeSettings(
    port=0, chat_model="smollm2-135m", max_output_tokens=48, max_speech_characters=200, max_body_bytes=1_000_000
)


@pytest.fixture(scope="session")
def edge() -> Iterator[Edge]:
    """A running edge; a test leaves no model of it in a state that another could mind."""
    with running(SETTINGS) as started:
        yield started


@pytest.fixture
def client(edge: Edge) -> Iterator[httpx.Client]:
    """A client that has the edge's key."""
    headers = {"Authorization": "Bearer pg_local"}
    with httpx.Client(base_url=edge.url, headers=headers, timeout=120) as opened:
        yield opened

"""An edge as it is, with the smallest chat model, on a free port; one for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from polargrid_edge.server import Edge, running
from polargrid_edge.settings import EdgeSettings

SETTINGS = EdgeSettings(
    port=0,
    keys=frozenset({"pg_local", "pg_your_api_key"}),  # the second is what the public documents show
    chat_model="smollm2-135m",
    max_output_tokens=48,
    max_speech_characters=200,
    max_body_bytes=1_000_000,
)


@pytest.fixture(scope="session")
def edge() -> Iterator[Edge]:
    """A running edge; a test leaves no model of it in a state that another could mind."""
    with running(SETTINGS) as started:
        yield started

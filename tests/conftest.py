"""The local edge with its smallest chat model on a free port, and what the garbage collector does not walk."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator

import pytest

from polargrid_edge.server import Edge, run_in_thread
from polargrid_edge.settings import EdgeSettings

SETTINGS = EdgeSettings(
    port=0,
    keys=frozenset({"pg_local", "pg_your_api_key"}),  # the second key is that of the public documents
    chat_model="smollm2-135m",
    max_output_tokens=48,
    max_speech_characters=200,
    max_body_bytes=1_000_000,
)


@pytest.fixture(scope="session")
def edge() -> Iterator[Edge]:
    """A running edge with real models; tests do not rely on which of them are loaded."""
    with run_in_thread(SETTINGS) as started:
        yield started


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Do not collect garbage while tests are collected, and never walk the collected ones.

    They are a million objects that stay; many tests call gc.collect(), which takes a second with them.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()

"""The environment of all tests: no settings of the machine, one local edge, and what is no garbage."""

from __future__ import annotations

import gc
import os
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

# Settings of the machine that change what a test sees. The folders of models stay: a download takes minutes.
_SETTINGS = ("POLARGRID_", "OPENAI_", "OTEL_")
_NAMES = frozenset({"CI", "NO_COLOR", "FORCE_COLOR"})
_KEPT = frozenset({"POLARGRID_CACHE", "POLARGRID_MODELS_DIR", "POLARGRID_RECORD_URL"})


def pytest_configure():
    """Hide the settings of the machine from all tests and the programs that they run."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in _NAMES or (name.startswith(_SETTINGS) and name not in _KEPT):
            del os.environ[name]


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

"""`opentelemetry-instrument` traces a program that does not know of the instrumentation."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from polargrid_otel import PolarGridInstrumentor
from polargrid_testing.server import LoopbackServer
from polargrid_testing.steps import Answer
from tests.otel.conftest import ASK, CHAT

PROGRAM = f"""
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from polargrid import PolarGridSync

provider = TracerProvider()  # which the package opentelemetry-distro creates, if it is installed
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
trace.set_tracer_provider(provider)
with PolarGridSync(api_key="pg_test_0123456789") as client:
    client.chat_completion({ASK!r})
"""


class ChatHandler:
    """Answers each request with a chat."""

    def on_connect(self):
        return None

    def on_head(self, _request):
        return None

    def respond(self, _request):
        return Answer.json(CHAT).steps()


def test_a_program_is_traced_without_a_change():
    """By the entry point of the package."""
    command = Path(sys.executable).with_name("opentelemetry-instrument")
    with LoopbackServer(ChatHandler()) as server:
        environ = {**os.environ, "POLARGRID_BASE_URL": server.url}
        process = subprocess.run(
            [command, sys.executable, "-c", PROGRAM], env=environ, capture_output=True, text=True, check=True
        )
    assert '"name": "chat llama-3.1-8b"' in process.stdout
    assert process.stderr == ""


def test_the_entry_point_is_the_instrumentor():
    """With the name that `OTEL_PYTHON_DISABLED_INSTRUMENTATIONS` takes."""
    (point,) = metadata.entry_points(group="opentelemetry_instrumentor", name="polargrid")
    assert point.load() is PolarGridInstrumentor
    assert PolarGridInstrumentor().instrumentation_dependencies() == ("polargrid",)

"""OpenTelemetry's instrumentations of httpx and httpx2 trace every call of the SDK."""

from __future__ import annotations

import pytest
from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor, HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


@pytest.fixture
def spans():
    """The spans that were finished while the test ran."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentors = HTTPXClientInstrumentor(), HTTPX2ClientInstrumentor()
    for instrumentor in instrumentors:
        instrumentor.instrument(tracer_provider=provider)
    yield exporter.get_finished_spans
    for instrumentor in instrumentors:
        instrumentor.uninstrument()


@pytest.mark.parametrize("transport", ["httpx", "httpx2"])
async def test_each_request_is_a_span(chat, server, spans, transport):
    """With its URL and status."""
    await chat(server.url, transport=transport)
    await chat(server.url, stream=True, transport=transport)
    assert [span.attributes["http.status_code"] for span in spans()] == [200, 200]
    assert {span.attributes["http.url"] for span in spans()} == {f"{server.url}/v1/chat/completions"}

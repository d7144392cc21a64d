"""OpenTelemetry's instrumentations of httpx and httpx2 trace every call of the SDK, and so does Logfire's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import logfire
import pytest
from conftest import KINDS
from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor, HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


def _instrument_by_opentelemetry(processor: SimpleSpanProcessor) -> None:
    provider = TracerProvider()
    provider.add_span_processor(processor)
    for instrumentor in (HTTPXClientInstrumentor(), HTTPX2ClientInstrumentor()):
        instrumentor.instrument(tracer_provider=provider)


def _instrument_by_logfire(processor: SimpleSpanProcessor) -> None:
    logfire.configure(
        send_to_logfire=False, console=False, additional_span_processors=[processor], inspect_arguments=False
    )
    logfire.instrument_httpx()


@pytest.fixture(params=[_instrument_by_opentelemetry, _instrument_by_logfire], ids=["opentelemetry", "logfire"])
def spans(request) -> Iterator[Callable[[], tuple]]:
    """The spans that were finished while the test ran."""
    exporter = InMemorySpanExporter()
    request.param(SimpleSpanProcessor(exporter))
    yield exporter.get_finished_spans
    for instrumentor in (HTTPXClientInstrumentor(), HTTPX2ClientInstrumentor()):
        instrumentor.uninstrument()


@pytest.mark.parametrize("transport", ["httpx", "httpx2"])
async def test_each_request_is_a_span(call, kind, server, spans, transport):
    """With its URL and status."""
    assert await call(kind, server.url, transport=transport) == "Hello"
    (span,) = spans()
    assert span.attributes["http.status_code"] == 200
    assert span.attributes["http.url"] == server.url + KINDS[kind].path

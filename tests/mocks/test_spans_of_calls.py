"""A request that OpenTelemetry's instrumentation of httpx traces is below the call that polargrid_otel traces."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor, HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from polargrid import PolarGrid, PolarGridSync
from polargrid_otel import PolarGridInstrumentor
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.server import LoopbackServer
from polargrid_testing.steps import Answer

KEY = "pg_test_0123456789abcdef"


class ModelsHandler:
    """Answers with a list of models; the first request is refused, so that it is sent again."""

    def __init__(self) -> None:
        self.requests: list[ReceivedRequest] = []

    def on_connect(self) -> None:
        return None

    def on_head(self, _request: ReceivedRequest) -> None:
        return None

    def respond(self, request: ReceivedRequest) -> Any:
        self.requests.append(request)
        if len(self.requests) == 1:
            return Answer(503, {"retry-after": "0"}).steps()
        return Answer.json({"object": "list", "data": []}).steps()


@pytest.fixture
def spans():
    """The spans that were finished while the test ran."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentors = HTTPXClientInstrumentor(), HTTPX2ClientInstrumentor(), PolarGridInstrumentor()
    for instrumentor in instrumentors:
        instrumentor.instrument(tracer_provider=provider)
    yield exporter.get_finished_spans
    for instrumentor in instrumentors:
        instrumentor.uninstrument()
    provider.shutdown()


def list_models(url: str, **options: Any) -> None:
    with PolarGridSync(base_url=url, api_key=KEY, **options) as client:
        client.list_models()


def list_models_async(url: str, **options: Any) -> None:
    async def call() -> None:
        async with PolarGrid(base_url=url, api_key=KEY, **options) as client:
            await client.list_models()

    asyncio.run(call())


def list_models_with_client(url: str) -> None:
    with httpx.Client() as http_client:
        list_models(url, http_client=http_client)


@pytest.mark.parametrize("call", [list_models, list_models_async, list_models_with_client])
@pytest.mark.parametrize("transport", ["httpx", "httpx2"])
def test_each_request_is_below_its_call(spans, call, transport):
    """Both attempts are; the server is told the span of its request, once."""
    handler = ModelsHandler()
    with LoopbackServer(handler) as server:
        call(server.url, **({} if call is list_models_with_client else {"transport": transport}))
    first, second, whole = spans()
    assert whole.name == "list_models"
    assert {first.parent.span_id, second.parent.span_id} == {whole.context.span_id}
    told = [request.headers.get_list("traceparent") for request in handler.requests]
    sent = [f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}" for span in (first, second)]
    assert [[header.rpartition("-")[0] for header in headers] for headers in told] == [[item] for item in sent]

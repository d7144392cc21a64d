"""Both clients with OpenTelemetry's SDK in memory: the spans and metrics of a test, and responses from memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import pytest
from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from polargrid_otel import PolarGridInstrumentor
from tests.overlay.conftest import ClientFactory, ClientVariant

ASK: dict[str, Any] = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "a question"}]}
MESSAGE = {"role": "assistant", "content": "an answer"}
CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "llama-3.1-8b-instruct",
    "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
}


def respond(value: Any = CHAT, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON response with an id."""
    return httpx.Response(status, json=value, headers={"x-request-id": "req-1", **headers})


def respond_with_error(status: int, message: str = "busy", **headers: str) -> httpx.Response:
    """An error that is retried at once, if it is retried."""
    return respond({"error": {"message": message}}, status, **{"retry-after": "0", **headers})


def stream_events(*texts: str, is_complete: bool = True) -> httpx.Response:
    """A streamed chat of these texts, with its usage; not complete, it ends without an end."""
    base = {"id": "chatcmpl-2", "object": "chat.completion.chunk", "created": 1, "model": "llama-3.1-8b-instruct"}
    deltas = [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None} for text in texts]
    chunks = [{**base, "choices": [delta]} for delta in deltas]
    if is_complete:
        chunks.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        chunks.append({**base, "choices": [], "usage": CHAT["usage"]})
    data = [*map(json.dumps, chunks), *(["[DONE]"] if is_complete else [])]
    body = "".join(f"data: {item}\n\n" for item in data)
    return httpx.Response(200, content=body, headers={"content-type": "text/event-stream", "x-request-id": "req-2"})


class Recorded:
    """What was recorded."""

    def __init__(self) -> None:
        self._spans, self._logs, self._reader = (
            InMemorySpanExporter(),
            InMemoryLogRecordExporter(),
            InMemoryMetricReader(),
        )
        self.tracer_provider, self.logger_provider = TracerProvider(shutdown_on_exit=False), LoggerProvider()
        self.meter_provider = MeterProvider([self._reader], shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._spans))
        self.logger_provider.add_log_record_processor(SimpleLogRecordProcessor(self._logs))
        self.tracer = self.tracer_provider.get_tracer("test")

    def instrument(self, **options: Any) -> None:
        """Instrument the SDK with these providers."""
        providers = ("tracer_provider", "meter_provider", "logger_provider")
        PolarGridInstrumentor().instrument(**{name: getattr(self, name) for name in providers}, **options)

    @property
    def spans(self) -> list[ReadableSpan]:
        """The spans that ended, in that order."""
        return list(self._spans.get_finished_spans())

    @property
    def span(self) -> ReadableSpan:
        """The only span."""
        (span,) = self.spans
        return span

    @property
    def logs(self) -> list[Any]:
        """The log records."""
        return [item.log_record for item in self._logs.get_finished_logs()]

    @property
    def metrics(self) -> dict[str, list[Any]]:
        """The data points of each metric by name."""
        data = self._reader.get_metrics_data()
        scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics] if data else []
        return {metric.name: list(metric.data.data_points) for scope in scopes for metric in scope.metrics}

    @property
    def text(self) -> str:
        """Everything that was recorded."""
        logs = [f"{log.event_name} {log.attributes}" for log in self.logs]
        return "".join([*(span.to_json() for span in self.spans), str(self.metrics), *logs])

    def close(self) -> None:
        self.tracer_provider.shutdown()
        self.meter_provider.shutdown()
        self.logger_provider.shutdown()


def call_within(connect: ClientFactory, manager: AbstractContextManager[Any], call: Callable[[], Any]) -> Any:
    """Call in a context, which is that of the task of the async client."""

    async def run() -> Any:
        with manager:
            return await call()

    if connect.name == "async":
        return connect.run(run())
    with manager:
        return call()


@contextmanager
def attach_context(new: Context) -> Iterator[None]:
    """Make a context current."""
    token = attach(new)
    yield
    detach(token)


def events_of(span: ReadableSpan, name: str) -> list[Mapping[str, Any]]:
    """The attributes of the events of this name."""
    return [dict(event.attributes or {}) for event in span.events if event.name == name]


@pytest.fixture
def providers() -> Iterator[Recorded]:
    """Providers that record in memory; the SDK is not instrumented."""
    recorded = Recorded()
    yield recorded
    if PolarGridInstrumentor().is_instrumented_by_opentelemetry:
        PolarGridInstrumentor().uninstrument()
    recorded.close()


@pytest.fixture
def recorded(providers) -> Recorded:
    """The same, and the SDK is instrumented."""
    providers.instrument()
    return providers


@pytest.fixture(params=["async", "sync"])
def connect(request) -> Iterator[ClientFactory]:
    """Create clients of either kind: `connect(response, ..., **options)`."""
    with asyncio.Runner() as runner:
        factory = ClientFactory(ClientVariant(request.param), runner)
        yield factory
        factory.close()

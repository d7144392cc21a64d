"""What tracing costs: `python -m qa.benchmarks.otel`.

A call of the SDK whose response is in memory, without httpx, with and without polargrid_otel: the difference is what a
call pays. `span` is what OpenTelemetry alone costs, at the same places of a call: to start a span with the same
attributes, to make it current, to inject its headers, to end it; no instrumentation costs less. The variants take
turns; a figure is the least of the rounds, for other work on the machine only adds to it. CPU time of this process.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from opentelemetry.context import attach, detach
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.propagate import inject
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.trace import SpanKind, TracerProvider as AnyTracerProvider, set_span_in_context

from polargrid import PolarGridSync, _call_state
from polargrid._call_state import CallState
from polargrid_otel import PolarGridInstrumentor
from polargrid_transport._sync.response import SyncResponse
from polargrid_transport.attempt import Attempt
from polargrid_transport.deadline import DEFAULT_TIMEOUT
from qa.benchmarks.meter import CostMeter

#: µs of a call, with a tracer of OpenTelemetry's SDK and a processor that does nothing.
BOUND = 15.0
CHUNKS = 200
REQUEST = {
    "model": "llama-3.1-8b",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say hello in French."}],
    "temperature": 0.5,
    "max_tokens": 64,
}
CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "llama-3.1-8b",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Bonjour !"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 20, "completion_tokens": 4, "total_tokens": 24},
}
HEADERS = {"content-type": "application/json", "x-request-id": "req-1"}


class CannedResponse(SyncResponse):
    """A response in memory."""

    def __init__(self, headers: Mapping[str, str], pieces: list[bytes]) -> None:
        super().__init__(200, headers)
        self._pieces = iter(pieces)

    def read(self) -> bytes:
        return next(self._pieces, b"")

    def drain(self) -> None:
        return None

    def discard(self) -> None:
        return None

    def close(self) -> None:
        return None


class CannedTransport:
    """Answers at once, without httpx."""

    default_timeouts = DEFAULT_TIMEOUT

    def __init__(self, headers: Mapping[str, str], pieces: list[bytes]) -> None:
        self._headers, self._pieces = headers, pieces

    def send(self, _attempt: Attempt) -> CannedResponse:
        return CannedResponse(self._headers, self._pieces)

    def close(self) -> None:
        return None


class LastSpan(SpanProcessor):
    """A processor that does nothing, except for the first span, whose attributes it keeps."""

    span: ReadableSpan | None = None

    def on_end(self, span: ReadableSpan) -> None:
        self.span = self.span or span


class Variant(NamedTuple):
    """A way to trace."""

    name: str
    options: dict[str, Any] | None
    """The providers; None without the instrumentation."""


@contextmanager
def instrument(variant: Variant) -> Iterator[None]:
    """Trace by this variant."""
    if variant.options is None:
        yield
        return
    PolarGridInstrumentor().instrument(**variant.options)
    try:
        yield
    finally:
        PolarGridInstrumentor().uninstrument()


def create_client(headers: Mapping[str, str], pieces: list[bytes]) -> PolarGridSync:
    """A client with responses in memory."""
    client = PolarGridSync(api_key="pg_0123456789abcdef", base_url="http://127.0.0.1:55111")
    client._transport = CannedTransport(headers, pieces)  # type: ignore[assignment]
    return client


def create_stream() -> list[bytes]:
    """The events of a stream, each as it would arrive."""
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "llama-3.1-8b"}
    choices = [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}] * (CHUNKS - 1)
    choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    return [
        *(f"data: {json.dumps({**base, 'choices': [choice]})}\n\n".encode() for choice in choices),
        b"data: [DONE]\n\n",
    ]


def trace_by_sdk(provider: AnyTracerProvider, span: ReadableSpan) -> type[CallState]:
    """Return the class of a call that has the same span and the same headers, and does nothing else."""
    tracer, attributes = provider.get_tracer("bench"), dict(span.attributes or {})
    parts = ("gen_ai.response.", "gen_ai.usage.", "polargrid.request")
    response = {name: attributes.pop(name) for name in list(attributes) if name.startswith(parts)}

    class SpanCall(CallState):
        def start_attempt(self) -> Attempt:
            self._span = tracer.start_span(span.name, kind=SpanKind.CLIENT, attributes=attributes)
            context = set_span_in_context(self._span)
            self._token = attach(context)
            carrier: dict[str, str] = {}
            inject(carrier, context)
            return super().start_attempt()

        def on_headers(self, status: int, headers: Mapping[str, str]) -> bool:
            detach(self._token)
            return super().on_headers(status, headers)

        def report(self) -> None:
            self._span.set_attributes(response)
            self._span.end()
            super().report()

    return SpanCall


def run(rounds: int, seconds: float) -> dict[str, float]:
    """Measure; return µs by name."""
    meter = CostMeter(seconds, "s", time.process_time)
    last = LastSpan()
    tracer_provider, meter_provider = TracerProvider(), MeterProvider([InMemoryMetricReader()])
    tracer_provider.add_span_processor(last)
    quiet = NoOpMeterProvider()
    variants = [
        Variant("off", None),
        Variant("traces", {"tracer_provider": tracer_provider, "meter_provider": quiet}),
        Variant("traces and metrics", {"tracer_provider": tracer_provider, "meter_provider": meter_provider}),
    ]
    chat = create_client(HEADERS, [json.dumps(CHAT).encode()])
    stream = create_client({**HEADERS, "content-type": "text/event-stream"}, create_stream())
    costs: dict[str, list[float]] = {}

    def add(name: str, call: Callable[[], object]) -> None:
        costs.setdefault(name, []).append(meter.measure(call) * 1e6)

    for _ in range(rounds):
        for variant in variants:
            with instrument(variant):
                add(f"call, {variant.name}", lambda: chat.chat_completion(REQUEST))
                add(f"stream, {variant.name}", lambda: [*stream.chat_completion_stream(REQUEST)])
        assert last.span is not None
        _call_state.call_class = trace_by_sdk(tracer_provider, last.span)
        add("call, span", lambda: chat.chat_completion(REQUEST))
        _call_state.call_class = CallState
    return {name: min(values) for name, values in costs.items()}


def report(costs: Mapping[str, float]) -> bool:
    """Print the figures; whether the bound is kept."""
    off, off_stream = costs["call, off"], costs["stream, off"]
    span, traced, measured = (costs[f"call, {name}"] - off for name in ("span", "traces", "traces and metrics"))
    rows = {
        "a call without httpx, off": off,
        "a call with traces": traced,
        "  of which OpenTelemetry: span, context, headers": span,
        "  of which polargrid_otel": traced - span,
        "a call with traces and metrics": measured,
        "a chunk with traces": (costs["stream, traces"] - off_stream - traced) / CHUNKS,
        "a chunk with traces and metrics": (costs["stream, traces and metrics"] - off_stream - measured) / CHUNKS,
    }
    for name, cost in rows.items():
        print(f"{name:50} {cost:6.2f} µs")
    for name, cost in (("a call with traces", traced), ("polargrid_otel alone", traced - span)):
        print(f"{name}: at most {BOUND:g} µs: {'passed' if cost <= BOUND else 'failed'}")
    return traced - span <= BOUND


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m qa.benchmarks.otel", description="Measure the cost of tracing.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.5)
    arguments = parser.parse_args()
    return 0 if report(run(arguments.rounds, arguments.seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())

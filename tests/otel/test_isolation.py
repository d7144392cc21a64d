"""Tracing never breaks a call, and leaves nothing behind when it is off."""

from __future__ import annotations

import logging
from functools import partial

import pytest
from opentelemetry import baggage
from opentelemetry.context import Context
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.propagate import get_global_textmap, set_global_textmap
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import NoOpTracerProvider

from polargrid import _call_state, _tool_runner
from polargrid_otel import PolarGridInstrumentor
from tests.otel.conftest import ASK, attach_context, call_within, respond, respond_with_error, stream_events


class BrokenProcessor(SpanProcessor):
    """Fails when a span starts, or when it ends."""

    def __init__(self, method: str) -> None:
        self._method = method

    def on_start(self, *_: object, **__: object) -> None:
        self._fail("on_start")

    def on_end(self, *_: object) -> None:
        self._fail("on_end")

    def _fail(self, method: str) -> None:
        if method == self._method:
            raise ZeroDivisionError("of a processor")


@pytest.mark.parametrize("method", ["on_start", "on_end"])
def test_a_processor_that_fails_is_logged(providers, connect, caplog, method):
    """The call and the stream go on."""
    providers.tracer_provider.add_span_processor(BrokenProcessor(method))
    providers.instrument()
    with caplog.at_level(logging.WARNING, "polargrid_otel"):
        assert connect(respond()).chat_completion(ASK).id == "chatcmpl-1"
        assert len(list(connect(stream_events("a")).chat_completion_stream(ASK))) == 3
    assert caplog.messages == ["a span or a metric is incomplete: ZeroDivisionError: of a processor"] * 2


class BrokenHistogram:
    def record(self, *_: object) -> None:
        raise ZeroDivisionError("of a metric")


def test_a_metric_that_fails_is_logged(recorded, connect, caplog):
    """Once a stream, and not for each chunk."""
    telemetry = _call_state.call_class.telemetry
    telemetry.time_to_first_chunk = telemetry.time_per_chunk = BrokenHistogram()
    assert len(list(connect(stream_events("a", "b")).chat_completion_stream(ASK))) == 4
    assert caplog.messages == ["a span or a metric is incomplete: ZeroDivisionError: of a metric"]
    assert len(recorded.spans) == 1


class Propagator(TextMapPropagator):
    """Writes these headers."""

    fields = frozenset()  # type: ignore[assignment]

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers = headers

    def extract(self, *_: object, **__: object) -> Context:
        return Context()

    def inject(self, carrier: dict[str, str], *_: object, **__: object) -> None:
        carrier.update(self._headers)


@pytest.mark.parametrize("value", ["a\r\nb: c", "ü", 3])
def test_a_header_that_cannot_be_sent_is_logged(recorded, connect, caplog, value):
    """And not sent."""
    before = get_global_textmap()
    set_global_textmap(Propagator({"x-trace": value}))
    try:
        client = connect(respond())
        client.chat_completion(ASK)
    finally:
        set_global_textmap(before)
    assert "x-trace" not in client.requests[0].headers
    assert len(caplog.messages) == 1


def test_each_attempt_has_the_headers_of_the_trace(recorded, connect):
    """Of the span, and the baggage of the caller; a header of the caller's wins."""
    client = connect(respond_with_error(503), respond(), max_retries=1)
    mine = {"Traceparent": "00-mine"}
    for options in ({}, {"extra_headers": mine}):
        manager = attach_context(baggage.set_baggage("tenant", "a b"))
        call_within(connect, manager, partial(client.native.chat_completion, ASK, **options))
    first = recorded.spans[0].context
    expected = f"00-{first.trace_id:032x}-{first.span_id:016x}-{first.trace_flags:02x}"
    sent = [request.headers["traceparent"] for request in client.requests]
    assert sent == [expected, expected, "00-mine"]
    assert {request.headers["baggage"] for request in client.requests} == {"tenant=a+b"}


def test_a_suppressed_call_has_no_span(recorded, connect):
    """As of other instrumentations."""
    client = connect(respond())
    call_within(connect, suppress_instrumentation(), lambda: client.native.chat_completion(ASK))
    assert recorded.spans == []


def test_clients_that_exist_are_traced_until_it_ends(providers, connect):
    """Instrumenting twice is instrumenting once."""
    client = connect(respond())
    untouched = _call_state.call_class, _tool_runner.ToolRunner, type(client.native)._run_tools
    client.chat_completion(ASK)
    providers.instrument()
    providers.instrument()
    client.chat_completion(ASK)
    PolarGridInstrumentor().uninstrument()
    client.chat_completion(ASK)
    assert len(providers.spans) == 1
    assert (_call_state.call_class, _tool_runner.ToolRunner, type(client.native)._run_tools) == untouched


def test_a_stream_that_began_before_ends_with_its_providers(recorded, connect):
    """Its span is recorded, although it is off by then."""
    stream = connect(stream_events("a", "b")).chat_completion_stream(ASK)
    next(stream)
    PolarGridInstrumentor().uninstrument()
    list(stream)
    assert len(recorded.spans) == 1


def test_without_a_tracer_the_calls_go_on(providers, connect):
    """With the providers of the API alone."""
    PolarGridInstrumentor().instrument(tracer_provider=NoOpTracerProvider())
    assert connect(respond()).chat_completion(ASK).id == "chatcmpl-1"
    assert len(list(connect(stream_events("a")).chat_completion_stream(ASK))) == 3


def test_unknown_options_are_named(providers, caplog):
    """One that a distribution passes is ignored; a wrong value is not."""
    with pytest.raises(TypeError, match="capture_content: expected True, False or None, not 'yes'"):
        providers.instrument(capture_content="yes")
    providers.instrument(enrich=True)
    expected = "capture_content, logger_provider, meter_provider, tracer_provider"
    assert caplog.messages == [f"instrument: unknown option 'enrich' is ignored; expected one of: {expected}"]

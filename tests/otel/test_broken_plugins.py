"""Whatever a tracer, a meter, or a propagator raises, a call goes on, no span stays open, and none stays current."""

from __future__ import annotations

import json
import logging

import pytest
from opentelemetry import context
from opentelemetry.propagate import get_global_textmap, set_global_textmap
from opentelemetry.trace import NonRecordingSpan, NoOpTracer, NoOpTracerProvider, SpanContext

from polargrid import _call_state, errors
from polargrid_otel import PolarGridInstrumentor
from tests.otel.conftest import ASK, CHAT, MESSAGE, respond, respond_with_error, stream_events
from tests.otel.test_isolation import Propagator


class UnreadableError(Exception):
    """An exception without a message that can be read."""

    def __str__(self) -> str:
        raise RuntimeError("no message")


def fail(*_: object, **__: object) -> None:
    raise UnreadableError


class BrokenSpan(NonRecordingSpan):
    """Fails in one method, and counts how often it ended."""

    def __init__(self, method: str) -> None:
        super().__init__(SpanContext(1, 2, is_remote=False))
        self.ends = 0
        if method != "end":
            setattr(self, method, fail)
        self._fails = method == "end"

    def is_recording(self) -> bool:
        return True

    def end(self, end_time: int | None = None) -> None:  # noqa: ARG002 - as it is called
        self.ends += 1
        if self._fails:
            fail()


class BrokenTracer(NoOpTracer):
    def __init__(self, method: str) -> None:
        self.spans: list[BrokenSpan] = []
        self._method = method

    def start_span(self, *_: object, **__: object) -> BrokenSpan:  # type: ignore[override]
        if self._method == "start_span":
            fail()
        self.spans.append(BrokenSpan(self._method))
        return self.spans[-1]


class BrokenTracerProvider(NoOpTracerProvider):
    def __init__(self, method: str) -> None:
        self.tracer = BrokenTracer(method)

    def get_tracer(self, *_: object, **__: object) -> BrokenTracer:  # type: ignore[override]
        return self.tracer


def double(number: int) -> int:
    return 2 * number


def make_calls(connect) -> None:
    """A call, a retry, an error, a stream that is read and one that is closed, and a function."""
    assert connect(respond()).chat_completion(ASK).id == "chatcmpl-1"
    assert connect(respond_with_error(503), respond(), max_retries=1).chat_completion(ASK).id == "chatcmpl-1"
    with pytest.raises(errors.NotFoundError):
        connect(respond_with_error(404)).chat_completion(ASK)
    assert len(list(connect(stream_events("a", "b")).chat_completion_stream(ASK))) == 4
    stream = connect(stream_events("a", "b")).chat_completion_stream(ASK)
    next(stream)
    stream.close()
    function = {"name": "double", "arguments": json.dumps({"number": 4})}
    message = {**MESSAGE, "tool_calls": [{"id": "call-1", "type": "function", "function": function}]}
    client = connect(respond({**CHAT, "choices": [{**CHAT["choices"][0], "message": message}]}), respond())
    assert client.chat.completions.run_tools(**ASK, tools=[double]).calls[0].result == 8
    assert not context.get_current()


@pytest.mark.parametrize(
    "method",
    [
        "start_span",
        "get_span_context",
        "is_recording",
        "set_attribute",
        "set_attributes",
        "set_status",
        "add_event",
        "end",
    ],
)
def test_a_span_that_fails_breaks_no_call(providers, connect, caplog, method):
    """In each of its methods; each span that started ends once."""
    provider = BrokenTracerProvider(method)
    PolarGridInstrumentor().instrument(tracer_provider=provider, capture_content=True)
    with caplog.at_level(logging.WARNING, "polargrid_otel"):
        make_calls(connect)
    assert {span.ends for span in provider.tracer.spans} <= {1}
    assert "a span or a metric is incomplete: UnreadableError: <UnreadableError>" in caplog.messages


class BrokenHistogram:
    record = staticmethod(fail)


def test_a_meter_that_fails_breaks_no_call(recorded, connect):
    """In each of its instruments."""
    telemetry = _call_state.call_class.telemetry
    for name in ("duration", "time_to_first_chunk", "time_per_chunk", "token_usage", "tool_duration"):
        setattr(telemetry, name, BrokenHistogram())
    make_calls(connect)
    assert len(recorded.spans) == 9


def test_a_propagator_that_fails_breaks_no_call(recorded, connect):
    """The request is sent without its headers."""

    class BrokenPropagator(Propagator):
        inject = staticmethod(fail)

    before = get_global_textmap()
    set_global_textmap(BrokenPropagator({}))
    try:
        make_calls(connect)
    finally:
        set_global_textmap(before)
    assert len(recorded.spans) == 9

"""Functions that a model calls have spans, below that of their conversation; a job has one around its calls."""

from __future__ import annotations

import json

import pytest
from opentelemetry import trace
from opentelemetry.trace import StatusCode

from polargrid import errors
from polargrid_testing.samples import load_samples
from tests.otel.conftest import ASK, CHAT, MESSAGE, respond
from tests.overlay.conftest import KEY


def load_sample(name: str):
    return next(sample for sample in load_samples() if sample.name == name)


QUESTION = {"model": "llama-3.1-8b", "messages": ASK["messages"]}


def call_function(name: str, **arguments: object) -> dict:
    """A response with a call of a function."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    message = {**MESSAGE, "content": None, "tool_calls": [{"id": "call-1", "type": "function", "function": function}]}
    return {**CHAT, "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}


def by_name(recorded) -> dict:
    return {span.name: span for span in recorded.spans}


def run_tools(connect, function, **arguments):
    """Run a conversation in which the model calls a function once."""
    client = connect(respond(call_function(function.__name__, **arguments)), respond())
    return client.chat.completions.run_tools(**QUESTION, tools=[function])


def test_a_function_has_a_span(recorded, connect):
    """Current while it runs, with the name and the description, and measured."""

    def get_weather(city: str) -> str:
        """Return the weather."""
        inner.append(trace.get_current_span().get_span_context().span_id)
        return f"sunny in {city}"

    inner: list[int] = []
    assert run_tools(connect, get_weather, city="Paris").calls[0].result == "sunny in Paris"
    names = [span.name for span in recorded.spans]
    assert names == ["chat llama-3.1-8b", "execute_tool get_weather", "chat llama-3.1-8b", "run_tools llama-3.1-8b"]
    parent = recorded.spans[-1].context.span_id
    assert {span.parent.span_id for span in recorded.spans[:-1]} == {parent}
    tool = recorded.spans[1]
    assert inner == [tool.context.span_id]
    assert tool.attributes == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "get_weather",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.description": "Return the weather.",
        "gen_ai.tool.call.id": "call-1",
    }
    (duration,) = recorded.metrics["gen_ai.execute_tool.duration"]
    assert (duration.count, duration.attributes["gen_ai.tool.name"]) == (1, "get_weather")
    assert "Paris" not in recorded.text


def test_contents_of_a_function_are_recorded_when_asked_for(providers, connect):
    """Its arguments and its result, without the key."""

    def add(a: int, b: int) -> dict[str, int]:
        return {"sum": a + b}

    def tell(text: str) -> str:
        return f"told {text}"

    providers.instrument(capture_content=True)
    run_tools(connect, add, a=1, b=2)
    run_tools(connect, tell, text=KEY)
    attributes = by_name(providers)["execute_tool add"].attributes
    assert attributes["gen_ai.tool.call.arguments"] == '{"a":1,"b":2}'
    assert attributes["gen_ai.tool.call.result"] == '{"sum":3}'
    assert by_name(providers)["execute_tool tell"].attributes["gen_ai.tool.call.result"] == '"told ****"'
    assert KEY not in providers.text


@pytest.mark.parametrize("captures", [False, True])
def test_a_function_that_fails_is_an_error(providers, connect, captures):
    """Of its class; its message is a content. The conversation goes on."""

    def fail() -> str:
        raise LookupError("private")

    providers.instrument(capture_content=captures)
    run_tools(connect, fail)
    span = by_name(providers)["execute_tool fail"]
    assert (span.status.status_code, span.attributes["error.type"]) == (StatusCode.ERROR, "LookupError")
    assert ("private" in (span.status.description or "")) == captures
    assert by_name(providers)["run_tools llama-3.1-8b"].status.status_code is StatusCode.UNSET


def test_a_result_that_cannot_be_written_is_named(providers, connect, caplog):
    """By its class."""

    def loop() -> list:
        items: list = []
        items.append(items)
        return items

    providers.instrument(capture_content=True)
    run_tools(connect, loop)
    assert by_name(providers)["execute_tool loop"].attributes["gen_ai.tool.call.result"] == '"<list>"'
    assert caplog.messages == []


def test_an_async_function_has_a_span_until_it_ends(recorded, connect):
    """Current while it runs."""
    import asyncio

    async def wait() -> str:
        """Wait."""
        await asyncio.sleep(0)
        return str(trace.get_current_span().get_span_context().span_id)

    if connect.name == "sync":
        with pytest.raises(errors.ValidationError, match="wait is async"):
            run_tools(connect, wait)
        span = by_name(recorded)["run_tools llama-3.1-8b"]
        assert span.attributes["error.type"] == "ValidationError"
        return
    result = run_tools(connect, wait).calls[0].result
    assert result == str(by_name(recorded)["execute_tool wait"].context.span_id)


def test_an_unknown_function_is_an_error(recorded, connect):
    """The model may name one that is not there."""

    def add(a: int) -> int:
        return a

    client = connect(respond(call_function("subtract")), respond())
    client.chat.completions.run_tools(**QUESTION, tools=[add])
    assert by_name(recorded)["execute_tool subtract"].attributes["error.type"] == "ValidationError"
    (duration,) = recorded.metrics["gen_ai.execute_tool.duration"]
    assert (
        duration.attributes["gen_ai.tool.name"] == "_OTHER"
    )  # names that a model invents would be series of their own


def test_the_calls_of_a_job_are_below_one_span(recorded, connect):
    """Its start, and each poll; a job that fails is an error."""
    accepted = load_sample("create_transcription_job").response | {"poll_interval_ms": 1}
    job = load_sample("get_transcription_job").response | {"status": "failed"}
    client = connect(respond(accepted, 202), respond(job))
    with pytest.raises(errors.JobFailedError):
        client.create_transcription_job_and_poll(b"RIFF", {"model": "whisper-large-v3-turbo"})
    start, poll, whole = recorded.spans
    assert [start.name, poll.name] == ["speech_to_text whisper-large-v3-turbo", "get_transcription_job"]
    assert whole.name == "create_transcription_job_and_poll"
    assert {start.parent.span_id, poll.parent.span_id} == {whole.context.span_id}
    assert whole.attributes["error.type"] == "JobFailedError"


def test_a_page_is_a_call(recorded, connect):
    """A list in pages has a span for each of them."""
    from polargrid_runtime.operation import Operation, Pages, ResponseType

    pages = Pages(items=("data",), parameter="after", next=("next",), more=None)
    operation = Operation(
        "list_things",
        "GET",
        "/v1/things",
        "polargrid_generated.models",
        responses=(ResponseType("200", "application/json", "dict[str, Any]"),),
        pages=pages,
    )
    client = connect(respond({"data": [1, 2], "next": "b"}), respond({"data": [3]}))

    async def collect_async() -> list:
        return [item async for item in client.native._iter_items(operation, {})]

    items = connect.run(collect_async()) if connect.name == "async" else list(client.native._iter_items(operation, {}))
    assert items == [1, 2, 3]
    assert [span.name for span in recorded.spans] == ["list_things", "list_things"]

"""`chat.completions.stream`: events of a streamed text, and its complete response."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from polargrid import PolarGridError, ServerError, StreamInterruptedError
from polargrid.types import ChatCompletionResponse, CompletionResponse
from polargrid_runtime.text_events import ChunkEvent
from polargrid_testing.steps import AwaitClose, ReceiveRequest, Send, render_chunk
from tests.overlay.faults.scripts import EVENT_STREAM, response_head

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
FIELDS = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
DONE = b"data: [DONE]\n\n"


def chunk(*choices: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**FIELDS, "choices": list(choices), **fields}


def choice(index: int = 0, finish_reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": finish_reason}


def encode(*chunks: dict[str, Any], end: bytes = DONE) -> bytes:
    """Return the chunks as an event stream."""
    return b"".join(f"data: {json.dumps(item)}\n\n".encode() for item in chunks) + end


def response(*chunks: dict[str, Any], end: bytes = DONE) -> httpx.Response:
    headers = {"content-type": "text/event-stream", "x-request-id": "req_1"}
    return httpx.Response(200, headers=headers, content=encode(*chunks, end=end))


HELLO = [
    chunk(choice(role="assistant", content="")),
    chunk(choice(content="Hel")),
    chunk(choice(content="lo")),
    chunk(choice(finish_reason="stop")),
    chunk(usage=USAGE),
]


@pytest.fixture
def hello(connect):
    """The stream of "Hello"."""
    return connect(response(*HELLO)).chat.completions.stream(**CHAT)


# Events


def test_order_of_events(connect):
    """A chunk is followed by its deltas, and by what is complete with it; the end completes the rest."""
    start = {"index": 0, "id": "a", "type": "function", "function": {"name": "now", "arguments": "{"}}
    rest = {"index": 0, "function": {"arguments": "}"}}
    client = connect(
        response(
            chunk(choice(role="assistant", content="Hel")),
            chunk(choice(content="lo"), choice(1, tool_calls=[start])),
            chunk(choice(1, "tool_calls", tool_calls=[rest])),
        )
    )
    events = list(client.chat.completions.stream(**CHAT))
    assert [event.type for event in events] == [
        "chunk",
        "content.delta",
        "chunk",
        "content.delta",
        "tool_calls.function.arguments.delta",
        "chunk",
        "tool_calls.function.arguments.delta",
        "tool_calls.function.arguments.done",
        "content.done",
    ]
    assert isinstance(events[0], ChunkEvent)
    assert events[0].chunk.meta.request_id == "req_1"
    assert [events[1].snapshot, events[3].snapshot, events[8].content] == ["Hel", "Hello", "Hello"]
    assert (events[6].name, events[6].arguments_delta, events[6].arguments) == ("now", "}", "{}")
    assert (events[7].name, events[7].arguments, events[7].index) == ("now", "{}", 0)


def test_events_and_iteration_share_a_position(hello):
    """An event is returned once."""
    first = next(iter(hello))
    rest = list(hello.events)
    assert [first.type, *[event.type for event in rest]].count("chunk") == len(HELLO)


def test_text_stream_can_be_continued(hello):
    """The rest of the text and the response are available."""
    assert next(iter(hello.text_stream)) == "Hel"
    assert list(hello.text_stream) == ["lo"]
    assert hello.get_final_completion().choices[0].message.content == "Hello"


def test_text_stream_of_several_choices(connect):
    """It has the text of the first one."""
    chunks = [chunk(choice(0, content="a"), choice(1, content="b")), chunk(choice(0, "stop"), choice(1, "stop"))]
    assert list(connect(response(*chunks)).chat.completions.stream(**CHAT, n=2).text_stream) == ["a"]


# The complete response


def test_final(hello):
    """After the last event, it is the response, with the metadata of the call."""
    assert hello.meta.request_id is None
    assert "".join(hello.text_stream) == "Hello"
    final = hello.final
    assert isinstance(final, ChatCompletionResponse)
    assert (final.choices[0].message.content, final.usage.total_tokens) == ("Hello", 5)
    assert final.meta.request_id == hello.meta.request_id == "req_1"


def test_final_of_a_completion(connect):
    """It is a CompletionResponse."""
    fields = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
    chunks = [{**fields, "choices": [{"index": 0, "text": text, "finish_reason": None}]} for text in ("Pa", "ris")]
    stream = connect(response(*chunks)).completions.stream(model="m", prompt="The capital")
    assert list(stream.text_stream) == ["Pa", "ris"]
    assert isinstance(stream.final, CompletionResponse)
    assert stream.final.choices[0].text == "Paris"


def test_final_before_the_end(hello, connect):
    """The sync client reads the rest; the async client's exception says what to await."""
    next(iter(hello))
    if connect.name == "async":
        with pytest.raises(RuntimeError, match=r"await get_final_completion\(\)"):
            _ = hello.final
    else:
        assert hello.final.choices[0].message.content == "Hello"


def test_get_final_completion(hello):
    """It reads the rest, on both clients, and can be called again."""
    next(iter(hello))
    assert hello.get_final_completion().choices[0].message.content == "Hello"
    assert hello.get_final_completion().usage.total_tokens == 5


def test_until_done(hello):
    """It reads the rest and returns the stream."""
    assert hello.until_done().final.choices[0].message.content == "Hello"


# Failures


def test_early_exit_closes_the_connection(connect, serve):
    """The server sees it; there is no complete response afterwards."""
    closed = []

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(encode(*HELLO[:2], end=b"")))
        closed.append((yield AwaitClose()))

    server = serve(script)
    with connect(base_url=server.url).chat.completions.stream(**CHAT) as stream:
        assert next(iter(stream.text_stream)) == "Hel"
    server.join()
    assert closed == [True]
    with pytest.raises(RuntimeError, match="closed before its end"):
        stream.get_final_completion()


def test_interrupted_stream(connect, serve):
    """Iteration raises with the text so far, and so does each access to the response."""

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(encode(*HELLO[:3], end=b"")))

    client = connect(base_url=serve(script).url)
    stream = client.chat.completions.stream(**CHAT)
    with pytest.raises(StreamInterruptedError) as caught:
        list(stream)
    assert caught.value.partial == "Hello"
    for access in (lambda: stream.final, stream.get_final_completion):
        with pytest.raises(StreamInterruptedError) as caught:
            access()
        assert caught.value.partial == "Hello"
    with pytest.raises(StreamInterruptedError):
        client.chat.completions.stream(**CHAT).get_final_completion()


def test_error_event(connect):
    """It is raised by iteration and by the response."""
    error = b'event: error\ndata: {"error": {"message": "out of memory", "type": "server_error"}}\n\n'
    stream = connect(response(*HELLO[:2], end=error)).chat.completions.stream(**CHAT)
    with pytest.raises(ServerError, match="out of memory") as caught:
        stream.until_done()
    assert caught.value.partial == "Hel"
    with pytest.raises(ServerError, match="out of memory"):
        _ = stream.final


def test_error_response(connect):
    """It is raised by `with`, which sends the request, or with the first event."""
    error = httpx.Response(404, json={"error": {"message": "no such model", "code": "model_not_found"}})
    client = connect(error)
    with pytest.raises(PolarGridError, match="no such model"), client.chat.completions.stream(**CHAT):
        pass
    with pytest.raises(PolarGridError, match="no such model"):
        next(iter(client.chat.completions.stream(**CHAT)))


def test_retry_before_the_first_chunk(connect):
    """As for any stream."""
    busy = httpx.Response(503, headers={"retry-after-ms": "0"})
    stream = connect(busy, response(*HELLO), max_retries=1).chat.completions.stream(**CHAT)
    assert stream.get_final_completion().meta.attempts == 2

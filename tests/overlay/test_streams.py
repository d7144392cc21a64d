"""Streamed responses of both clients."""

import asyncio
import json
import threading

import httpx
import pytest

from polargrid import (
    AuthenticationError,
    PolarGrid,
    PolarGridError,
    RateLimitError,
    RetryPolicy,
    ServerError,
    StreamInterruptedError,
    ValidationError,
)
from polargrid.types import ChatCompletionChunk, CompletionChunk
from polargrid_testing.steps import ReceiveRequest, Send, render_chunk
from tests.overlay.faults.scripts import (
    EVENT_STREAM,
    close,
    end_chunks,
    note_close,
    reset,
    response_head,
    wait_for_disconnect,
)

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
COMPLETION = {"model": "m", "prompt": "The capital of France is"}
DONE = b"data: [DONE]\n\n"
BUSY = httpx.Response(503, headers={"retry-after-ms": "1"})


def chunk(text: str | None = None, finish_reason: str | None = None, **fields) -> bytes:
    """Build an event of a streamed chat."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps({**data, **fields}, ensure_ascii=False)}\n\n".encode()


def completion_chunk(text: str, finish_reason: str | None = None) -> bytes:
    """Build an event of a streamed completion."""
    choice = {"text": text, "index": 0, "finish_reason": finish_reason}
    data = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(data)}\n\n".encode()


def stream(*events: bytes, media_type: str = "text/event-stream") -> httpx.Response:
    headers = {"content-type": media_type, "x-request-id": "req_1"}
    return httpx.Response(200, headers=headers, content=b"".join(events))


def texts(chunks) -> list[str | None]:
    return [item.choices[0].delta.content for item in chunks]


def send_events(*events: bytes, end=end_chunks):
    """Build a script that sends each event as an HTTP chunk, and then runs `end`."""

    def script():
        yield ReceiveRequest()
        yield Send(
            response_head("transfer-encoding: chunked", "connection: close", media_type=EVENT_STREAM)
        )  # as the script ends with the response
        for event in events:
            yield Send(render_chunk(event))
        yield from end()

    return script


# Complete streams


def test_each_event_is_a_chunk(connect):
    """`[DONE]` is not one."""
    client = connect(stream(chunk("Once"), chunk(" upon"), chunk(finish_reason="stop"), DONE))
    chunks = list(client.chat_completion_stream(CHAT))
    assert {type(item) for item in chunks} == {ChatCompletionChunk}
    assert texts(chunks) == ["Once", " upon", None]


def test_chunks_of_a_completion(connect):
    """They have a type of their own."""
    (item,) = connect(stream(completion_chunk(" Paris.", "stop"), DONE)).completion_stream(COMPLETION)
    assert isinstance(item, CompletionChunk)
    assert item.choices[0].text == " Paris."


def test_request_of_a_stream(connect):
    """It sets `stream` and accepts events."""
    client = connect(stream(chunk("a"), DONE))
    list(client.chat_completion_stream(CHAT))
    (request,) = client.requests
    assert json.loads(request.content) == {**CHAT, "stream": True}
    assert request.headers["accept"] == "text/event-stream"


def test_request_is_sent_by_the_first_iteration(connect):
    """A stream that is not read costs nothing."""
    client = connect(stream(chunk("a"), DONE))
    chunks = client.chat_completion_stream(CHAT)
    assert client.requests == []
    list(chunks)
    assert len(client.requests) == 1


def test_invalid_request_is_not_sent(connect):
    """It raises before sending."""
    client = connect(stream(DONE))
    with pytest.raises(ValidationError, match="messages"):
        list(client.chat_completion_stream({"model": "m"}))
    assert client.requests == []


@pytest.mark.parametrize("media_type", ["text/event-stream; charset=utf-8", "Text/Event-Stream"])
def test_media_type_with_parameters(connect, media_type):
    """Parameters and case do not matter."""
    assert texts(connect(stream(chunk("a"), DONE, media_type=media_type)).chat_completion_stream(CHAT)) == ["a"]


def test_chunk_is_returned_before_the_next_is_sent(connect, serve):
    """The first chunk does not wait for the second."""
    is_received, outcomes = threading.Event(), []

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(chunk("first")))
        outcomes.append(is_received.wait(60))
        yield Send(render_chunk(chunk("second") + DONE))
        yield Send(render_chunk(b""))

    chunks = connect(base_url=serve(script).url).chat_completion_stream(CHAT)
    assert texts([next(chunks)]) == ["first"]
    is_received.set()
    assert texts(chunks) == ["second"]
    assert outcomes == [True]


def test_end_of_a_stream_starts_no_thread(connect, serve, monkeypatch):
    """On a connection of the SDK each read has a limit of its own."""
    server = serve(send_events(chunk("a"), DONE))
    monkeypatch.setattr(threading, "Timer", None)
    client = connect(base_url=server.url)
    assert [texts(client.chat_completion_stream(CHAT)) for _ in range(2)] == [["a"], ["a"]]


def test_characters_split_between_packets(connect, serve):
    """They are joined."""
    data = chunk("\U0001f9ca\u2028é") + DONE
    server = serve(send_events(*[bytes([byte]) for byte in data]))
    assert texts(connect(base_url=server.url).chat_completion_stream(CHAT)) == ["\U0001f9ca\u2028é"]


def test_done_ends_a_stream_whose_connection_stays_open(connect, serve):
    """The client closes the connection."""
    closed = []
    server = serve(send_events(chunk("a") + DONE, end=note_close(closed)))
    assert texts(connect(base_url=server.url).chat_completion_stream(CHAT)) == ["a"]
    server.join()
    assert closed == [True]


def test_events_after_done_are_ignored(connect):
    """Valid ones and invalid ones."""
    client = connect(stream(chunk("a"), DONE, chunk("b"), b"data: junk\n\n"))
    assert texts(client.chat_completion_stream(CHAT)) == ["a"]


def test_finish_reason_completes_a_stream(connect):
    """`[DONE]` is not required after it."""
    assert texts(connect(stream(chunk("a"), chunk("b", "stop"))).chat_completion_stream(CHAT)) == ["a", "b"]


def test_usage_after_the_finish_reason(connect):
    """The chunk with the usage is returned."""
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    client = connect(stream(chunk("a", "stop"), chunk(choices=[], usage=usage), DONE))
    assert list(client.chat_completion_stream(CHAT))[-1].usage.total_tokens == 3


def test_unknown_fields_of_a_chunk(connect):
    """They are kept, and so is an unknown finish reason."""
    (item,) = connect(stream(chunk("a", "unknown", new=1))).chat_completion_stream(CHAT)
    assert (item.model_extra, item.choices[0].finish_reason) == ({"new": 1}, "unknown")


def test_comments_are_not_chunks(connect):
    """Nor are names, ids and empty events."""
    noise = b": ping\n\nevent: message\nid: 1\nretry: 5\n"
    assert texts(connect(stream(noise, chunk("a"), b":\n\n", DONE)).chat_completion_stream(CHAT)) == ["a"]


def test_text_with_the_word_error(connect):
    """It is a text."""
    text = 'it says "error": {"message": "no"}'
    assert texts(connect(stream(chunk(text), DONE)).chat_completion_stream(CHAT)) == [text]


@pytest.mark.parametrize("error", [None, {}])
def test_chunk_with_an_empty_error_field(connect, error):
    """It is a chunk."""
    assert texts(connect(stream(chunk("a", error=error), DONE)).chat_completion_stream(CHAT)) == ["a"]


# Streams that are closed early


def test_close_ends_the_connection(connect, serve):
    """The server sees it while it still sends."""
    closed = []
    server = serve(send_events(chunk("a"), end=note_close(closed)))
    chunks = connect(base_url=server.url).chat_completion_stream(CHAT)
    assert texts([next(chunks)]) == ["a"]
    chunks.close()
    server.join()
    assert closed == [True]


def test_closed_stream_has_no_more_chunks(connect):
    """Iteration ends."""
    chunks = connect(stream(chunk("a"), chunk("b"), DONE)).chat_completion_stream(CHAT)
    next(chunks)
    chunks.close()
    assert list(chunks) == []


def test_call_after_a_closed_stream(connect, serve):
    """It uses another connection."""
    server = serve(send_events(chunk("a"), end=wait_for_disconnect), send_events(chunk("b"), DONE))
    client = connect(base_url=server.url)
    chunks = client.chat_completion_stream(CHAT)
    next(chunks)
    chunks.close()
    assert texts(client.chat_completion_stream(CHAT)) == ["b"]
    assert server.connections == 2


# Incomplete and invalid streams


@pytest.mark.parametrize(
    "end",
    [end_chunks, close, reset],
    ids=["ended", "closed", "reset"],
)
def test_incomplete_stream(connect, serve, end):
    """The exception has the text so far."""
    release = threading.Event()

    def wait_and_end():
        release.wait(60)  # a reset may overtake what was sent before
        yield from end()

    server = serve(send_events(chunk("Once"), chunk(" upon"), end=wait_and_end))
    chunks = connect(base_url=server.url).chat_completion_stream(CHAT)
    assert texts([next(chunks), next(chunks)]) == ["Once", " upon"]
    release.set()
    with pytest.raises(StreamInterruptedError) as caught:
        next(chunks)
    assert caught.value.partial == "Once upon"


def test_incomplete_completion(connect):
    """Its text is in the choices."""
    with pytest.raises(StreamInterruptedError) as caught:
        list(connect(stream(completion_chunk("Once"))).completion_stream(COMPLETION))
    assert (caught.value.partial, caught.value.request_id) == ("Once", "req_1")


def test_incomplete_last_event(connect):
    """`[DONE]` without an empty line after it is not an event."""
    with pytest.raises(StreamInterruptedError) as caught:
        list(connect(stream(chunk("a"), DONE.rstrip())).chat_completion_stream(CHAT))
    assert caught.value.partial == "a"


def test_empty_stream(connect):
    """It is incomplete."""
    with pytest.raises(StreamInterruptedError) as caught:
        list(connect(stream()).chat_completion_stream(CHAT))
    assert caught.value.partial == ""


def test_stalled_stream(connect, serve):
    """It ends by the timeout, with the text so far."""
    server = serve(send_events(chunk("a"), end=wait_for_disconnect))
    chunks = connect(base_url=server.url, timeout=0.1).chat_completion_stream(CHAT)
    with pytest.raises(TimeoutError) as caught:
        list(chunks)
    assert isinstance(caught.value, PolarGridError)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (b'data: {"error": {"message": "no", "type": "rate_limit_error"}}\n\n', RateLimitError),
        (b'data: {"error": {"message": "no", "type": "authentication_error"}}\n\n', AuthenticationError),
        (b'data: {"error": "no"}\n\n', ServerError),
        (b'event: error\ndata: {"message": "no", "type": "rate_limit_error"}\n\n', RateLimitError),
        (b"event: error\ndata: no\n\n", ServerError),
    ],
)
@pytest.mark.parametrize("before", [[], [chunk("a")]], ids=["first", "second"])
def test_error_event(connect, event, kind, before):
    """Its type selects the exception."""
    chunks = connect(stream(*before, event, DONE)).chat_completion_stream(CHAT)
    assert texts([next(chunks) for _ in before]) == ["a" for _ in before]
    with pytest.raises(PolarGridError, match="no") as caught:
        next(chunks)
    assert (type(caught.value), caught.value.request_id) == (kind, "req_1")


@pytest.mark.parametrize("data", [b"junk", b"{", b"null", b"[]", b"{}", b'{"id": "\xff"}', b"7"])
def test_invalid_event(connect, data):
    """It is a ServerError that names the operation, with the text so far."""
    chunks = connect(stream(chunk("a"), b"data: " + data + b"\n\n", DONE)).chat_completion_stream(CHAT)
    next(chunks)
    with pytest.raises(ServerError, match=r"^chat_completion: event does not match") as caught:
        next(chunks)
    assert caught.value.partial == "a"


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, json={"id": "chatcmpl-1"}),
        httpx.Response(200, html="<p>Log in</p>"),
        httpx.Response(200, content=b"data: [DONE]\n\n"),
    ],
    ids=["JSON", "HTML", "no Content-Type"],
)
def test_response_that_is_not_a_stream(connect, response):
    """The message has its Content-Type."""
    with pytest.raises(ServerError, match=r"^chat_completion: expected a stream, not Content-Type "):
        list(connect(response).chat_completion_stream(CHAT))


def test_line_without_an_end(connect):
    """It is rejected beyond the limit."""
    with pytest.raises(ServerError, match="event exceeds max_event_bytes, 1000 bytes"):
        list(connect(stream(b"data: " + b"x" * 2000), max_event_bytes=1000).chat_completion_stream(CHAT))


def test_error_response(connect):
    """It is raised like that of any call."""
    response = httpx.Response(401, json={"error": {"message": "Invalid API key"}})
    with pytest.raises(AuthenticationError, match="Invalid API key"):
        list(connect(response).chat_completion_stream(CHAT))


# Retries


@pytest.mark.parametrize("failure", [BUSY, httpx.Response(429, headers={"retry-after-ms": "1"})])
def test_retry_before_the_first_chunk(connect, failure):
    """All attempts have one idempotency key."""
    client = connect(failure, failure, stream(chunk("a"), DONE), max_retries=2)
    assert texts(client.chat_completion_stream(CHAT)) == ["a"]
    assert len({request.headers["idempotency-key"] for request in client.requests}) == 1
    assert len(client.requests) == 3


@pytest.mark.parametrize("end", [close, end_chunks], ids=["closed", "ended"])
def test_retry_of_a_stream_without_chunks(connect, serve, end):
    """A comment does not start the stream."""
    server = serve(send_events(b": ping\n\n", end=end), send_events(chunk("a"), DONE))
    client = connect(base_url=server.url, max_retries=1, retry=RetryPolicy(first_delay=0))
    assert texts(client.chat_completion_stream(CHAT)) == ["a"]
    assert len(server.requests) == 2


def test_no_retry_after_the_first_chunk(connect, serve):
    """The caller has a part of the text."""
    server = serve(send_events(chunk("a"), end=close), send_events(chunk("b"), DONE))
    chunks = connect(base_url=server.url, max_retries=3).chat_completion_stream(CHAT)
    with pytest.raises(StreamInterruptedError):
        list(chunks)
    assert len(server.requests) == 1


# Streams that are read again


async def cancel_read(stream) -> None:
    """Cancel a task that waits for the next item of a stream."""

    async def read():
        return await anext(stream)

    task = asyncio.create_task(read())
    await asyncio.sleep(0)  # the task runs until it waits for the server
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("method", ["create", "stream"])
def test_stream_whose_read_was_cancelled(run_loop, serve, key, method):
    """It fails when it is read on: it has not ended, and the rest cannot be read."""
    server = serve(send_events(chunk("a"), end=wait_for_disconnect))

    async def main():
        async with PolarGrid(api_key=key, base_url=server.url) as client:
            completions = client.chat.completions
            text = await completions.create(**CHAT, stream=True) if method == "create" else completions.stream(**CHAT)
            await anext(text)
            if method == "stream":
                await anext(text)  # the delta of the chunk
            await cancel_read(text)
            for _ in range(2):
                with pytest.raises(StreamInterruptedError, match="CancelledError ended the stream") as caught:
                    await anext(text)
                assert (caught.value.partial, caught.value.meta.attempts) == ("a", 1)
            if method == "stream":
                with pytest.raises(StreamInterruptedError):
                    await text.get_final_completion()

    run_loop(main())


def test_closed_stream_does_not_fail(connect):
    """Closing it is no failure: it has no more chunks."""
    chunks = connect(stream(chunk("a"), chunk("b"), DONE)).chat.completions.create(**CHAT, stream=True)
    next(chunks)
    chunks.close()
    assert list(chunks) == list(chunks) == []


def test_complete_stream_can_be_read_again(connect):
    """It has no more chunks."""
    chunks = connect(stream(chunk("a"), DONE)).chat_completion_stream(CHAT)
    assert texts(chunks) == ["a"]
    assert list(chunks) == list(chunks) == []

"""What both clients do with an answer that comes in pieces."""

import json
import threading

import httpx
import pytest

from polargrid import (
    AuthenticationError,
    NetworkError,
    PolarGridError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
    ValidationError,
)
from polargrid.types import ChatCompletionChunk, CompletionChunk

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
SPEECH = {"model": "tts-1", "input": "Hi", "voice": "alloy"}
DONE = b"data: [DONE]\n\n"
BUSY = httpx.Response(503, headers={"retry-after-ms": "1"})


def chunk(text: str | None = None, finish_reason: str | None = None, **more) -> bytes:
    """An event of a streamed chat."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps({**data, **more}, ensure_ascii=False)}\n\n".encode()


def stream(*events: bytes, media_type: str = "text/event-stream") -> httpx.Response:
    headers = {"content-type": media_type, "x-request-id": "req_1"}
    return httpx.Response(200, headers=headers, content=b"".join(events))


def texts(chunks) -> list[str | None]:
    return [each.choices[0].delta.content for each in chunks]


def pieces(*data: bytes, end=lambda connection: connection.piece(b"")):
    """A script that sends these pieces, and then ends the answer like that."""

    def script(connection):
        connection.request()
        connection.start_stream()
        for each in data:
            connection.piece(each)
        end(connection)

    return script


# A stream that goes well


def test_chunks(connect):
    """Each event becomes a chunk; `[DONE]` is none."""
    chunks = list(
        connect(stream(chunk("Once"), chunk(" upon"), chunk(finish_reason="stop"), DONE)).chat_completion_stream(CHAT)
    )
    assert {type(each) for each in chunks} == {ChatCompletionChunk}
    assert texts(chunks) == ["Once", " upon", None]


def test_chunks_of_a_completion(connect):
    """A completion's chunks are its own."""
    choice = {"text": " Paris.", "index": 0, "finish_reason": "stop"}
    data = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m", "choices": [choice]}
    client = connect(stream(f"data: {json.dumps(data)}\n\n".encode(), DONE))
    (only,) = client.completion_stream({"model": "m", "prompt": "The capital of France is"})
    assert isinstance(only, CompletionChunk)
    assert only.choices[0].text == " Paris."


def test_request(connect):
    """`stream: true` is set, and events are asked for."""
    client = connect(stream(DONE))
    list(client.chat_completion_stream(CHAT))
    (request,) = client.requests
    assert json.loads(request.content) == {**CHAT, "stream": True}
    assert request.headers["accept"] == "text/event-stream"


def test_nothing_is_sent_before_the_first_iteration(connect):
    """A stream that nobody reads costs nothing."""
    client = connect(stream(DONE))
    chunks = client.chat_completion_stream(CHAT)
    assert client.requests == []
    list(chunks)
    assert len(client.requests) == 1


def test_malformed_request(connect):
    """A malformed request is told before anything is sent."""
    client = connect(stream(DONE))
    with pytest.raises(ValidationError, match="messages"):
        list(client.chat_completion_stream({"model": "m"}))
    assert client.requests == []


@pytest.mark.parametrize("media_type", ["text/event-stream", "text/event-stream; charset=utf-8", "Text/Event-Stream"])
def test_media_type(connect, media_type):
    """The media type may have parameters and capitals."""
    assert texts(connect(stream(chunk("a"), DONE, media_type=media_type)).chat_completion_stream(CHAT)) == ["a"]


def test_first_chunk_while_the_edge_still_sends(connect, serve):
    """The first chunk is there while the edge has not sent the second."""
    received, waited = threading.Event(), []

    def script(connection):
        connection.request()
        connection.start_stream()
        connection.piece(chunk("first"))
        waited.append(received.wait(10))
        connection.piece(chunk("second") + DONE)
        connection.piece(b"")

    edge = serve(script)
    chunks = connect(base_url=edge.url).chat_completion_stream(CHAT)
    assert texts([next(chunks)]) == ["first"]
    received.set()
    assert texts(chunks) == ["second"]
    assert waited == [True]


def test_character_between_packets(connect, serve):
    """A character that is cut between packets is whole again."""
    data = chunk("\U0001f9ca\u2028é") + DONE
    edge = serve(pieces(*[bytes([byte]) for byte in data]))
    assert texts(connect(base_url=edge.url).chat_completion_stream(CHAT)) == ["\U0001f9ca\u2028é"]


def test_done_ends_the_stream(connect, serve):
    """After `[DONE]` nothing is waited for, even where the edge keeps the connection open."""
    left = []

    def script(connection):
        connection.request()
        connection.start_stream()
        connection.piece(chunk("a") + DONE)
        left.append(connection.left())

    edge = serve(script)
    assert texts(connect(base_url=edge.url).chat_completion_stream(CHAT)) == ["a"]
    edge.join()
    assert left == [True]


def test_nothing_comes_after_done(connect):
    """Events after `[DONE]` are no chunks."""
    assert texts(connect(stream(chunk("a"), DONE, chunk("b"), b"data: junk\n\n")).chat_completion_stream(CHAT)) == ["a"]


def test_finish_reason_ends_a_stream_without_done(connect):
    """A finish_reason is an end as well as `[DONE]`."""
    assert texts(connect(stream(chunk("a"), chunk("b", "stop"))).chat_completion_stream(CHAT)) == ["a", "b"]


def test_usage_after_the_finish_reason(connect):
    """A chunk that tells the usage comes after the finish_reason, and arrives."""
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    client = connect(stream(chunk("a", "stop"), chunk(choices=[], usage=usage), DONE))
    assert list(client.chat_completion_stream(CHAT))[-1].usage.total_tokens == 3


def test_unknown_fields(connect):
    """A field that this version does not know is kept in a chunk, and an unknown finish_reason arrives."""
    (only,) = connect(stream(chunk("a", "of_tomorrow", of_tomorrow=1))).chat_completion_stream(CHAT)
    assert (only.model_extra, only.choices[0].finish_reason) == ({"of_tomorrow": 1}, "of_tomorrow")


def test_comments(connect):
    """Comments, names, ids and empty lines are no chunks."""
    noise = b": ping\n\nevent: message\nid: 1\nretry: 5\n"
    assert texts(connect(stream(noise, chunk("a"), b":\n\n", DONE)).chat_completion_stream(CHAT)) == ["a"]


def test_the_word_error_in_a_text(connect):
    """A text that speaks of an error is a text."""
    said = 'it says "error": {"message": "no"}'
    assert texts(connect(stream(chunk(said), DONE)).chat_completion_stream(CHAT)) == [said]


@pytest.mark.parametrize("nothing", [None, {}])
def test_error_of_nothing(connect, nothing):
    """A chunk whose `error` is empty is a chunk."""
    assert texts(connect(stream(chunk("a", error=nothing), DONE)).chat_completion_stream(CHAT)) == ["a"]


# Leaving early


def test_leaving_early(connect, serve):
    """A stream that is closed early closes its connection while the edge still sends."""
    left = []

    def script(connection):
        connection.request()
        connection.start_stream()
        connection.piece(chunk("a"))
        left.append(connection.left())

    edge = serve(script)
    chunks = connect(base_url=edge.url).chat_completion_stream(CHAT)
    assert texts([next(chunks)]) == ["a"]
    chunks.close()
    edge.join()
    assert left == [True]


def test_iterating_after_closing(connect):
    """A stream that was closed has no more chunks."""
    chunks = connect(stream(chunk("a"), chunk("b"), DONE)).chat_completion_stream(CHAT)
    next(chunks)
    chunks.close()
    assert list(chunks) == []


def test_another_call_after_leaving(connect, serve):
    """The client goes on with a connection that is whole."""
    edge = serve(pieces(chunk("a"), end=lambda connection: connection.left()), pieces(chunk("b"), DONE))
    client = connect(base_url=edge.url)
    chunks = client.chat_completion_stream(CHAT)
    next(chunks)
    chunks.close()
    assert texts(client.chat_completion_stream(CHAT)) == ["b"]


# A stream that goes wrong


@pytest.mark.parametrize(
    "end",
    [lambda connection: connection.piece(b""), lambda _: None, lambda connection: connection.reset()],
    ids=["ended", "closed", "reset"],
)
def test_no_end(connect, serve, end):
    """A stream that stops without an end says so, and has the text so far."""
    release = threading.Event()

    def wait_and_end(connection):
        release.wait(10)  # a reset may overtake what was sent before
        end(connection)

    edge = serve(pieces(chunk("Once"), chunk(" upon"), end=wait_and_end))
    chunks = connect(base_url=edge.url).chat_completion_stream(CHAT)
    assert texts([next(chunks), next(chunks)]) == ["Once", " upon"]
    release.set()
    with pytest.raises(StreamInterruptedError) as caught:
        next(chunks)
    assert caught.value.partial == "Once upon"


def test_no_end_of_a_completion(connect):
    """A completion's text so far is that of its choices."""
    data = {
        "id": "1",
        "object": "text_completion",
        "created": 1,
        "model": "m",
        "choices": [{"text": "Once", "index": 0}],
    }
    client = connect(stream(f"data: {json.dumps(data)}\n\n".encode()))
    with pytest.raises(StreamInterruptedError) as caught:
        list(client.completion_stream({"model": "m", "prompt": "p"}))
    assert (caught.value.partial, caught.value.request_id) == ("Once", "req_1")


def test_unterminated_last_event(connect):
    """A last event without its empty line is no event: the stream is not complete."""
    with pytest.raises(StreamInterruptedError) as caught:
        list(connect(stream(chunk("a"), DONE.rstrip())).chat_completion_stream(CHAT))
    assert caught.value.partial == "a"


def test_empty_stream(connect):
    """A stream of nothing is not complete."""
    with pytest.raises(StreamInterruptedError) as caught:
        list(connect(stream()).chat_completion_stream(CHAT))
    assert caught.value.partial == ""


def test_stalled(connect, serve):
    """A stream that stalls ends with a TimeoutError, or says that it was interrupted."""
    edge = serve(pieces(chunk("a"), end=lambda connection: connection.left()))
    with pytest.raises((TimeoutError, StreamInterruptedError)):
        list(connect(base_url=edge.url, timeout=0.1).chat_completion_stream(CHAT))


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (b'data: {"error": {"message": "no", "type": "rate_limit_error"}}\n\n', RateLimitError),
        (b'data: {"error": {"message": "no", "type": "authentication_error"}}\n\n', AuthenticationError),
        (b'data: {"error": {"message": "no", "type": "server_error"}}\n\n', ServerError),
        (b'data: {"error": {"message": "no", "code": 429}}\n\n', RateLimitError),
        (b'data: {"error": "no"}\n\n', ServerError),
        (b'event: error\ndata: {"message": "no", "type": "rate_limit_error"}\n\n', RateLimitError),
        (b"event: error\ndata: no\n\n", ServerError),
    ],
)
@pytest.mark.parametrize("before", [[], [chunk("a")]], ids=["first", "midway"])
def test_error_event(connect, event, kind, before):
    """An error inside a stream is raised, in the class of its type."""
    chunks = connect(stream(*before, event, DONE)).chat_completion_stream(CHAT)
    assert texts([next(chunks) for _ in before]) == ["a" for _ in before]
    with pytest.raises(PolarGridError, match="no") as caught:
        next(chunks)
    assert (type(caught.value), caught.value.request_id) == (kind, "req_1")


@pytest.mark.parametrize("data", [b"junk", b"{", b"null", b"[]", b"{}", b'{"id": "\xff"}', b"7"])
def test_junk_event(connect, data):
    """An event that is no chunk is a ServerError that names the operation."""
    chunks = connect(stream(chunk("a"), b"data: " + data + b"\n\n", DONE)).chat_completion_stream(CHAT)
    next(chunks)
    with pytest.raises(ServerError, match="chat_completion"):
        next(chunks)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"id": "chatcmpl-1"}),
        httpx.Response(200, html="<p>Log in</p>"),
        httpx.Response(200, content=b"data: [DONE]\n\n"),
    ],
    ids=["JSON", "HTML", "no type"],
)
def test_no_stream_at_all(connect, answer):
    """An answer that is no stream is a ServerError that says what it is."""
    with pytest.raises(ServerError, match="stream was asked for"):
        list(connect(answer).chat_completion_stream(CHAT))


def test_line_without_end(connect):
    """A line that does not end is given up on, in bounded memory."""
    with pytest.raises(ServerError, match="longer than"):
        list(connect(stream(b"data: " + b"x" * 9_000_000)).chat_completion_stream(CHAT))


def test_status(connect):
    """An error status is the exception of it, as for any call."""
    answer = httpx.Response(401, json={"error": {"message": "Invalid API key"}})
    with pytest.raises(AuthenticationError, match="Invalid API key"):
        list(connect(answer).chat_completion_stream(CHAT))


# Trying again


@pytest.mark.parametrize("fault", [BUSY, httpx.Response(429, headers={"retry-after-ms": "1"})])
def test_again_before_the_first_event(connect, fault):
    """Before the first event a stream is tried again like any call, under one idempotency key."""
    client = connect(fault, fault, stream(chunk("a"), DONE), max_retries=2)
    assert texts(client.chat_completion_stream(CHAT)) == ["a"]
    assert len({request.headers["idempotency-key"] for request in client.requests}) == 1
    assert len(client.requests) == 3


def test_again_after_a_head_without_events(connect, serve):
    """A stream that broke before its first event is tried again, too."""
    edge = serve(pieces(b": ping\n\n", end=lambda _: None), pieces(chunk("a"), DONE))
    assert texts(connect(base_url=edge.url, max_retries=1).chat_completion_stream(CHAT)) == ["a"]


def test_never_after_the_first_event(connect, serve):
    """After the first event a stream is never sent again: the caller has a part of it."""
    edge = serve(pieces(chunk("a"), end=lambda _: None), pieces(chunk("b"), DONE))
    chunks = connect(base_url=edge.url, max_retries=3).chat_completion_stream(CHAT)
    with pytest.raises(StreamInterruptedError):
        list(chunks)
    assert len(edge.requests) == 1


# Speech


def test_speech_as_it_comes(connect, serve):
    """A piece of audio is there while the edge has not made the next."""
    received, waited = threading.Event(), []

    def script(connection):
        connection.request()
        connection.start_stream("audio/pcm")
        connection.piece(b"\0\1")
        waited.append(received.wait(10))
        connection.piece(b"\2\3")
        connection.piece(b"")

    audio = connect(base_url=serve(script).url).text_to_speech_stream(SPEECH)
    assert next(audio) == b"\0\1"
    received.set()
    assert b"".join(audio) == b"\2\3"
    assert waited == [True]


def test_speech_request(connect):
    """A stream of speech is asked for with `stream: true`."""
    client = connect(stream(b"ID3", media_type="audio/mpeg"))
    assert b"".join(client.text_to_speech_stream(SPEECH)) == b"ID3"
    assert json.loads(client.requests[0].content) == {**SPEECH, "stream": True}


def test_speech_that_breaks(connect, serve):
    """Audio that breaks off is a NetworkError, and is not sent again."""

    def script(connection):
        connection.request()
        connection.start_stream("audio/mpeg")
        connection.piece(b"ID3")

    edge = serve(script)
    audio = connect(base_url=edge.url, max_retries=3).text_to_speech_stream(SPEECH)
    assert next(audio) == b"ID3"
    with pytest.raises(NetworkError):
        next(audio)
    assert len(edge.requests) == 1


@pytest.mark.parametrize("answer", [httpx.Response(200, json={}), httpx.Response(200, html="<p>Log in</p>")])
def test_no_speech_at_all(connect, answer):
    """An answer that is no audio is a ServerError."""
    with pytest.raises(ServerError, match="stream was asked for"):
        list(connect(answer).text_to_speech_stream(SPEECH))

"""A stream's bytes -> its chunks, and whether it ended as it should; what clients make of it is in test_streams.py."""

from __future__ import annotations

import json

import httpx
import pytest

from polargrid import errors
from polargrid.chunks import BytesChunks, EventChunks, kind_of
from polargrid_generated import operations
from polargrid_runtime.response import ResponseMeta as Meta

META = Meta(request_id="req_1", status_code=200)
DONE = b"data: [DONE]\n\n"
HEAD = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def event(data, name=None):
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return (f"event: {name}\n".encode() if name else b"") + b"data: " + content + b"\n\n"


def chunk(content=None, finish_reason=None, **more):
    choice = {"index": 0, "delta": {} if content is None else {"content": content}, "finish_reason": finish_reason}
    return event({**HEAD, "choices": [choice], **more})


def completion(text):
    head = {**HEAD, "object": "text_completion"}
    return event({**head, "choices": [{"text": text, "index": 0, "finish_reason": None}]})


@pytest.fixture
def chunks():
    return EventChunks(operations.CHAT_COMPLETION, META, 4096)


def texts(found):
    return [each.choices[0].delta.content for each in found]


# Events


def test_a_chunk_for_each_event(chunks):
    """Each event is a chunk, which knows how its call went."""
    (only,) = chunks.feed(chunk("a"))
    assert (only.choices[0].delta.content, only.meta) == ("a", META)


def test_each_as_it_comes(chunks):
    """A chunk is there as soon as its event is."""
    assert texts(chunks.feed(chunk("a") + chunk("b")[:-1])) == ["a"]
    assert texts(chunks.feed(b"\n")) == ["b"]


def test_done(chunks):
    """`[DONE]` ends the stream; nothing that follows is looked at."""
    assert (chunks.done, texts(chunks.feed(chunk("a") + DONE + event(b"junk"))), chunks.done) == (False, ["a"], True)
    assert list(chunks.feed(event(b"junk"))) == []
    chunks.end()


def test_done_in_a_packet_of_its_own(chunks):
    """`[DONE]` is no chunk, and begins nothing."""
    assert list(chunks.feed(DONE)) == []
    assert (chunks.begun, chunks.done) == (False, True)


def test_begun(chunks):
    """A stream has begun with its first chunk, not with a comment."""
    list(chunks.feed(b": ping\n\n"))
    assert chunks.begun is False
    list(chunks.feed(chunk("a")))
    assert chunks.begun is True


def test_not_begun_by_junk(chunks):
    """What cannot be read is no beginning: the call may be tried again."""
    with pytest.raises(errors.ServerError):
        list(chunks.feed(event(b"junk")))
    assert chunks.begun is False


def test_event_of_no_type():
    """Where the spec does not say what an event is, it is its bytes."""
    assert list(EventChunks(operations.HEALTH, META, 4096).feed(event(b"any"))) == [b"any"]


def test_junk(chunks):
    """An event that is no chunk is a ServerError that says what it should be, and quotes it."""
    with pytest.raises(errors.ServerError) as caught:
        list(chunks.feed(event(b"junk")))
    told = caught.value
    assert told.message == "chat_completion: an event is not the ChatCompletionChunk it should be: junk"
    assert (told.status_code, told.request_id) == (200, "req_1")
    assert isinstance(told.__cause__, ValueError)


def test_too_long():
    """An event that is longer than the bound is a ServerError."""
    chunks = EventChunks(operations.CHAT_COMPLETION, META, 64)
    with pytest.raises(errors.ServerError) as caught:
        list(chunks.feed(b"data: " + b"x" * 100))
    assert caught.value.message == "chat_completion: an event is longer than 64 bytes"
    assert caught.value.request_id == "req_1"


# Errors


@pytest.mark.parametrize(
    ("sent", "kind", "message"),
    [
        (event({"error": {"message": "no", "code": 429}}), errors.RateLimitError, "no"),
        (event({"error": "no"}), errors.ServerError, "no"),
        (event({"message": "no", "code": 429}, "error"), errors.RateLimitError, "no"),
        (event(b"n\xff", "error"), errors.ServerError, "n\ufffd"),
        (event(b"[" * 9_000, "error"), errors.ServerError, "[" * 9_000),
        (event({}, "error"), errors.ServerError, "The edge reported an error in the stream"),
    ],
)
def test_error_event(sent, kind, message):
    """An error inside a stream is raised, by its name or by what it holds."""
    chunks = EventChunks(operations.CHAT_COMPLETION, META, 10_000)
    with pytest.raises(errors.PolarGridError) as caught:
        list(chunks.feed(sent))
    assert (type(caught.value), caught.value.message, caught.value.request_id) == (kind, message, "req_1")


@pytest.mark.parametrize("data", [b'{"error"', b"[" * 4000 + b'"error"', b'["error"]', b'{"error": null}'])
def test_the_word_alone(chunks, data):
    """What only holds the word is no error of the edge's; here it is junk."""
    with pytest.raises(errors.ServerError, match=r"^chat_completion: an event is not"):
        list(chunks.feed(event(data)))


def test_an_error_of_nothing(chunks):
    """A chunk whose `error` is empty is a chunk."""
    assert texts(chunks.feed(chunk("a", error=None))) == ["a"]


# The end


def test_no_end(chunks):
    """A stream without an end is interrupted, and tells the text so far."""
    list(chunks.feed(chunk("Once") + chunk() + chunk(" upon")))
    with pytest.raises(errors.StreamInterruptedError) as caught:
        chunks.end()
    told = caught.value
    assert told.message == "chat_completion: the stream ended before the answer did"
    assert (told.partial, told.request_id) == ("Once upon", "req_1")


def test_finish_reason(chunks):
    """A finish_reason is an end as well, whatever comes after it."""
    list(chunks.feed(chunk("a", "stop") + chunk("b")))
    chunks.end()
    assert chunks.done is False


def test_text_of_a_completion():
    """A completion's text so far is that of its choices."""
    chunks = EventChunks(operations.COMPLETION, META, 4096)
    list(chunks.feed(completion("Once") + completion(" upon")))
    assert chunks.broken(errors.TimeoutError("slow")).partial == "Once upon"


def test_broken_connection(chunks):
    """A connection that broke is a stream that was interrupted."""
    list(chunks.feed(chunk("a")))
    told = chunks.broken(errors.NetworkError("it broke"))
    assert (type(told), told.message) == (errors.StreamInterruptedError, "chat_completion: it broke")
    assert (told.partial, told.request_id) == ("a", "req_1")


@pytest.mark.parametrize("kind", [errors.StreamInterruptedError, errors.TimeoutError, errors.ServerError])
def test_other_errors_stay(chunks, kind):
    """Any other error is told as it is, with the text so far."""
    list(chunks.feed(chunk("a")))
    error = kind("no")
    told = chunks.broken(error)
    assert (told, told.message, told.partial) == (error, "no", "a")


# Bytes


def test_bytes():
    """A stream of bytes is its pieces."""
    chunks = BytesChunks(operations.TEXT_TO_SPEECH, META, 4096)
    assert (chunks.begun, chunks.done) == (False, False)
    assert [*chunks.feed(b"ID3"), *chunks.feed(b"")] == [b"ID3", b""]
    assert (chunks.begun, chunks.done) == (True, False)
    chunks.end()


def test_no_bytes():
    """An answer of no bytes is no audio."""
    with pytest.raises(errors.ServerError) as caught:
        BytesChunks(operations.TEXT_TO_SPEECH, META, 4096).end()
    assert caught.value.message == "text_to_speech: the answer ended with nothing in it"
    assert (caught.value.status_code, caught.value.request_id) == (200, "req_1")


def test_broken_bytes():
    """Bytes that break off are a stream that was interrupted; another error stays."""
    chunks = BytesChunks(operations.TEXT_TO_SPEECH, META, 4096)
    told = chunks.broken(errors.NetworkError("it broke"))
    assert (type(told), told.message) == (errors.StreamInterruptedError, "text_to_speech: it broke")
    assert told.request_id == "req_1"
    slow = errors.TimeoutError("slow")
    assert chunks.broken(slow) is slow


# Which of both


def kind(operation, media_type):
    return kind_of(operation, httpx.Headers({} if media_type is None else {"content-type": media_type}))


@pytest.mark.parametrize(
    "media_type",
    [
        "text/event-stream",
        "text/event-stream;",
        "text/event-stream;bogus",
        "text/event-stream; charset=utf-8",
        "Text/Event-Stream",
        " text/event-stream ",
    ],
)
def test_event_streams(media_type):
    """An event stream is one by its media type, whatever its parameters (web-platform-tests, format-mime-*)."""
    assert kind(operations.CHAT_COMPLETION, media_type) is EventChunks


@pytest.mark.parametrize("media_type", ["x bogus", "text/event-stream-of-tomorrow", "application/json", "", None])
def test_no_event_streams(media_type):
    """Any other media type is none."""
    assert kind(operations.CHAT_COMPLETION, media_type) is None


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [("audio/mpeg", BytesChunks), ("application/octet-stream", BytesChunks), ("text/event-stream", None), (None, None)],
)
def test_audio(media_type, expected):
    """Where an operation has no events, its stream is audio."""
    assert kind(operations.TEXT_TO_SPEECH, media_type) is expected

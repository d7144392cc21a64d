"""The decoders of streamed bodies; how clients use them is in test_streams.py."""

from __future__ import annotations

import json

import pytest

from polargrid import errors
from polargrid_codec.event_stream import ByteStreamDecoder, EventStreamDecoder
from polargrid_codec.stream_decoders import ChoiceStreamDecoder, select_decoder
from polargrid_generated import operations
from polargrid_runtime.response import ResponseMeta

META = ResponseMeta(request_id="req_1", status_code=200)
DONE = b"data: [DONE]\n\n"
FIELDS = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def event(data, name=None):
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return (f"event: {name}\n".encode() if name else b"") + b"data: " + content + b"\n\n"


def chunk(content=None, finish_reason=None, **fields):
    choice = {"index": 0, "delta": {} if content is None else {"content": content}, "finish_reason": finish_reason}
    return event({**FIELDS, "choices": [choice], **fields})


def completion(text):
    choice = {"text": text, "index": 0, "finish_reason": None}
    return event({**FIELDS, "object": "text_completion", "choices": [choice]})


@pytest.fixture
def decoder():
    return ChoiceStreamDecoder(operations.CHAT_COMPLETION, META, 4096)


def texts(chunks):
    return [item.choices[0].delta.content for item in chunks]


# Events


def test_event_is_decoded_to_a_chunk_with_meta(decoder):
    """Each event is a chunk that has the metadata of the call."""
    (item,) = decoder.feed(chunk("a"))
    assert (item.choices[0].delta.content, item.meta) == ("a", META)


def test_chunk_is_returned_as_soon_as_its_event_is_complete(decoder):
    """The decoder does not wait for the next event."""
    assert texts(decoder.feed(chunk("a") + chunk("b")[:-1])) == ["a"]
    assert texts(decoder.feed(b"\n")) == ["b"]


def test_done_ends_the_stream(decoder):
    """Data after `[DONE]` is not decoded."""
    assert (decoder.done, texts(decoder.feed(chunk("a") + DONE + event(b"junk"))), decoder.done) == (False, ["a"], True)
    assert list(decoder.feed(event(b"junk"))) == []
    decoder.finish()


def test_done_is_not_a_chunk(decoder):
    """A stream of `[DONE]` alone has not started."""
    assert list(decoder.feed(DONE)) == []
    assert (decoder.started, decoder.done) == (False, True)


def test_first_chunk_starts_the_stream(decoder):
    """A comment does not start it."""
    list(decoder.feed(b": ping\n\n"))
    assert decoder.started is False
    list(decoder.feed(chunk("a")))
    assert decoder.started is True


def test_invalid_event_does_not_start_the_stream(decoder):
    """The call can be retried after it."""
    with pytest.raises(errors.ServerError):
        list(decoder.feed(event(b"junk")))
    assert decoder.started is False


def test_event_of_text():
    """An operation whose events are text returns their data."""
    assert list(EventStreamDecoder(operations.HEALTH, META, 4096).feed(event(b"any"))) == ["any"]


def test_invalid_event_is_a_server_error(decoder):
    """The message names the operation, the expected type and the reason, and quotes the event."""
    with pytest.raises(errors.ServerError) as caught:
        list(decoder.feed(event(b"junk")))
    error = caught.value
    reason = "Invalid JSON: expected value at line 1 column 1"
    assert error.message == f"chat_completion: event does not match ChatCompletionChunk ({reason}): junk"
    assert (error.status_code, error.request_id) == (200, "req_1")


def test_invalid_event_is_redacted():
    """The key is replaced in the excerpt, and nothing that quotes the event is the cause."""

    def redact(text):
        return text.replace("pg_secret", "****")

    decoder = ChoiceStreamDecoder(operations.CHAT_COMPLETION, META, 4096, redact)
    with pytest.raises(errors.ServerError, match=r": \*\*\*\* \(") as caught:
        list(decoder.feed(event(b"pg_secret")))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_event_beyond_the_limit_is_a_server_error():
    """The message names the option to change."""
    decoder = ChoiceStreamDecoder(operations.CHAT_COMPLETION, META, 64)
    with pytest.raises(errors.ServerError) as caught:
        list(decoder.feed(b"data: " + b"x" * 100))
    assert caught.value.message == "chat_completion: event exceeds max_event_bytes, 64 bytes"
    assert caught.value.request_id == "req_1"


# Error events


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        (event({"error": {"message": "no", "code": 429}}), errors.RateLimitError, "no"),
        (event({"error": "no"}), errors.ServerError, "no"),
        (event({"message": "no", "code": 429}, "error"), errors.RateLimitError, "no"),
        (event(b"n\xff", "error"), errors.ServerError, "n\ufffd"),
        (event(b"[" * 9_000, "error"), errors.ServerError, "[" * 9_000),
        (event({}, "error"), errors.ServerError, "error event without a message"),
        (event(b"", "error"), errors.ServerError, "error event without a message"),
        (event("no memory", "error"), errors.ServerError, "no memory"),
        (event([7], "error"), errors.ServerError, "[7]"),
        (event(None, "error"), errors.ServerError, "null"),
    ],
)
def test_error_event_is_raised(data, kind, message):
    """An event is an error by its name or by its `error` field."""
    decoder = ChoiceStreamDecoder(operations.CHAT_COMPLETION, META, 10_000)
    with pytest.raises(errors.PolarGridError) as caught:
        list(decoder.feed(data))
    assert (type(caught.value), caught.value.message, caught.value.request_id) == (kind, message, "req_1")


@pytest.mark.parametrize("data", [b'{"error"', b"[" * 4000 + b'"error"', b'["error"]', b'{"error": null}'])
def test_event_with_the_word_error_is_not_an_error_event(decoder, data):
    """Without an `error` object it is an invalid chunk."""
    with pytest.raises(errors.ServerError, match=r"^chat_completion: event does not match"):
        list(decoder.feed(event(data)))


def test_chunk_may_have_an_empty_error_field(decoder):
    """Some servers send `"error": null` in each chunk."""
    assert texts(decoder.feed(chunk("a", error=None))) == ["a"]


# Events that are not chunks


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    "data", [event(b"", "ping"), event({"type": "ping"}, "ping"), event(b"not JSON", "ping"), event(b" "), event(b"")]
)
def test_keep_alive_event_is_ignored(decoder, data, is_first):
    """An event of another name, or without data, is no chunk, and does not start the stream."""
    if not is_first:
        assert texts(decoder.feed(chunk("a"))) == ["a"]
    assert list(decoder.feed(data)) == []
    assert (decoder.started, decoder.done) == (not is_first, False)
    assert texts(decoder.feed(chunk("b"))) == ["b"]


@pytest.mark.parametrize("is_first", [True, False])
def test_done_may_have_spaces(decoder, is_first):
    """What follows it is not decoded."""
    if not is_first:
        list(decoder.feed(chunk("a")))
    assert list(decoder.feed(event(b" [DONE] ") + event(b"junk"))) == []
    assert (decoder.done, list(decoder.feed(chunk("b")))) == (True, [])


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (event({"status": "busy"}), "no field of a chunk"),
        (event(b'{"choices": 7}', "ping"), "choices: Input should be a valid array, not 7"),
    ],
)
def test_event_that_is_meant_as_a_chunk(decoder, data, reason, is_first):
    """One without a name, or with choices, is invalid."""
    if not is_first:
        list(decoder.feed(chunk("a")))
    with pytest.raises(errors.ServerError) as caught:
        list(decoder.feed(data))
    assert caught.value.message.startswith(f"chat_completion: event does not match ChatCompletionChunk ({reason}): {{")


# The end of a stream


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "without [DONE] or finish_reason"),
        (DONE, "before its first choice"),
        (chunk(choices=[]) + DONE, "before its first choice"),
        (chunk(choices=[]), "without [DONE] or finish_reason"),
        (chunk(choices=[{"index": 1, "delta": {}}, {"index": 2, "delta": {}}]), "the finish_reason of choice 1"),
        (chunk("a", "stop") + chunk(choices=[{"index": 3, "delta": {}}]), "the finish_reason of choice 3"),
        (chunk(choices=[{"delta": {}}, {"delta": {}, "finish_reason": "stop"}]), "the finish_reason of choice 0"),
        (chunk(choices=[{"delta": {}, "finish_reason": "stop"}, {"delta": {}}]), "the finish_reason of choice 1"),
        (chunk("a") + DONE, None),
        (chunk("a", "stop"), None),
        (chunk(choices=[{"delta": {}, "finish_reason": "stop"}, {"delta": {}, "finish_reason": "stop"}]), None),
    ],
)
def test_end_of_every_choice(decoder, data, reason):
    """A stream ends with `[DONE]` after a choice, or with a finish_reason of each; without an index, by position."""
    list(decoder.feed(data))
    if reason is None:
        decoder.finish()
    else:
        with pytest.raises(errors.StreamInterruptedError) as caught:
            decoder.finish()
        assert caught.value.message.startswith("chat_completion: stream ended ")
        assert (caught.value.message.endswith(reason), caught.value.request_id) == (True, "req_1")


def test_partial_text_is_of_the_first_choice(decoder):
    """The texts of several choices are not mixed."""
    choices = [{"index": 1, "delta": {"content": "b"}}, {"index": 0, "delta": {"content": "a"}}]
    list(decoder.feed(chunk(choices=choices) + chunk(choices=[{"delta": {"content": "a"}}])))
    assert decoder.to_error(errors.TimeoutError("slow")).partial == "aa"


def test_stream_without_an_end_is_interrupted(decoder):
    """The exception has the text so far."""
    list(decoder.feed(chunk("Once") + chunk() + chunk(" upon")))
    with pytest.raises(errors.StreamInterruptedError) as caught:
        decoder.finish()
    error = decoder.to_error(caught.value)
    assert error.message == "chat_completion: stream ended without [DONE] or the finish_reason of choice 0"
    assert (error.partial, error.request_id) == ("Once upon", "req_1")


def test_finish_reason_completes_a_stream(decoder):
    """`[DONE]` is not required after it, and later chunks do not matter."""
    list(decoder.feed(chunk("a", "stop") + chunk("b")))
    decoder.finish()
    assert decoder.done is False


def test_partial_text_of_a_completion():
    """The chunks of completions have their text in the choices."""
    decoder = ChoiceStreamDecoder(operations.COMPLETION, META, 4096)
    list(decoder.feed(completion("Once") + completion(" upon")))
    assert decoder.to_error(errors.TimeoutError("slow")).partial == "Once upon"


def test_network_error_becomes_stream_interrupted_error(decoder):
    """It has the text so far and the id of the request."""
    list(decoder.feed(chunk("a")))
    error = decoder.to_error(errors.NetworkError("connection reset"))
    assert (type(error), error.message) == (errors.StreamInterruptedError, "chat_completion: connection reset")
    assert (error.partial, error.request_id) == ("a", "req_1")


@pytest.mark.parametrize("kind", [errors.StreamInterruptedError, errors.TimeoutError, errors.ServerError])
def test_other_errors_keep_their_class(decoder, kind):
    """They get the text so far."""
    list(decoder.feed(chunk("a")))
    original = kind("no")
    error = decoder.to_error(original)
    assert (error is original, error.message, error.partial) == (True, "no", "a")


# Byte streams


def test_byte_stream_returns_its_data():
    """A stream of audio is not split or joined."""
    decoder = ByteStreamDecoder(operations.TEXT_TO_SPEECH, META, 4096)
    assert (decoder.started, decoder.done) == (False, False)
    assert [*decoder.feed(b"ID3"), *decoder.feed(b"")] == [b"ID3", b""]
    assert (decoder.started, decoder.done) == (True, False)
    decoder.finish()


def test_empty_byte_stream_is_a_server_error():
    """A response without audio does not match the operation."""
    with pytest.raises(errors.ServerError) as caught:
        ByteStreamDecoder(operations.TEXT_TO_SPEECH, META, 4096).finish()
    assert caught.value.message == "text_to_speech: response with an empty body"
    assert (caught.value.status_code, caught.value.request_id) == (200, "req_1")


def test_network_error_interrupts_a_byte_stream():
    """Any other error keeps its class."""
    decoder = ByteStreamDecoder(operations.TEXT_TO_SPEECH, META, 4096)
    error = decoder.to_error(errors.NetworkError("connection reset"))
    assert (type(error), error.message) == (errors.StreamInterruptedError, "text_to_speech: connection reset")
    assert error.request_id == "req_1"
    timeout = errors.TimeoutError("slow")
    assert decoder.to_error(timeout) is timeout


# Which decoder


def select(operation, media_type):
    return select_decoder(operation, {} if media_type is None else {"content-type": media_type})


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
def test_event_stream_by_its_media_type(media_type):
    """Parameters and case do not matter (web-platform-tests, format-mime-*)."""
    assert select(operations.CHAT_COMPLETION, media_type) is ChoiceStreamDecoder


@pytest.mark.parametrize("media_type", ["x bogus", "text/event-stream-2", "application/json", "", None])
def test_other_media_types_are_not_event_streams(media_type):
    """The client raises for them."""
    assert select(operations.CHAT_COMPLETION, media_type) is None


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("audio/mpeg", ByteStreamDecoder),
        ("application/octet-stream", ByteStreamDecoder),
        ("text/event-stream", None),
        (None, None),
    ],
)
def test_operation_without_events_streams_audio(media_type, expected):
    """Its stream is the body, by an audio media type."""
    assert select(operations.TEXT_TO_SPEECH, media_type) is expected

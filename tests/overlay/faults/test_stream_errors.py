"""Streams that hold errors, or something else than was requested."""

import pytest

from polargrid import (
    AuthenticationError,
    RateLimitError,
    ServerError,
)
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    CHAT,
    DONE,
    chunk,
    response,
    send,
    stream,
)

ERRORS = [
    (b'data: {"error": {"message": "no", "type": "rate_limit_error"}}\n\n', RateLimitError),
    (b'data: {"error": {"message": "no", "type": "authentication_error"}}\n\n', AuthenticationError),
    (b'data: {"error": {"message": "no", "code": 429}}\n\n', RateLimitError),
    (b'data: {"error": {"message": "no", "status": 401}}\n\n', AuthenticationError),
    (b'data: {"error": {"message": "no", "type": "server_error"}}\n\n', ServerError),
    (b'data: {"error": "no"}\n\n', ServerError),
    (b'event: error\ndata: {"message": "no", "type": "rate_limit_error"}\n\n', RateLimitError),
    (b"event: error\ndata: no\n\n", ServerError),
    (b'event: error\ndata: {"error": {"message": "no", "code": "rate_limit_exceeded"}}\n\n', RateLimitError),
]


@pytest.mark.parametrize("text", ["", "a"], ids=["first", "midway"])
@pytest.mark.parametrize(("event", "kind"), ERRORS)
@fault(
    "stream",
    "It holds an error event, first or midway, in any shape",
    result="the exception of its type, code or status, with the text so far in `partial`",
    line='fake.fault("stream-error", type="rate_limit_error")',
)
def test_error_event(connect_to, expect_error, event, kind, text):
    client = connect_to(stream(*([chunk(text)] if text else []), event, DONE))
    with expect_error(kind, "no", partial=text):
        list(client.chat_completion_stream(CHAT))


@pytest.mark.parametrize(
    "data",
    [
        *(b"junk", b"{", b"null", b"[]", b"7", b'{"id": "\xff"}', b'{"id": "\\ud800"}'),
        *(chunk("b")[6:-2].replace(b'"created": 1', b'"created": NaN'), b"[" * 100_000, b'{"error":' * 100_000, b"{}"),
    ],
    ids=["text", "truncated", "null", "list", "number", "not UTF-8", "surrogate", "NaN", "deep", "deep error", "empty"],
)
@fault(
    "stream",
    "An event is invalid: junk, truncated, not UTF-8, nested deeply, or has no field of a chunk",
    result="`ServerError` that says why, names the field, and quotes it",
    line='fake.fault("stream-event", data="junk")',
)
def test_invalid_event(connect_to, expect_error, data):
    client = connect_to(stream(chunk("a"), b"data: " + data + b"\n\n", DONE))
    with expect_error(ServerError, r"chat_completion: event does not match ChatCompletionChunk \(.*\): ", partial="a"):
        list(client.chat_completion_stream(CHAT))


@fault(
    "stream",
    "An event is an error in plain text",
    result="`ServerError` that quotes it",
    line='fake.fault("stream-error", shape="text")',
)
def test_plain_text_error(connect_to, expect_error):
    with expect_error(ServerError, "event does not match .*: Internal Server Error", partial="a"):
        list(connect_to(stream(chunk("a"), b"data: Internal Server Error\n\n")).chat_completion_stream(CHAT))


@pytest.mark.parametrize("media_type", ["application/json", "text/html", "text/plain", None])
@fault(
    "stream",
    "JSON, HTML or another media type instead of a stream",
    result="`ServerError` that quotes it",
    line='fake.fault("content-type", value="text/html")',
)
def test_other_media_type(connect_to, expect_error, media_type):
    client = connect_to(send(response(b'{"id": 1}', media_type=media_type)))
    with expect_error(ServerError, 'expected a stream, not Content-Type .*: {"id": 1}', status_code=200):
        list(client.chat_completion_stream(CHAT))


@fault(
    "stream",
    "The status is an error",
    result="the exception of the status, as for any call",
    line='fake.fault("error", status=401)',
)
def test_status(connect_to, expect_error):
    data = response({"error": {"message": "no"}}, status="401 Unauthorized")
    with expect_error(AuthenticationError, "no", status_code=401, partial=""):
        list(connect_to(send(data)).chat_completion_stream(CHAT))

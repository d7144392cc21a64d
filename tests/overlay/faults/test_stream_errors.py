"""Streams that say something else than what was asked for."""

import pytest

from polargrid import (
    AuthenticationError,
    RateLimitError,
    ServerError,
)
from tests.overlay.faults.edges import (
    CHAT,
    DONE,
    answer,
    chunk,
    says,
    streams,
)
from tests.overlay.faults.registry import fault

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


@pytest.mark.parametrize("before", ["", "a"], ids=["first", "midway"])
@pytest.mark.parametrize(("event", "kind"), ERRORS)
@fault(
    "stream",
    "An error comes in it, first or midway, in either shape",
    then="the exception of its type, code or status, with the text so far in `partial`",
)
def test_error(against, fails, event, kind, before):
    client = against(streams(*([chunk("a")] if before else []), event, DONE))
    with fails(kind, "no", partial=before):
        list(client.chat_completion_stream(CHAT))


@pytest.mark.parametrize(
    "data",
    [
        *(b"junk", b"{", b"null", b"[]", b"7", b'{"id": "\xff"}', b'{"id": "\\ud800"}'),
        *(chunk("b")[6:-2].replace(b'"created": 1', b'"created": NaN'), b"[" * 100_000, b'{"error":' * 100_000),
    ],
    ids=["text", "cut", "null", "list", "number", "not UTF-8", "half a character", "NaN", "deep", "deep error"],
)
@fault("stream", "An event is no chunk: junk, cut, not UTF-8, nested deep", then="`ServerError` that quotes it")
def test_junk(against, fails, data):
    with fails(ServerError, "chat_completion: an event is not the ChatCompletionChunk it should be: ", partial="a"):
        list(against(streams(chunk("a"), b"data: " + data + b"\n\n", DONE)).chat_completion_stream(CHAT))


@fault("stream", "An error comes as plain text", then="`ServerError` that quotes it")
def test_plain_error(against, fails):
    with fails(ServerError, "an event is not .*: Internal Server Error", partial="a"):
        list(against(streams(chunk("a"), b"data: Internal Server Error\n\n")).chat_completion_stream(CHAT))


@pytest.mark.parametrize("media_type", ["application/json", "text/html", "text/plain", None])
@fault("stream", "JSON, HTML or anything else comes in its place", then="`ServerError` that quotes it")
def test_no_stream(against, fails, media_type):
    client = against(says(answer(b'{"id": 1}', media_type=media_type)))
    with fails(ServerError, 'a stream was asked for, not .*: {"id": 1}', status_code=200):
        list(client.chat_completion_stream(CHAT))


@fault("stream", "The status is an error", then="the exception of the status, as for any call")
def test_status(against, fails):
    refused = answer({"error": {"message": "no"}}, status="401 Unauthorized")
    with fails(AuthenticationError, "no", status_code=401, partial=""):
        list(against(says(refused)).chat_completion_stream(CHAT))

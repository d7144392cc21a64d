"""An answer -> a model."""

import copy
import json

import httpx
import pytest

from polargrid import ServerError, wire
from polargrid.types import (
    ChatCompletionResponse,
    HealthResponse,
    TranscriptionResponse,
    VerboseTranscriptionResponse,
)
from polargrid_generated import operations
from polargrid_runtime.operation import Operation
from polargrid_runtime.response import ResponseMeta as Meta


def received(operation, body, media_type="application/json", status=200, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    meta = Meta(request_id=headers.get("x-request-id"), status_code=status)
    return wire.decode(operation, httpx.Headers({"content-type": media_type, **headers}), content, meta)


HEALTH = {
    "status": "healthy",
    "runtime": "triton",
    "timestamp": "2026-11-01T12:00:00Z",
    "backend": {"healthy": True},
}


def test_answer():
    """JSON becomes the operation's model."""
    answer = received(operations.HEALTH, HEALTH)
    assert isinstance(answer, HealthResponse)
    assert (answer.status, answer.backend.healthy, answer.node) == ("healthy", True, None)


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/problem+json"],
)
def test_json_by_any_name(media_type):
    """A media type may have parameters, capitals and a prefix."""
    assert received(operations.HEALTH, HEALTH, media_type).status == "healthy"


def test_unknown_fields_come_in():
    """A field that this version does not know is kept."""
    answer = received(operations.HEALTH, {**HEALTH, "of_tomorrow": 1, "backend": {"healthy": True, "of_tomorrow": 2}})
    assert (answer.model_extra, answer.backend.model_extra) == ({"of_tomorrow": 1}, {"of_tomorrow": 2})


def test_unknown_enum_values():
    """A value that an enum does not know arrives as it is."""
    assert received(operations.HEALTH, {**HEALTH, "status": "of_tomorrow"}).status == "of_tomorrow"


def test_unknown_finish_reason(spec):
    """Nor does a finish_reason of tomorrow break a chat."""
    answer = copy.deepcopy(spec["chat_completion"].answer)
    answer["choices"][0]["finish_reason"] = "of_tomorrow"
    assert received(operations.CHAT_COMPLETION, answer).choices[0].finish_reason == "of_tomorrow"


def test_answers_come_from_the_spec(spec):
    """The spec's own example becomes the model that it is an example of."""
    answer = received(operations.CHAT_COMPLETION, spec["chat_completion"].answer)
    assert isinstance(answer, ChatCompletionResponse)
    assert answer.model_dump(exclude_unset=True) == spec["chat_completion"].answer


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"text": "Hi"}, TranscriptionResponse),
        (
            {"text": "Hi", "task": "transcribe", "language": "en", "duration": 1.5, "segments": []},
            VerboseTranscriptionResponse,
        ),
        ({"text": "Hi", "of_tomorrow": 1}, TranscriptionResponse),
    ],
)
def test_the_form_of_a_transcript(body, kind):
    """A transcript with times is told from one without."""
    assert type(received(operations.TRANSCRIBE, body)) is kind


@pytest.mark.parametrize("media_type", ["text/plain; charset=utf-8", "text/vtt", "text/srt"])
def test_text(media_type):
    """A transcript as text is text."""
    assert received(operations.TRANSCRIBE, "Grüße".encode(), media_type) == "Grüße"


@pytest.mark.parametrize("media_type", ["audio/mpeg", "audio/wav", "audio/of-tomorrow", "application/octet-stream"])
def test_bytes(media_type):
    """Audio is bytes, whatever is in them."""
    assert received(operations.TEXT_TO_SPEECH, b"\xff\0{", media_type) == b"\xff\0{"


@pytest.mark.parametrize(
    ("operation", "body", "media_type"),
    [
        (operations.HEALTH, b"<html>Log in</html>", "text/html"),
        (operations.HEALTH, b"<html>Log in</html>", "application/json"),
        (operations.TRANSCRIBE, b"<html>Log in</html>", "text/html; charset=utf-8"),
        (operations.TEXT_TO_SPEECH, b"<html>Log in</html>", "text/html"),
    ],
)
def test_html_with_status_200(operation, body, media_type):
    """A login page with status 200 is a ServerError that quotes it."""
    with pytest.raises(ServerError, match="<html>Log in</html>") as caught:
        received(operation, body, media_type, **{"x-request-id": "req_1"})
    assert (caught.value.status_code, caught.value.request_id) == (200, "req_1")


@pytest.mark.parametrize(
    ("operation", "body", "media_type"),
    [
        (operations.HEALTH, b'{"status": "heal', "application/json"),
        (operations.HEALTH, b'{"status": "\xff"}', "application/json"),
        (operations.HEALTH, b"", "application/json"),
        (operations.HEALTH, b"null", "application/json"),
        (operations.HEALTH, b"[]", "application/json"),
        (operations.HEALTH, b"[" * 100_000, "application/json"),
        (operations.HEALTH, b"{}", "application/json"),
        (operations.HEALTH, b"", ""),
        (operations.TRANSCRIBE, b"\xff", "text/plain"),
        (operations.TEXT_TO_SPEECH, b'{"error": "no"}', "application/json"),
    ],
)
def test_broken_answers(operation, body, media_type):
    """Cut JSON, JSON that is not UTF-8, nothing, or something else: a ServerError that names the operation."""
    with pytest.raises(ServerError, match=operation.name):
        received(operation, body, media_type)


META = Meta(request_id="req_1", status_code=201)
TRANSCRIPTS = "VerboseTranscriptionResponse | TranscriptionResponse"


def test_meta():
    """A JSON answer knows how its call went."""
    body = json.dumps(HEALTH).encode()
    assert wire.decode(operations.HEALTH, {"content-type": "application/json"}, body, META).meta is META


def test_answer_of_nothing():
    """An operation that answers nothing answers None, whatever came."""
    operation = Operation("none", "GET", "/v1/none", "models")
    assert wire.decode(operation, {"content-type": "text/html"}, b"<p>", META) is None


@pytest.mark.parametrize(
    ("operation", "headers", "body", "message"),
    [
        (
            operations.HEALTH,
            {"content-type": "application/json"},
            b"{",
            "health: the answer is not the HealthResponse it should be: {",
        ),
        (
            operations.TRANSCRIBE,
            {"content-type": "text/plain"},
            b"\xff",
            f"transcribe: the answer is not the {TRANSCRIPTS} it should be: \ufffd",
        ),
        (
            operations.HEALTH,
            {"content-type": "text/html"},
            b"<p>",
            "health: the answer is text/html, which it should not be: <p>",
        ),
        (operations.HEALTH, {}, b"", "health: the answer is of no type, which it should not be with nothing in it"),
        (
            operations.TRANSCRIBE,
            {"content-type": "text/event-stream"},
            b"data: 1",
            "transcribe: the answer is text/event-stream, which it should not be: data: 1",
        ),
    ],
)
@pytest.mark.parametrize("status", [200, 201, None])
def test_what_is_wrong_with_an_answer(operation, headers, body, message, status):
    """The exception says what came in place of what, with its status and request."""
    with pytest.raises(ServerError) as caught:
        wire.decode(operation, headers, body, Meta(request_id="req_1", status_code=status))
    told = caught.value
    assert (told.message, told.status_code, told.request_id) == (message, status or 200, "req_1")

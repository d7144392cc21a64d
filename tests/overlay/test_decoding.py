"""Response bodies are decoded to models, text or bytes."""

import copy
import json

import pytest

from polargrid import ServerError
from polargrid.types import (
    ChatCompletionResponse,
    HealthResponse,
    ResponseMeta,
    TranscriptionResponse,
    VerboseTranscriptionResponse,
)
from polargrid_codec.decoding import parse_response
from polargrid_generated import operations
from polargrid_runtime.operation import Operation

HEALTH = {
    "status": "healthy",
    "runtime": "triton",
    "timestamp": "2026-11-01T12:00:00Z",
    "backend": {"healthy": True},
}
META = ResponseMeta(request_id="req_1", status_code=201)


def parse(operation, body, media_type="application/json", meta=META):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse_response(operation, {"content-type": media_type}, content, meta)


# Media types


def test_json():
    """It becomes the operation's model, with the metadata of the call."""
    response = parse(operations.HEALTH, HEALTH)
    assert isinstance(response, HealthResponse)
    assert (response.status, response.backend.healthy, response.node) == ("healthy", True, None)
    assert response.meta is META


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/problem+json"],
)
def test_media_types_of_json(media_type):
    """Parameters, case and a structured suffix are accepted."""
    assert parse(operations.HEALTH, HEALTH, media_type).status == "healthy"


@pytest.mark.parametrize("charset", ["u\0", "unicode_escape", "zlib", "idna", "none-of-these", "", '"'])
def test_unknown_charset(charset):
    """A charset that is none, or another codec of Python, is read as UTF-8."""
    body = "caf\u00e9 \\x41"
    assert parse(operations.TRANSCRIBE, body.encode(), f"text/plain; charset={charset}") == body


@pytest.mark.parametrize("media_type", ["text/plain; charset=utf-8", "text/vtt", "text/srt"])
def test_text(media_type):
    """A transcript as text is a string."""
    assert parse(operations.TRANSCRIBE, "Grüße".encode(), media_type) == "Grüße"


@pytest.mark.parametrize("media_type", ["audio/mpeg", "audio/wav", "audio/unknown", "application/octet-stream"])
def test_audio(media_type):
    """Audio is returned as bytes."""
    assert parse(operations.TEXT_TO_SPEECH, b"\xff\0{", media_type) == b"\xff\0{"


def test_operation_without_a_response():
    """It returns None for any body."""
    assert parse(Operation("none", "GET", "/v1/none", "models"), b"<p>", "text/html") is None


# Models


def test_unknown_fields_are_kept():
    """A server may be newer than this version."""
    response = parse(operations.HEALTH, {**HEALTH, "new": 1, "backend": {"healthy": True, "new": 2}})
    assert (response.model_extra, response.backend.model_extra) == ({"new": 1}, {"new": 2})


def test_unknown_enum_values_are_kept(spec):
    """They are strings."""
    assert parse(operations.HEALTH, {**HEALTH, "status": "unknown"}).status == "unknown"
    chat = copy.deepcopy(spec["chat_completion"].response)
    chat["choices"][0]["finish_reason"] = "unknown"
    assert parse(operations.CHAT_COMPLETION, chat).choices[0].finish_reason == "unknown"


def test_example_of_openapi(spec):
    """It is parsed to the model that it is an example of."""
    response = parse(operations.CHAT_COMPLETION, spec["chat_completion"].response)
    assert isinstance(response, ChatCompletionResponse)
    assert response.model_dump(exclude_unset=True) == spec["chat_completion"].response


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"text": "Hi"}, TranscriptionResponse),
        (
            {"text": "Hi", "task": "transcribe", "language": "en", "duration": 1.5, "segments": []},
            VerboseTranscriptionResponse,
        ),
        ({"text": "Hi", "new": 1}, TranscriptionResponse),
    ],
)
def test_model_of_a_union(body, kind):
    """The fields of a transcript select its model."""
    assert type(parse(operations.TRANSCRIBE, body)) is kind


# Responses that do not match


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
    """The login page of a proxy is quoted."""
    with pytest.raises(ServerError, match="<html>Log in</html>") as caught:
        parse(operation, body, media_type)
    assert (caught.value.status_code, caught.value.request_id) == (201, "req_1")


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
def test_invalid_response(operation, body, media_type):
    """Truncated JSON, invalid UTF-8, an empty body or another type: the message names the operation."""
    with pytest.raises(ServerError, match=f"^{operation.name}: "):
        parse(operation, body, media_type)


@pytest.mark.parametrize(
    ("operation", "headers", "body", "message"),
    [
        (
            operations.HEALTH,
            {"content-type": "application/json"},
            b"{",
            "health: response does not match HealthResponse"
            " (Invalid JSON: EOF while parsing an object at line 1 column 1): {",
        ),
        (
            operations.TRANSCRIBE,
            {"content-type": "text/plain"},
            b"\xff",
            "transcribe: response does not match UTF-8 text"
            " ('utf-8' codec can't decode byte 0xff in position 0: invalid start byte): \ufffd",
        ),
        (
            operations.HEALTH,
            {"content-type": "text/html"},
            b"<p>",
            "health: unexpected Content-Type 'text/html' in the response: <p>",
        ),
        (operations.HEALTH, {}, b"", "health: no Content-Type in the response with an empty body"),
        (
            operations.TRANSCRIBE,
            {"content-type": "text/event-stream"},
            b"data: 1",
            "transcribe: unexpected Content-Type 'text/event-stream' in the response: data: 1",
        ),
    ],
)
@pytest.mark.parametrize("status", [200, 201, None])
def test_message_of_an_invalid_response(operation, headers, body, message, status):
    """It has the expected and the actual content; the exception has the status and the request id."""
    with pytest.raises(ServerError) as caught:
        parse_response(operation, headers, body, ResponseMeta(request_id="req_1", status_code=status))
    error = caught.value
    assert (error.message, error.status_code, error.request_id) == (message, status or 200, "req_1")


# Errors of many items


def iter_schemas(schema):
    """Yield all parts of a core schema."""
    if isinstance(schema, dict):
        yield schema
        schema = list(schema.values())
    if isinstance(schema, list | tuple):
        for item in schema:
            yield from iter_schemas(item)


OPERATIONS = [item for item in vars(operations).values() if isinstance(item, Operation)]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda item: item.name)
def test_validation_collects_few_errors(operation):
    """Validation ends at the first invalid item of every list of a response; a dict with typed values is limited."""
    types = [item.type for item in operation.responses if item.media_type.endswith("json")]
    for adapter in (*map(operation.adapter, types), operation.chunk_type):
        schemas = list(iter_schemas(adapter.core_schema if adapter else {}))
        limited = [item["schema"] for item in schemas if item.get("type") == "function-before"]
        for schema in schemas:
            if schema.get("type") == "list":
                assert schema["fail_fast"], schema
            if schema.get("type") == "dict":
                assert schema in limited or schema.get("values_schema", {"type": "any"})["type"] == "any", schema

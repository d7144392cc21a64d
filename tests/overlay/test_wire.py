"""A request -> what is sent; an answer -> a model."""

import copy
import json
from types import MappingProxyType

import httpx
import pytest

from polargrid import ServerError, ValidationError, wire
from polargrid.types import (
    AudioFormat,
    ChatCompletionRequest,
    ChatCompletionResponse,
    CompletionRequest,
    HealthResponse,
    JsonSchemaFormat,
    Message,
    STTModel,
    TextToSpeechRequest,
    TranscriptionFormat,
    TranscriptionRequest,
    TranscriptionResponse,
    TTSVoice,
    VerboseTranscriptionResponse,
)
from polargrid_generated import operations
from polargrid_generated.answers import Meta

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
SPEECH = {"model": "tts-1", "input": "Hi", "voice": "af_bella"}


def sent(operation, request, **options):
    """The JSON that goes out."""
    return json.loads(wire.encode(operation, request, **options).content)


def form(request, operation=operations.TRANSCRIBE):
    """The fields of the form that goes out."""
    return wire.encode(operation, request, b"RIFF").form


def received(operation, body, media_type="application/json", status=200, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    meta = Meta(request_id=headers.get("x-request-id"), status_code=status)
    return wire.decode(operation, httpx.Headers({"content-type": media_type, **headers}), content, meta)


# Requests


def test_only_what_was_set():
    """Defaults are the edge's to know: only fields that were set are sent."""
    assert sent(operations.CHAT_COMPLETION, CHAT) == CHAT


def test_only_what_was_set_of_a_model():
    """That holds for a model as for a mapping."""
    request = ChatCompletionRequest(model="llama-3.1-8b", messages=[Message(role="user", content="Hi")])
    assert sent(operations.CHAT_COMPLETION, request) == CHAT


@pytest.mark.parametrize("form_of", [dict, MappingProxyType, lambda fields: ChatCompletionRequest(**fields)])
def test_forms_of_a_request(form_of):
    """A request is a dict, any other mapping, or the model."""
    assert sent(operations.CHAT_COMPLETION, form_of(CHAT)) == CHAT


@pytest.mark.parametrize("value", [0, 0.0])
def test_zero(value):
    """A temperature of zero goes out as zero."""
    assert sent(operations.CHAT_COMPLETION, {**CHAT, "temperature": value})["temperature"] == 0


def test_null():
    """A null that was set is sent."""
    assert sent(operations.CHAT_COMPLETION, {**CHAT, "seed": None}) == {**CHAT, "seed": None}


def test_mixed():
    """Models may stand inside a mapping."""
    assert sent(operations.CHAT_COMPLETION, {**CHAT, "messages": [Message(role="user", content="Hi")]}) == CHAT


def test_text_is_utf8():
    """Text goes out as it is, whatever its alphabet."""
    text = "Grüße, 你好 \U0001f9ca \u2028 \0"
    assert sent(operations.COMPLETION, {"model": "m", "prompt": text})["prompt"] == text


@pytest.mark.parametrize("stream", [False, True])
def test_the_callers_dict(stream):
    """The caller's dict is never changed."""
    request = {**copy.deepcopy(CHAT), "stop": ["a"]}
    before = copy.deepcopy(request)
    wire.encode(operations.CHAT_COMPLETION, request, stream=stream)
    assert request == before


def test_the_callers_model():
    """Nor is his model."""
    request = ChatCompletionRequest(**CHAT)
    before = request.model_copy(deep=True)
    assert sent(operations.CHAT_COMPLETION, request, stream=True)["stream"] is True
    assert (request, request.model_fields_set) == (before, before.model_fields_set)


def test_unknown_fields_go_out():
    """A field that this version does not know is sent as it is."""
    assert sent(operations.CHAT_COMPLETION, {**CHAT, "of_tomorrow": {"a": [1]}})["of_tomorrow"] == {"a": [1]}


def test_enum_members():
    """A member of an enum goes out as its text."""
    request = {**SPEECH, "voice": TTSVoice.AF_BELLA, "response_format": AudioFormat.OPUS}
    assert sent(operations.TEXT_TO_SPEECH, request) == {**SPEECH, "response_format": "opus"}
    assert sent(operations.TEXT_TO_SPEECH, TextToSpeechRequest(**request)) == {**SPEECH, "response_format": "opus"}


def test_enum_text():
    """Its text does as well, and a voice may be one that this version does not know."""
    request = {**SPEECH, "voice": "of_tomorrow", "response_format": "wav"}
    assert sent(operations.TEXT_TO_SPEECH, request) == request


@pytest.mark.parametrize(
    "json_schema",
    [
        {"name": "city", "schema": {"type": "object"}},
        JsonSchemaFormat.model_validate({"name": "city", "schema": {"type": "object"}}),
    ],
)
def test_schema(json_schema):
    """The field that Python names `schema_` goes out as `schema`."""
    request = {**CHAT, "response_format": {"type": "json_schema", "json_schema": json_schema}}
    told = sent(operations.CHAT_COMPLETION, request)["response_format"]
    assert told == {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}}}


def test_schema_by_its_name_in_python():
    """`JsonSchemaFormat(schema_=...)`, as the attribute is called, means the same."""
    told = JsonSchemaFormat(name="city", schema_={"type": "object"}).model_dump(by_alias=True, exclude_unset=True)
    assert told == {"name": "city", "schema": {"type": "object"}}


@pytest.mark.parametrize("name", ["../../health", "a/b", "a#b", "a?b=c", "a%2Fb", "a@b", "a\r\nX-Evil: 1"])
def test_model_ids_change_no_path(name):
    """Whatever a model is called, the request goes where it should, and names it."""
    call = wire.encode(operations.LOAD_MODEL, {"model_name": name})
    assert (call.method, call.path, call.query) == ("POST", "/v1/models/load", {})
    assert json.loads(call.content) == {"model_name": name}


@pytest.mark.parametrize("operation", [operations.PURGE_GPU, operations.LIST_MODELS, operations.UNLOAD_ALL_MODELS])
def test_nothing_to_send(operation):
    """Where there is nothing to say nothing is sent, not even a content type."""
    call = wire.encode(operation, None)
    assert (call.content, call.form, "Content-Type" in call.headers) == (None, None, False)


def test_empty_request():
    """An empty request that is given is sent."""
    assert sent(operations.PURGE_GPU, {}) == {}


@pytest.mark.parametrize(
    ("operation", "stream", "accepted"),
    [
        (operations.CHAT_COMPLETION, False, "application/json"),
        (operations.CHAT_COMPLETION, True, "text/event-stream"),
        (operations.TRANSCRIBE, False, "application/json, text/plain, text/vtt"),
    ],
)
def test_accept(operation, stream, accepted):
    """What is accepted is what the operation answers."""
    file = b"RIFF" if operation.file else None
    request = {"model": "whisper-1"} if operation.file else CHAT
    assert wire.encode(operation, request, file, stream=stream).headers["Accept"] == accepted


# Forms


def test_form():
    """A form holds the fields that were set, as text."""
    request = {"model": STTModel.WHISPER_1, "response_format": TranscriptionFormat.SRT, "temperature": 0.5}
    told = {"model": "whisper-1", "response_format": "srt", "temperature": "0.5"}
    assert (form(request), form(TranscriptionRequest(**request))) == (told, told)


def test_zero_in_a_form():
    """A temperature of zero goes out as zero in a form, too."""
    assert float(form({"model": "whisper-1", "temperature": 0})["temperature"]) == 0


def test_null_in_a_form():
    """A form has no null: the field is left out."""
    assert form({"model": "whisper-1", "language": None}) == {"model": "whisper-1"}


def test_unknown_fields_of_a_form():
    """A field that this version does not know goes out as JSON would write it, a list as several fields."""
    told = form({"model": "whisper-1", "flag": True, "words": ["a", "b"], "options": {"a": 1}})
    assert told == {"model": "whisper-1", "flag": "true", "words": ["a", "b"], "options": '{"a": 1}'}


def test_query():
    """A parameter of the path's query goes out with the default of the spec."""
    assert wire.encode(operations.TRANSCRIBE, {"model": "whisper-1"}, b"RIFF").query == {"sync": True}


# Requests that are refused


@pytest.mark.parametrize(
    ("operation", "request_", "field"),
    [
        (operations.CHAT_COMPLETION, {"messages": CHAT["messages"]}, "model"),
        (operations.CHAT_COMPLETION, {"model": "m"}, "messages"),
        (operations.CHAT_COMPLETION, {**CHAT, "messages": []}, "messages"),
        (operations.CHAT_COMPLETION, {**CHAT, "messages": [{"role": "hidden value"}]}, "messages.0.role"),
        (operations.CHAT_COMPLETION, {**CHAT, "max_tokens": 0}, "max_tokens"),
        (operations.CHAT_COMPLETION, {**CHAT, "temperature": "hidden value"}, "temperature"),
        (operations.CHAT_COMPLETION, {**CHAT, "temperature": 2.5}, "temperature"),
        (operations.COMPLETION, {"model": "m", "prompt": "p", "top_p": -1}, "top_p"),
        (operations.TEXT_TO_SPEECH, {**SPEECH, "response_format": "hidden value"}, "response_format"),
        (operations.TEXT_TO_SPEECH, {**SPEECH, "input": ""}, "input"),
        (operations.LOAD_MODEL, {"model_name": ""}, "model_name"),
    ],
)
def test_the_field_at_fault(operation, request_, field):
    """A malformed request is refused by the name of the field; what it holds is not shown."""
    with pytest.raises(ValidationError) as caught:
        wire.encode(operation, request_)
    error = caught.value
    assert error.param == field
    assert error.message.startswith(f"{field}: ")
    assert error.details[0]["field"] == field
    assert "hidden value" not in f"{error}{error!r}{error.details}"


def test_every_fault():
    """The details list every fault."""
    with pytest.raises(ValidationError, match=r"and 1 more") as caught:
        wire.encode(operations.CHAT_COMPLETION, {})
    assert [fault["field"] for fault in caught.value.details] == ["model", "messages"]


@pytest.mark.parametrize("request_", [None, 7, "Hi", [], CompletionRequest(model="m", prompt="p")])
def test_no_request(request_):
    """What is no request at all is refused by the name of the type."""
    with pytest.raises(ValidationError, match="ChatCompletionRequest: "):
        wire.encode(operations.CHAT_COMPLETION, request_)


@pytest.mark.parametrize("operation", [operations.CHAT_COMPLETION, operations.COMPLETION, operations.TEXT_TO_SPEECH])
def test_stream_to_the_plain_method(operation):
    """`stream: true` to a method that does not stream names the one that does."""
    request = {**CHAT, **SPEECH, "prompt": "Hi", "stream": True}
    with pytest.raises(ValidationError, match=f"use {operation.name}_stream") as caught:
        wire.encode(operation, request)
    assert caught.value.param == "stream"


def test_stream_false():
    """`stream: false` to the plain method is sent; to the streaming one it is set."""
    request = {**CHAT, "stream": False}
    assert sent(operations.CHAT_COMPLETION, request) == request
    assert sent(operations.CHAT_COMPLETION, request, stream=True)["stream"] is True


@pytest.mark.parametrize("value", ["\ud800", object()])
def test_what_json_has_no_form_for(value):
    """What cannot be written as JSON is refused before anything is sent."""
    with pytest.raises(ValidationError):
        wire.encode(operations.CHAT_COMPLETION, {**CHAT, "user_data": value})


# Answers


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

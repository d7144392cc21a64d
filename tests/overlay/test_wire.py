"""A request -> what is sent."""

import copy
import json
from types import MappingProxyType

import pytest

from polargrid import ValidationError, wire
from polargrid.extra import Extra
from polargrid.types import (
    AudioFormat,
    ChatCompletionRequest,
    CompletionRequest,
    JsonSchemaFormat,
    Message,
    STTModel,
    TextToSpeechRequest,
    TranscriptionFormat,
    TranscriptionRequest,
    TTSVoice,
)
from polargrid_generated import operations
from polargrid_runtime.operation import Operation, Parameter

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
SPEECH = {"model": "tts-1", "input": "Hi", "voice": "af_bella"}


def sent(operation, request, **options):
    """The JSON that goes out."""
    return json.loads(wire.encode(operation, request, **options).content)


def form(request, operation=operations.TRANSCRIBE):
    """The fields of the form that goes out."""
    return wire.encode(operation, request, b"RIFF").form


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


def test_call():
    """A call knows its operation, its method and path, and whether the answer comes in pieces."""
    call = wire.encode(operations.CHAT_COMPLETION, CHAT, stream=True)
    assert (call.operation, call.method, call.path, call.stream) == (
        operations.CHAT_COMPLETION,
        "POST",
        "/v1/chat/completions",
        True,
    )
    assert call.headers == {"Accept": "text/event-stream", "Content-Type": "application/json"}
    assert wire.encode(operations.CHAT_COMPLETION, CHAT).stream is False


def test_parameters():
    """Parameters go to the query under their names; None is not sent."""
    parameters = tuple(Parameter(name, "query", name) for name in ("limit", "after"))
    operation = Operation("things", "GET", "/v1/things", "models", parameters)
    call = wire.encode(operation, None, parameters={"limit": 0, "after": None})
    assert (call.query, call.headers) == ({"limit": 0}, {"Accept": "*/*"})


# Forms


def test_file():
    """The form's file goes with it, named by what it is."""
    call = wire.encode(operations.TRANSCRIBE, {"model": "whisper-1"}, b"RIFF")
    assert (call.content, call.file.name, "Content-Type" in call.headers) == (None, "audio.wav", False)


def test_nothing_in_place_of_a_file():
    """Where the file is none, its field is named."""
    with pytest.raises(ValidationError, match=r"^file: ") as caught:
        wire.encode(operations.TRANSCRIBE, {"model": "whisper-1"}, None)
    assert caught.value.param == "file"


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


def test_a_single_fault():
    """The message of one fault speaks of no more."""
    with pytest.raises(ValidationError) as caught:
        wire.encode(operations.CHAT_COMPLETION, {"messages": CHAT["messages"]})
    assert caught.value.message == "model: Field required"


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
    with pytest.raises(ValidationError, match=r"^ChatCompletionRequest: "):
        wire.encode(operations.CHAT_COMPLETION, {**CHAT, "user_data": value})


# What is sent besides


@pytest.mark.parametrize("form_of", [dict, MappingProxyType, lambda fields: ChatCompletionRequest(**fields)])
def test_more_fields_of_a_request(form_of):
    """They go out beside what was set, and before it; nothing else does."""
    extra = Extra(body={"model": "another", "trace": 1})
    made = wire.encode(operations.CHAT_COMPLETION, form_of(CHAT), extra=extra)
    assert json.loads(made.content) == {**CHAT, "model": "another", "trace": 1}


def test_more_fields_of_a_model_by_their_names_on_the_wire():
    """A field that Python names otherwise keeps the name of the API."""
    format_ = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}}
    request = ChatCompletionRequest(**CHAT, response_format=format_)
    made = wire.encode(operations.CHAT_COMPLETION, request, extra=Extra(body={"trace": 1}))
    assert json.loads(made.content)["response_format"] == format_


def test_more_fields_of_no_request():
    """A request that need not be given is one of these fields alone."""
    made = wire.encode(operations.PURGE_GPU, None, extra=Extra(body={"force": True}))
    assert json.loads(made.content) == {"force": True}
    assert wire.encode(operations.PURGE_GPU, None).content is None


def test_more_fields_are_checked():
    """A field that the API has is held to what the API says of it; what is no request stays none."""
    with pytest.raises(ValidationError, match="temperature"):
        wire.encode(operations.CHAT_COMPLETION, CHAT, extra=Extra(body={"temperature": "hot"}))
    with pytest.raises(ValidationError, match="ChatCompletionRequest"):
        wire.encode(operations.CHAT_COMPLETION, 7, extra=Extra(body=CHAT))


def test_more_of_the_query_and_of_the_headers():
    """They stand beside the operation's own; without them there is nothing."""
    made = wire.encode(operations.LIST_MODELS, None, extra=Extra(query={"a": 1}, headers={"x-trace": "t"}))
    assert (dict(made.query), dict(made.extra_headers)) == ({"a": 1}, {"x-trace": "t"})
    bare = wire.encode(operations.LIST_MODELS, None)
    assert (dict(bare.query), dict(bare.extra_headers)) == ({}, {})


def test_more_fields_of_a_form():
    """A form takes them as well."""
    extra = Extra(body={"model": "whisper-1", "trace": 1})
    made = wire.encode(operations.TRANSCRIBE, None, b"RIFF", extra=extra)
    assert made.form == {"model": "whisper-1", "trace": "1"}

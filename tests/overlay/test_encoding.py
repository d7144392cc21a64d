"""Requests are validated once and encoded: JSON, forms, paths and queries."""

import copy
import json
import math
from types import MappingProxyType

import pytest
from pydantic import BaseModel

from polargrid import ValidationError
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
from polargrid_codec import encoding
from polargrid_generated import operations

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
SPEECH = {"model": "tts-1", "input": "Hi", "voice": "af_bella"}


def build(operation, request, file=None, parameters=None, **options):
    extra = {"extra_headers": {}, "extra_query": {}, "extra_body": {}}
    return encoding.build_request(
        operation, request, {"file": file}, parameters, **{**extra, "stream": False, **options}
    )


def encode_json(operation, request, **options):
    return json.loads(build(operation, request, **options).content)


def encode_form(request, **options):
    return [tuple(part[:2]) for part in build(operations.TRANSCRIBE, request, b"RIFF", **options).form]


def as_model(fields):
    return ChatCompletionRequest(**fields)


# JSON


@pytest.mark.parametrize("convert", [dict, MappingProxyType, as_model])
def test_only_fields_that_are_set_are_sent(convert):
    """Defaults are up to the server, for a mapping and for a model."""
    assert encode_json(operations.CHAT_COMPLETION, convert(CHAT)) == CHAT


@pytest.mark.parametrize("value", [0, 0.0])
def test_zero_is_sent(value):
    """A temperature of zero is not an omitted one."""
    assert encode_json(operations.CHAT_COMPLETION, {**CHAT, "temperature": value})["temperature"] == 0


def test_none_is_sent_as_null():
    """A field that is set to None is not omitted."""
    assert encode_json(operations.CHAT_COMPLETION, {**CHAT, "seed": None}) == {**CHAT, "seed": None}


def test_model_inside_a_mapping():
    """Messages may be models."""
    request = {**CHAT, "messages": [Message(role="user", content="Hi")]}
    assert encode_json(operations.CHAT_COMPLETION, request) == CHAT


def test_unicode():
    """Every character is sent as it is."""
    text = "Grüße, 你好 \U0001f9ca \u2028 \0"
    assert encode_json(operations.COMPLETION, {"model": "m", "prompt": text})["prompt"] == text


@pytest.mark.parametrize("stream", [False, True])
def test_request_of_the_caller_is_not_changed(stream):
    """Neither a dict nor a model."""
    request = {**copy.deepcopy(CHAT), "stop": ["a"]}
    original = copy.deepcopy(request)
    build(operations.CHAT_COMPLETION, request, stream=stream)
    assert request == original
    model = ChatCompletionRequest(**CHAT)
    original = model.model_copy(deep=True)
    build(operations.CHAT_COMPLETION, model, stream=stream)
    assert (model, model.model_fields_set) == (original, original.model_fields_set)


def test_unknown_field_is_sent():
    """The API may be newer than this version."""
    assert encode_json(operations.CHAT_COMPLETION, {**CHAT, "new": {"a": [1]}})["new"] == {"a": [1]}


def test_enum_member_is_sent_as_its_value():
    """In a mapping and in a model; a string is accepted as well, also an unknown voice."""
    request = {**SPEECH, "voice": TTSVoice.AF_BELLA, "response_format": AudioFormat.OPUS}
    expected = {**SPEECH, "response_format": "opus"}
    assert encode_json(operations.TEXT_TO_SPEECH, request) == expected
    assert encode_json(operations.TEXT_TO_SPEECH, TextToSpeechRequest(**request)) == expected
    strings = {**SPEECH, "voice": "unknown", "response_format": "wav"}
    assert encode_json(operations.TEXT_TO_SPEECH, strings) == strings


@pytest.mark.parametrize(
    "json_schema",
    [
        {"name": "city", "schema": {"type": "object"}},
        JsonSchemaFormat.model_validate({"name": "city", "schema": {"type": "object"}}),
        JsonSchemaFormat(name="city", schema_={"type": "object"}),
    ],
)
def test_field_with_an_alias(json_schema):
    """`schema_` in Python is `schema` in JSON."""
    request = {**CHAT, "response_format": {"type": "json_schema", "json_schema": json_schema}}
    expected = {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}}}
    assert encode_json(operations.CHAT_COMPLETION, request)["response_format"] == expected


class Weight(float):
    """A number of the caller."""


PLAIN = [
    {"x_trace": {"a": [1, 2.5, -0.0, 1e22, 10**25, None, True], "é\u2028": ("x", {"1": {}})}},
    {"x_trace": {7: 2, 2.5: "x", True: [AudioFormat.OPUS]}, "temperature": Weight(0.5), "seed": "7"},
    {"response_format": {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}}}},
    {"messages": ({"role": "assistant", "content": None, "refusal": "No", "name": None},), "stop": ["a"], "user": None},
]


@pytest.mark.parametrize("fields", PLAIN)
def test_plain_json_is_sent_like_objects(fields):
    """What a request has of plain JSON does not depend on whether it also holds an object of the caller."""
    fields = {**CHAT, **fields}
    plain = build(operations.CHAT_COMPLETION, fields).content
    assert plain == build(operations.CHAT_COMPLETION, MappingProxyType(fields)).content
    assert json.loads(plain).keys() == fields.keys()


def test_deeply_nested():
    """A request may be nested more deeply than Pydantic encodes."""
    value = json.loads("[" * 300 + "]" * 300)
    assert encode_json(operations.CHAT_COMPLETION, {**CHAT, "x_trace": value})["x_trace"] == value


@pytest.mark.parametrize("operation", [operations.PURGE_GPU, operations.LIST_MODELS, operations.UNLOAD_ALL_MODELS])
def test_request_without_a_body(operation):
    """It has no Content-Type."""
    request = build(operation, None)
    assert (request.content, request.form, "Content-Type" in request.headers) == (None, None, False)


def test_empty_request_is_sent():
    """An empty mapping is not an omitted request."""
    assert encode_json(operations.PURGE_GPU, {}) == {}


# Headers, path and query


def test_encoded_request():
    """It has the operation, the target, the headers and whether the response is streamed."""
    request = build(operations.CHAT_COMPLETION, CHAT, stream=True)
    assert (request.operation, request.target, request.stream) == (
        operations.CHAT_COMPLETION,
        "/v1/chat/completions",
        True,
    )
    assert request.headers == {"Accept": "text/event-stream", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("operation", "stream", "accept"),
    [
        (operations.CHAT_COMPLETION, False, "application/json"),
        (operations.CHAT_COMPLETION, True, "text/event-stream"),
        (operations.TRANSCRIBE, False, "application/json, text/plain, text/vtt"),
    ],
)
def test_accept(operation, stream, accept):
    """It lists the media types of the operation's responses."""
    request, file = ({"model": "whisper-1"}, b"RIFF") if operation is operations.TRANSCRIBE else (CHAT, None)
    assert build(operation, request, file, stream=stream).headers["Accept"] == accept


@pytest.mark.parametrize("name", ["../../health", "a/b", "a#b", "a?b=c", "a%2Fb", "a@b", "a\r\nX-Evil: 1"])
def test_model_name_does_not_change_the_path(name):
    """It is a field of the body."""
    request = build(operations.LOAD_MODEL, {"model_name": name})
    assert request.target == "/v1/models/load"
    assert json.loads(request.content) == {"model_name": name}


def test_constant_parameter():
    """It is sent with each request."""
    request = build(operations.TRANSCRIBE, {"model": "whisper-1"}, b"RIFF")
    assert request.target == "/v1/audio/transcriptions?sync=true"


# Forms


def test_file_of_a_form():
    """The request has an upload; the Content-Type is set when it is sent."""
    request = build(operations.TRANSCRIBE, {"model": "whisper-1"}, b"RIFF")
    ((field, upload),) = request.uploads
    assert (field, upload.name, request.content, "Content-Type" in request.headers) == (
        "file",
        "audio.wav",
        None,
        False,
    )


def test_missing_file():
    """The message names the field."""
    with pytest.raises(ValidationError, match=r"^file: ") as caught:
        build(operations.TRANSCRIBE, {"model": "whisper-1"}, None)
    assert caught.value.param == "file"


def test_fields_of_a_form():
    """They are strings; zero is sent, None is omitted."""
    request = {"model": STTModel.WHISPER_1, "response_format": TranscriptionFormat.SRT, "temperature": 0.0}
    expected = [("model", "whisper-1"), ("response_format", "srt"), ("temperature", "0.0")]
    assert encode_form(request) == expected
    assert encode_form(TranscriptionRequest(**request)) == expected
    assert encode_form({"model": "whisper-1", "language": None}) == [("model", "whisper-1")]


def test_unknown_fields_of_a_form():
    """They are sent as JSON, a list as repeated fields."""
    form = encode_form({"model": "whisper-1", "flag": True, "words": ["a", "b"], "options": {"a": 1}})
    assert form == [("model", "whisper-1"), ("flag", "true"), ("words", "a"), ("words", "b"), ("options", '{"a": 1}')]


# Invalid requests


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
def test_invalid_field(operation, request_, field):
    """The exception names the field and does not show its value."""
    with pytest.raises(ValidationError) as caught:
        build(operation, request_)
    error = caught.value
    assert error.param == field
    assert error.message.startswith(f"{field}: ")
    assert error.details[0]["field"] == field
    assert "hidden value" not in f"{error}{error!r}{error.details}"


def test_details_list_every_invalid_field():
    """The message has the first one and the number of the others."""
    with pytest.raises(ValidationError, match=r"^model: Field required \(and 1 more\)$") as caught:
        build(operations.CHAT_COMPLETION, {})
    assert [detail["field"] for detail in caught.value.details] == ["model", "messages"]
    with pytest.raises(ValidationError, match=r"^model: Field required$"):
        build(operations.CHAT_COMPLETION, {"messages": CHAT["messages"]})


@pytest.mark.parametrize("request_", [None, 7, "Hi", [], CompletionRequest(model="m", prompt="p")])
def test_request_of_another_type(request_):
    """The message names the expected type."""
    with pytest.raises(ValidationError, match="ChatCompletionRequest: "):
        build(operations.CHAT_COMPLETION, request_)


@pytest.mark.parametrize("operation", [operations.CHAT_COMPLETION, operations.COMPLETION, operations.TEXT_TO_SPEECH])
def test_stream_true_for_a_method_that_does_not_stream(operation):
    """The message names the method that does."""
    request = {**CHAT, **SPEECH, "prompt": "Hi", "stream": True}
    with pytest.raises(ValidationError, match=f"^stream: call {operation.name}_stream") as caught:
        build(operation, request)
    assert caught.value.param == "stream"


def test_stream_false():
    """It is sent by the method that does not stream, and set to true by the one that does."""
    request = {**CHAT, "stream": False}
    assert encode_json(operations.CHAT_COMPLETION, request) == request
    assert encode_json(operations.CHAT_COMPLETION, request, stream=True)["stream"] is True


@pytest.mark.parametrize("value", ["\ud800", object()])
def test_value_without_a_json_form(value):
    """A lone surrogate or an object is rejected before sending."""
    with pytest.raises(ValidationError, match=r"^user_data: "):
        build(operations.CHAT_COMPLETION, {**CHAT, "user_data": value})


class Ones(list):
    """A list with its own items."""

    def __iter__(self):
        return iter([1])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({None: 1, True: 2, 3: 4}, {"null": 1, "true": 2, "3": 4}),
        (Ones([2]), [1]),
        ({"é": "null"}, {"é": "null"}),
    ],
    ids=repr,
)
@pytest.mark.parametrize("as_request", [dict, MappingProxyType])
def test_json_forms_of_python(as_request, value, expected):
    """They do not depend on what else the request holds."""
    body = encode_json(operations.CHAT_COMPLETION, as_request({**CHAT, "user_data": value}))
    assert body["user_data"] == expected


@pytest.mark.parametrize(
    "value", [{"\ud800": 1}, {"a": 10**5000}, {"a": math.inf}], ids=["surrogate", "long", "infinite"]
)
def test_field_of_a_map_without_a_json_form(value):
    """It is not changed to one that has a form."""
    tool = {"type": "function", "function": {"name": "f", "parameters": value}}
    with pytest.raises(ValidationError, match=r"^tools\.0\.function\.parameters.*: "):
        build(operations.CHAT_COMPLETION, {**CHAT, "tools": [tool]})


@pytest.mark.parametrize("text", ["inf", "NaN", "1e999"])
def test_text_of_an_infinite_number(text):
    """It is a number for Pydantic, which would write null."""

    class Reading(BaseModel):
        level: float | None = None

    Reading.__module__ = "polargrid_generated.models"
    with pytest.raises(ValidationError, match=r"^level: (inf|nan) has no JSON form"):
        encoding._encode_model(Reading(level=text), is_plain=True)
    assert encoding._encode_model(Reading(level=None), is_plain=True) == b'{"level":null}'


# Extra fields


@pytest.mark.parametrize("convert", [dict, MappingProxyType, as_model])
def test_extra_body(convert):
    """Its fields override those of the request."""
    body = encode_json(operations.CHAT_COMPLETION, convert(CHAT), extra_body={"model": "another", "trace": 1})
    assert body == {**CHAT, "model": "another", "trace": 1}


def test_extra_body_keeps_aliases():
    """A field of a model is sent by its name in JSON."""
    format_ = {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}}}
    request = ChatCompletionRequest(**CHAT, response_format=format_)
    body = encode_json(operations.CHAT_COMPLETION, request, extra_body={"trace": 1})
    assert body["response_format"] == format_


def test_extra_body_without_a_request():
    """It is the body of an operation whose request is optional."""
    assert encode_json(operations.PURGE_GPU, None, extra_body={"force": True}) == {"force": True}


def test_extra_body_is_validated():
    """A known field must match openapi.yaml, and a request of another type is not replaced."""
    with pytest.raises(ValidationError, match="temperature"):
        build(operations.CHAT_COMPLETION, CHAT, extra_body={"temperature": "hot"})
    with pytest.raises(ValidationError, match="ChatCompletionRequest"):
        build(operations.CHAT_COMPLETION, 7, extra_body=CHAT)


def test_extra_body_of_a_form():
    """Its fields are fields of the form."""
    assert encode_form(None, extra_body={"model": "whisper-1", "trace": 1}) == [("model", "whisper-1"), ("trace", "1")]


def test_extra_query_and_headers():
    """They are added to those of the operation."""
    request = build(operations.LIST_MODELS, None, extra_query={"a": 1}, extra_headers={"x-trace": "t"})
    assert (request.target, dict(request.extra_headers)) == ("/v1/models?a=1", {"x-trace": "t"})
    request = build(operations.TRANSCRIBE, {"model": "whisper-1"}, b"RIFF", extra_query={"a": [1, True], "b": None})
    assert request.target == "/v1/audio/transcriptions?sync=true&a=1&a=true&b="

"""Responses of servers that omit fields, send null for them, or another type of number."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from polargrid_generated.models import (
    ChatCompletionChunk,
    ChatCompletionResponse,
    ChatDelta,
    ListModelsResponse,
    Message,
    ToolCall,
    TranscriptionResponse,
    VerboseTranscriptionResponse,
)
from polargrid_runtime.lenient import describe_mismatch

CHOICES = [{"message": {"content": "Hi"}}]


def parse(kind: Any, **fields: Any) -> Any:
    return TypeAdapter(kind).validate_json(json.dumps(fields))


def explain(kind: Any, **fields: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        parse(kind, **fields)
    return describe_mismatch(caught.value)


@pytest.mark.parametrize("name", ["id", "created", "model", "usage"])
@pytest.mark.parametrize("fields", [{}, {"id": None, "created": None, "model": None, "usage": None}])
def test_missing_field_is_none(name, fields):
    """A missing field and null are None, as in OpenAI's SDK."""
    assert getattr(parse(ChatCompletionResponse, choices=CHOICES, **fields), name) is None


@pytest.mark.parametrize("fields", [{}, {"object": None}])
def test_constant_is_filled_in(fields):
    """A field that has one value in the document has it if it is missing."""
    response = parse(ChatCompletionResponse, choices=CHOICES, **fields)
    assert (response.object, response.choices[0].message.role) == ("chat.completion", "assistant")


@pytest.mark.parametrize("fields", [{}, {"choices": None}])
def test_chunk_without_choices_has_an_empty_list(fields):
    """It can be iterated."""
    assert parse(ChatCompletionChunk, id="1", **fields).choices == []


@pytest.mark.parametrize("fields", [{}, {"delta": None}])
def test_missing_delta_is_empty(fields):
    """Its text can be read without a check."""
    assert parse(ChatCompletionChunk, choices=[fields]).choices[0].delta == ChatDelta()


def test_usage_in_part():
    """It has what the server sent."""
    usage = parse(ChatCompletionResponse, choices=CHOICES, usage={"prompt_tokens": 3}).usage
    assert (usage.prompt_tokens, usage.total_tokens) == (3, None)


@pytest.mark.parametrize("value", [1.0, 1.75])
def test_float_for_an_integer(value):
    """It is an integer afterwards."""
    created = parse(ChatCompletionResponse, choices=CHOICES, created=value).created
    assert (created, type(created)) == (1, int)


def test_number_for_a_string():
    """It is a string afterwards."""
    assert parse(ChatCompletionResponse, choices=CHOICES, id=7).id == "7"


@pytest.mark.parametrize(
    ("function", "expected"),
    [({}, ""), ({"arguments": None}, ""), ({"arguments": {"a": 1}}, '{"a": 1}'), ({"arguments": "{"}, "{")],
)
def test_arguments_of_a_call(function, expected):
    """They are text: empty if they are missing, JSON if they are an object. The type is filled in."""
    calls = [{"id": None, "function": {"name": "f", **function}}]
    (call,) = parse(ChatCompletionResponse, choices=[{"message": {"tool_calls": calls}}]).choices[0].message.tool_calls
    assert (call.id, call.type, call.function.arguments) == (None, "function", expected)


def test_arguments_of_a_streamed_call():
    """The same in a delta."""
    call = {"function": {"name": "f", "arguments": {"a": 1}}}
    (delta,) = parse(ChatCompletionChunk, choices=[{"delta": {"tool_calls": [call]}}]).choices[0].delta.tool_calls
    assert (delta.index, delta.function.arguments) == (None, '{"a": 1}')


def test_response_keeps_what_was_sent():
    """It can be dumped without a warning; the fields that are filled in are not among those that were sent."""
    fields = {"id": None, "created": 1.5, "choices": CHOICES, "usage": {"prompt_tokens": None}}
    response = parse(ChatCompletionResponse, **fields)
    assert response.to_dict() == {**fields, "created": 1}
    assert json.loads(response.model_dump_json())["usage"]["total_tokens"] is None
    assert ChatCompletionResponse.model_validate(response.model_dump()) == response


def test_models_of_a_list():
    """An entry may have an id only."""
    (model,) = parse(ListModelsResponse, data=[{"id": "m"}])
    assert (model.id, model.object, model.created) == ("m", "model", None)


def test_union_is_selected_by_its_content():
    """A transcript with segments is the verbose one, also without metadata."""
    union = VerboseTranscriptionResponse | TranscriptionResponse
    assert type(parse(union, text="Hi")) is TranscriptionResponse
    assert type(parse(union, text="Hi", segments=[{"text": "Hi"}])) is VerboseTranscriptionResponse


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (ChatCompletionResponse, {}, "choices: Field required"),
        (ChatCompletionResponse, {"choices": None}, "choices: Input should be a valid array, not None"),
        (ChatCompletionResponse, {"choices": []}, "choices: List should have at least 1 item after validation, not 0"),
        (ChatCompletionResponse, {"choices": [{"index": 0}]}, "choices.0.message: Field required"),
        (ChatCompletionResponse, {"choices": CHOICES, "usage": []}, "usage: Input should be an object, not list"),
        (ChatCompletionChunk, {"choices": "x"}, "choices: Input should be a valid array, not 'x'"),
        (ChatCompletionChunk, {"choices": [{"delta": 7}]}, "choices.0.delta: Input should be an object, not 7"),
        (
            ChatCompletionChunk,
            {"choices": [{"delta": {"tool_calls": [{"index": "a"}]}}]},
            "choices.0.delta.tool_calls.0.index: Input should be a valid integer",
        ),
        (ListModelsResponse, {"data": [{"id": "m", "created": "then"}]}, "data.0.created: Input should be a valid"),
        (TranscriptionResponse, {"text": None}, "text: Input should be a valid string, not None"),
        (TranscriptionResponse, {"text": ["x" * 99]}, "text: Input should be a valid string, not list"),
    ],
)
def test_content_is_required(kind, fields, message):
    """A response without its content is none; the message has the path of the field, what it should be, and it."""
    assert explain(kind, **fields).startswith(message)


def test_value_in_a_message_is_short_and_redacted():
    """A long value is cut, after the key is removed."""
    with pytest.raises(ValidationError) as caught:
        parse(ChatCompletionResponse, choices=CHOICES, usage="key" * 99)
    assert describe_mismatch(caught.value, lambda text: text.replace("key", "*")).endswith(f"not '{'*' * 49}…")


@pytest.mark.parametrize("value", ["Infinity", "NaN"])
def test_number_that_is_not_finite(value):
    """It is not an integer."""
    with pytest.raises(ValidationError, match="created"):
        TypeAdapter(ChatCompletionChunk).validate_json(f'{{"created": {value}}}')


def test_one_of_many_faults():
    """Of 10,000 invalid items, the first is reported."""
    with pytest.raises(ValidationError) as caught:
        parse(ListModelsResponse, data=[7] * 10_000)
    assert caught.value.error_count() == 1


@pytest.mark.parametrize(
    "call",
    [
        {"type": "function", "function": {"name": "f", "arguments": ""}},
        {"id": None, "type": "function", "function": {"name": "f", "arguments": ""}},
        {"id": "a", "type": "function", "function": {"name": "f"}},
        {"id": "a", "type": "function", "function": {"name": "f", "arguments": {}}},
        {"id": 7, "type": "function", "function": {"name": "f", "arguments": ""}},
    ],
    ids=json.dumps,
)
def test_strict_validation(call):
    """A server that validates a request by the same types rejects what the document does not have."""
    data = json.dumps({"role": "assistant", "tool_calls": [call]})
    with pytest.raises(ValidationError, match="tool_calls"):
        Message.model_validate_json(data, strict=True)
    assert Message.model_validate_json(data).tool_calls[0].function.name == "f"


def test_model_that_is_used_on_its_own_first():
    """It is built once for itself and once more for the response that contains it."""
    assert ToolCall(id="a", type="function", function={"name": "f", "arguments": ""}).id == "a"
    calls = [{"function": {"name": "f"}}]
    message = parse(ChatCompletionResponse, choices=[{"message": {"tool_calls": calls}}]).choices[0].message
    assert message.tool_calls[0].type == "function"
    assert ToolCall.model_validate_json('{"function": {"name": "f"}}').model_dump()["id"] is None

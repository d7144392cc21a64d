"""Fields of OpenAI's answers that programs read: typed, and None where the server sent none."""

from __future__ import annotations

import json
from operator import attrgetter

import pytest

from polargrid.types import ChatCompletionChunk, ChatCompletionResponse, ChatMessage, ListModelsResponse, ModelInfo
from polargrid_runtime.text_accumulator import TextAccumulator

TOKENS = {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4}
CALL = {"name": "f", "arguments": "{}"}
CITATION = {"url": "https://example.org", "title": "A page", "start_index": 0, "end_index": 3}
AUDIO = {"id": "audio_1", "data": "UklGRg==", "expires_at": 1, "transcript": "Hi"}
ENVELOPE = {"id": "chatcmpl-1", "created": 1, "model": "m"}
RESPONSE = {**ENVELOPE, "object": "chat.completion", "usage": TOKENS}
CHUNK = {**ENVELOPE, "object": "chat.completion.chunk"}
#: Path of a field of a response, and a value of it.
FIELDS = {
    "choices.0.message.refusal": "No",
    "choices.0.message.function_call": CALL,
    "choices.0.message.annotations": [{"type": "url_citation", "url_citation": CITATION}],
    "choices.0.message.audio": AUDIO,
    "choices.0.message.tool_calls": [{"id": "1", "type": "function", "function": CALL}],
    "choices.0.logprobs": {
        "content": [{"token": "Hi", "logprob": -1.0, "bytes": None, "top_logprobs": []}],
        "refusal": None,
    },
    "service_tier": "default",
    "system_fingerprint": "fp_1",
    "metadata": {"a": "b"},
    "moderation": {"flagged": False},
    "usage.prompt_tokens_details": {"cached_tokens": 1, "audio_tokens": 0},
    "usage.completion_tokens_details": {"reasoning_tokens": 1, "accepted_prediction_tokens": 0},
}
CHUNK_FIELDS = {
    "choices.0.delta.refusal": "No",
    "choices.0.delta.function_call": CALL,
    "choices.0.delta.audio": AUDIO,
    "choices.0.delta.tool_calls": [{"index": 0, "id": "1", "type": "function", "function": CALL}],
    "service_tier": "default",
    "system_fingerprint": "fp_1",
    "obfuscation": "x",
    "moderation": {"flagged": False},
    "usage": {
        **TOKENS,
        "prompt_tokens_details": {"cached_tokens": 1},
        "completion_tokens_details": {"reasoning_tokens": 1},
    },
}


def create_response(path="", value=None, kind="message"):
    """Return the fields of a response or a chunk, with a value at a path."""
    envelope = RESPONSE if kind == "message" else CHUNK
    part = {"role": "assistant", "content": "Hi"}
    fields = json.loads(json.dumps({**envelope, "choices": [{"index": 0, kind: part, "finish_reason": "stop"}]}))
    target = fields
    *parents, name = path.split(".")
    for parent in parents:
        target = target[int(parent)] if parent.isdecimal() else target[parent]
    if name:
        target[name] = value
    return fields


def read(response, path):
    for name in path.split("."):
        response = response[int(name)] if name.isdecimal() else attrgetter(name)(response)
    return response


def dump(value):
    if isinstance(value, list):
        return [dump(item) for item in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


@pytest.mark.parametrize("path", FIELDS)
def test_fields_of_a_response(path):
    """The value is there as the server sent it, and None without it."""
    sent = ChatCompletionResponse.model_validate_json(json.dumps(create_response(path, FIELDS[path])))
    assert dump(read(sent, path)) == FIELDS[path]
    assert read(ChatCompletionResponse.model_validate_json(json.dumps(create_response())), path) is None
    null = ChatCompletionResponse.model_validate_json(json.dumps(create_response(path, None)))
    assert read(null, path) is None


@pytest.mark.parametrize("path", CHUNK_FIELDS)
def test_fields_of_a_chunk(path):
    """The same in a stream."""
    fields = create_response(path, CHUNK_FIELDS[path], "delta")
    sent = ChatCompletionChunk.model_validate_json(json.dumps(fields))
    assert dump(read(sent, path)) == CHUNK_FIELDS[path]
    assert read(ChatCompletionChunk.model_validate_json(json.dumps(create_response(kind="delta"))), path) is None


def test_counts():
    """A count that the server does not have is None."""
    fields = create_response("usage.prompt_tokens_details", {})
    usage = ChatCompletionResponse.model_validate_json(json.dumps(fields)).usage
    assert usage.prompt_tokens_details is not None
    assert usage.prompt_tokens_details.cached_tokens is None
    fields = create_response("usage.completion_tokens_details", {"reasoning_tokens": 3})
    usage = ChatCompletionResponse.model_validate_json(json.dumps(fields)).usage
    assert usage.completion_tokens_details is not None
    assert usage.completion_tokens_details.reasoning_tokens == 3


@pytest.mark.parametrize(
    ("path", "final"),
    [
        ("choices.0.delta.refusal", "choices.0.message.refusal"),
        ("choices.0.delta.function_call", "choices.0.message.function_call"),
        ("service_tier", "service_tier"),
        ("system_fingerprint", "system_fingerprint"),
        ("usage", "usage"),
    ],
)
def test_fields_of_the_final_response_of_a_stream(path, final):
    """It has what its chunks have."""
    accumulator = TextAccumulator(ChatCompletionResponse)
    chunk = create_response(path, CHUNK_FIELDS[path], "delta")
    list(accumulator.add(ChatCompletionChunk.model_validate_json(json.dumps(chunk))))
    assert dump(read(accumulator.build_response(), final)) == CHUNK_FIELDS[path]


def test_to_dict_and_to_json():
    """Every part of a response has them: fields that the server sent, under their names in JSON."""
    message = ChatMessage.model_validate_json('{"role": "assistant", "content": null, "x": 1}')
    assert message.to_dict() == {"role": "assistant", "content": None, "x": 1}
    assert message.to_dict(exclude_none=True) == {"role": "assistant", "x": 1}
    assert message.to_dict(exclude_unset=False).keys() >= {"tool_calls", "refusal", "audio"}
    assert json.loads(message.to_json(indent=None)) == {"role": "assistant", "content": None, "x": 1}


def test_list_is_its_only_page():
    """A program that reads pages reads the list of models."""
    model = {"id": "m", "object": "model", "created": 1, "owned_by": "a"}
    models = ListModelsResponse.model_validate_json(json.dumps({"object": "list", "data": [model]}))
    assert [model for page in models.iter_pages() for model in page.data] == models.data
    assert (models.has_next_page(), models.next_page_info()) == (False, None)
    assert all(isinstance(model, ModelInfo) and model.shutdown_date is None for model in models)

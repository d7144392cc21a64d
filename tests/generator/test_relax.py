"""The types of responses are open: servers may be newer than the client, or follow the document in part."""

from __future__ import annotations

import pytest

from generator.relax import lenient_fields
from polargrid_generated import models

METADATA = ["id", "object", "created", "model"]


@pytest.fixture(scope="module")
def lenient(document):
    return lenient_fields(document)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("ChatCompletionChunk", [*METADATA, "choices"]),
        ("ChatCompletionChunkChoice", ["index", "delta"]),
        ("CompletionChunkChoice", ["text", "index"]),
        ("ToolCallDelta", ["index"]),
        ("TokenUsage", ["prompt_tokens", "completion_tokens", "total_tokens"]),
    ],
)
def test_every_field_of_a_chunk_may_be_missing(lenient, name, fields):
    """A chunk is a part of a response."""
    assert lenient[name] == fields


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("ChatCompletionResponse", [*METADATA, "usage"]),
        ("ChatCompletionChoice", ["index", "finish_reason"]),
        ("CompletionChoice", ["index", "finish_reason"]),
        ("ToolCall", ["id", "type"]),
        ("ToolCallFunction", ["arguments"]),
        ("ModelInfo", ["object", "created", "owned_by"]),
        ("TranscriptionResponse", []),
        ("VerboseTranscriptionResponse", ["task", "language", "duration"]),
        ("TranscriptionSegment", ["id", "start", "end"]),
    ],
)
def test_content_of_a_response_is_required(lenient, name, fields):
    """Only its metadata may be missing."""
    assert lenient[name] == fields


@pytest.mark.parametrize("name", ["HealthResponse", "GPUStatusResponse", "GPUInfo", "LoadModelResponse"])
def test_operations_of_polargrid_alone(lenient, name):
    """No other server has them."""
    assert not lenient.get(name)


def test_requests_stay_strict(lenient):
    """A field of a request is required as the document says, except for messages that a server sent."""
    assert not {"ChatCompletionRequest", "Message", "ChatTool", "FunctionDefinition"} & lenient.keys()


def test_types_are_as_documented():
    """To a type checker, and to a program that builds one, the fields are required."""
    assert models.ChatCompletionResponse.model_fields["usage"].is_required()
    assert models.ChatCompletionResponse.model_fields["usage"].annotation is models.TokenUsage


def test_changed_document(spec):
    """The rule follows the document."""
    spec["components"]["schemas"]["ChatCompletionResponse"]["properties"]["score"] = {"type": "number"}
    spec["components"]["schemas"]["ChatCompletionResponse"]["required"].append("score")
    assert "score" in lenient_fields(spec)["ChatCompletionResponse"]

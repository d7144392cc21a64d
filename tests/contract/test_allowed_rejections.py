"""Requests that a server may reject though the schema allows them."""

from __future__ import annotations

import pytest

from polargrid_contract.document import load_document
from polargrid_contract.fuzz.allowed_rejections import allowed_rejection
from polargrid_contract.operations import DocumentedOperation, read_operations

OPERATIONS = read_operations(load_document())

TEXT = {"type": "text", "text": "What is this?"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
JUMP = {"type": "function", "function": {"name": "jump"}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


CALL = {"name": "look", "arguments": "{}"}


def allow(mode, *names):
    tools = [{"type": "function", "function": {"name": name}} for name in names]
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}


def chat(**fields):
    return {"model": "m", "messages": [{"role": "user", "content": "Hello"}], **fields}


@pytest.mark.parametrize(
    "body",
    [
        chat(),
        chat(messages=[{"role": "user", "content": [TEXT]}, {"role": "assistant", "content": "Hi"}]),
        chat(tools=[TOOL]),
        chat(tools=[TOOL], tool_choice="auto"),
        chat(tools=None, tool_choice="none", response_format={"type": "json_object"}),
        chat(logprobs=True, top_logprobs=3),
        chat(messages=[{"role": "assistant", "refusal": "No."}, {"role": "assistant", "function_call": CALL}]),
        chat(functions=[TOOL["function"]], function_call="auto"),
        chat(tools=[TOOL], tool_choice=allow("auto", "look"), service_tier="auto", metadata={}, store=True),
        chat(modalities=["text"], audio=None),
    ],
)
def test_a_plain_request_must_be_accepted(body):
    """No rule allows its rejection."""
    assert allowed_rejection(OPERATIONS["chat_completion"], body) is None


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (chat(messages=[{"role": "user", "content": [TEXT, IMAGE]}]), "read text only"),
        (chat(messages=[{"role": "tool"}]), "require content"),
        (chat(tool_choice="required"), "must be among the tools"),
        (chat(tools=[TOOL], tool_choice=JUMP), "must be among the tools"),
        (chat(response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": 3}}}), "Schema"),
        (chat(tools=[TOOL], tool_choice="required"), "Schema"),
        (chat(top_logprobs=3), "logprobs"),
        (chat(function_call={"name": "look"}), "must be among the tools"),
        (chat(tools=[TOOL], tool_choice=allow("auto", "look", "jump")), "must be among the tools"),
        (chat(functions=[TOOL["function"]], function_call={"name": "look"}), "Schema"),
        (chat(tools=[TOOL], tool_choice=allow("required", "look")), "Schema"),
        (chat(functions=[TOOL["function"]], tools=[TOOL]), "older form"),
        (chat(messages=[{"role": "assistant", "content": "Hi", "audio": {"id": "a"}}]), "in audio"),
        (chat(modalities=["text", "audio"]), "text only"),
        (chat(audio={"voice": "alloy", "format": "wav"}), "text only"),
        (chat(messages=[{"role": "user", "content": [TEXT, {"type": "input_audio"}]}]), "read text only"),
        (chat(logit_bias={"1": 1}), "tokenizer"),
        (chat(structured_outputs={}), "JSON Schemas"),
        (chat(guided_json={}), "JSON Schemas"),
    ],
)
def test_the_rule_that_allows_a_rejection_is_returned(body, rule):
    """It is a sentence."""
    assert rule in (allowed_rejection(OPERATIONS["chat_completion"], body) or "")


@pytest.mark.parametrize("operation", ["completion", "stream_completion"])
@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"prompt": [1, 2]}, "ids of tokens"),
        ({"prompt": [[1, 2]]}, "ids of tokens"),
        ({"logit_bias": {"1": 1}}, "tokenizer"),
        ({"suffix": "."}, "fill a gap"),
        ({"best_of": 1, "n": 2}, "fewer texts"),
        ({"prompt": ["Hi"], "echo": True, "logprobs": 2}, None),
    ],
)
def test_a_completion_may_be_rejected(operation, fields, rule):
    """Only by the rules of the document."""
    reason = allowed_rejection(OPERATIONS[operation], {"model": "m", "prompt": "Hi", **fields})
    assert (reason is None) if rule is None else rule in (reason or "")


def test_bytes_need_not_be_audio():
    """A generated file may be rejected; the schema decides about a body without a file."""
    assert allowed_rejection(OPERATIONS["transcribe"], {"file": b"\0\1", "model": "whisper-1"})
    assert allowed_rejection(OPERATIONS["transcribe"], {"model": "whisper-1"}) is None


def test_other_operations_have_no_such_rules():
    """They accept everything that the schema allows."""
    assert allowed_rejection(OPERATIONS["load_model"], {"model_name": "m"}) is None
    assert allowed_rejection(OPERATIONS["chat_completion"], None) is None


def declare(*rules):
    """An operation that declares these rules."""
    return DocumentedOperation("list_days", "GET", "/v1/days", {"x-may-reject": rules}, {})


def test_the_document_allows_rejections_of_a_body():
    """The rule has a schema."""
    operation = declare({"reason": "a size may be fixed", "if": {"required": ["size"]}})
    assert allowed_rejection(operation, {"size": 2}) == "a size may be fixed"
    assert allowed_rejection(operation, {"name": "a"}) is None


def test_the_document_allows_rejections_of_values_that_are_out_of_order():
    """The rule names two expressions; a missing value has no order."""
    rule = {"reason": "a period must not end before it starts", "after": ["$request.query.start", "$request.query.end"]}
    days = {"start": "2026-02-01", "end": "2026-01-01"}
    assert allowed_rejection(declare(rule), None, {"query": days})
    assert allowed_rejection(declare(rule), None, {"query": {**days, "end": "2026-02-01"}}) is None
    assert allowed_rejection(declare(rule), None, {"query": {"start": "2026-02-01"}}) is None

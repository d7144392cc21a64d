"""Requests that a server may reject though the schema allows them."""

from __future__ import annotations

import pytest

from polargrid_contract.fuzz.allowed_rejections import allowed_rejection

TEXT = {"type": "text", "text": "What is this?"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
JUMP = {"type": "function", "function": {"name": "jump"}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


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
    ],
)
def test_a_plain_request_must_be_accepted(body):
    """No rule allows its rejection."""
    assert allowed_rejection("chat", body) is None


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (chat(messages=[{"role": "user", "content": [TEXT, IMAGE]}]), "images"),
        (chat(messages=[{"role": "tool"}]), "require content"),
        (chat(tool_choice="required"), "must be among the tools"),
        (chat(tools=[TOOL], tool_choice=JUMP), "must be among the tools"),
        (chat(response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": 3}}}), "Schema"),
        (chat(tools=[TOOL], tool_choice="required"), "Schema"),
        (chat(top_logprobs=3), "logprobs"),
    ],
)
def test_the_rule_that_allows_a_rejection_is_returned(body, rule):
    """It is a sentence."""
    assert rule in (allowed_rejection("chat", body) or "")


def test_bytes_need_not_be_audio():
    """A generated file may be rejected; the schema decides about a body without a file."""
    assert allowed_rejection("speech-to-text", {"file": b"\0\1", "model": "whisper-1"})
    assert allowed_rejection("speech-to-text", {"model": "whisper-1"}) is None


def test_other_operations_have_no_such_rules():
    """They accept everything that the schema allows."""
    assert allowed_rejection(None, {"model_name": "m"}) is None
    assert allowed_rejection("chat", None) is None

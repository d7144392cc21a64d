"""Which requests a server may refuse though the schema allows them."""

from __future__ import annotations

import pytest

from polargrid_contract.beyond import reason_to_refuse

TEXT = {"type": "text", "text": "What is this?"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
JUMP = {"type": "function", "function": {"name": "jump"}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


def _chat(**fields):
    return {"model": "m", "messages": [{"role": "user", "content": "Hello"}], **fields}


@pytest.mark.parametrize(
    "body",
    [
        _chat(),
        _chat(messages=[{"role": "user", "content": [TEXT]}, {"role": "assistant", "content": "Hi"}]),
        _chat(tools=[TOOL]),
        _chat(tools=[TOOL], tool_choice="auto"),
        _chat(tools=None, tool_choice="none", response_format={"type": "json_object"}),
        _chat(logprobs=True, top_logprobs=3),
    ],
)
def test_a_plain_request_must_be_accepted(body):
    """No rule stands against it: a refusal is a broken contract."""
    assert reason_to_refuse("chat_completion", body) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (_chat(messages=[{"role": "user", "content": [TEXT, IMAGE]}]), "images"),
        (_chat(messages=[{"role": "tool"}]), "say something"),
        (_chat(tool_choice="required"), "must be among the tools"),
        (
            _chat(tools=[TOOL], tool_choice=JUMP),
            "must be among the tools",
        ),
        (_chat(response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": 3}}}), "Schema"),
        (_chat(tools=[TOOL], tool_choice="required"), "Schema"),
        (_chat(top_logprobs=3), "logprobs"),
    ],
)
def test_a_rule_is_named(body, reason):
    """The rule that allows the refusal is a sentence."""
    assert reason in (reason_to_refuse("chat_completion", body) or "")


def test_bytes_need_not_be_audio():
    """A generated file may be refused; a body without a file is judged by its schema."""
    assert reason_to_refuse("transcribe", {"file": b"\0\1", "model": "whisper-1"})
    assert reason_to_refuse("translate", {"model": "whisper-1"}) is None


def test_other_operations_have_no_such_rules():
    """Whatever the schema allows there is accepted."""
    assert reason_to_refuse("load_model", {"model_name": "m"}) is None
    assert reason_to_refuse("completion", None) is None
